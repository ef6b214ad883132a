package chart

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot/plotter"
	"ipse.dev/ipse/lab/metric"
)

// Spread draws how a figure differs from person to person: the share of people for whom it is at most (an error) or at
// least (a merit) so much.
func Spread(unit Unit, merit bool, perPerson []float64) (*Chart, error) {
	if len(perPerson) == 0 {
		return nil, ErrNothing
	}
	sorted := slices.Sorted(slices.Values(perPerson))
	bound, median := "at most", metric.Quantile(sorted, 0.5)
	if merit {
		bound = "at least"
		slices.Reverse(sorted)
	}
	p := canvas(unit.Label, fmt.Sprintf("people with %s this (%%)", bound))
	steps := &plotter.Line{LineStyle: line(first, thick)}
	last := sorted[len(sorted)-1]
	low, high := min(0, sorted[0]), max(sorted[0], last)
	if merit {
		low, high = last, 1
	}
	if !(high > low) {
		high = low + unit.Of
	}
	pad := 0.04 * (high - low)
	end := high + pad
	if merit {
		end = low - pad
		steps.XYs = append(steps.XYs, plotter.XY{X: high, Y: 0})
	} else {
		steps.XYs = append(steps.XYs, plotter.XY{X: low, Y: 0})
	}
	const mostSteps = 250 // more would not be seen
	n, from := float64(len(sorted)), 0
	for k := range min(mostSteps, len(sorted)) {
		to := (k + 1) * len(sorted) / min(mostSteps, len(sorted))
		v := sorted[to-1]
		steps.XYs = append(steps.XYs, plotter.XY{X: v, Y: float64(from) / n}, plotter.XY{X: v, Y: float64(to) / n})
		from = to
	}
	steps.XYs = append(steps.XYs, plotter.XY{X: end, Y: 1})
	p.Add(clipped{steps}, dot(first, 2.6, plotter.XY{X: median, Y: 0.5}))
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = low, end, 0, 1.03
	if merit {
		p.X.Min, p.X.Max = end, high
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = even{unit.Of}, even{0.01}
	return &Chart{Title: "From person to person", plot: p, width: chartWidth, height: chartHeight,
		Alt: fmt.Sprintf("%s: for half of %s people %s %s, for the worst %s.", unit.Label, number(n), bound, rounded(median/unit.Of), rounded(last/unit.Of))}, nil
}
