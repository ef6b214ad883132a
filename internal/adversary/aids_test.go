package adversary

import (
	"math/rand/v2"
	"slices"
	"testing"

	"ipse.dev/ipse/internal/event"
)

func TestAidsAreWholeInOrderAndTheSameTwice(t *testing.T) {
	for _, a := range Aids {
		if a.Name == "" || a.Doc == "" || (a.Keys == nil) == (a.Pointers == nil) {
			t.Fatalf("%+v: want a name, a description and one of keys and pointers", a)
		}
		for seed := range uint64(5) {
			again := func() *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }
			if a.Keys != nil {
				keys := a.Keys(again(), 100)
				if len(keys) != 200 || !slices.Equal(keys, a.Keys(again(), 100)) {
					t.Fatalf("%s, seed %d: %d key events, want 200, the same twice", a.Name, seed, len(keys))
				}
				if !slices.IsSortedFunc(keys, func(x, y event.Key) int { return int(x.TimeMS - y.TimeMS) }) {
					t.Errorf("%s, seed %d: keys are out of order", a.Name, seed)
				}
				if took := keys[len(keys)-1].TimeMS; took < 100*300 {
					t.Errorf("%s, seed %d: a hundred keys take %g ms, want a person's pace", a.Name, seed, took)
				}
				continue
			}
			events := a.Pointers(again(), 30_000)
			if len(events) < 10 || !slices.Equal(events, a.Pointers(again(), 30_000)) {
				t.Fatalf("%s, seed %d: %d events, want some, the same twice", a.Name, seed, len(events))
			}
			for i, e := range events {
				if e.X < 0 || e.Y < 0 || e.X > screenWidthPX || e.Y > screenHeightPX || !e.Trusted || (i > 0 && e.TimeMS < events[i-1].TimeMS) {
					t.Fatalf("%s, seed %d: event %d is %+v after %+v; want it on the screen and in order", a.Name, seed, i, e, events[max(0, i-1)])
				}
			}
		}
	}
}
