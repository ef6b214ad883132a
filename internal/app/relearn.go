package app

import (
	"maps"
	"slices"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
)

// Changed is what a subject says has changed about how they type or point, after a strong sign-in.
type Changed string

// What may have changed. All of them open a period in which ipse learns a reference beside the old ones, which stay: an
// injury heals, and a keyboard is taken up again.
const (
	NewHardware Changed = "new_hardware"
	Injury      Changed = "injury"
	OtherChange Changed = "other"
)

// SignIn is a proof of identity that the application tells of.
type SignIn struct {
	Method  string
	Changed Changed // what the subject says has changed; empty for nothing
}

// strongMethods prove more than the knowledge of a secret that somebody may have looked on or bought: what is in the
// subject's own hand, by the names of RFC 8176 and those that applications commonly use.
var strongMethods = []string{"webauthn", "passkey", "fido2", "smartcard", "sc", "hwk", "swk", "pop", "otp", "totp", "mfa", "face", "fpt", "iris"}

// Strong reports whether a method of signing in is strong enough to open a period of relearning.
func Strong(method string) bool { return slices.Contains(strongMethods, method) }

// Relearning is a period in which windows that the subject's references do not explain are learnt in a new place instead
// of being held against them. Whoever takes the session over within it is not noticed by the modalities that are being
// learnt, until the windows are used up or the time is over: that is why it is short, opened by a strong sign-in alone,
// and belongs to that one session.
type Relearning struct {
	Reason  Changed                      `json:"reason"`
	UntilMS int64                        `json:"untilMS"`
	Left    map[observation.Modality]int `json:"left"` // windows that may still be taken
}

// Bounds of a period of relearning.
const (
	relearnForMS   = 60 * 60 * 1000
	relearnWindows = enrol.KeyboardMature * 3 / 2 // of each modality; some are explained by the old references, or short
)

// SignIn starts the session's trust anew. After a strong method enrolments that were found to mix two people begin anew,
// and a declared change, or a step-up that was asked for because of new hardware, opens a period of relearning.
func (a *Assessor) SignIn(s Session, refs References, in SignIn, atMS int64) (Session, References, []Change) {
	asked := s.Asked
	s, changes := a.Reauthenticate(s, atMS)
	if Strong(in.Method) {
		s.Hardware = Hardware{}
	}
	if s.Closed || !Strong(in.Method) {
		return s, refs, changes
	}
	refs = maps.Clone(refs)
	for key, r := range refs {
		if r.Mixed {
			refs[key] = enrol.Reference{Key: key}
		}
	}
	if in.Changed == "" && asked == policy.NewHardware {
		in.Changed = NewHardware
	}
	if in.Changed != "" {
		s.Relearning = &Relearning{Reason: in.Changed, UntilMS: atMS + relearnForMS, Left: map[observation.Modality]int{
			observation.Keyboard: relearnWindows, observation.Pointer: relearnWindows,
		}}
	}
	return s, refs, changes
}

// relearns takes a window for the period of relearning, when one is open and the window is not what the subject's
// references would have. It reports whether it did: then the window is no evidence.
func (s *Session) relearns(c compare.Comparator, refs References, x comparison, key enrol.Key, o observation.Observation, atMS int64) bool {
	r := s.Relearning
	if r == nil || !x.ok || x.score >= 0 || s.Decision.Level != policy.Low {
		return false
	}
	if atMS > r.UntilMS || r.Left[o.Modality] <= 0 {
		return false
	}
	next := *r
	next.Left = maps.Clone(r.Left)
	next.Left[o.Modality]--
	s.Relearning = &next
	key = openPlace(refs, key)
	refs[key] = ignoreError(enrol.Take(c, refs[key], key, o))
	s.dealtWith(o, key)
	return true
}

// openPlace gives the first place that is not mature; when all are, the one that has learnt least is emptied. The first
// place is never emptied: it is what the subject began with.
func openPlace(refs References, key enrol.Key) enrol.Key {
	places := key.Places()
	least := places[1]
	for _, k := range places {
		if r := refs[k]; !r.Mature() {
			if r.Mixed {
				refs[k] = enrol.Reference{Key: k}
			}
			return k
		}
		if k.Place > 0 && refs[k].Comparison.Weight < refs[least].Comparison.Weight {
			least = k
		}
	}
	refs[least] = enrol.Reference{Key: least}
	return least
}
