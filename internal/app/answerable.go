package app

import (
	"slices"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
)

func (a *Assessor) injected(o observation.Observation) bool {
	if a.AcceptSimulated {
		return false
	}
	if o.Modality == observation.Phrase { // password managers type phrases too, which breaks them and is no attack
		return slices.Contains(o.Quality, observation.Simulated)
	}
	return o.Liveness.UntrustedShare > untrustedLimit || slices.Contains(o.Quality, observation.Simulated)
}

// unanswerable gives the reasons for which a window says nothing about who is there.
func unanswerable(o observation.Observation) []policy.ReasonCode {
	var out []policy.ReasonCode
	for _, f := range o.Quality {
		switch f {
		case observation.BlurredClock:
			out = append(out, policy.ClockBlurred)
		case observation.InputMethod:
			out = append(out, policy.ComposedText)
		case observation.PasteHeavy:
			out = append(out, policy.PastedText)
		case observation.BrokenPhrase:
			out = append(out, policy.PhraseBroken)
		}
	}
	return out
}
