package app

import (
	"math"
	"strings"
	"testing"
)

func TestABudgetThatCannotBeKeptLeavesTakeoversToBeNoticed(t *testing.T) {
	for _, weights := range []string{"open", "research"} {
		tiny, err := NewAssessor(weights, 0.01, false)
		if err != nil {
			t.Fatal(err)
		}
		reach := tiny.Trust.ReachOfPlainTakeover()
		if tiny.Thresholds.High != reach || tiny.Unkept == nil || tiny.Unkept.Wanted <= reach {
			t.Fatalf("%s: thresholds %+v, %+v; want HIGH at %.1f, which plain takeovers reach, and what was asked for above", weights, tiny.Thresholds, tiny.Unkept, reach)
		}
		for stratum, own := range tiny.Strata {
			if own.High > reach {
				t.Errorf("%s, %s: HIGH at %.1f, want no more than %.1f", weights, stratum, own.High, reach)
			}
		}
		if moved := tiny.Shift(2); moved != 0 || tiny.Thresholds.High != reach {
			t.Errorf("%s: moved up by %g to %.1f, want thresholds to stay within reach", weights, moved, tiny.Thresholds.High)
		}
		if moved := tiny.Shift(-1); moved != -1 || math.Abs(tiny.Thresholds.High-reach+1) > 1e-9 {
			t.Errorf("%s: moved down by %g to %.1f, want 1 below reach", weights, moved, tiny.Thresholds.High)
		}
		for _, c := range []struct {
			factor float64
			kept   bool
		}{{1.02, true}, {0.98, false}} {
			a, err := NewAssessor(weights, c.factor*tiny.Unkept.Least, false)
			if err != nil {
				t.Fatal(err)
			}
			if (a.Unkept == nil) != c.kept {
				t.Errorf("%s: at %g times %.3g alerts %+v; want the budget kept: %v", weights, c.factor, tiny.Unkept.Least, a.Unkept, c.kept)
			}
		}
	}
}

func TestTheOperatorIsToldOfABudgetThatCannotBeKept(t *testing.T) {
	for _, c := range []struct {
		alerts float64
		show   *Show
		told   bool
	}{{0.01, nil, true}, {DefaultAlerts, nil, false}, {0.01, &Show{Thresholds: newAssessor(t).Thresholds}, false}} {
		d := startRunning(t, func(o *Options) {
			o.assessor, o.AlertsPer1000PerDay, o.Show, o.AcceptSimulated = nil, c.alerts, c.show, c.show != nil
		})
		if got := strings.Contains(d.log.String(), "leastThatCanBePromised="); got != c.told {
			t.Errorf("%g alerts, a show: %v: told %v at the start, want %v\n%s", c.alerts, c.show != nil, got, c.told, d.log)
		}
		v := want[BudgetView](t, d.send("GET", "/v1/budget", d.key, nil), 200)
		if got := v.LeastPromise != nil && v.Threshold.AskedFor != nil && *v.LeastPromise > c.alerts && *v.Threshold.AskedFor > v.Threshold.InForce; got != c.told {
			t.Errorf("%g alerts, a show: %v: GET /v1/budget gives %+v, want the least promise and the threshold asked for: %v", c.alerts, c.show != nil, v, c.told)
		}
	}
}
