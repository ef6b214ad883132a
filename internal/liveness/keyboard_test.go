package liveness

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
)

// typing of so many strokes; next gives dwell and interval of stroke i.
func strokesOf(n int, next func(i int) (class event.Class, dwellMS, intervalMS float64)) window.Keyboard {
	var w window.Keyboard
	atMS := 1000.0
	for i := range n {
		class, dwellMS, intervalMS := next(i)
		w.Strokes = append(w.Strokes, window.Stroke{PressMS: atMS, ReleaseMS: atMS + dwellMS, Class: class})
		atMS += intervalMS
	}
	return w
}

func measured(t *testing.T, w window.Keyboard) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	values := KeyMeasures(w)
	if len(values) != len(KeyboardMeasures.Measures) {
		t.Fatalf("%d values for %d measures", len(values), len(KeyboardMeasures.Measures))
	}
	for i, m := range KeyboardMeasures.Measures {
		if _, twice := out[m.Name]; twice || m.Name == "" || m.Unit == "" || m.Meaning == "" {
			t.Errorf("the measure %+v is there twice or not described", m)
		}
		out[m.Name] = values[i]
	}
	return out
}

func TestWhatKeyMeasuresSee(t *testing.T) {
	letters := func(i int) event.Class { return event.Class(i / 2 % 2) }
	rng := rand.New(rand.NewPCG(1, 2))
	slow := 0.0
	for _, c := range []struct {
		name string
		w    window.Keyboard
		want map[string][2]float64 // least and most
	}{
		{"one rate", strokesOf(30, func(i int) (event.Class, float64, float64) { return letters(i), 20, 50 }), map[string][2]float64{
			"intervalMedian": {50, 50}, "fastestRun": {50, 50}, "dwellMedian": {20, 20}, "intervalSpread": {0, 0}, "dwellMode": {1, 1},
			"intervalMode": {1, 1}, "dwellRepeats": {30, 30}, "rollover": {0, 0}, "dwellLag1": {0, 0}, "kindsExplain": {0, 0},
		}},
		{"overlapping", strokesOf(30, func(i int) (event.Class, float64, float64) { return letters(i), 130, 100 + float64(i%3) }), map[string][2]float64{
			"rollover": {1, 1}, "rolloverSame": {1, 1}, "deepOverlap": {0, 0}, "releaseOrder": {0, 0},
		}},
		{"three keys down", strokesOf(30, func(i int) (event.Class, float64, float64) { return letters(i), 250, 100 }), map[string][2]float64{"deepOverlap": {1, 1}}},
		{"dwells in waves", strokesOf(30, func(i int) (event.Class, float64, float64) {
			return letters(i), 100 + 40*math.Sin(float64(i)/4), 200 + 20*rng.NormFloat64()
		}), map[string][2]float64{"dwellLag1": {0.7, 1}, "dwellLag2": {0.4, 1}, "dwellWaves": {2, 6}}},
		{"dwells by turns", strokesOf(30, func(i int) (event.Class, float64, float64) {
			return event.LeftLetter, 80 + 40*float64(i%2), 200 + 20*rng.NormFloat64()
		}), map[string][2]float64{"dwellLag1": {-1, -0.9}, "dwellLag2": {0.9, 1}, "dwellHand": {-1, -0.9}}},
		{"a walking pace", strokesOf(30, func(i int) (event.Class, float64, float64) {
			slow += 0.15 * rng.NormFloat64()
			return letters(i), 80, 150 * math.Exp(slow)
		}), map[string][2]float64{"intervalLag1": {0.3, 1}, "intervalWaves": {1.5, 6}}},
		{"release tied to the next press", strokesOf(30, func(i int) (event.Class, float64, float64) {
			x := 150 + 60*float64(i%5)
			return letters(i), x - 30, x
		}), map[string][2]float64{"dwellAfter": {0.9, 1}, "dwellFlight": {-1, 0.1}}},
		{"words", strokesOf(30, func(i int) (event.Class, float64, float64) {
			if i%5 == 4 {
				return event.Space, 60, 300
			}
			return letters(i), 90, 120
		}), map[string][2]float64{"outOfSpace": {0.8, 1}, "intoSpace": {0, 0}, "spaceDwell": {-1, -0.1}, "kindsExplain": {0.99, 1}}},
		{"shift held", strokesOf(30, func(i int) (event.Class, float64, float64) {
			if i%2 == 0 {
				return event.Shift, 200, 100
			}
			return letters(i), 60, 150
		}), map[string][2]float64{"shiftHeld": {0.9, 1}}},
		{"pauses do not count", strokesOf(30, func(i int) (event.Class, float64, float64) { return letters(i), 80, 100 + 5000*float64(i%2) }), map[string][2]float64{
			"intervalMedian": {100, 100}, "intervalSpread": {0, 0},
		}},
	} {
		got := measured(t, c.w)
		for name, bounds := range c.want {
			if x, ok := got[name]; !ok || x < bounds[0] || x > bounds[1] {
				t.Errorf("%s: %s is %g, want %g to %g", c.name, name, x, bounds[0], bounds[1])
			}
		}
	}
}

func TestKeyMeasuresAreFiniteAndKnowNoOrigin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "strokes")
		time := rapid.SampledFrom([]float64{0, 0, 0.125, 1, 8, 90, 100, 110, 2000})
		w := strokesOf(n, func(int) (event.Class, float64, float64) {
			return event.Class(rapid.IntRange(0, 8).Draw(t, "class")), time.Draw(t, "dwell"), time.Draw(t, "interval")
		})
		later := window.Keyboard{}
		for _, s := range w.Strokes {
			later.Strokes = append(later.Strokes, window.Stroke{PressMS: s.PressMS + 4096, ReleaseMS: s.ReleaseMS + 4096, Class: s.Class})
		}
		got := KeyMeasures(w)
		for i, x := range got {
			if math.IsNaN(x) || math.Abs(x) > MaxMagnitude {
				t.Fatalf("%s is %g", KeyboardMeasures.Measures[i].Name, x)
			}
		}
		if diff := cmp.Diff(got, KeyMeasures(later), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
			t.Fatalf("four seconds later (-then +now):\n%s", diff)
		}
	})
}
