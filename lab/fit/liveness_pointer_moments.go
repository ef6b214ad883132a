package fit

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/presence"
)

// grouped holds the measures of windows by whom they are of. Every group weighs the same.
type grouped struct {
	names   []string // in the order in which they came
	windows [][][]float64
}

func (g *grouped) add(name string, windows [][]float64) {
	if len(windows) == 0 {
		return
	}
	at := slices.Index(g.names, name)
	if at < 0 {
		at = len(g.names)
		g.names, g.windows = append(g.names, name), append(g.windows, nil)
	}
	g.windows[at] = append(g.windows[at], windows...)
}

// mean is the mean of what of gives for a window.
func (g *grouped) mean(of func(measures []float64) float64) float64 {
	sum := 0.0
	for _, windows := range g.windows {
		for _, w := range windows {
			sum += of(w) / float64(len(windows))
		}
	}
	return sum / math.Max(1, float64(len(g.windows)))
}

// moments are mean and covariance over groups.
type moments struct {
	mean []float64
	cov  *mat.SymDense
}

// momentsOf takes the moments of what of makes of a window; there must be one window at least.
func momentsOf(g grouped, of func(measures []float64) []float64) moments {
	var m moments
	each := func(do func(x []float64, weight float64)) {
		for _, windows := range g.windows {
			for _, w := range windows {
				do(of(w), 1/float64(len(windows)*len(g.windows)))
			}
		}
	}
	each(func(x []float64, weight float64) {
		if m.mean == nil {
			m.mean, m.cov = make([]float64, len(x)), mat.NewSymDense(len(x), nil)
		}
		for i, v := range x {
			m.mean[i] += weight * v
		}
	})
	each(func(x []float64, weight float64) { addOuter(m.cov, minus(x, m.mean), weight) })
	return m
}

// scatter is the covariance of the groups' means.
func scatter(g grouped, of func(measures []float64) []float64) *mat.SymDense {
	var means grouped
	for i, name := range g.names {
		means.add(name, [][]float64{momentsOf(grouped{windows: g.windows[i : i+1]}, of).mean})
	}
	return momentsOf(means, func(x []float64) []float64 { return x }).cov
}

func scaledSym(factor float64, m *mat.SymDense) *mat.SymDense {
	out := mat.NewSymDense(m.SymmetricDim(), nil)
	out.ScaleSym(factor, m)
	return out
}

// measuredWindow is a window of pointer use of which only the measures are known, the at-th of a stream.
func measuredWindow(at int, measures []float64) presence.Window {
	return presence.Window{Observation: observation.Observation{
		Modality: observation.Pointer, StartMS: int64(at),
		Liveness: observation.Liveness{MeasureList: liveness.PointerMeasures.Name, Measures: measures},
	}}
}
