package fit

import (
	"math"
	"sort"
)

// marginal is how one measure is spread over a population: its quantiles, beside those of a standard normal. It carries a
// value to its normal score and back, so that what is left to describe is how measures go together (a Gaussian copula).
type marginal struct{ z, x []float64 } // both rising

// How many quantiles are kept, and what share of windows lies beyond the outermost on either side: nobody's extremes are.
const (
	quantilesKept = 61
	beyondKept    = 0.003
	farthestScore = 1.5 // beyond the outermost quantile, in normal scores
)

// marginalOf takes the quantiles of weighted values, one at least, each weight above 0.
func marginalOf(values, weights []float64) marginal {
	order := make([]int, len(values))
	total := 0.0
	for i := range order {
		order[i] = i
		total += weights[i]
	}
	sort.SliceStable(order, func(a, b int) bool { return values[order[a]] < values[order[b]] })
	var m marginal
	at, seen := 0, 0.0
	for q := range quantilesKept {
		p := beyondKept + (1-2*beyondKept)*float64(q)/(quantilesKept-1)
		for at < len(order)-1 && seen+weights[order[at]] < p*total {
			seen += weights[order[at]]
			at++
		}
		m.z, m.x = append(m.z, math.Sqrt2*math.Erfinv(2*p-1)), append(m.x, round(values[order[at]]))
	}
	return m
}

// score gives the normal score of a value; of a value that many windows share, the middle of theirs.
func (m marginal) score(x float64) float64 {
	n := len(m.x)
	low := sort.SearchFloat64s(m.x, x)
	high := sort.Search(n, func(i int) bool { return m.x[i] > x })
	switch {
	case high > low:
		return (m.z[low] + m.z[high-1]) / 2
	case low == 0:
		return m.z[0] - math.Min(farthestScore, (m.x[0]-x)/m.rise(0))
	case low == n:
		return m.z[n-1] + math.Min(farthestScore, (x-m.x[n-1])/m.rise(n-1))
	}
	share := (x - m.x[low-1]) / (m.x[low] - m.x[low-1])
	return m.z[low-1] + share*(m.z[low]-m.z[low-1])
}

// value gives the value of a normal score.
func (m marginal) value(z float64) float64 {
	n := len(m.z)
	switch {
	case z <= m.z[0]:
		return m.x[0] - math.Min(farthestScore, m.z[0]-z)*m.rise(0)
	case z >= m.z[n-1]:
		return m.x[n-1] + math.Min(farthestScore, z-m.z[n-1])*m.rise(n-1)
	}
	i := sort.SearchFloat64s(m.z, z)
	share := (z - m.z[i-1]) / (m.z[i] - m.z[i-1])
	return m.x[i-1] + share*(m.x[i]-m.x[i-1])
}

// rise is by how much the value rises with its score in the outer sixth of the quantiles, at one end; never 0.
func (m marginal) rise(end int) float64 {
	from, to := 0, len(m.x)/6
	if end > 0 {
		from, to = end-to, end
	}
	return math.Max(1e-4, (m.x[to]-m.x[from])/(m.z[to]-m.z[from]))
}
