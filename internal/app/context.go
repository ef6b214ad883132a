package app

import (
	"slices"

	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/internal/trust"
)

// KnownAddresses bounds Session.Addresses: networks between which a device goes to and fro are new once.
const KnownAddresses = 4

// Happen folds a context into the session. It changes what is believed and not what is decided: the next window decides,
// looked at more closely. So a context alone never raises a level.
func (a *Assessor) Happen(s Session, kind trust.Context, atMS int64) Session {
	s, _ = a.fold(s, kind, "", atMS)
	return s
}

// Tell folds in a context that an application tells of. Of what behaviour may show too, a remote desktop or a virtual
// machine, no answer says that it is the same person until the subject signs in; evidence counts on, because fraud by
// telephone begins so. It is an alarm where the operator has said so.
func (a *Assessor) Tell(s Session, kind trust.Context, atMS int64) (Session, []Change) {
	found, ok := foundByContext[kind]
	reason := policy.ReasonCode(found)
	switch {
	case s.Closed || !ok:
		return a.Happen(s, kind, atMS), nil
	case a.AlarmOn[found]:
		return a.fold(s, kind, reason, atMS)
	}
	s = a.Happen(s, kind, atMS)
	s.Told = withReasons(s.Told, []policy.ReasonCode{reason})
	if d := s.Decision; d.Level == policy.Low {
		s.Decision = policy.Decision{Level: policy.Low, Answer: policy.CannotTell, Reasons: withReasons(d.Reasons, s.Told)}
	}
	return s, nil
}

// withReasons gives reasons with further ones, each once.
func withReasons(reasons, more []policy.ReasonCode) []policy.ReasonCode {
	for _, r := range more {
		if !slices.Contains(reasons, r) {
			reasons = append(slices.Clone(reasons), r)
		}
	}
	return reasons
}

// fold folds a context in, with the reason why it is an alarm; empty for one that is none.
func (a *Assessor) fold(s Session, kind trust.Context, noHand policy.ReasonCode, atMS int64) (Session, []Change) {
	if s.Closed || !kind.Known() {
		return s, nil
	}
	s.onClock(atMS)
	s.Path = slices.Clone(s.Path)
	s.Trust = a.Trust.Happen(s.Trust, kind, atMS)
	var changes []Change
	if noHand != "" {
		changes = a.decide(&s, policy.Input{Previous: s.Decision, LogOdds: s.Trust.LogOdds, Comparable: s.Compared, NoHand: []policy.ReasonCode{noHand}}, atMS)
	}
	s.walk(Point{Context: kind})
	return s, changes
}

// foundByContext are the kinds that an application may know better than behaviour tells them.
var foundByContext = map[trust.Context]presence.Kind{trust.RemoteDesktop: presence.RemoteControl, trust.VirtualMachine: presence.VirtualMachine}

// SeeAddress folds in from which network the collector reports, by a tag that only this session's addresses share. The
// first one says nothing; another one is a context.
func (a *Assessor) SeeAddress(s Session, tag string, atMS int64) Session {
	if s.Closed || tag == "" {
		return s
	}
	first, known := len(s.Addresses) == 0, slices.Contains(s.Addresses, tag)
	kept := slices.DeleteFunc(slices.Clone(s.Addresses), func(other string) bool { return other == tag })
	s.Addresses = append(kept, tag)
	s.Addresses = s.Addresses[max(0, len(s.Addresses)-KnownAddresses):]
	if first || known {
		return s
	}
	return a.Happen(s, trust.NewAddress, atMS)
}
