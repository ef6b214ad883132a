// Package liveness owns the measures that tell whether a human hand made the events of a window, as far as they come
// for free: events made by software, the clock's step, the keyboard's auto-repeat, text from the clipboard. And it owns
// the remarks on a window's quality that follow from them.
package liveness

import (
	"math"
	"slices"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

// Limits from which a quality flag is set.
const (
	BlurredQuantumMS = 20  // a clock with such steps hides what tells people apart
	LostShare        = 0.2 // of a window's events
	PasteLimit       = 2   // pastes within one keyboard window
	CompositionLimit = 1   // compositions within one keyboard window
)

// Keyboard gives the measures of a window of typing.
func Keyboard(w window.Keyboard) observation.Liveness {
	times := make([]float64, 0, 2*len(w.Strokes))
	for _, s := range w.Strokes {
		times = append(times, s.PressMS, s.ReleaseMS)
	}
	l := measures(times, w.Marks, float64(2*len(w.Strokes)), float64(len(w.Strokes)))
	l.MeasureList, l.Measures = KeyboardMeasures.Name, KeyMeasures(w)
	return l
}

// Pointer gives the measures of a window of pointer use.
func Pointer(w window.Pointer) observation.Liveness {
	times := make([]float64, 0, len(w.Events)+len(w.ThinnedMS))
	for _, e := range w.Events {
		times = append(times, e.TimeMS)
	}
	times = append(times, w.ThinnedMS...) // what is left of them has the step of the thinning
	l := measures(times, w.Marks, float64(w.Came()), 0)
	l.MeasureList, l.Measures = PointerMeasures.Name, MovementMeasures(w)
	return l
}

// Touch gives the measures of a window of touch.
func Touch(w window.Touch) observation.Liveness {
	var times []float64
	for _, s := range w.Strokes {
		for _, p := range s.Points {
			times = append(times, p.TimeMS)
		}
		if s.Lifted {
			times = append(times, s.EndMS)
		}
	}
	return measures(times, w.Marks, float64(len(times)), 0)
}

// Phrase gives the measures of one typing of a phrase.
func Phrase(p window.Phrase) observation.Liveness {
	times := make([]float64, 0, 2*len(p.Strokes))
	for _, s := range p.Strokes {
		times = append(times, s.PressMS, s.ReleaseMS)
	}
	return measures(times, p.Marks, float64(2*p.Positions), float64(p.Positions))
}

// measures takes the events that a window kept; untrusted ones may have come on top of them or be among them.
func measures(times []float64, m window.Marks, events, presses float64) observation.Liveness {
	return observation.Liveness{
		UntrustedShare:     math.Min(1, float64(m.Untrusted)/math.Max(1, events)),
		TimestampQuantumMS: Quantum(times),
		RepeatShare:        float64(m.Repeats) / math.Max(1, float64(m.Repeats)+presses),
		Pastes:             min(1000, m.Pastes),
	}
}

// quanta are the steps that clocks are known to take, in milliseconds, the coarsest first.
var quanta = [...]float64{100, 1000.0 / 30, 20, 1000.0 / 60, 15.625, 10, 8, 5, 4, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005}

// Quantum gives the largest known clock step of which at least 95 % of the times, counted from the first, are multiples
// within a twentieth of the step; 0 where none fits. Fewer than eight times, or times that span fewer than eight steps,
// are too few to say. The times need not be sorted.
func Quantum(timesMS []float64) float64 {
	if len(timesMS) < 8 {
		return 0
	}
	spanMS := slices.Max(timesMS) - slices.Min(timesMS)
	for _, q := range quanta {
		if spanMS < 8*q {
			continue
		}
		fit := 0
		for _, t := range timesMS {
			steps := (t - timesMS[0]) / q
			if math.Abs(steps-math.Floor(steps+0.5)) <= 0.05 {
				fit++
			}
		}
		if float64(fit) >= 0.95*float64(len(timesMS)) {
			return q
		}
	}
	return 0
}

// KeyboardFlags gives the remarks on a keyboard window's quality, in the order of observation.Flags. simulated says that
// the collector was told to accept events that no hand made.
func KeyboardFlags(w window.Keyboard, l observation.Liveness, simulated bool) []observation.Flag {
	return flags(map[observation.Flag]bool{
		observation.BlurredClock: l.TimestampQuantumMS >= BlurredQuantumMS,
		observation.InputMethod:  w.Marks.Compositions >= CompositionLimit,
		observation.PasteHeavy:   w.Marks.Pastes >= PasteLimit,
		observation.ShortWindow:  len(w.Strokes) < window.KeyboardStrokes,
		observation.LostEvents:   float64(w.Marks.Lost) > LostShare*float64(len(w.Strokes)),
		observation.Simulated:    simulated,
	})
}

// PointerFlags gives the remarks on a pointer window's quality, in the order of observation.Flags.
func PointerFlags(w window.Pointer, l observation.Liveness, simulated bool) []observation.Flag {
	return flags(map[observation.Flag]bool{
		observation.BlurredClock: l.TimestampQuantumMS >= 2*BlurredQuantumMS, // displays of 30 Hz are common
		observation.ShortWindow:  len(w.Events) < window.PointerEvents,
		observation.LostEvents:   float64(w.Marks.Lost) > LostShare*float64(w.Came()),
		observation.Simulated:    simulated,
	})
}

// TouchFlags gives the remarks on a touch window's quality, in the order of observation.Flags.
func TouchFlags(w window.Touch, l observation.Liveness, simulated bool) []observation.Flag {
	return flags(map[observation.Flag]bool{
		observation.BlurredClock: l.TimestampQuantumMS >= 2*BlurredQuantumMS,
		observation.ShortWindow:  len(w.Strokes) < window.TouchStrokes,
		observation.LostEvents:   float64(w.Marks.Lost) > LostShare*float64(len(w.Strokes)),
		observation.Simulated:    simulated,
	})
}

// PhraseFlags gives the remarks on one typing of a phrase, in the order of observation.Flags. One paste is enough: a
// phrase is typed or it is not.
func PhraseFlags(p window.Phrase, l observation.Liveness, simulated bool) []observation.Flag {
	return flags(map[observation.Flag]bool{
		observation.BlurredClock: l.TimestampQuantumMS >= BlurredQuantumMS,
		observation.InputMethod:  p.Marks.Compositions > 0,
		observation.PasteHeavy:   p.Marks.Pastes > 0,
		observation.LostEvents:   p.Marks.Lost > 0,
		observation.Simulated:    simulated,
		observation.BrokenPhrase: p.Broken,
	})
}

func flags(set map[observation.Flag]bool) []observation.Flag {
	out := []observation.Flag{}
	for _, f := range observation.Flags {
		if set[f] {
			out = append(out, f)
		}
	}
	return out
}
