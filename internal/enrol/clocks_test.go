package enrol

import (
	"testing"

	"pgregory.net/rapid"
)

func TestAStepThatWasNeverSeenIsStrange(t *testing.T) {
	var r Reference
	for i := range 40 {
		if r.StrangeClock(15.625) != (i >= clocksFrom) {
			t.Fatalf("after %d windows of 1 ms a step of 15.6 ms is strange: %t, want it from %d", i, r.StrangeClock(15.625), clocksFrom)
		}
		r.learnClock(1)
	}
	if r.StrangeClock(1) || r.StrangeClock(0) {
		t.Error("the reference's own step, or none, is strange")
	}
	before := r
	if r.learnClock(15.625); !r.StrangeClock(15.625) {
		t.Error("one window makes a step familiar, want a twentieth of them")
	}
	r.learnClock(15.625)
	if r.learnClock(15.625); r.StrangeClock(15.625) {
		t.Error("three windows of 43 leave a step strange")
	}
	if len(before.Clocks) != 1 {
		t.Error("learning changed the reference that it began from")
	}
}

func TestClocksStayBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r Reference
		for _, q := range rapid.SliceOfN(rapid.Float64Range(-1, 30), 1, 600).Draw(t, "steps") {
			r.learnClock(q)
		}
		if sum := clockWindows(r.Clocks); len(r.Clocks) > mostClocks || sum > forgetClocksFrom+1e-6 {
			t.Fatalf("%d steps of %g windows, want at most %d of %d", len(r.Clocks), sum, mostClocks, forgetClocksFrom)
		}
	})
}
