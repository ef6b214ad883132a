package chart

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

// Rung is one threshold of a Ladder.
type Rung struct {
	PerHours float64 // false alarms in so many hours as the axis says; 0 is drawn at the axis's end
	Value    float64 // seconds, or a share; NaN is not drawn
}

// Ladder is how one way to work trades false alarms against something else, threshold by threshold, in the order of the
// thresholds.
type Ladder struct {
	Name   string
	Rungs  []Rung
	Chosen int // the rung that is marked
}

// The axis of false alarms: logarithmic between these, with none at its left end.
const (
	fewestAlarms = 0.1
	mostAlarms   = 1000
)

// Tradeoff draws ladders: false alarms to the right, what they buy upwards. Of a share the unit counts hundredths.
func Tradeoff(unit Unit, perHours float64, ladders ...Ladder) (*Chart, error) {
	p := canvas(fmt.Sprintf("false alarms in %g hours of input, 0 at the left end", perHours), unit.Label)
	p.X.Tick.Marker, p.Y.Tick.Marker = alarms{}, even{unit.Of}
	highest := 0.0
	var said, names []string
	for i, l := range ladders {
		role, style := styleOf(i)
		drawn := &plotter.Line{LineStyle: style}
		for _, r := range l.Rungs {
			if !math.IsNaN(r.Value) {
				drawn.XYs = append(drawn.XYs, plotter.XY{X: alarmsAt(r.PerHours), Y: r.Value})
				highest = math.Max(highest, r.Value)
			}
		}
		if len(drawn.XYs) == 0 {
			said = append(said, l.Name+": beyond the chart at every threshold")
			continue
		}
		p.Add(clipped{drawn})
		p.Legend.Add(l.Name, drawn)
		names = append(names, l.Name)
		if c := l.Rungs[l.Chosen]; !math.IsNaN(c.Value) {
			p.Add(dot(role, 3, plotter.XY{X: alarmsAt(c.PerHours), Y: c.Value}))
			said = append(said, fmt.Sprintf("%s: %s at %s false alarms, the marked threshold", l.Name, rounded(c.Value/unit.Of), rounded(c.PerHours)))
		} else {
			said = append(said, fmt.Sprintf("%s: beyond the chart at the chosen threshold", l.Name))
		}
	}
	if len(names) == 0 {
		return nil, ErrNothing
	}
	legendRight(p, chartWidth, names)
	p.X.Min, p.X.Max = alarmsAt(0), math.Log10(mostAlarms)
	p.Y.Min, p.Y.Max = 0, math.Max(1.15*highest, unit.Of)
	return &Chart{Title: "False alarms against detection", Alt: strings.Join(said, "; ") + ".", plot: p, width: chartWidth, height: chartHeight}, nil
}

// alarmsAt is where a rate stands on the axis.
func alarmsAt(rate float64) float64 {
	const none = 0.5 // of a power of ten to the left of the fewest
	if rate < fewestAlarms {
		return math.Log10(fewestAlarms) - none
	}
	return math.Log10(math.Min(rate, mostAlarms))
}

// alarms marks the axis of false alarms.
type alarms struct{}

// Ticks gives none and the powers of ten.
func (alarms) Ticks(low, high float64) []plot.Tick {
	out := []plot.Tick{{Value: alarmsAt(0), Label: "0"}}
	for rate := fewestAlarms; rate <= mostAlarms*1.001; rate *= 10 {
		if at := math.Log10(rate); at >= low && at <= high+1e-9 {
			out = append(out, plot.Tick{Value: at, Label: number(rate)})
		}
	}
	return out
}
