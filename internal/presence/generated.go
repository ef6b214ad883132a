package presence

import (
	"math"
	"slices"

	"ipse.dev/ipse/internal/liveness"
)

// generatedPath tells paths that a program drew, and somebody's own strokes that a program changed, from a hand's. Two
// small networks look at the shape of the movement alone, not at its rate or its clock: one was fitted on programs of many
// kinds, the other on strokes that were rotated, scaled, sheared or shaken. docs/decisions/0019-pointer-liveness.md says
// what passes.
func generatedPath(drawn, changed *Network) Signal {
	return Signal{
		Kind:   GeneratedPath,
		Source: pointerSource,
		Least:  -3, Most: 5, Found: 9,
		LLR: func(w Window) (float64, bool) {
			m, ok := pointerMeasures(w)
			if !ok {
				return 0, false
			}
			nats := mixed(drawn.Nats(m), changed.Nats(m), changedShare)
			if nats > 0 {
				nats *= shapeShown(m)
			}
			return nats, true
		},
	}
}

// changedShare is the share of changed strokes among what is taken for attacks: as many as their families are of all.
const changedShare = 0.125

// Shares of steps of a single pixel up to which a window shows the shape of its movement fully, and from which it shows none.
const (
	shownShare, hiddenShare = 0.05, 0.25
)

var unitSteps = slices.IndexFunc(liveness.PointerMeasures.Measures, func(m liveness.Measure) bool { return m.Name == "unitStepShare" })

// shapeShown is how far a window shows the shape of movement, 0 to 1. Where a pointer creeps, its steps are what rounding
// to pixels makes of them: a slow careful hand looks like a program there, and what speaks for one counts less.
func shapeShown(measures []float64) float64 {
	return math.Max(0, math.Min(1, (hiddenShare-measures[unitSteps])/(hiddenShare-shownShare)))
}
