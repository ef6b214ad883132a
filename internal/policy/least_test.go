package policy_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/policy"
)

func TestLeastBudgetIsTheSmallestWhoseThresholdLiesWithin(t *testing.T) {
	tail := policy.Tail{Rungs: []policy.Rung{{LogOdds: 2, PerHour: 1}, {LogOdds: 8, PerHour: 0.1}}, Slope: 0.2}
	rapid.Check(t, func(r *rapid.T) {
		nats := rapid.Float64Range(3, 70).Draw(r, "nats")
		least := policy.LeastBudget(tail, nats)
		for _, c := range []struct {
			factor float64
			within bool
		}{{1.01, true}, {0.99, false}} {
			th, err := policy.ThresholdsFor(c.factor*least, tail)
			if err != nil {
				r.Fatal(err)
			}
			if (th.High <= nats) != c.within {
				r.Fatalf("at %g times the least budget for %.2f nats the threshold is %.2f; want it within: %v", c.factor, nats, th.High, c.within)
			}
		}
	})
	if got := policy.LeastBudget(tail, policy.LeastHigh/2); !math.IsInf(got, 1) {
		t.Errorf("below the least threshold: %g, want no budget to be enough", got)
	}
}

func TestAtMostLowersHighAndKeepsTheOrder(t *testing.T) {
	for _, c := range []struct{ in, want policy.Thresholds }{
		{policy.Thresholds{Medium: 5, High: 10}, policy.Thresholds{Medium: 5, High: 10}},
		{policy.Thresholds{Medium: 40, High: 77}, policy.Thresholds{Medium: 40, High: 61}},
		{policy.Thresholds{Medium: 70, High: 77}, policy.Thresholds{Medium: 60, High: 61}},
	} {
		got := c.in.AtMost(61)
		if got != c.want || got.Validate() != nil {
			t.Errorf("%+v at most 61: %+v, want %+v", c.in, got, c.want)
		}
	}
}
