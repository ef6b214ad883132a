package adversary

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"ipse.dev/ipse/internal/event"
)

// someStrokes are arcs of no resemblance to any person.
func someStrokes() PointerMaterial {
	var m PointerMaterial
	for k := range 12 {
		var s []event.Pointer
		for i := range 30 {
			u := float64(i) / 29
			s = append(s, event.Pointer{TimeMS: 1000 + 16*float64(i), X: math.Floor(200 + 40*float64(k)*u), Y: math.Floor(300 + 30*math.Sin(3*u)), Trusted: true})
		}
		m.Strokes = append(m.Strokes, s)
	}
	return m
}

func TestEveryPointerAttackMakesAPlausibleStream(t *testing.T) {
	for _, a := range PointerAttacks {
		for seed := range uint64(4) {
			events := a.Make(rand.New(rand.NewPCG(seed, 1)), someStrokes(), 20_000)
			if len(events) < 5 {
				t.Errorf("%s: %d events in 20 s, want 5 at least", a.Family, len(events))
				continue
			}
			for i, e := range events {
				if i > 0 && e.TimeMS < events[i-1].TimeMS {
					t.Fatalf("%s: event %d lies %g ms before the last one", a.Family, i, events[i-1].TimeMS-e.TimeMS)
				}
				if e.X != math.Floor(e.X) || e.Y != math.Floor(e.Y) {
					t.Fatalf("%s: event %d is at %g, %g; want whole pixels", a.Family, i, e.X, e.Y)
				}
			}
			again := a.Make(rand.New(rand.NewPCG(seed, 1)), someStrokes(), 20_000)
			if !slices.Equal(events, again) {
				t.Errorf("%s: the same seed gives other events", a.Family)
			}
		}
	}
}

func TestAttacksThatNeedStrokesMakeNothingWithoutThem(t *testing.T) {
	needs := []string{"affine", "noisy_strokes", "remote_desktop", "autoregressive", "own_pace", "own_way", "warped", "stitched"}
	for _, a := range PointerAttacks {
		events := a.Make(rand.New(rand.NewPCG(1, 1)), PointerMaterial{}, 5000)
		if got, want := len(events) == 0, slices.Contains(needs, a.Family); got != want {
			t.Errorf("%s without material: %d events, want none: %v", a.Family, len(events), want)
		}
	}
}

func TestFamiliesAreNamedOnceAndPartsBelongToThem(t *testing.T) {
	var names []string
	for _, a := range PointerAttacks {
		if a.Doc == "" || slices.Contains(names, a.Family) {
			t.Errorf("%s: documented %v, named twice %v", a.Family, a.Doc != "", slices.Contains(names, a.Family))
		}
		names = append(names, a.Family)
	}
	parts := slices.Concat(composedPaths, composedPaces, composedNoises, composedClocks, composedBells)
	for family, own := range PointerParts {
		if !slices.Contains(names, family) {
			t.Errorf("the parts of %q belong to no family", family)
		}
		for _, p := range own {
			if !slices.Contains(parts, p) {
				t.Errorf("%s: %q is no part that Compose has", family, p)
			}
		}
	}
}

func TestAStraightAttackIsStraightAndAffineKeepsTheTimes(t *testing.T) {
	s := straight(rand.New(rand.NewPCG(1, 1)), errand{300, 400, 500}, 10)
	for _, p := range s {
		if off := math.Abs(p.x*400-p.y*300) / 500; off > 1e-9 {
			t.Fatalf("a straight line lies %g px off itself", off)
		}
	}
	if end := s[len(s)-1]; end != (sample{500, 300, 400}) {
		t.Errorf("it ends at %+v, want 300, 400 after 500 ms", end)
	}
}
