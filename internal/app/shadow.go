package app

import (
	"context"
	"time"

	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/presence"
)

// In shadow mode everything is computed as ever and nobody is bothered. Cases are opened, marked, and the console shows what
// would have happened; collectors, applications and webhooks hear nothing that depends on behaviour (see outward, and the
// outbox, which takes nothing). An alarm that nobody hears of is followed by no sign-in, so a session begins anew by itself
// after shadowHold: otherwise its first alarm would be its last, and the rate of alarms could not be measured.

// shadowHold is how long an alarm holds in shadow mode: about what it takes to be locked out and to sign in again with a
// colleague's help. One session raises at most one alarm in this time.
const shadowHold = 5 * time.Minute

// outward gives what of a session may leave the server for a collector or an application. In shadow mode, and where a level
// still holds that was reached in it, this is what is known of a session before anything was compared; that a session is
// over is told as ever.
func (f *fold) outward(v view) view {
	if !f.shadow && !v.alarmedInShadow() {
		return v
	}
	v.Trust = f.assess.Open(v.ID, v.Subject, v.OpenedAtMS).Trust
	v.Evidence, v.Path, v.Liveness = nil, nil, presence.State{}
	v.Decision = policy.Decision{Level: policy.Low, Answer: policy.CannotTell, Reasons: []policy.ReasonCode{policy.ShadowMode}}
	if v.Closed {
		v.Decision.Directives = []policy.Directive{policy.Stop}
	}
	return v
}

// alarmedInShadow reports whether the level HIGH holds that was reached in shadow mode.
func (s *Session) alarmedInShadow() bool {
	return s.ShadowAlarmAtMS > 0 && s.Decision.Level == policy.High
}

// beginAnewAfterShadow stands for the sign-in that nobody was asked for: after shadowHold, or as soon as shadow mode is over.
// Nobody has proved who they are by it, so the session teaches references nothing until somebody does.
func (p *partition) beginAnewAfterShadow(s Session, atMS int64) Session {
	if s.alarmedInShadow() && (!p.shadow || atMS-s.ShadowAlarmAtMS >= shadowHold.Milliseconds()) {
		p.tally.climbed(&s, true, atMS)
		s, _, _ = p.assess.SignIn(s, nil, SignIn{}, atMS) // no change of level that anybody was told of
	}
	return s
}

// noteShadow keeps on the session that it raised an alarm of which nobody hears. An alarm outside shadow mode ends that: a
// sign-in follows.
func (p *partition) noteShadow(s *Session, changes []Change) {
	for _, c := range changes {
		if c.To != policy.High {
			continue
		}
		s.ShadowAlarmAtMS = 0
		if p.shadow {
			s.ShadowAlarmAtMS = c.AtMS
		}
	}
}

// dropDeliveries empties the outbox: what was waiting when shadow mode began must not be told in it, nor days later.
func (s *Server) dropDeliveries(ctx context.Context) error {
	const atOnce = 256
	for {
		waiting, err := s.store.NextDeliveries(ctx, atOnce)
		if err != nil || len(waiting) == 0 {
			return err
		}
		for _, d := range waiting {
			if err := s.store.DropDelivery(ctx, d.ID); err != nil {
				return err
			}
		}
	}
}
