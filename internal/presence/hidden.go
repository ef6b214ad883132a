package presence

import (
	"slices"

	"ipse.dev/ipse/internal/observation"
)

// hiddenKeyTimes tells typing whose times a program between keyboard and browser has changed: an anonymiser that lets keys
// wait for a random time, a buffer, a remapper that gives taps and holds two meanings. Somebody may have good reasons to
// run such a program: nobody is held against it, the answer is "cannot tell".
func hiddenKeyTimes(w KeyWeights) Signal {
	judge := w[HiddenNetwork]
	return Signal{
		Kind: KeyTimesHidden, Source: keySource, Least: KeyLeast, Most: KeyMost, Found: judge.Found,
		LLR: func(w Window) (float64, bool) {
			if !typed(w) || slices.Contains(w.Quality, observation.ShortWindow) {
				return 0, false
			}
			return judge.Nats(w.Liveness.Measures), true
		},
	}
}
