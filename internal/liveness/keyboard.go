package liveness

import (
	"math"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

// pausedMS is the interval between presses from which typing has paused. Pauses say more of the task than of the hand, and
// a forger can make them as he likes: no measure counts them.
const pausedMS = 1500

// softMS is where the scale of times turns from even to logarithmic.
const softMS = 10

// keySignal is one kind of evidence about a window of typing: its measures and what gives them, in the same order.
type keySignal struct {
	measures []Measure
	of       func(typing) []float64
}

// keySignals are all there are, in the order of KeyboardMeasures.
var keySignals = []keySignal{keyPace, keySpread, keyRepeats, keyOverlap, keySerial, keyCoupling, keyTempo, keyWords}

// KeyboardMeasures is the list that KeyMeasures computes.
var KeyboardMeasures = keyboardList()

func keyboardList() List {
	l := List{Name: "keyboard-liveness-1", Modality: observation.Keyboard}
	for _, s := range keySignals {
		l.Measures = append(l.Measures, s.measures...)
	}
	return l
}

// KeyMeasures gives the values of KeyboardMeasures for a window of typing, in the list's order, to four decimals. They are
// finite whatever the window holds, and 0 where it holds too little for a measure.
func KeyMeasures(w window.Keyboard) []float64 {
	t := newTyping(w.Strokes)
	out := make([]float64, 0, len(KeyboardMeasures.Measures))
	for _, s := range keySignals {
		for _, x := range s.of(t) {
			out = append(out, tidy(x))
		}
	}
	return out
}

// tidy cuts a measure to what may cross the line: finite, at most MaxMagnitude, four decimals.
func tidy(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return math.Floor(math.Max(-MaxMagnitude, math.Min(MaxMagnitude, x))*1e4+0.5) / 1e4
}

// typing is a window's strokes as the signals need them. Interval i lies between the presses i and i+1; going i says that
// it is no pause. Residuals are soft logarithms less the mean of their kind: of the class for dwells, of the kind of step
// for intervals. They keep what a text cannot explain as far as classes tell it.
type typing struct {
	strokes          []window.Stroke
	dwellMS          []float64
	intervalMS       []float64
	going            []bool
	logDwell         []float64
	logInterval      []float64
	dwellResidual    []float64
	intervalResidual []float64
	kind             []stepKind
	usual            []float64 // the intervals that are no pauses
	logUsual         []float64
}

// stepKind tells apart steps from one press to the next that take hands differently long.
type stepKind int

const (
	sameHand stepKind = iota
	otherHand
	toSpace
	fromSpace
	otherStep
	stepKinds
)

func newTyping(strokes []window.Stroke) typing {
	n := len(strokes)
	t := typing{strokes: strokes}
	classes := make([]int, n)
	for i, s := range strokes {
		t.dwellMS = append(t.dwellMS, s.DwellMS())
		t.logDwell = append(t.logDwell, softLog(s.DwellMS()))
		classes[i] = int(s.Class)
	}
	t.dwellResidual = residuals(t.logDwell, classes, event.ClassCount, func(int) bool { return true })
	kinds := make([]int, 0, n)
	for i := 0; i+1 < n; i++ {
		interval := strokes[i+1].PressMS - strokes[i].PressMS
		kind := step(strokes[i].Class, strokes[i+1].Class)
		t.intervalMS = append(t.intervalMS, interval)
		t.logInterval = append(t.logInterval, softLog(interval))
		t.going = append(t.going, interval <= pausedMS)
		t.kind = append(t.kind, kind)
		kinds = append(kinds, int(kind))
		if interval <= pausedMS {
			t.usual = append(t.usual, interval)
			t.logUsual = append(t.logUsual, softLog(interval))
		}
	}
	t.intervalResidual = residuals(t.logInterval, kinds, int(stepKinds), func(i int) bool { return t.going[i] })
	return t
}

func step(from, to event.Class) stepKind {
	switch {
	case to == event.Space:
		return toSpace
	case from == event.Space:
		return fromSpace
	case !from.Letter() || !to.Letter():
		return otherStep
	case from == to:
		return sameHand
	}
	return otherHand
}

// softLog is even for times far below softMS and logarithmic for times far above, so that a clock's steps and dwells of
// nothing do no harm.
func softLog(ms float64) float64 { return math.Log(1 + math.Max(0, ms)/softMS) }

// residuals takes from each value the mean of its kind where that has three values or more, of all otherwise. Values that
// do not count are 0 and move no mean.
func residuals(values []float64, kinds []int, count int, counts func(int) bool) []float64 {
	sums, numbers := make([]float64, count), make([]float64, count)
	sum, number := 0.0, 0.0
	for i, v := range values {
		if counts(i) {
			sums[kinds[i]] += v
			numbers[kinds[i]]++
			sum += v
			number++
		}
	}
	out := make([]float64, len(values))
	for i, v := range values {
		switch k := kinds[i]; {
		case !counts(i):
		case numbers[k] >= 3:
			out[i] = v - sums[k]/numbers[k]
		default:
			out[i] = v - sum/number
		}
	}
	return out
}

// leastPairs is from how many pairs a correlation is computed.
const leastPairs = 8

// correlation is Pearson's of x[i] with y[i+lag] over those i for which both count; 0 of fewer than leastPairs, and where
// one of them hardly varies.
func correlation(x, y []float64, lag int, counts func(i int) bool) float64 {
	var n, sx, sy, sxx, syy, sxy float64
	for i := 0; i < len(x) && i+lag < len(y); i++ {
		if i+lag < 0 || !counts(i) {
			continue
		}
		a, b := x[i], y[i+lag]
		n, sx, sy, sxx, syy, sxy = n+1, sx+a, sy+b, sxx+a*a, syy+b*b, sxy+a*b
	}
	if n < leastPairs {
		return 0
	}
	vx, vy := sxx/n-sx/n*sx/n, syy/n-sy/n*sy/n
	if vx < 1e-6 || vy < 1e-6 {
		return 0
	}
	return (sxy/n - sx/n*sy/n) / math.Sqrt(vx*vy)
}

func mean(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

func ratio(of, to float64) float64 {
	if to <= 0 {
		return 0
	}
	return of / to
}
