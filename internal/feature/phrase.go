package feature

import (
	"ipse.dev/ipse/internal/quantile"
	"ipse.dev/ipse/internal/window"
)

// Phrase gives the values of PhraseList for one typing of a phrase, in its order; zeros for a broken one.
func Phrase(p window.Phrase) []float64 {
	var dwells, intervals []float64
	rollovers := 0.0
	for i, s := range p.Strokes {
		dwells = append(dwells, s.DwellMS())
		if i == 0 {
			continue
		}
		before := p.Strokes[i-1]
		intervals = append(intervals, s.PressMS-before.PressMS)
		if s.PressMS < before.ReleaseMS {
			rollovers++
		}
	}
	if len(intervals) > 0 {
		rollovers /= float64(len(intervals))
	}
	return []float64{
		quantile.Of(dwells, 0.5), halfSpread(dwells), quantile.Of(intervals, 0.5), halfSpread(intervals), rollovers,
	}
}
