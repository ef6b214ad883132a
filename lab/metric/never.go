package metric

import (
	"math"
	"slices"
)

// Never stands for a time that is not finite, such as that until a takeover is noticed that never is: JSON knows no
// infinity. It is larger than any time that is measured.
const Never = math.MaxFloat64

// IsNever reports whether a time is Never, or as good as that: a mean or an interpolation with it.
func IsNever(v float64) bool { return v > 1e300 }

// Weighted is a value and how much it counts.
type Weighted struct{ Value, Weight float64 }

// LeastQuantile gives the least value at or below which the q-share (0 to 1) of all weight lies. Values are not
// interpolated, so that some may be Never; they must be in order. It is NaN where nothing weighs.
func LeastQuantile(sorted []Weighted, q float64) float64 {
	all := 0.0
	for _, v := range sorted {
		all += v.Weight
	}
	if !(all > 0) {
		return math.NaN()
	}
	sum := 0.0
	for _, v := range sorted {
		if sum += v.Weight; v.Weight > 0 && sum >= q*all*(1-1e-12) {
			return v.Value
		}
	}
	return sorted[len(sorted)-1].Value
}

// LeastQuantileOf is LeastQuantile of values that count alike, in any order; NaN of nothing.
func LeastQuantileOf(values []float64, q float64) float64 {
	sorted := make([]Weighted, len(values))
	for i, v := range slices.Sorted(slices.Values(values)) {
		sorted[i] = Weighted{v, 1}
	}
	return LeastQuantile(sorted, q)
}

// Capped makes the ends of an interval that were interpolated with Never to Never.
func (i Interval) Capped() Interval {
	for k, v := range i {
		if IsNever(v) {
			i[k] = Never
		}
	}
	return i
}
