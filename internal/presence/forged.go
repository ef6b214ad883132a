package presence

import (
	"math"
	"slices"

	"ipse.dev/ipse/internal/observation"
)

// forgedKeys tells key times that are drawn from what people did, the victim among them. A single window says little: what
// hands do and draws do not is that neighbouring strokes go together. What speaks for times that a program has changed on their
// way is taken off, because it spoils the same things and no forger is needed for it.
func forgedKeys(w KeyWeights) Signal {
	judge, hidden := w[ForgedNetwork], w[HiddenNetwork]
	return Signal{
		Kind: ForgedKeys, Least: KeyLeast, Most: KeyMost, Found: judge.Found,
		LLR: func(w Window) (float64, bool) {
			if !typed(w) || slices.Contains(w.Quality, observation.ShortWindow) || slices.Contains(w.Quality, observation.PasteHeavy) || slices.Contains(w.Quality, observation.BlurredClock) {
				return 0, false
			}
			return ForgedNats(judge, hidden, w.Liveness.Measures), true
		},
	}
}

// ForgedNats is what a window with these measures says for a forgery, before it is bounded.
func ForgedNats(forged, hidden *KeyJudge, measures []float64) float64 {
	return keyBounded(forged.Nats(measures)) - math.Max(0, keyBounded(hidden.Nats(measures)))
}
