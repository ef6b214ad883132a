package liveness

import (
	"slices"

	"ipse.dev/ipse/internal/quantile"
)

// keySpread says how evenly keys are typed and how the tails fall off. Hands are uneven, with long tails to the slow side;
// constant, uniform and Gaussian delays are not. Tails are measured by ratios of L-moments (Hosking, "L-moments", 1990),
// which are known well from thirty values.
var keySpread = keySignal{
	measures: []Measure{
		{"dwellSpread", "1", "distance of the quartiles of the dwells, soft logarithm"},
		{"intervalSpread", "1", "distance of the quartiles of the intervals, soft logarithm"},
		{"dwellSkew", "1", "third L-moment of the dwells over the second, soft logarithm"},
		{"dwellPeak", "1", "fourth L-moment of the dwells over the second, soft logarithm"},
		{"intervalSkew", "1", "third L-moment of the intervals over the second, soft logarithm"},
		{"intervalPeak", "1", "fourth L-moment of the intervals over the second, soft logarithm"},
		{"releaseSpread", "1", "spread of the times from release to release over that from press to press"},
	},
	of: func(t typing) []float64 {
		dwells, intervals := slices.Clone(t.logDwell), slices.Clone(t.logUsual)
		slices.Sort(dwells)
		slices.Sort(intervals)
		dwellSkew, dwellPeak := lRatios(dwells)
		intervalSkew, intervalPeak := lRatios(intervals)
		var releases, presses []float64
		for i, going := range t.going {
			if going {
				releases = append(releases, t.strokes[i+1].ReleaseMS-t.strokes[i].ReleaseMS)
				presses = append(presses, t.intervalMS[i])
			}
		}
		return []float64{
			quartiles(dwells), quartiles(intervals), dwellSkew, dwellPeak, intervalSkew, intervalPeak,
			ratio(quantile.Of(releases, 0.8)-quantile.OfSorted(releases, 0.2), quantile.Of(presses, 0.8)-quantile.OfSorted(presses, 0.2)),
		}
	},
}

func quartiles(sorted []float64) float64 {
	return quantile.OfSorted(sorted, 0.75) - quantile.OfSorted(sorted, 0.25)
}

// lRatios gives the L-skewness and L-kurtosis of sorted values, 0 of fewer than eight or of values that hardly vary.
func lRatios(sorted []float64) (skew, peak float64) {
	n := float64(len(sorted))
	if n < 8 {
		return 0, 0
	}
	var b0, b1, b2, b3 float64
	for i, x := range sorted {
		j := float64(i)
		b0 += x
		b1 += x * j / (n - 1)
		b2 += x * j * (j - 1) / ((n - 1) * (n - 2))
		b3 += x * j * (j - 1) * (j - 2) / ((n - 1) * (n - 2) * (n - 3))
	}
	b0, b1, b2, b3 = b0/n, b1/n, b2/n, b3/n
	l2 := 2*b1 - b0
	if l2 < 1e-3 {
		return 0, 0
	}
	return (6*b2 - 6*b1 + b0) / l2, (20*b3 - 30*b2 + 12*b1 - b0) / l2
}
