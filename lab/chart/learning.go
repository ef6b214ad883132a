package chart

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

// ErrTable is the error for a learning curve's file that cannot be used.
var ErrTable = errors.New("chart: unusable learning curve")

// Learnt is one point of a learning curve: a metric of a system that so many people have trained, with its 95 % interval.
type Learnt struct {
	People int     `json:"people"`
	Metric string  `json:"metric"`
	Value  float64 `json:"value"` // rates as shares of one
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

// The bounds of a learning curve's file.
const (
	tableBytes  = 1 << 20
	tableCurves = 4 // one chart holds no more lines
)

// ReadLearning reads a learning curve: a JSON array of points. They come out by metric, then by people. A file that is
// not that gives an error that wraps ErrTable.
func ReadLearning(r io.Reader) ([]Learnt, error) {
	d := json.NewDecoder(io.LimitReader(r, tableBytes))
	d.DisallowUnknownFields()
	var all []Learnt
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("%w: want an array of {people, metric, value, low, high}: %w", ErrTable, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something follows the array", ErrTable)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: the array is empty; want at least one point", ErrTable)
	}
	slices.SortStableFunc(all, func(a, b Learnt) int {
		if c := strings.Compare(a.Metric, b.Metric); c != 0 {
			return c
		}
		return a.People - b.People
	})
	curves := map[string]bool{}
	for i, p := range all {
		curves[p.Metric] = true
		switch {
		case p.People < 1 || p.Metric == "":
			return nil, fmt.Errorf("%w: a point of %d people and metric %q; want at least one person and a metric's name", ErrTable, p.People, p.Metric)
		case !(p.Low <= p.Value && p.Value <= p.High):
			return nil, fmt.Errorf("%w: %s of %d people: %g is not between %g and %g", ErrTable, p.Metric, p.People, p.Value, p.Low, p.High)
		case i > 0 && all[i-1].Metric == p.Metric && all[i-1].People == p.People:
			return nil, fmt.Errorf("%w: %s of %d people is there twice", ErrTable, p.Metric, p.People)
		}
	}
	if len(curves) > tableCurves {
		return nil, fmt.Errorf("%w: %d metrics; want at most %d in one chart", ErrTable, len(curves), tableCurves)
	}
	return all, nil
}

// Unit is how a metric's numbers are labelled.
type Unit struct {
	Label string  // of the axis
	Of    float64 // what a label's number counts: 0.01 labels in percent
}

// Learning draws metrics over the number of people in training, with their intervals. Points must be ordered as
// ReadLearning does.
func Learning(unit Unit, points []Learnt) (*Chart, error) {
	if len(points) == 0 {
		return nil, ErrNothing
	}
	p := canvas("people in training (logarithmic)", unit.Label)
	p.X.Tick.Marker, p.Y.Tick.Marker = counts{}, even{unit.Of}
	var said, names []string
	fewest, most, highest, lowest := math.Inf(1), math.Inf(-1), math.Inf(-1), 0.0
	for i, curve := range slices.Collect(byMetric(points)) {
		role, style := styleOf(i)
		drawn := &plotter.Line{LineStyle: style}
		for _, at := range curve {
			x := math.Log10(float64(at.People))
			drawn.XYs = append(drawn.XYs, plotter.XY{X: x, Y: at.Value})
			p.Add(&plotter.Line{XYs: plotter.XYs{{X: x, Y: at.Low}, {X: x, Y: at.High}}, LineStyle: line(role, 1)})
			fewest, most = math.Min(fewest, x), math.Max(most, x)
			highest, lowest = math.Max(highest, at.High), math.Min(lowest, at.Low)
		}
		marks := dot(role, 2.6, drawn.XYs...)
		p.Add(drawn, marks)
		p.Legend.Add(curve[0].Metric, drawn, marks)
		names = append(names, curve[0].Metric)
		a, b := curve[0], curve[len(curve)-1]
		said = append(said, fmt.Sprintf("%s: %s with %d people, %s with %d", a.Metric, rounded(a.Value/unit.Of), a.People, rounded(b.Value/unit.Of), b.People))
	}
	legendRight(p, chartWidth, names)
	p.X.Min, p.X.Max = fewest-0.1, most+0.1
	p.Y.Min, p.Y.Max = lowest, highest+0.22*(highest-lowest)
	return &Chart{Title: "Learning curve", Alt: strings.Join(said, "; ") + ".", plot: p, width: chartWidth, height: chartHeight}, nil
}

// byMetric yields the points of one metric after the other.
func byMetric(points []Learnt) func(func([]Learnt) bool) {
	return func(yield func([]Learnt) bool) {
		for start := 0; start < len(points); {
			end := start
			for end < len(points) && points[end].Metric == points[start].Metric {
				end++
			}
			if !yield(points[start:end]) {
				return
			}
			start = end
		}
	}
}

// counts marks an axis of logarithms (base ten) of numbers of people.
type counts struct{}

// Ticks gives 1, 2 and 5 times the powers of ten between two logarithms.
func (counts) Ticks(low, high float64) []plot.Tick {
	var out []plot.Tick
	for power := 0.0; power <= high; power++ {
		for _, m := range []float64{1, 2, 5} {
			if at := power + math.Log10(m); at >= low && at <= high {
				out = append(out, plot.Tick{Value: at, Label: number(math.Round(m * math.Pow(10, power)))})
			}
		}
	}
	return out
}
