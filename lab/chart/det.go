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

// DET draws detection error trade-offs on normal deviates, with a dot where both errors are equal. The curves' names stand
// below the plot, where no curve can be.
func DET(kinds Kinds, curves ...Curve) (*Chart, error) {
	p := canvas(kinds.FalseMatch+" (%)", kinds.FalseNonMatch+" (%)")
	p.X.Tick.Marker, p.Y.Tick.Marker = rates{}, rates{}
	low, high := deviate(leastRate), deviate(mostRate)
	names := beneath(p)
	var said []string
	for i, c := range curves {
		if len(c.Points) == 0 {
			return nil, fmt.Errorf("%w: the trade-off %q has no point", ErrNothing, c.Name)
		}
		role, style := styleOf(i)
		drawn := &plotter.Line{XYs: thinned(c.Points), LineStyle: style}
		p.Add(clipped{drawn})
		names.Add(c.Name, drawn)
		eer := equal(c.Points)
		if eer >= leastRate && eer <= mostRate {
			p.Add(dot(role, 2.6, plotter.XY{X: deviate(eer), Y: deviate(eer)}))
		}
		said = append(said, fmt.Sprintf("%s: equal error rate %.2f %%, %s %.1f %% at %s 1 %%", c.Name, 100*eer, kinds.missed, 100*fnmrAt(c.Points, 0.01), kinds.alarm))
	}
	if len(curves) == 0 {
		return nil, ErrNothing
	}
	p.Add(dashed(low, low, high, high))
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = low, high, low, high
	return &Chart{Title: "Detection error trade-off", Alt: strings.Join(said, "; ") + ".", plot: p, beneath: names,
		width: chartSquare, height: chartSquare + heightOf(names)}, nil
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
		if i > 0 {
			out = append(out, between(all[i-1], p)...)
		}
		out = append(out, plotter.XY{X: x, Y: y})
		lastX, lastY = x, y
	}
	return out
}

// between bends the line between two thresholds that lie far apart as a mixture of both would lie: straight in rates, which is
// not straight in deviates. The point of equal errors is computed so as well.
func between(from, to metric.Point) plotter.XYs {
	const pieces, far = 32, 0.02
	if math.Abs(to.FMR-from.FMR) < far || math.Abs(to.FNMR-from.FNMR) < 1e-9 {
		return nil
	}
	return points(pieces-1, func(i int) (x, y float64) {
		share := float64(i+1) / pieces
		return deviate(from.FMR + share*(to.FMR-from.FMR)), deviate(from.FNMR + share*(to.FNMR-from.FNMR))
	})
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
