// Package quantile owns the one definition of a sample quantile that the device side uses: linear interpolation between
// order statistics, type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages" (1996). The web SDK has the
// same, so that both give the same figures.
package quantile

import (
	"math"
	"slices"
)

// Of sorts values in place and gives their p-quantile, p in [0,1]. Of an empty sample it gives 0.
func Of(values []float64, p float64) float64 {
	slices.Sort(values)
	return OfSorted(values, p)
}

// OfSorted is Of for values that are sorted already.
func OfSorted(sorted []float64, p float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := p * float64(len(sorted)-1)
	low := math.Floor(at)
	i := int(low)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-low)*(sorted[i+1]-sorted[i])
}
