package embed

import (
	"math"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

// PhraseModel names the way in which a phrase's timings are written down.
const PhraseModel = "timings-1"

// The scale of PhraseModel: asinh(t/20 ms), linear for short times and logarithmic for long ones, in PhraseSteps steps
// for each unit, from 0 to 11.9 seconds. At a tenth of a second a step is 2.8 ms, about a tenth of what one person's
// repetitions differ by.
const (
	PhraseSteps  = 36
	phraseKneeMS = 20
)

// PhraseDimension is the length of the timings of a phrase of so many positions.
func PhraseDimension(positions int) int { return 2*positions - 1 }

// Phrase gives the timings of a phrase: how long the key of each position was held, then how long after the one before
// the key of each position from the second was pressed. A broken phrase gives the shortest time everywhere.
func Phrase(p window.Phrase) observation.Embedding {
	e := make(observation.Embedding, PhraseDimension(p.Positions))
	for i := range e {
		e[i] = PhraseTiming(0)
	}
	if p.Broken {
		return e
	}
	for i, s := range p.Strokes {
		e[i] = PhraseTiming(s.DwellMS())
		if i > 0 {
			e[p.Positions+i-1] = PhraseTiming(s.PressMS - p.Strokes[i-1].PressMS)
		}
	}
	return e
}

// PhraseTiming writes a time in ms down. What is below 0, or no number, counts as 0.
func PhraseTiming(timeMS float64) int8 {
	steps := math.Floor(PhraseSteps*math.Asinh(timeMS/phraseKneeMS) + 0.5)
	if !(steps > 0) {
		steps = 0
	}
	return int8(math.Min(255, steps) - 128)
}
