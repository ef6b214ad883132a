package app

import (
	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
)

// adapt lets a mature reference learn on, from stretches in which trust stands above where a session begins.
func (a *Assessor) adapt(s *Session, c compare.Comparator, ref enrol.Reference, key enrol.Key, o observation.Observation) enrol.Reference {
	if !a.learnable(s, o) || s.Decision.Level != policy.Low || s.Trust.LogOdds > a.Trust.Begin(0).LogOdds {
		return enrol.Distrust(ref)
	}
	next := ignoreError(enrol.Offer(c, ref, key, o, s.Trust.AtMS))
	if next.DriftedAtMS != 0 && ref.DriftedAtMS == 0 {
		s.Asked = policy.ReferenceDrifts
	}
	return next
}

// ripen lets a reference learn from a window that another model has compared already.
func (a *Assessor) ripen(s *Session, c compare.Comparator, ref enrol.Reference, key enrol.Key, o observation.Observation) enrol.Reference {
	switch {
	case !a.learnable(s, o):
		return enrol.Distrust(ref)
	case ref.Mature():
		return a.adapt(s, c, ref, key, o)
	case s.Decision.Level == policy.Low:
		return ignoreError(enrol.Take(c, ref, key, o))
	}
	return ref
}

// unlearnt says why a reference that is not mature answers nothing.
func unlearnt(r enrol.Reference) policy.ReasonCode {
	if r.Mixed {
		return policy.EnrolmentMixed
	}
	return policy.Immature
}

// ignoreError keeps the reference as it was where an observation does not fit it.
func ignoreError(r enrol.Reference, _ error) enrol.Reference { return r }

// phrasesOf counts the phrases that something was learnt of.
func phrasesOf(refs References, class observation.DeviceClass) int {
	n := 0
	for key, r := range refs {
		if key.Modality == observation.Phrase && key.DeviceClass == class && r.Version > 0 {
			n++
		}
	}
	return n
}
