package presence

import "ipse.dev/ipse/internal/observation"

// fastestStrokeMS is time that one stroke takes of hands that type at all, from press to press: 60 ms are 200 words a
// minute, which no typist keeps up over a window.
const fastestStrokeMS = 60

// twoPeople finds typing and pointing at the same time. A pointer window is movement from its first event to its last. One that lies
// within a keyboard window leaves the typing only the rest of that window's time; where the rest is too short for its
// strokes even at fastestStrokeMS each, they were typed while the pointer moved: by two people, or by somebody at
// the desk and somebody far away. It takes several such windows, because one hand can type a little while the other points.
var twoPeople = Signal{
	Kind:  TwoPeople,
	Least: -0.5, Most: 2, Found: 5,
	LLR: func(w Window) (float64, bool) {
		switch w.Modality {
		case observation.Keyboard:
			return atOnce(spanOf(w.Observation), w.Latest[observation.Pointer])
		case observation.Pointer:
			return atOnce(w.Latest[observation.Keyboard], spanOf(w.Observation))
		}
		return 0, false
	},
}

// longestPointingMS is how long a window of pointing may last and still be movement through and through: its 128 events
// would else hold rests in which the hands can type.
const longestPointingMS = 8_000

func atOnce(typed, pointed Span) (nats float64, ok bool) {
	if typed.Events == 0 || pointed.Events == 0 || pointed.DurationMS > longestPointingMS {
		return 0, false
	}
	begin, end := max(typed.StartMS, pointed.StartMS), min(typed.StartMS+typed.DurationMS, pointed.StartMS+pointed.DurationMS)
	if end <= begin {
		return -0.5, true // one after the other
	}
	left := typed.DurationMS - (end - begin)
	if left < fastestStrokeMS*int64(typed.Events) {
		return 2, true
	}
	return 0, false // there was time for both
}
