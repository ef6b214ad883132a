package chart

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

// Moment is a figure at a time, with its 95 % interval, whose ends may be NaN.
type Moment struct{ At, Value, Low, High float64 }

// Line is a figure over time.
type Line struct {
	Name    string
	Moments []Moment // in order of time
}

// Course draws figures over time with their intervals. Lines stand a little apart, so that their intervals can be told
// apart.
func Course(unit Unit, time string, lines ...Line) (*Chart, error) {
	p := canvas(time, unit.Label)
	p.X.Tick.Marker, p.Y.Tick.Marker = even{1}, even{unit.Of}
	var said, names []string
	wide, high := nothing, nothing
	for i, l := range lines {
		if len(l.Moments) == 0 {
			continue
		}
		role, style := styleOf(i)
		drawn := &plotter.Line{LineStyle: style}
		const apart = 0.08
		aside := apart * (float64(i) - float64(len(lines)-1)/2)
		for _, m := range l.Moments {
			drawn.XYs = append(drawn.XYs, plotter.XY{X: m.At + aside, Y: m.Value})
			wide, high = wide.with(m.At), high.with(m.Value)
			if !math.IsNaN(m.Low) && !math.IsNaN(m.High) {
				p.Add(&plotter.Line{XYs: plotter.XYs{{X: m.At + aside, Y: m.Low}, {X: m.At + aside, Y: m.High}}, LineStyle: line(role, thin)})
				high = high.with(m.Low).with(m.High)
			}
		}
		marks := dot(role, 2.2, drawn.XYs...)
		p.Add(drawn, marks)
		p.Legend.Add(l.Name, drawn, marks)
		names = append(names, l.Name)
		a, b := l.Moments[0], l.Moments[len(l.Moments)-1]
		said = append(said, fmt.Sprintf("%s: %s at %s %s, %s at %s", l.Name, rounded(a.Value/unit.Of), time, rounded(a.At), rounded(b.Value/unit.Of), rounded(b.At)))
	}
	if len(names) == 0 {
		return nil, ErrNothing
	}
	legendRight(p, chartWidth, names)
	const beside = 0.3
	p.X.Min, p.X.Max = wide.low-beside, wide.high+beside
	low, top := math.Min(0, high.low), math.Max(high.high, high.low+unit.Of)
	p.Y.Min, p.Y.Max = low, top+(0.06+0.08*float64(len(names)))*(top-low)
	if unit.Of < 1 && high.high <= 1 {
		p.Y.Tick.Marker = upTo{even{unit.Of}, 1}
	}
	return &Chart{Title: "Course", Alt: fmt.Sprintf("%s. %s.", unit.Label, strings.Join(said, "; ")), plot: p, width: chartWidth, height: chartHeight}, nil
}

// upTo marks an axis of shares, which goes on beyond 1 to make room for the legend only.
type upTo struct {
	even
	most float64
}

// Ticks gives even's marks up to the most.
func (u upTo) Ticks(low, high float64) []plot.Tick {
	out := u.even.Ticks(low, high)
	for len(out) > 0 && out[len(out)-1].Value > u.most+1e-9 {
		out = out[:len(out)-1]
	}
	return out
}
