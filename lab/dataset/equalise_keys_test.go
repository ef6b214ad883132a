package dataset

import (
	"math"
	"math/rand/v2"
	"testing"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/liveness"
)

func TestAClocksStepIsTakenAwayAndAnotherPutOn(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var keys []event.Key
	for i := range 300 {
		keys = append(keys, event.Key{TimeMS: 15.625 * math.Floor(float64(i)*3.7), Class: event.Space, Down: i%2 == 0, Trusted: true})
	}
	quantum := func(keys []event.Key) float64 {
		var times []float64
		for _, k := range keys {
			times = append(times, k.TimeMS)
		}
		return liveness.Quantum(times)
	}
	free := UnstepKeys(rng, keys, 1)
	if got := quantum(free); got != 0 {
		t.Errorf("the step %g ms is left, want none", got)
	}
	for i := range free {
		if d := free[i].TimeMS - keys[i].TimeMS; d < 0 || d >= 15.625 || (i > 0 && free[i].TimeMS < free[i-1].TimeMS) || free[i].Down != keys[i].Down {
			t.Fatalf("event %d moves by %g ms, want less than the step, in order", i, d)
		}
	}
	if got := quantum(StepKeys(rng, free, 8)); got != 8 {
		t.Errorf("the step is %g ms, want 8", got)
	}
}

func TestSessionsAreJoinedWithARest(t *testing.T) {
	session := []event.Key{{TimeMS: 0, Down: true}, {TimeMS: 90}}
	got := JoinKeys([][]event.Key{session, session, {}, session}, 1000)
	want := []float64{0, 90, 1090, 1180, 2180, 2270}
	if len(got) != len(want) {
		t.Fatalf("%d events, want %d", len(got), len(want))
	}
	for i, k := range got[:4] {
		if k.TimeMS != want[i] {
			t.Errorf("event %d at %g ms, want %g", i, k.TimeMS, want[i])
		}
	}
	if last := got[5].TimeMS; last < 2270 {
		t.Errorf("the last event is at %g ms, want 2270 at least", last)
	}
}
