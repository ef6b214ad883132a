package extreme

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawn makes peaks of a known tail, cut at a limit, and joins those within a twentieth of a nat.
func drawn(r *rand.Rand, n int, shape, scale, limit float64) []Peak {
	const width = 0.05
	type kind struct {
		bin float64
		cut bool
	}
	counts := map[kind]float64{}
	for range n {
		u := 1 - r.Float64()
		x := -scale * math.Log(u)
		if shape != 0 {
			x = scale / shape * (math.Pow(u, -shape) - 1)
		}
		counts[kind{math.Floor(math.Min(x, limit) / width), x > limit}]++
	}
	var peaks []Peak
	for k, weight := range counts {
		excess := (k.bin + 0.5) * width
		if k.cut {
			excess = limit
		}
		peaks = append(peaks, Peak{Excess: excess, Weight: weight, Cut: k.cut})
	}
	slices.SortFunc(peaks, func(a, b Peak) int { return cmp.Compare(a.Excess, b.Excess) })
	return peaks
}

func TestFitFindsKnownTails(t *testing.T) {
	for _, c := range []struct {
		name                string
		shape, scale, limit float64
		within              float64 // nats, of the threshold beyond which one in a thousand climbs goes
	}{
		{"exponential", 0, 1.2, math.Inf(1), 0.5},
		{"exponential, cut where one in ten is", 0, 1.2, 1.2 * math.Log(10), 1.1},
		{"light", -0.2, 2, math.Inf(1), 0.4},
		{"heavy", 0.2, 1, math.Inf(1), 1.5},
	} {
		r := rand.New(rand.NewPCG(3, 5))
		best, cautious, err := Fit(1, drawn(r, 20_000, c.shape, c.scale, c.limit), 100)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		truth := Tail{Base: 1, PerHour: 200, Shape: c.shape, Scale: c.scale, Hours: 100}
		const perHour = 200 / 1000.0
		if got, want := best.Threshold(perHour), truth.Threshold(perHour); math.Abs(got-want) > c.within {
			t.Errorf("%s: threshold %g, want %g within %g", c.name, got, want, c.within)
		}
		if got, want := cautious.Threshold(perHour), best.Threshold(perHour); got < want {
			t.Errorf("%s: the cautious threshold %g lies below the best one, %g", c.name, got, want)
		}
	}
}

// The cautious end is overstepped in about one of four data sets; with thin data it must not be overstepped much oftener.
func TestTheCautiousEndIsCautious(t *testing.T) {
	const sets, hours, perHour = 60, 10.0, 0.01
	truth := Tail{Base: 0, PerHour: 4, Scale: 1, Hours: hours}
	below := 0
	for i := range sets {
		r := rand.New(rand.NewPCG(uint64(i), 9))
		n := 0
		for at := r.ExpFloat64() / truth.PerHour; at < hours; at += r.ExpFloat64() / truth.PerHour {
			n++
		}
		_, cautious, err := Fit(0, drawn(r, n, 0, 1, math.Inf(1)), hours)
		if err != nil {
			t.Fatal(err)
		}
		if cautious.Threshold(perHour) < truth.Threshold(perHour) {
			below++
		}
	}
	if below > sets*35/100 {
		t.Errorf("%d of %d cautious thresholds lie below the true one, want about a quarter", below, sets)
	}
}

func tails() *rapid.Generator[Tail] {
	return rapid.Custom(func(t *rapid.T) Tail {
		return Tail{
			Base: rapid.Float64Range(-2, 8).Draw(t, "base"), PerHour: rapid.Float64Range(1e-3, 50).Draw(t, "perHour"),
			Shape: rapid.Float64Range(-0.5, 0.5).Draw(t, "shape"), Scale: rapid.Float64Range(0.05, 5).Draw(t, "scale"), Hours: 10,
		}
	})
}

func TestThresholdsFallAsRatesGrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tail := tails().Draw(t, "tail")
		a := rapid.Float64Range(1e-6, 100).Draw(t, "a")
		b := rapid.Float64Range(1e-6, a).Draw(t, "b")
		high, low := tail.Threshold(a), tail.Threshold(b)
		if low < high-1e-9 || high < tail.Base {
			t.Fatalf("%g an hour gives %g and the smaller %g gives %g; base %g", a, high, b, low, tail.Base)
		}
		if b < tail.PerHour && low < maxThreshold {
			if back := tail.AlarmsPerHour(low); math.Abs(math.Log(back/b)) > 1e-6 {
				t.Fatalf("the threshold for %g an hour gives %g", b, back)
			}
		}
	})
}

func TestThinAndBrokenPeaksAreRefused(t *testing.T) {
	if _, _, err := Fit(0, nil, 10); !errors.Is(err, ErrThin) {
		t.Errorf("no peaks: %v, want ErrThin", err)
	}
	cut := []Peak{{Excess: 1, Weight: 100, Cut: true}}
	if _, _, err := Fit(0, cut, 10); !errors.Is(err, ErrThin) {
		t.Errorf("all broken off: %v, want ErrThin", err)
	}
	if _, _, err := Fit(0, []Peak{{Excess: 1, Weight: 100}}, 0); !errors.Is(err, ErrThin) {
		t.Errorf("no hours: %v, want ErrThin", err)
	}
	for _, p := range []Peak{{Excess: math.NaN(), Weight: 9}, {Excess: -1, Weight: 9}, {Excess: 1}, {Excess: math.Inf(1), Weight: 1}} {
		if _, _, err := Fit(0, []Peak{p, {Excess: 1, Weight: 20}}, 10); err == nil || errors.Is(err, ErrThin) {
			t.Errorf("%+v gave %v, want an error that names it", p, err)
		}
	}
	if err := (Tail{Base: 1, PerHour: 1, Scale: math.NaN(), Hours: 1}).Validate(); err == nil {
		t.Error("a scale that is no number was taken")
	}
	if got := (Tail{Base: 1, PerHour: 1, Scale: 1, Hours: 1}).Threshold(0); got != maxThreshold {
		t.Errorf("no alarm at all gives %g, want %d", got, maxThreshold)
	}
}
