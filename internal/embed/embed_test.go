package embed

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

func anyKeyboard(t *rapid.T) window.Keyboard {
	var w window.Keyboard
	at := 0.0
	for range rapid.IntRange(0, 60).Draw(t, "strokes") {
		at += rapid.SampledFrom([]float64{0, 0.1, 15, 120, 900, 1e5}).Draw(t, "interval")
		w.Strokes = append(w.Strokes, window.Stroke{
			PressMS: at, ReleaseMS: at + rapid.Float64Range(0, window.LostReleaseMS).Draw(t, "dwell"),
			Class: event.Class(rapid.IntRange(0, event.ClassCount-1).Draw(t, "class")),
		})
	}
	return w
}

func anyPointer(t *rapid.T) window.Pointer {
	var w window.Pointer
	at := 0.0
	for range rapid.IntRange(0, 130).Draw(t, "events") {
		at += rapid.SampledFrom([]float64{0, 0.1, 8, 16, 400, 1e5}).Draw(t, "step")
		w.Events = append(w.Events, event.Pointer{
			TimeMS: at, Kind: event.PointerKind(rapid.IntRange(0, 3).Draw(t, "kind")),
			X: rapid.SampledFrom([]float64{-1e6, 0, 1, 2, 500, 1e6}).Draw(t, "x"), Y: rapid.Float64Range(-1e6, 1e6).Draw(t, "y"),
		})
	}
	return w
}

func TestEverythingIsFiniteForAnyWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, p := anyKeyboard(t), anyPointer(t)
		for _, s := range append(KeyboardStatistics(k), PointerStatistics(p)...) {
			if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) || !(s.Samples >= 0) || !(s.Caution > 0) {
				t.Fatalf("%+v", s)
			}
		}
		for i, f := range append(feature.Keyboard(k), feature.Pointer(p)...) {
			if math.IsNaN(f) || math.IsInf(f, 0) {
				t.Fatalf("feature %d is %g", i, f)
			}
		}
		if n, _ := Dimension(observation.Keyboard, Model); len(Keyboard(k)) != n {
			t.Fatalf("%d dimensions, want %d", len(Keyboard(k)), n)
		}
		if n, _ := Dimension(observation.Pointer, Model); len(Pointer(p)) != n {
			t.Fatalf("%d dimensions, want %d", len(Pointer(p)), n)
		}
	})
}

func TestAnEmptyWindowIsEveryonesMean(t *testing.T) {
	for i, v := range Keyboard(window.Keyboard{}) {
		if v != 0 {
			t.Errorf("keyboard dimension %d is %d, want 0", i, v)
		}
	}
	for i, v := range Pointer(window.Pointer{}) {
		if v != 0 {
			t.Errorf("pointer dimension %d is %d, want 0", i, v)
		}
	}
}

func TestWhereOnTheScreenAndWhenDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w, moved window.Pointer
		at := 0.0
		for range 128 {
			at += float64(rapid.IntRange(4, 40).Draw(t, "step"))
			e := event.Pointer{TimeMS: at, X: float64(rapid.IntRange(0, 800).Draw(t, "x")), Y: float64(rapid.IntRange(0, 600).Draw(t, "y"))}
			w.Events = append(w.Events, e)
			e.TimeMS, e.X, e.Y = e.TimeMS+65_536, e.X+512, e.Y+256
			moved.Events = append(moved.Events, e)
		}
		a, b := Pointer(w), Pointer(moved)
		for i := range a {
			if a[i] != b[i] {
				t.Fatalf("dimension %d went from %d to %d", i, a[i], b[i])
			}
		}
	})
}

func TestModelsThatDoNotExistHaveNoDimension(t *testing.T) {
	for _, c := range []struct {
		modality observation.Modality
		model    string
	}{{observation.Keyboard, "features-0"}, {observation.Motion, Model}, {"", ""}} {
		if n, ok := Dimension(c.modality, c.model); ok || n != 0 {
			t.Errorf("Dimension(%q, %q) = %d, %v; want none", c.modality, c.model, n, ok)
		}
	}
}

func BenchmarkKeyboard(b *testing.B) {
	w := window.Keyboard{}
	for i := range window.KeyboardStrokes {
		w.Strokes = append(w.Strokes, window.Stroke{PressMS: float64(i) * 150, ReleaseMS: float64(i)*150 + 90 + float64(i%7), Class: event.Class(i % 5)})
	}
	for b.Loop() {
		Keyboard(w)
	}
}

func BenchmarkPointer(b *testing.B) {
	w := window.Pointer{}
	for i := range window.PointerEvents {
		w.Events = append(w.Events, event.Pointer{TimeMS: float64(i) * 16, X: float64(i * i % 300), Y: float64(i * 3)})
	}
	for b.Loop() {
		Pointer(w)
	}
}
