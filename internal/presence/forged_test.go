package presence

import (
	"math"
	"slices"
	"testing"

	"ipse.dev/ipse/internal/observation"
)

// Generated people's typing is a program's: what is drawn from it is told better than what is drawn from a person's, and how well
// that is, decision 18 says. Here it holds that the signal finds what it is for.
func TestForgeriesAreFound(t *testing.T) {
	judge := Default()
	for family, least := range map[string]int{
		"gaussian-delay": 4, "lognormal": 4, "humanised-words": 3, "population-histogram": 4, "population-digram": 3, "population-flight": 4,
	} {
		if n := count(keyAttack(t, judge, family, 6), ForgedKeys); n < least {
			t.Errorf("%s: %d of 6 are found within %d strokes, want %d", family, n, attackStrokes, least)
		}
	}
}

func TestWindowsThatAreTooShortOrMixedAreNoForgery(t *testing.T) {
	whole := forgedWindows(t, 30)[0]
	signal := forgedKeys(shippedKeys())
	if _, ok := signal.LLR(whole); !ok {
		t.Fatal("a whole window says nothing")
	}
	for _, flag := range []observation.Flag{observation.ShortWindow, observation.PasteHeavy, observation.BlurredClock, observation.InputMethod, observation.LostEvents} {
		w := whole
		w.Quality = append(slices.Clone(w.Quality), flag)
		if nats, ok := signal.LLR(w); ok {
			t.Errorf("%s: %g nats, want nothing said", flag, nats)
		}
	}
}

func TestWhatSpeaksForHiddenTimesIsTakenOffAForgery(t *testing.T) {
	weights := shippedKeys()
	forged, hidden := weights[ForgedNetwork], weights[HiddenNetwork]
	for _, w := range forgedWindows(t, 300) {
		m := w.Liveness.Measures
		alone := keyBounded(forged.Nats(m))
		want := alone - math.Max(0, keyBounded(hidden.Nats(m)))
		if got := ForgedNats(forged, hidden, m, Usual{}); math.Abs(got-want) > 1e-12 || got > alone {
			t.Errorf("%g nats, want %g, which is no more than %g", got, want, alone)
		}
	}
}
