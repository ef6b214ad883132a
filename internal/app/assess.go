package app

import (
	"maps"
	"slices"

	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/review"
)

// Open gives the state of a new session.
func (a *Assessor) Open(id, subject string, atMS int64) Session {
	s := Session{ID: id, Subject: subject, OpenedAtMS: atMS, Trust: a.Trust.Begin(atMS)}
	s.Decision = policy.Decide(a.Thresholds, policy.Input{
		LogOdds: s.Trust.LogOdds, Unanswered: []policy.ReasonCode{policy.NoInput},
	})
	return s
}

// Observe folds observations, in the order of their sequence numbers, into the session and the subject's references,
// which it returns changed (the arguments stay as they were). Observations at or below LastSequence are passed over, and
// so is everything after the session's end.
func (a *Assessor) Observe(s Session, refs References, obs []observation.Observation, atMS int64) (Session, References, []Change) {
	refs = maps.Clone(refs)
	if refs == nil {
		refs = References{}
	}
	s.Path, s.Evidence, s.Scored = slices.Clone(s.Path), slices.Clone(s.Evidence), maps.Clone(s.Scored)
	s.onClock(atMS)
	var changes []Change
	for _, o := range obs {
		if o.Sequence <= s.LastSequence || s.Closed {
			continue
		}
		s.LastSequence = o.Sequence
		if s.repeats(o) {
			continue
		}
		changes = append(changes, a.observe(&s, refs, o, atMS)...)
	}
	return s, refs, changes
}

// observe folds one observation in. Time is the server's: devices' clocks are not believed.
func (a *Assessor) observe(s *Session, refs References, o observation.Observation, atMS int64) []Change {
	key := enrol.Key{Modality: o.Modality, DeviceClass: o.DeviceClass, Model: o.Model, Phrase: o.Phrase}
	in := policy.Input{Previous: s.Decision, Unanswered: unanswerable(o)}
	cautions := a.judgeHand(s, &in, o)
	point, compared, moved := Point{Modality: o.Modality}, false, s.otherDevice(o)
	if a.HoldProbes && len(in.NoHand) == 0 && len(in.Unanswered) == 0 {
		s.hold(o, atMS)
	}
	comparator, err := a.Weights.For(o.Modality, o.Model)
	refs.read(comparator, key)
	if last := s.Scored[o.Modality]; last.Model != "" && last.Model != o.Model && last.StartMS == o.StartMS {
		if err == nil && !slices.Contains(last.Others, o.Model) {
			last.Others = append(slices.Clone(last.Others), o.Model)
			s.Scored[o.Modality] = last
			key.Place = last.Place
			refs[key] = a.ripen(s, comparator, refs[key], key, o)
		}
		return nil
	}
	ref, mature := refs[key], matureOf(refs, key)
	switch {
	case err != nil:
		in.Unanswered = append(in.Unanswered, policy.ModelUnknown)
	case o.Modality == observation.Phrase && ref.Version == 0 && phrasesOf(refs, o.DeviceClass) >= enrol.MaxPhrases:
		in.Unanswered = append(in.Unanswered, policy.Immature) // and it stays so: no page makes up phrases without end
	case slices.Contains(in.Unanswered, policy.PhraseBroken): // anybody mistypes: nothing speaks against what waits
	case len(in.NoHand) > 0 || len(in.Unanswered) > 0:
		distrust(refs, key)
	case len(mature) == 0 && moved:
		in.Unanswered = append(in.Unanswered, policy.DeviceChanged)
	case len(mature) == 0:
		if s.Decision.Level == policy.Low && a.learnable(s, o) {
			refs[key] = ignoreError(enrol.Take(comparator, ref, key, o))
		}
		in.Unanswered = append(in.Unanswered, unlearnt(refs[key]))
	default:
		x := compareAll(comparator, refs, mature, o)
		switch {
		case !a.Liveness.Near(s.Liveness, a.alarmsOn) && s.relearns(comparator, refs, x, key, o, atMS):
			in.Unanswered = append(in.Unanswered, policy.Relearning)
		case s.holds(refs, mature, x, o, atMS):
			in.Unanswered = append(in.Unanswered, policy.NewHardware)
		case x.ok:
			key, compared = x.key, true
			a.count(s, x, refs[key], o, &point, atMS)
		default:
			in.Unanswered = append(in.Unanswered, policy.NotComparable)
			distrust(refs, key)
		}
	}
	s.Trust = a.Trust.Wait(s.Trust, atMS)
	if point.Reasons = slices.Concat(in.Unanswered, cautions); len(in.NoHand) > 0 {
		point.Reasons = in.NoHand
	}
	in.LogOdds, in.Comparable, in.Asked = s.Trust.LogOdds, s.Compared, s.Asked
	if s.Compared && len(in.Unanswered) > 0 && in.Unanswered[0] == policy.Immature {
		in.Unanswered = nil // another modality answers
	}
	in.Unanswered = append(in.Unanswered, cautions...)
	changes := a.decide(s, in, atMS)
	if compared && key.Admits(*point.Score) {
		refs[key] = a.adapt(s, comparator, refs[key], key, o)
	}
	s.walk(point)
	return changes
}

