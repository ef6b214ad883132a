package app

import (
	"fmt"
	"slices"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/presence"
)

// judgeHand asks whether a human hand made the window's events. What is found becomes a reason: for an alarm where no
// hand can have made them, and for "cannot tell" where something stands between the hand and ipse. Cautions are reasons
// for "cannot tell" that do not keep the window from being compared.
func (a *Assessor) judgeHand(s *Session, in *policy.Input, o observation.Observation) (cautions []policy.ReasonCode) {
	if a.injected(o) {
		in.NoHand = append(in.NoHand, policy.InjectedEvents)
	}
	var findings []presence.Finding
	s.Liveness, findings = a.Liveness.Update(s.Liveness, presence.Window{Observation: o, Past: s.Past})
	for _, kind := range s.Liveness.FoundIn(o) { // what was found through one model of the window holds for the others
		switch reason := policy.ReasonCode(kind); {
		case a.alarmsOn(kind):
			in.NoHand = append(in.NoHand, reason)
			s.Past = a.Liveness.TakeBack(s.Past, s.Liveness)
		case kind.Cautions():
			cautions = append(cautions, reason)
		default:
			in.Unanswered = append(in.Unanswered, reason)
		}
	}
	// A window comes once for each model and was judged once. One that may be a replay is no past of the subject's.
	if judged := findings != nil; judged && !a.injected(o) && !a.Liveness.Near(s.Liveness, a.alarmsOn) {
		s.Past = a.Liveness.Remember(s.Past, o)
	}
	return cautions
}

func (a *Assessor) alarmsOn(k presence.Kind) bool {
	return k.Accuses() || k.MayAlarm() && a.AlarmOn[k]
}

// learnable reports whether references may learn from a window: a hand made it, as far as can be told until now.
func (a *Assessor) learnable(s *Session, o observation.Observation) bool {
	return !a.injected(o) && len(unanswerable(o)) == 0 && !a.Liveness.Near(s.Liveness, a.alarmsOn) &&
		!slices.ContainsFunc(s.Liveness.FoundIn(o), presence.Kind.Cautions)
}

// kindsOf reads what an operator wants to be an alarm.
func kindsOf(names []string) (map[presence.Kind]bool, error) {
	kinds := map[presence.Kind]bool{}
	for _, name := range names {
		if !presence.Kind(name).MayAlarm() {
			return nil, fmt.Errorf("%w: %q cannot be made an alarm; want %s, %s or %s", ErrOptions, name, presence.RemoteControl, presence.VirtualMachine, presence.TurnedPath)
		}
		kinds[presence.Kind(name)] = true
	}
	return kinds, nil
}
