package chart

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot/plotter"
	"ipse.dev/ipse/lab/metric"
)

// The ends of a trade-off's axes: FMR and FNMR from 0.01 % to 50 %.
const (
	leastRate = 1e-4
	mostRate  = 0.5
)

// Curve is one system's trade-off under its name.
type Curve struct {
	Name   string
	Points []metric.Point
}

// DET draws detection error trade-offs on normal deviates, with a dot where FMR and FNMR are equal.
func DET(curves ...Curve) (*Chart, error) {
	p := canvas("false match rate, FMR (%)", "false non-match rate, FNMR (%)")
	p.X.Tick.Marker, p.Y.Tick.Marker = rates{}, rates{}
	low, high := deviate(leastRate), deviate(mostRate)
	least := math.Inf(1)
	var said, names []string
	for i, c := range curves {
		if len(c.Points) == 0 {
			return nil, fmt.Errorf("%w: the trade-off %q has no point", ErrNothing, c.Name)
		}
		role, style := styleOf(i)
		drawn := &plotter.Line{XYs: thinned(c.Points), LineStyle: style}
		p.Add(clipped{drawn})
		p.Legend.Add(c.Name, drawn)
		names = append(names, c.Name)
		eer := equal(c.Points)
		if eer >= leastRate && eer <= mostRate {
			p.Add(dot(role, 2.6, plotter.XY{X: deviate(eer), Y: deviate(eer)}))
		}
		least = math.Min(least, eer)
		said = append(said, fmt.Sprintf("%s: equal error rate %.2f %%, FNMR %.1f %% at FMR 1 %%", c.Name, 100*eer, 100*fnmrAt(c.Points, 0.01)))
	}
	if len(curves) == 0 {
		return nil, ErrNothing
	}
	// Curves of good systems leave the upper right corner empty, those of others the lower left one.
	from, to := low, deviate(0.2)
	if least < 0.01 {
		legendRight(p, chartSquare, names)
	} else {
		p.Legend.Top, p.Legend.YOffs = false, 6
		from, to = deviate(0.002), high
	}
	p.Add(dashed(from, from, to, to))
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = low, high, low, high
	return &Chart{Title: "Detection error trade-off", Alt: strings.Join(said, "; ") + ".", plot: p, width: chartSquare, height: chartSquare}, nil
}

// thinned gives a trade-off in deviates. It leaves out points that nobody would see: those within a five-hundredth of the axis of the one before.
func thinned(all []metric.Point) plotter.XYs {
	step := (deviate(mostRate) - deviate(leastRate)) / 500
	var out plotter.XYs
	lastX, lastY := math.Inf(-1), math.Inf(1)
	for i, p := range all {
		x, y := deviate(p.FMR), deviate(p.FNMR)
		if i > 0 && i < len(all)-1 && math.Abs(x-lastX) < step && math.Abs(y-lastY) < step {
			continue
		}
		out = append(out, plotter.XY{X: x, Y: y})
		lastX, lastY = x, y
	}
	return out
}

// equal is where the trade-off crosses the diagonal.
func equal(points []metric.Point) float64 {
	for i, p := range points {
		if p.FMR < p.FNMR {
			continue
		}
		if i == 0 {
			return p.FMR
		}
		q := points[i-1]
		above, below := q.FNMR-q.FMR, p.FMR-p.FNMR
		return q.FMR + (p.FMR-q.FMR)*above/(above+below)
	}
	return math.NaN()
}

func fnmrAt(points []metric.Point, fmr float64) float64 {
	best := 1.0
	for _, p := range points {
		if p.FMR <= fmr {
			best = math.Min(best, p.FNMR)
		}
	}
	return best
}
