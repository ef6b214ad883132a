package liveness

import (
	"math"
	"slices"

	"ipse.dev/ipse/internal/quantile"
)

// keyRepeats says how often exactly the same time comes again, relative to how often the clock's step makes that happen by
// itself: a smooth spread of quartiles' distance Q, read by a clock of step q, gives two equal values with a probability
// of about 0.4 q/Q. Scripts that hold or wait for a few fixed times repeat themselves far more.
var keyRepeats = keySignal{
	measures: []Measure{
		{"dwellRepeats", "1", "share of pairs of strokes that are held equally long, over what the clock's step makes likely"},
		{"intervalRepeats", "1", "share of pairs of intervals that are equally long, over what the clock's step makes likely"},
		{"dwellMode", "share", "share of the strokes that are held as long as the commonest, to the millisecond"},
		{"intervalMode", "share", "share of the intervals that are as long as the commonest, to the millisecond"},
	},
	of: func(t typing) []float64 {
		return []float64{repeats(t.dwellMS), repeats(t.usual), mode(t.dwellMS), mode(t.usual)}
	},
}

// smallestStepMS stands for a clock without steps: what differs by less counts as equal.
const smallestStepMS = 1

func repeats(valuesMS []float64) float64 {
	n := len(valuesMS)
	if n < 8 {
		return 0
	}
	sorted := slices.Clone(valuesMS)
	slices.Sort(sorted)
	stepMS := smallestStepMS
	equal, smallest := 0.0, math.Inf(1)
	for i := range sorted {
		for j := i + 1; j < n && sorted[j]-sorted[i] < float64(stepMS)/2; j++ {
			equal++
		}
		if i > 0 && sorted[i]-sorted[i-1] >= float64(stepMS)/2 {
			smallest = math.Min(smallest, sorted[i]-sorted[i-1])
		}
	}
	if math.IsInf(smallest, 1) {
		return float64(n)
	}
	spread := quantile.OfSorted(sorted, 0.9) - quantile.OfSorted(sorted, 0.1)
	return math.Min(float64(n), equal/float64(n*(n-1)/2)*math.Max(1, spread/smallest))
}

func mode(valuesMS []float64) float64 {
	if len(valuesMS) == 0 {
		return 0
	}
	sorted := slices.Clone(valuesMS)
	slices.Sort(sorted)
	best := 0
	for i, j := 0, 0; j < len(sorted); j++ {
		for sorted[j]-sorted[i] >= smallestStepMS/2.0 {
			i++
		}
		best = max(best, j-i+1)
	}
	return float64(best) / float64(len(sorted))
}
