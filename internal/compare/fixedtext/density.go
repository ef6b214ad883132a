package fixedtext

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"ipse.dev/ipse/internal/quantile"
)

// density is a weighted mixture of Laplace kernels with a flat share.
type density struct {
	centres []float64 // ascending
	left    []float64 // at each centre: the kernels of this and all centres before it
	right   []float64 // at each centre: the kernels of this and all centres after it
	width   float64   // of a kernel
	flat    float64   // height of the flat share
	median  float64   // weighted
}

// newDensity places a kernel on each time. A Laplace kernel decays by the same factor over the same distance wherever
// one stands, so that the sum over all of them takes two steps at the nearest centres. The spread that is usual among
// people weighs as much as caution repetitions.
func newDensity(at, weights []float64, usual float64) density {
	order := make([]int, len(at))
	total, squares := 0.0, 0.0
	for i, w := range weights {
		order[i] = i
		total += w
		squares += w * w
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(at[a], at[b]) })
	n := len(at)
	d := density{centres: make([]float64, n), left: make([]float64, n), right: make([]float64, n)}
	below := 0.0
	for k, i := range order {
		d.centres[k] = at[i]
		d.left[k] = weights[i] / total
		d.right[k] = weights[i] / total
		if below < total/2 {
			d.median = at[i]
		}
		below += weights[i]
	}
	own := (quantile.OfSorted(d.centres, 0.75) - quantile.OfSorted(d.centres, 0.25)) / normalIQR
	effective := total * total / squares // repetitions that weigh the same and tell as much
	spread := max(minSpread, math.Sqrt((effective*own*own+caution*usual*usual)/(effective+caution)))
	d.width = kernel * spread
	d.flat = flatShare / (flatWidth * spread)
	for k := 1; k < n; k++ {
		d.left[k] += d.left[k-1] * math.Exp(-(d.centres[k]-d.centres[k-1])/d.width)
	}
	for k := n - 2; k >= 0; k-- {
		d.right[k] += d.right[k+1] * math.Exp(-(d.centres[k+1]-d.centres[k])/d.width)
	}
	return d
}

// normalIQR is the distance of a normal distribution's quartiles in standard deviations.
const normalIQR = 1.349

// at gives the density's height. It is above zero everywhere: the flat share has no ends, which makes the whole no
// density in the strict sense and a ratio of two of them bounded.
func (d density) at(x float64) float64 {
	above := sort.SearchFloat64s(d.centres, x)
	sum := 0.0
	if above > 0 {
		sum += d.left[above-1] * math.Exp(-(x-d.centres[above-1])/d.width)
	}
	if above < len(d.centres) {
		sum += d.right[above] * math.Exp(-(d.centres[above]-x)/d.width)
	}
	return (1-flatShare)*sum/(2*d.width) + d.flat
}
