package adversary

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
)

// typed is somebody's run of strokes, made up.
func typed(seed uint64, strokes int) []window.Stroke {
	rng := rand.New(rand.NewPCG(seed, 1))
	out, atMS := []window.Stroke{}, 0.0
	for range strokes {
		class := []event.Class{event.LeftLetter, event.LeftLetter, event.RightLetter, event.RightLetter, event.Space, event.Shift}[rng.IntN(6)]
		out = append(out, window.Stroke{PressMS: atMS, ReleaseMS: atMS + 60 + 60*rng.Float64(), Class: class})
		atMS += 80 + 150*rng.Float64()
	}
	return out
}

func material() KeyMaterial {
	return KeyMaterial{Population: [][]window.Stroke{typed(1, 300), typed(2, 300)}, Victim: [][]window.Stroke{typed(3, 200), typed(4, 200)}}
}

func TestEveryAttackTypesSoundEvents(t *testing.T) {
	families := map[string]bool{}
	for _, a := range KeyAttacks {
		if families[a.Family] || a.Doc == "" || a.Group == "" {
			t.Errorf("%s is there twice, or has no doc or group", a.Family)
		}
		families[a.Family] = true
		make := func() []event.Key { return a.Make(rand.New(rand.NewPCG(5, 5)), material(), 200) }
		events := make()
		if diff := cmp.Diff(events, make()); diff != "" {
			t.Errorf("%s: the same seed gives other events (-one +other):\n%s", a.Family, diff)
		}
		presses, held, lastMS := 0, map[event.Class]int{}, 0.0
		for i, e := range events {
			if math.IsNaN(e.TimeMS) || e.TimeMS < lastMS || !e.Class.Valid() || !e.Trusted || e.Repeat {
				t.Fatalf("%s: event %d is %+v after %g ms; want valid, trusted, in order", a.Family, i, e, lastMS)
			}
			lastMS = e.TimeMS
			if e.Down {
				presses++
				held[e.Class]++
			} else if held[e.Class]--; held[e.Class] < 0 {
				t.Fatalf("%s: event %d releases a key that is not held", a.Family, i)
			}
		}
		if presses < 200 || len(events) != 2*presses || events[0].TimeMS != 0 || !events[0].Down {
			t.Errorf("%s: %d presses of %d events from %g ms; want 200 or more, each with its release, from 0", a.Family, presses, len(events), events[0].TimeMS)
		}
	}
}

func TestWithoutMaterialAnAttackIsEmptyOrNeedsNone(t *testing.T) {
	for _, a := range KeyAttacks {
		needs := a.Group == PopulationKeys || a.Group == VictimKeys || a.Group == HiddenKeys
		for name, m := range map[string]KeyMaterial{"no material": {}, "an empty run": {Population: [][]window.Stroke{{}}, Victim: [][]window.Stroke{{}}}} {
			if got := a.Make(rand.New(rand.NewPCG(1, 1)), m, 50); (len(got) == 0) != needs {
				t.Errorf("%s of %s: %d events", a.Family, name, len(got))
			}
		}
	}
}

func TestForgeriesHaveTheMaterialsTimes(t *testing.T) {
	m := material()
	mean := func(events []event.Key) float64 { return events[len(events)-1].TimeMS / float64(len(events)/2) }
	want := 0.0
	for _, run := range m.Victim {
		want += run[len(run)-1].PressMS / float64(len(run)) / float64(len(m.Victim))
	}
	for _, a := range victimKeys {
		if got := mean(a.Make(rand.New(rand.NewPCG(2, 2)), m, 1000)); math.Abs(got-want) > 0.12*want {
			t.Errorf("%s: %.1f ms a stroke, the victim takes %.1f", a.Family, got, want)
		}
	}
}

func TestATextBecomesClasses(t *testing.T) {
	var got []event.Class
	for _, r := range "Aj 1\n?." {
		got = append(got, classesOf(r)...)
	}
	want := []event.Class{event.Shift, event.LeftLetter, event.RightLetter, event.Space, event.Digit, event.Enter, event.Shift, event.Other, event.Other}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
