package adversary

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	diff "github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/event"
)

func recordedKeys() []event.Key {
	r := rand.New(rand.NewPCG(5, 5))
	var out []event.Key
	t := 5000.0
	for i := range 400 {
		t += 80 + 100*r.Float64()
		c := event.Class(i % 3)
		out = append(out, event.Key{TimeMS: t, Class: c, Down: true, Trusted: true}, event.Key{TimeMS: t + 70, Class: c, Trusted: true})
	}
	return out
}

func recordedPlaces() []event.Pointer {
	r := rand.New(rand.NewPCG(6, 6))
	var out []event.Pointer
	t := 5000.0
	for i := range 2000 {
		if t += 8 + r.Float64(); i%50 == 0 {
			t += 400
		}
		out = append(out, event.Pointer{TimeMS: t, X: 300 + 200*math.Sin(float64(i)/40), Y: 300 + 200*math.Cos(float64(i)/27), Trusted: true})
	}
	return out
}

func TestKeyReplaysAreWhole(t *testing.T) {
	for _, replay := range KeyReplays {
		recorded := recordedKeys()
		got := replay.Play(rand.New(rand.NewPCG(1, 1)), recorded)
		if !diff.Equal(recorded, recordedKeys()) {
			t.Errorf("%s changed the recording", replay.Family)
		}
		again := replay.Play(rand.New(rand.NewPCG(1, 1)), recorded)
		if !diff.Equal(got, again) {
			t.Errorf("%s plays differently from the same chance", replay.Family)
		}
		if len(got) != len(recorded) {
			t.Errorf("%s: %d events of %d", replay.Family, len(got), len(recorded))
		}
		if !slices.IsSortedFunc(got, func(a, b event.Key) int { return cmp.Compare(a.TimeMS, b.TimeMS) }) {
			t.Errorf("%s: times go back", replay.Family)
		}
		held := map[event.Class]int{}
		for _, e := range got {
			if e.Down {
				held[e.Class]++
			} else if held[e.Class]--; held[e.Class] < 0 {
				t.Fatalf("%s: a key of class %d is released that was not pressed", replay.Family, e.Class)
			}
		}
	}
}

func TestPointerReplaysAreWhole(t *testing.T) {
	for _, replay := range PointerReplays {
		recorded := recordedPlaces()
		got := replay.Play(rand.New(rand.NewPCG(1, 1)), recorded)
		if !diff.Equal(recorded, recordedPlaces()) {
			t.Errorf("%s changed the recording", replay.Family)
		}
		if !diff.Equal(got, replay.Play(rand.New(rand.NewPCG(1, 1)), recorded)) {
			t.Errorf("%s plays differently from the same chance", replay.Family)
		}
		if len(got) != len(recorded) {
			t.Errorf("%s: %d events of %d", replay.Family, len(got), len(recorded))
		}
		for i, e := range got {
			if i > 0 && e.TimeMS < got[i-1].TimeMS {
				t.Fatalf("%s: event %d goes back in time", replay.Family, i)
			}
			if math.IsNaN(e.X+e.Y) || math.Abs(e.X) > 1e5 || math.Abs(e.Y) > 1e5 {
				t.Fatalf("%s: event %d lies at %g, %g", replay.Family, i, e.X, e.Y)
			}
		}
	}
}

func recordedTouches() []event.Touch {
	r := rand.New(rand.NewPCG(7, 7))
	var out []event.Touch
	t := 5000.0
	for swipe := range 100 {
		for i := range 20 {
			kind := event.TouchMove
			switch i {
			case 0:
				kind = event.TouchStart
			case 19:
				kind = event.TouchEnd
			}
			t += 8 + r.Float64()
			out = append(out, event.Touch{TimeMS: t, Kind: kind, Contact: swipe, X: float64(10 * i), Y: 300 + 5*r.Float64(), Trusted: true})
		}
		t += 300
	}
	return out
}

func TestTouchReplaysAreWhole(t *testing.T) {
	for _, replay := range TouchReplays {
		recorded := recordedTouches()
		got := replay.Play(rand.New(rand.NewPCG(1, 1)), recorded)
		if !diff.Equal(recorded, recordedTouches()) {
			t.Errorf("%s changed the recording", replay.Family)
		}
		if !diff.Equal(got, replay.Play(rand.New(rand.NewPCG(1, 1)), recorded)) {
			t.Errorf("%s plays differently from the same chance", replay.Family)
		}
		if len(got) != len(recorded) {
			t.Errorf("%s: %d events of %d", replay.Family, len(got), len(recorded))
		}
		down := map[int]bool{}
		for i, e := range got {
			if i > 0 && e.TimeMS < got[i-1].TimeMS {
				t.Fatalf("%s: event %d goes back in time", replay.Family, i)
			}
			if e.Kind == event.TouchStart == down[e.Contact] {
				t.Fatalf("%s: event %d, %d of contact %d, does not follow from what came before", replay.Family, i, e.Kind, e.Contact)
			}
			down[e.Contact] = e.Kind != event.TouchEnd
		}
		if one := replay.Play(rand.New(rand.NewPCG(1, 1)), recorded[:1]); len(one) != 1 {
			t.Errorf("%s: %d events of one", replay.Family, len(one))
		}
	}
}

func TestOneEventCanBeReplayed(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, replay := range KeyReplays {
		if got := replay.Play(rng, []event.Key{{TimeMS: 7, Down: true}}); len(got) != 1 {
			t.Errorf("%s: %d events of one", replay.Family, len(got))
		}
	}
	for _, replay := range PointerReplays {
		if got := replay.Play(rng, []event.Pointer{{TimeMS: 7}}); len(got) != 1 {
			t.Errorf("%s: %d events of one", replay.Family, len(got))
		}
	}
}
