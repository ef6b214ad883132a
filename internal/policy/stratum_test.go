package policy

import (
	"testing"

	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/extreme"
)

// drawnTail is a ladder as it can be measured: odds growing, rates not growing, with a Pareto tail beyond it or without.
func drawnTail(t *rapid.T) Tail {
	tail := Tail{Slope: rapid.Float64Range(0.05, 3).Draw(t, "slope")}
	logOdds, perHour := rapid.Float64Range(-4, 4).Draw(t, "first"), rapid.Float64Range(0.01, 50).Draw(t, "perHour")
	for range rapid.IntRange(1, 8).Draw(t, "rungs") {
		tail.Rungs = append(tail.Rungs, Rung{LogOdds: logOdds, PerHour: perHour})
		logOdds += rapid.Float64Range(0.1, 3).Draw(t, "up")
		perHour *= rapid.Float64Range(0.05, 1).Draw(t, "rarer")
	}
	if rapid.Bool().Draw(t, "beyond") {
		tail.Beyond = &extreme.Tail{Base: rapid.Float64Range(-4, 4).Draw(t, "base"), PerHour: rapid.Float64Range(0.01, 50).Draw(t, "climbs"),
			Shape: rapid.Float64Range(-0.5, 0.5).Draw(t, "shape"), Scale: rapid.Float64Range(0.1, 4).Draw(t, "scale"), Hours: 10}
	}
	return tail
}

func TestThresholdsFallAsTheBudgetGrowsAndKeepTheirFloor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tail := drawnTail(t)
		a := rapid.Float64Range(1e-3, 1e6).Draw(t, "a")
		b := rapid.Float64Range(1e-3, a).Draw(t, "b")
		wide, err := ThresholdsFor(a, tail)
		narrow, also := ThresholdsFor(b, tail)
		if err != nil || also != nil {
			t.Fatal(err, also)
		}
		for budget, th := range map[float64]Thresholds{a: wide, b: narrow} {
			if th.High < LeastHigh || th.Medium < 0 || th.Validate() != nil {
				t.Fatalf("a budget of %g gives %+v; want HIGH from %g on and MEDIUM between 0 and below it", budget, th, LeastHigh)
			}
		}
		if narrow.High < wide.High-1e-9 || narrow.Medium < wide.Medium-1e-9 {
			t.Fatalf("a budget of %g gives %+v, the smaller one of %g gives %+v", a, wide, b, narrow)
		}
	})
}

func TestStrataStayNearTheCommonThresholds(t *testing.T) {
	common := Thresholds{Medium: 0.5, High: 2}
	for name, c := range map[string]struct{ own, want Thresholds }{
		"lower":   {Thresholds{Medium: 0, High: 1.2}, Thresholds{Medium: 0, High: 1.2}},
		"higher":  {Thresholds{Medium: 1, High: 3}, Thresholds{Medium: 1, High: 3}},
		"far off": {Thresholds{Medium: 20, High: 34}, Thresholds{Medium: 3.5, High: 5}},
		"floor":   {Thresholds{Medium: -5, High: -2}, Thresholds{Medium: 0, High: 1}},
	} {
		if got := InStratum(common, c.own); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestShiftedThresholdsKeepTheirBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		high := rapid.Float64Range(1, 20).Draw(t, "high")
		th := Thresholds{High: high, Medium: rapid.Float64Range(0, high-1).Draw(t, "medium")}
		nats := rapid.Float64Range(-30, 30).Draw(t, "nats")
		got := th.Shifted(nats)
		if got.High < LeastHigh || got.Medium < 0 || got.Validate() != nil || (nats > 0 && got.High != th.High+nats) {
			t.Fatalf("%+v shifted by %g gives %+v", th, nats, got)
		}
		if again := th.Shifted(0); again != th {
			t.Fatalf("%+v shifted by nothing gives %+v", th, again)
		}
	})
}
