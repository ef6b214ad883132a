package presence

import (
	"math"
	"slices"

	"ipse.dev/ipse/internal/observation"
)

// forgedKeys tells key times that are drawn from what people did, the victim among them. A single window says little: what
// hands do and draws do not is that neighbouring strokes go together. What speaks for times that a program has changed on their
// way is taken off, because it spoils the same things and no forger is needed for it; and so is what this person's own typing
// says for it anyway, see UsualBounds. That a session's own windows count as the person's finds who takes over in the midst of
// it, and forgives who holds it from the beginning. So the session as a whole is also held against earlier ones alone, see
// SessionBounds.
func forgedKeys(w KeyWeights) Signal {
	judge, hidden := w[ForgedNetwork], w[HiddenNetwork]
	signal := Signal{
		Kind: ForgedKeys, Source: keySource, Least: KeyLeast, Most: KeyMost, Found: judge.Found,
		LLR: func(w Window) (float64, bool) {
			if !forgeable(w) {
				return 0, false
			}
			return ForgedNats(judge, hidden, w.Liveness.Measures, w.Past[w.Modality].Usual[ForgedKeys]), true
		},
		Usual: func(w Window) (string, float64, bool) {
			if judge.Usual == nil || !forgeable(w) {
				return "", 0, false
			}
			return judge.Network.mark, judge.Network.Nats(w.Liveness.Measures), true
		},
	}
	if judge.Usual != nil && judge.Usual.Session != nil {
		signal.Since = func(s Since, w Window) Since {
			m := w.Liveness.Measures
			return judge.Since(s, w.Past[w.Modality].Usual[ForgedKeys], judge.Network.Nats(m), keyBounded(hidden.Nats(m)))
		}
	}
	return signal
}

// forgeable reports whether a window can tell a forgery from a hand.
func forgeable(w Window) bool {
	return typed(w) && !slices.Contains(w.Quality, observation.ShortWindow) && !slices.Contains(w.Quality, observation.PasteHeavy) && !slices.Contains(w.Quality, observation.BlurredClock)
}

// ForgedNats is what a window with these measures says for a forgery of a subject whose typing is usually so, before it is
// bounded.
func ForgedNats(forged, hidden *KeyJudge, measures []float64, usual Usual) float64 {
	return keyBounded(forged.Judged(forged.Network.Nats(measures), usual)) - math.Max(0, keyBounded(hidden.Nats(measures)))
}
