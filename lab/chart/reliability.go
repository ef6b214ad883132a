package chart

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot/plotter"
	"ipse.dev/ipse/lab/metric"
)

// Stated is what one system's scores state and what came of them, under its name.
type Stated struct {
	Name string
	Bins []metric.Bin
}

// Reliability draws observed against stated log-likelihood ratios with intervals; where scores are calibrated they lie
// on the diagonal.
func Reliability(systems ...Stated) (*Chart, error) {
	p := canvas("stated log-likelihood ratio (nats)", "observed log odds (nats)")
	x, y := nothing, nothing
	var said []string
	for i, s := range systems {
		if len(s.Bins) == 0 {
			return nil, fmt.Errorf("%w: %q has no bin", ErrNothing, s.Name)
		}
		role, style := styleOf(i)
		at := func(k int) (x, y float64) { return s.Bins[k].Stated, s.Bins[k].Observed }
		joined := &plotter.Line{XYs: points(len(s.Bins), at), LineStyle: style}
		joined.Width = 0.9
		marks := dot(role, 2.6, joined.XYs...)
		for _, b := range s.Bins {
			x, y = x.with(b.Stated), y.with(b.Observed)
			if !math.IsNaN(b.CI95[0]) && !math.IsNaN(b.CI95[1]) {
				y = y.with(b.CI95[0]).with(b.CI95[1])
				p.Add(&plotter.Line{XYs: plotter.XYs{{X: b.Stated, Y: b.CI95[0]}, {X: b.Stated, Y: b.CI95[1]}}, LineStyle: line(role, 1)})
			}
		}
		p.Add(joined, marks)
		p.Legend.Add(s.Name, joined, marks)
		said = append(said, saying(s))
	}
	if len(systems) == 0 {
		return nil, ErrNothing
	}
	x, y = x.padded(0.05), y.padded(0.05)
	y.high += 0.2 * (y.high - y.low) // for the legend
	diagonal := dashed(x.low, x.low, x.high, x.high)
	p.Add(clipped{diagonal})
	p.Legend.Add("calibrated", diagonal)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = x.low, x.high, y.low, y.high
	p.X.Tick.Marker, p.Y.Tick.Marker = even{1}, even{1}
	return &Chart{Title: "Reliability of the scores", Alt: strings.Join(said, " "), plot: p, width: chartWidth, height: chartHeight}, nil
}

// saying puts a system's highest and lowest bin in words.
func saying(s Stated) string {
	top, bottom := s.Bins[0], s.Bins[len(s.Bins)-1]
	return fmt.Sprintf("%s: where scores state %s on average, %s is observed; where they state %s, %s.",
		s.Name, rounded(top.Stated), rounded(top.Observed), rounded(bottom.Stated), rounded(bottom.Observed))
}
