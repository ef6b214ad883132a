package presence

import (
	"math"
	"slices"

	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
)

// Typing is when keys were typed, and how long a stroke of the fastest took, from press to press. StrokeMS is 0 where a
// session has no keyboard window that is still to be judged.
type Typing struct {
	Span
	StrokeMS float64
}

// fastestStrokeMS is what one stroke takes of hands that type at all: 60 ms are 200 words a minute, which no typist keeps up
// over a window. It stands for the pace of a window without measures.
const fastestStrokeMS = 60

// Places of measures in their lists.
var (
	typingPlaces   = placesOf(liveness.KeyboardMeasures, "fastestRun")
	pointingPlaces = placesOf(liveness.PointerMeasures, "restShare", "restLog", "restSpread")
)

func typingOf(o observation.Observation) Typing {
	t := Typing{spanOf(o), fastestStrokeMS}
	if m := o.Liveness.Measures; o.Liveness.MeasureList == liveness.KeyboardMeasures.Name && len(m) == len(liveness.KeyboardMeasures.Measures) {
		t.StrokeMS = math.Max(t.StrokeMS, m[typingPlaces["fastestRun"]])
	}
	return t
}

// Pointing is when the pointer was used, and for how much of that time it moved.
type Pointing struct {
	Span
	MovedMS int64 `json:"movedMS"`
}

// Bounds of what is kept of the pointer: longer ago than the first no keyboard window goes back, or it has time for both.
const (
	pointedWithinMS = 60_000
	mostPointed     = 32
)

// unmeasuredPointingMS is how long a window of pointing without measures may last and still be taken for movement through and
// through: its 128 events would else hold rests in which the hands can type.
const unmeasuredPointingMS = 8_000

// pointingOf gives how long the pointer moved in a window; ok is false where that is not known. Its rests are taken to be as
// long as those of a log-normal distribution of their mean and spread, and as many as if every event were a movement.
func pointingOf(o observation.Observation) (p Pointing, ok bool) {
	if o.Modality != observation.Pointer {
		return Pointing{}, false
	}
	p = Pointing{spanOf(o), o.DurationMS}
	if m := o.Liveness.Measures; o.Liveness.MeasureList == liveness.PointerMeasures.Name && len(m) == len(liveness.PointerMeasures.Measures) {
		rests := m[pointingPlaces["restShare"]] * float64(o.Events)
		if rests > 0 {
			spread := m[pointingPlaces["restSpread"]]
			p.MovedMS -= int64(math.Min(float64(o.DurationMS), rests*math.Exp(m[pointingPlaces["restLog"]]+spread*spread/2)))
		}
		return p, true
	}
	return p, o.DurationMS <= unmeasuredPointingMS
}

// pointedBy gives the latest pointer windows with one more, where it is one.
func pointedBy(latest []Pointing, o observation.Observation) []Pointing {
	p, ok := pointingOf(o)
	if !ok {
		return latest
	}
	next := slices.DeleteFunc(slices.Clone(latest), func(old Pointing) bool { return old.endMS() < p.StartMS-pointedWithinMS })
	next = append(next, p)
	return next[max(0, len(next)-mostPointed):]
}

func (s Span) endMS() int64 { return s.StartMS + s.DurationMS }

// settles reports whether all is known about what the pointer did while keys were typed, once a window has come: it is
// the next one of the keyboard, or one of the pointer that lasted until then.
func (t Typing) settles(o observation.Observation) bool {
	if t.StrokeMS == 0 {
		return false
	}
	p, ok := pointingOf(o)
	return o.Modality == observation.Keyboard || (ok && p.endMS() >= t.endMS())
}

// Overlap is what the pointer's movement left of the time of a keyboard window.
type Overlap struct {
	Left     float64 // time without movement, as a share of what the strokes take at the pace of the fastest ten; infinite where nothing moved
	StrokeMS float64 // that pace
}

// OverlapIn gives the overlap of the keyboard window before w, once all is known about it, and once only; ok is false where
// there is none to be judged, or where nothing can be said: a window without measures tells no more than that nobody's hands
// had the time.
func OverlapIn(w Window) (o Overlap, ok bool) {
	if !w.Typed.settles(w.Observation) || w.Typed.Events == 0 {
		return Overlap{}, false
	}
	pointed := w.Pointed
	if p, is := pointingOf(w.Observation); is {
		pointed = append(slices.Clone(pointed), p)
	}
	moved := 0.0
	for _, p := range pointed {
		if both := min(w.Typed.endMS(), p.endMS()) - max(w.Typed.StartMS, p.StartMS); both > 0 {
			moved += float64(p.MovedMS) * float64(both) / float64(p.DurationMS)
		}
	}
	if moved <= 0 {
		return Overlap{Left: math.Inf(1), StrokeMS: w.Typed.StrokeMS}, true
	}
	left := math.Max(0, float64(w.Typed.DurationMS)-moved)
	o = Overlap{Left: left / (w.Typed.StrokeMS * float64(w.Typed.Events)), StrokeMS: w.Typed.StrokeMS}
	return o, o.StrokeMS > fastestStrokeMS || o.Left < 1
}
