package liveness

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

func TestQuantumFindsTheClocksStep(t *testing.T) {
	irregular := []float64{0, 3, 7, 12, 18, 25, 33, 42, 52, 63, 75, 88}
	for _, want := range []float64{100, 15.625, 10, 1, 0.1, 0.005} {
		times := make([]float64, len(irregular))
		for i, steps := range irregular {
			times[i] = 1234.5 + steps*want
		}
		if got := Quantum(times); got != want {
			t.Errorf("Quantum of times in steps of %g ms = %g", want, got)
		}
	}
	if got := Quantum([]float64{0, 1, 2, 3}); got != 0 {
		t.Errorf("Quantum of four times = %g, want 0: too few to say", got)
	}
	free := []float64{0, 1.2345678, 2.7182818, 3.1415926, 5.4366, 7.38905609, 9.8696044, 11.1367, 13.37001, 17.00713}
	if got := Quantum(free); got != 0 {
		t.Errorf("Quantum of times without a step = %g, want 0", got)
	}
}

// ofPhrases tells flags that no window has.
func ofPhrases(f observation.Flag) bool { return f == observation.BrokenPhrase }

func TestPhraseMeasuresAndFlags(t *testing.T) {
	p := window.Phrase{Positions: 10, Marks: window.Marks{Untrusted: 5, Repeats: 10, Pastes: 1, Compositions: 1, Lost: 1}, Broken: true}
	got := Phrase(p)
	if diff := cmp.Diff(observation.Liveness{UntrustedShare: 0.25, RepeatShare: 0.5, Pastes: 1}, got); diff != "" {
		t.Errorf("measures (-want +got):\n%s", diff)
	}
	got.TimestampQuantumMS = 100
	want := slices.DeleteFunc(slices.Clone(observation.Flags), func(f observation.Flag) bool { return f == observation.ShortWindow })
	if diff := cmp.Diff(want, PhraseFlags(p, got, true)); diff != "" {
		t.Errorf("flags of the worst phrase (-want +got):\n%s", diff)
	}
	if got := PhraseFlags(window.Phrase{Positions: 10}, observation.Liveness{TimestampQuantumMS: 1}, false); len(got) != 0 {
		t.Errorf("flags of a good phrase = %v, want none", got)
	}
}

func TestKeyboardMeasuresAndFlags(t *testing.T) {
	w := window.Keyboard{Marks: window.Marks{Untrusted: 10, Repeats: 5, Pastes: 3, Compositions: 1, Lost: 4}}
	for i := range 15 {
		w.Strokes = append(w.Strokes, window.Stroke{PressMS: float64(i * 100), ReleaseMS: float64(i*100 + 100)})
	}
	got := Keyboard(w)
	want := observation.Liveness{
		UntrustedShare: 10.0 / 30, TimestampQuantumMS: 100, RepeatShare: 0.25, Pastes: 3,
		MeasureList: "keyboard-liveness-1", Measures: KeyMeasures(w),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("measures (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(slices.DeleteFunc(slices.Clone(observation.Flags), ofPhrases), KeyboardFlags(w, got, true)); diff != "" {
		t.Errorf("flags of the worst window (-want +got):\n%s", diff)
	}
	good := window.Keyboard{Strokes: make([]window.Stroke, window.KeyboardStrokes)}
	if got := KeyboardFlags(good, observation.Liveness{TimestampQuantumMS: 0.1}, false); len(got) != 0 {
		t.Errorf("flags of a good window = %v, want none", got)
	}
}

func TestTouchMeasuresAndFlags(t *testing.T) {
	w := window.Touch{Marks: window.Marks{Untrusted: 10, Lost: 4}}
	for i := range 10 {
		at := float64(i) * 300
		w.Strokes = append(w.Strokes, window.TouchStroke{StartMS: at, EndMS: at + 100, Lifted: true, Points: []window.TouchPoint{{TimeMS: at}}})
	}
	got := Touch(w)
	if diff := cmp.Diff(observation.Liveness{UntrustedShare: 0.5, TimestampQuantumMS: 100}, got); diff != "" {
		t.Errorf("measures (-want +got):\n%s", diff)
	}
	want := []observation.Flag{observation.BlurredClock, observation.ShortWindow, observation.LostEvents, observation.Simulated}
	if diff := cmp.Diff(want, TouchFlags(w, got, true)); diff != "" {
		t.Errorf("flags of the worst window (-want +got):\n%s", diff)
	}
	good := window.Touch{Strokes: make([]window.TouchStroke, window.TouchStrokes)}
	if got := TouchFlags(good, observation.Liveness{TimestampQuantumMS: 1}, false); len(got) != 0 {
		t.Errorf("flags of a good window = %v, want none", got)
	}
}
