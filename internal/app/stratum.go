package app

import (
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
)

// ripeTimes is how many times as much as a mature reference a ripe one holds. The laboratory's ripe references cover all of a
// person's tasks; one of half an hour of typing is taken to do so too. A third of that does not: eighty windows of one task
// met eight times the promised alarms by the thresholds of ripe references.
const ripeTimes = 10

func ripe(r enrol.Reference) bool {
	need := float64(enrol.KeyboardMature)
	if r.Key.Modality == observation.Pointer {
		need = enrol.PointerMature
	}
	return r.Comparison.Weight >= ripeTimes*need
}

// stratumOf says by which ladder a session is judged: what was compared since the last sign-in.
func stratumOf(s Session) policy.Stratum {
	c := policy.Stratum{Ripe: !s.Young}
	for _, e := range s.Evidence {
		switch e.Modality {
		case observation.Keyboard:
			c.Keyboard = true
		case observation.Pointer:
			c.Pointer = true
		}
	}
	return c
}

// ThresholdsFor gives the thresholds that hold for a session: those of its stratum where the weights know it, else the
// common ones.
func (a *Assessor) ThresholdsFor(s Session) policy.Thresholds {
	if t, ok := a.Strata[stratumOf(s)]; ok {
		return t
	}
	return a.Thresholds
}