// count lets what a comparison said count, and keeps it for whoever asks why. ref is the reference that explains the
// window best.
func (a *Assessor) count(s *Session, x comparison, ref enrol.Reference, o observation.Observation, p *Point, atMS int64) {
	unsaid := withoutWindow(a.Trust, s.Trust, atMS)
	s.Trust = a.Trust.Update(s.Trust, string(o.Modality), x.score, atMS)
	p.Score, p.Counted = rounded(x.score), rounded(unsaid-s.Trust.LogOdds)
	s.Compared, s.Young = true, s.Young || !ripe(ref)
	s.dealtWith(o, x.key)
	e := review.Evidence{Modality: o.Modality, Score: x.score, Deviations: enrol.Explain(ref, o)}
	if i := slices.IndexFunc(s.Evidence, func(e review.Evidence) bool { return e.Modality == o.Modality }); i >= 0 {
		s.Evidence[i] = e
	} else {
		s.Evidence = append(s.Evidence, e)
	}
}

func (a *Assessor) decide(s *Session, in policy.Input, atMS int64) []Change {
	from := s.Decision.Level
	in.Unanswered = withReasons(in.Unanswered, s.Told)
	s.Decision = policy.Decide(a.ThresholdsFor(*s), in)
	if s.Decision.Level == from {
		return nil
	}
	return []Change{{
		Session: s.ID, Subject: s.Subject, AtMS: atMS, From: from, To: s.Decision.Level, Reasons: s.Decision.Reasons,
	}}
}

// Reauthenticate starts the session's trust anew after the subject has proved who they are.
func (a *Assessor) Reauthenticate(s Session, atMS int64) (Session, []Change) {
	if s.Closed {
		return s, nil
	}
	s.onClock(atMS)
	from := s.Decision.Level
	s.Trust, s.Compared, s.Young, s.OpenCase = a.Trust.Begin(atMS), false, false, ""
	s.Evidence, s.Held, s.Asked, s.Told, s.Liveness = nil, nil, "", nil, s.Liveness.Anew()
	s.Decision = policy.Decision{Level: policy.Low, Answer: policy.SamePerson, Reasons: []policy.ReasonCode{policy.Reauthenticated}}
	s.Path = slices.Clone(s.Path)
	s.walk(Point{})
	if from == policy.Low {
		return s, nil
	}
	return s, []Change{{Session: s.ID, Subject: s.Subject, AtMS: atMS, From: from, To: policy.Low, Reasons: s.Decision.Reasons}}
}

// Close ends the session.
func (a *Assessor) Close(s Session, atMS int64) Session {
	s.onClock(atMS)
	s.Closed, s.Addresses, s.Held = true, nil, nil
	s.Trust = a.Trust.Wait(s.Trust, atMS)
	s.Decision = policy.Decide(a.Thresholds, policy.Input{Previous: s.Decision, Closed: true})
	return s
}
