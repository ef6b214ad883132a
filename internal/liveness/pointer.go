package liveness

import (
	"math"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/path"
	"ipse.dev/ipse/internal/window"
)

// pointerSignal is one kind of evidence about a window of pointer use: its measures and what gives them, in one order.
type pointerSignal struct {
	measures []Measure
	of       func(movement) []float64
}

// movement is a window as the signals need it: thinned and taken apart, and the events as they came.
type movement struct {
	path   path.Path
	events []event.Pointer
}

// pointerSignals are all there are, in the order of PointerMeasures.
var pointerSignals = []pointerSignal{
	{shapeMeasures, shape},
	{roughnessMeasures, roughness},
	{floorMeasures, floor},
	{paceMeasures, pace},
	{gridMeasures, grid},
	{cadenceMeasures, cadence},
	{pressMeasures, presses},
}

// PointerMeasures is the list that MovementMeasures computes. What each measure sees stands where it is computed.
var PointerMeasures = pointerList()

func pointerList() List {
	l := List{Name: "pointer-liveness-1", Modality: observation.Pointer}
	for _, s := range pointerSignals {
		l.Measures = append(l.Measures, s.measures...)
	}
	return l
}

// ThinMS is the least time between movements that the shape of a path is measured at. A mouse that reports a hundred or a
// thousand times a second is looked at as a screen of 60 Hz sees it, so that rate is no cue.
const ThinMS = 14

// MovementMeasures gives the values of PointerMeasures for a window, in the list's order, to four decimals. They are finite
// whatever the window holds, and 0 where it holds nothing for a measure. None depends on where on the screen the pointer is.
func MovementMeasures(w window.Pointer) []float64 {
	m := movement{path: path.Of(window.Pointer{Events: thin(w.Events)}), events: w.Events}
	out := make([]float64, 0, len(PointerMeasures.Measures))
	for _, s := range pointerSignals {
		for _, x := range s.of(m) {
			out = append(out, tidy(x))
		}
	}
	return out
}

// thin drops movements that follow another within ThinMS; presses, releases and the wheel stay.
func thin(events []event.Pointer) []event.Pointer {
	out := make([]event.Pointer, 0, len(events))
	lastMS := math.Inf(-1)
	for _, e := range events {
		if e.Kind == event.Move {
			if e.TimeMS-lastMS < ThinMS {
				continue
			}
			lastMS = e.TimeMS
		}
		out = append(out, e)
	}
	return out
}

// moments gathers sums of one sample, or of two that belong together.
type moments struct{ n, x, y, xx, yy, xy float64 }

func (m *moments) add(x, y float64) {
	m.n++
	m.x += x
	m.y += y
	m.xx += x * x
	m.yy += y * y
	m.xy += x * y
}

// mean of x; 0 of nothing.
func (m *moments) mean() float64 { return m.x / math.Max(1, m.n) }

// spread is the standard deviation of x; 0 of fewer than two.
func (m *moments) spread() float64 {
	if m.n < 2 {
		return 0
	}
	mean := m.x / m.n
	return math.Sqrt(math.Max(0, m.xx/m.n-mean*mean))
}

// relative is the spread of x as a share of its mean.
func (m *moments) relative() float64 { return m.spread() / math.Max(1e-9, math.Abs(m.mean())) }

// slope is that of y over x, within ±3, and correlation Pearson's; both are 0 of fewer than four pairs and where one side
// does not vary.
func (m *moments) slope() (slope, correlation float64) {
	if m.n < 4 {
		return 0, 0
	}
	sxx, syy, sxy := m.xx-m.x*m.x/m.n, m.yy-m.y*m.y/m.n, m.xy-m.x*m.y/m.n
	if sxx < 1e-9 || syy < 1e-9 {
		return 0, 0
	}
	return math.Max(-3, math.Min(3, sxy/sxx)), math.Max(-1, math.Min(1, sxy/math.Sqrt(sxx*syy)))
}
