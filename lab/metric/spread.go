package metric

import (
	"math"
	"slices"
)

// Mean is the arithmetic mean, NaN of nothing.
func Mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// Quantile gives the q-quantile (0 to 1), interpolated between neighbours; NaN of nothing.
func Quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	at := q * float64(len(sorted)-1)
	low := int(math.Floor(at))
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (sorted[high]-sorted[low])*(at-float64(low))
}

// Direction says whether a figure is an error or a merit.
type Direction bool

// The directions.
const (
	LowerIsBetter  Direction = false
	HigherIsBetter Direction = true
)

// Spread says how a figure differs from person to person: the median, what 90 % of people are at least as well off as,
// and the person that is worst off.
type Spread struct {
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	Worst float64 `json:"worst"`
}

// SpreadOf gives the spread of one figure a person.
func SpreadOf(values []float64, d Direction) Spread {
	if d == HigherIsBetter {
		return Spread{Quantile(values, 0.5), Quantile(values, 0.1), Quantile(values, 0)}
	}
	return Spread{Quantile(values, 0.5), Quantile(values, 0.9), Quantile(values, 1)}
}
