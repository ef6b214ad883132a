package presence

import (
	"math"
	"slices"

	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
)

// twoPeople finds typing and pointing at the same time. The time in which the pointer moved within a keyboard window is
// taken off that window; where what is left is too short for its strokes, even at the pace of the fastest ten of them, they were
// typed while the pointer moved: by two people, or by somebody at the desk and somebody far away. It takes several such
// windows, because one hand can type a little while the other points.
//
// A keyboard window is judged when it comes, and once more with the pointer window that was being filled then.
var twoPeople = Signal{
	Kind:  TwoPeople,
	Least: -0.5, Most: 2, Found: 5,
	LLR: func(w Window) (float64, bool) {
		switch w.Modality {
		case observation.Keyboard:
			return atOnce(typingOf(w.Observation), w.Pointed)
		case observation.Pointer:
			p, moved := pointingOf(w.Observation)
			if !moved || p.StartMS >= w.Typed.endMS() || p.endMS() < w.Typed.endMS() {
				return 0, false
			}
			if before, _ := atOnce(w.Typed, w.Pointed); before > 0 {
				return 0, false // said already
			}
			nats, _ := atOnce(w.Typed, append(slices.Clone(w.Pointed), p))
			return nats, nats > 0
		}
		return 0, false
	},
}

// Typing is when keys were typed, and how long a stroke of the fastest took, from press to press.
type Typing struct {
	Span
	StrokeMS float64
}

// fastestStrokeMS is what one stroke takes of hands that type at all: 60 ms are 200 words a minute, which no typist keeps up
// over a window.
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

// atOnce says what the pointer's movement leaves of the time of typing.
func atOnce(typed Typing, pointed []Pointing) (nats float64, ok bool) {
	if typed.Events == 0 || len(pointed) == 0 {
		return 0, false
	}
	moved := 0.0
	for _, p := range pointed {
		if both := min(typed.endMS(), p.endMS()) - max(typed.StartMS, p.StartMS); both > 0 {
			moved += float64(p.MovedMS) * float64(both) / float64(p.DurationMS)
		}
	}
	switch {
	case moved == 0:
		return -0.5, true // one after the other
	case float64(typed.DurationMS)-moved < typed.StrokeMS*float64(typed.Events):
		return 2, true
	}
	return 0, false // there was time for both
}
