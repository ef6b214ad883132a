package liveness

import (
	"math"
	"slices"

	"ipse.dev/ipse/internal/quantile"
)

// keyPace says how fast the keys come and go. Hands need time: of 961,000 runs of twenty strokes of 1,301 people, those faster
// than 60 ms a key are mashing of one person. Programs need none.
var keyPace = keySignal{
	measures: []Measure{
		{"intervalMedian", "ms", "median time from press to press"},
		{"fastestRun", "ms", "mean time from press to press in the fastest run of ten presses"},
		{"dwellMedian", "ms", "median time that a key is held"},
		{"dwellLow", "ms", "first decile of the time that a key is held"},
		{"dwellHigh", "ms", "ninth decile of the time that a key is held"},
	},
	of: func(t typing) []float64 {
		dwells := slices.Clone(t.dwellMS)
		slices.Sort(dwells)
		return []float64{
			quantile.Of(slices.Clone(t.usual), 0.5), fastestRun(t, 10),
			quantile.OfSorted(dwells, 0.5), quantile.OfSorted(dwells, 0.1), quantile.OfSorted(dwells, 0.9),
		}
	},
}

// fastestRun is the mean interval of the fastest run of so many presses, of all of them in a shorter window.
func fastestRun(t typing, presses int) float64 {
	presses = min(presses, len(t.strokes))
	if presses < 2 {
		return 0
	}
	best := math.Inf(1)
	for i := 0; i+presses <= len(t.strokes); i++ {
		best = math.Min(best, t.strokes[i+presses-1].PressMS-t.strokes[i].PressMS)
	}
	return best / float64(presses-1)
}
