package app

import (
	"maps"

	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
)

// Hardware is what a session knows of the machine that its windows are made on.
type Hardware struct {
	AtMS    int64 `json:"atMS"`              // of the last window
	Known   bool  `json:"known,omitempty"`   // the subject's references know the machine of the present sitting
	SinceMS int64 `json:"sinceMS,omitempty"` // of the first window that was held; 0 when none was
	Held    int   `json:"held,omitempty"`    // windows that were held
}

// What the supposition of new hardware may cost: so many windows, or so long, in which nothing counts against whoever is
// there. It is made once between two sign-ins. An attacker who makes the clock look strange gains that much and is asked
// for a sign-in from the first of these windows.
const (
	heldWindows = 6
	heldForMS   = 2 * 60 * 1000

	sittingMS = 60 * 1000 // a pause from which another machine may have been sat down at
)

// holds supposes new hardware: from the first window of a sitting the clock has a step that no reference of the subject
// ever saw, and the behaviour differs. That of people who changed machines does half of the time, and that of strangers
// nearly always (docs/decisions/0012-references.md): behaviour alone does not tell the two apart, a strong sign-in does.
// So the window is held and a step-up is asked for. It reports whether the window is held.
func (s *Session) holds(refs References, mature []enrol.Key, x comparison, o observation.Observation, atMS int64) bool {
	h := s.Hardware
	if h.AtMS == 0 || atMS-h.AtMS >= sittingMS {
		h.Known = false
	}
	h.AtMS = max(h.AtMS, atMS, 1)
	defer func() { s.Hardware = h }()
	quantumMS := o.Liveness.TimestampQuantumMS
	for _, k := range mature {
		if quantumMS > 0 && !refs[k].StrangeClock(quantumMS) {
			h.Known = true
		}
	}
	switch {
	case !x.ok || x.score >= 0 || h.Known || !(quantumMS > 0) || s.Decision.Level == policy.High:
		return false
	case h.SinceMS == 0:
		h.SinceMS = h.AtMS
	case h.Held >= heldWindows || atMS-h.SinceMS >= heldForMS:
		return false
	}
	h.Held++
	s.Asked = policy.NewHardware
	s.dealtWith(o, enrol.Key{})
	return true
}

// dealtWith notes which window was dealt with last, so that the other models' observations of it are no evidence.
func (s *Session) dealtWith(o observation.Observation, key enrol.Key) {
	scored := maps.Clone(s.Scored)
	if scored == nil {
		scored = map[observation.Modality]Scored{}
	}
	scored[o.Modality] = Scored{StartMS: o.StartMS, Model: o.Model, Place: key.Place}
	s.Scored = scored
}
