package embed

import (
	"math"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/window"
)

// Kinds of neighbouring strokes whose rhythm is told apart.
const (
	leftLeft = iota
	leftRight
	rightLeft
	rightRight
	letterSpace
	spaceLetter
	letterBackspace
	backspaceBackspace
	shiftLetter
	letterShift
	otherPair
	pairKinds
)

var pairNames = [pairKinds]string{
	"left_left", "left_right", "right_left", "right_right", "letter_space", "space_letter",
	"letter_backspace", "backspace_backspace", "shift_letter", "letter_shift", "other_pair",
}

var dwellNames = [event.ClassCount]string{
	"left_letter", "right_letter", "digit", "space", "backspace", "enter", "shift", "modifier", "other",
}

// flightKinds are the first kinds of pairs, common enough for their flights to be told apart as well.
const flightKinds = spaceLetter + 1

func pairKind(a, b event.Class) int {
	switch {
	case a.Letter() && b.Letter():
		return 2*int(a) + int(b) // LeftLetter is 0, RightLetter is 1
	case a.Letter() && b == event.Space:
		return letterSpace
	case a == event.Space && b.Letter():
		return spaceLetter
	case a.Letter() && b == event.Backspace:
		return letterBackspace
	case a == event.Backspace && b == event.Backspace:
		return backspaceBackspace
	case a == event.Shift && b.Letter():
		return shiftLetter
	case a.Letter() && b == event.Shift:
		return letterShift
	}
	return otherPair
}

// typing collects the samples of one window. Dwells and intervals are natural logarithms of milliseconds; a flight f
// becomes asinh(f/40 ms), which is linear near zero and logarithmic far from it, on both sides.
type typing struct {
	dwells           [event.ClassCount][]float64
	letterDwells     []float64
	intervals        [pairKinds][]float64
	flights          [flightKinds][]float64
	letterIntervals  []float64
	dwellThen        []float64 // dwell of a letter and the interval that follows it, for their correlation
	intervalThen     []float64
	overlaps         []float64
	rolledDwells     []float64
	separateDwells   []float64
	wordFirst        []float64 // dwell of a word's first letter
	wordLast         []float64 // dwell of a word's last letter
	wordSecond       []float64 // interval from a word's first letter to its second
	shiftLag         []float64 // release of shift after the release of the letter it capitalised
	pauses, allPairs float64
	rolled, pairs    float64
}

func collect(strokes []window.Stroke) *typing {
	t := &typing{}
	for i, s := range strokes {
		dwell := math.Log(clamp(s.DwellMS(), 5, 1000))
		t.dwells[s.Class] = append(t.dwells[s.Class], dwell)
		if s.Class.Letter() {
			t.letterDwells = append(t.letterDwells, dwell)
			if i > 0 && strokes[i-1].Class == event.Space {
				t.wordFirst = append(t.wordFirst, dwell)
			}
			if i+1 < len(strokes) && strokes[i+1].Class == event.Space {
				t.wordLast = append(t.wordLast, dwell)
			}
		}
		if i+1 < len(strokes) {
			t.pair(strokes, i, dwell)
		}
	}
	return t
}

func (t *typing) pair(strokes []window.Stroke, i int, dwell float64) {
	s, next := strokes[i], strokes[i+1]
	intervalMS := next.PressMS - s.PressMS
	if intervalMS > feature.PauseMS {
		return
	}
	t.allPairs++
	if intervalMS > 500 {
		t.pauses++
	}
	interval := math.Log(math.Max(10, intervalMS))
	kind := pairKind(s.Class, next.Class)
	t.intervals[kind] = append(t.intervals[kind], interval)
	if kind < flightKinds {
		t.flights[kind] = append(t.flights[kind], math.Asinh(clamp(next.PressMS-s.ReleaseMS, -1000, 1500)/40))
	}
	if kind == shiftLetter {
		t.shiftLag = append(t.shiftLag, math.Asinh(clamp(s.ReleaseMS-next.ReleaseMS, -1000, 1000)/40))
	}
	if kind > rightRight {
		return
	}
	t.letterIntervals = append(t.letterIntervals, interval)
	t.dwellThen = append(t.dwellThen, dwell)
	t.intervalThen = append(t.intervalThen, interval)
	t.pairs++
	if overlapMS := s.ReleaseMS - next.PressMS; overlapMS > 0 {
		t.rolled++
		t.overlaps = append(t.overlaps, math.Log(1+math.Min(overlapMS, 1000)))
		t.rolledDwells = append(t.rolledDwells, dwell)
	} else {
		t.separateDwells = append(t.separateDwells, dwell)
	}
	if i > 0 && strokes[i-1].Class == event.Space {
		t.wordSecond = append(t.wordSecond, interval)
	}
}

// KeyboardStatistics gives the raw dimensions of a window of typing, in the model's order.
func KeyboardStatistics(w window.Keyboard) []Statistic {
	t := collect(w.Strokes)
	strokes := float64(len(w.Strokes))
	out := make([]Statistic, 0, 48)
	for class, name := range dwellNames {
		out = append(out, meanOf("dwell_"+name, t.dwells[class]))
	}
	for kind, name := range pairNames {
		out = append(out, meanOf("interval_"+name, t.intervals[kind]))
	}
	for kind := range flightKinds {
		out = append(out, meanOf("flight_"+pairNames[kind], t.flights[kind]))
	}
	lagged := max(0, len(t.letterIntervals)-1)
	out = append(out,
		meanOf("overlap", t.overlaps),
		meanOf("dwell_rolled", t.rolledDwells),
		meanOf("dwell_separate", t.separateDwells),
		meanOf("dwell_word_first", t.wordFirst),
		meanOf("dwell_word_last", t.wordLast),
		meanOf("interval_word_second", t.wordSecond),
		meanOf("shift_lag", t.shiftLag),
		shareOf("rollover_share", t.rolled, t.pairs),
		shareOf("hesitation_share", t.pauses, t.allPairs),
		shareOf("backspace_share", float64(len(t.dwells[event.Backspace])), strokes),
		shareOf("shift_share", float64(len(t.dwells[event.Shift])), strokes),
		correlationOf("dwell_interval_correlation", t.dwellThen, t.intervalThen),
		correlationOf("interval_lag_correlation", t.letterIntervals[:lagged], t.letterIntervals[len(t.letterIntervals)-lagged:]),
		spreadOf("letter_dwell_spread", t.letterDwells),
		spreadOf("letter_interval_spread", t.letterIntervals),
		// Quantiles sort their samples: nothing that needs the order may follow.
		quantileOf("letter_dwell_p10", t.letterDwells, 0.1),
		quantileOf("letter_dwell_p50", t.letterDwells, 0.5),
		quantileOf("letter_dwell_p90", t.letterDwells, 0.9),
		quantileOf("letter_interval_p10", t.letterIntervals, 0.1),
		quantileOf("letter_interval_p50", t.letterIntervals, 0.5),
		quantileOf("letter_interval_p90", t.letterIntervals, 0.9),
	)
	return out
}
