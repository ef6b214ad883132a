package protocol

import (
	"fmt"
	"slices"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/metric"
)

// balabit measures the Balabit challenge: a person's training files enrol; the windows of each labelled test
// session are compared together, and the figure is how well a person's own sessions are told from the intruders'.
func balabit(r *run) (Result, error) {
	comparator, err := r.comparator(observation.Pointer)
	if err != nil {
		return Result{}, err
	}
	all := 0
	t := Trial{Title: "one session", Pooled: true}
	err = r.unseen(dataset.Balabit, func(p dataset.Person) error {
		all++
		var reference compare.Reference
		var own, intruders []float64
		for _, s := range p.Sessions {
			if s.Part == dataset.Enrolment {
				for _, probe := range r.pointerProbes(s, window.PointerEvents, window.PointerMinEvents) {
					if reference, err = comparator.Enrol(reference, probe); err != nil {
						return err
					}
				}
			}
		}
		if reference.Weight == 0 {
			return nil
		}
		for _, s := range p.Sessions {
			if s.Part != dataset.Verification {
				continue
			}
			probes := r.wholeSession(s)
			if len(probes) == 0 {
				continue
			}
			scores, err := appendScores(nil, comparator, reference, [][]compare.Probe{probes}, spans{len(probes), 1})
			if err != nil {
				return fmt.Errorf("protocol: compare session %s with the reference of %s: %w", s.Name, p.ID, err)
			}
			if s.Label == dataset.Intruder {
				intruders = append(intruders, scores...)
			} else {
				own = append(own, scores...)
			}
		}
		if len(own) == 0 || len(intruders) == 0 {
			return nil
		}
		r.result.Comparisons.Mated += len(own)
		r.result.Comparisons.NonMated += len(intruders)
		t.Subjects = append(t.Subjects, Subject{Index: len(t.People), Mated: own, NonMated: intruders,
			Owner: slices.Repeat([]int32{metric.Nobody}, len(intruders))})
		t.People = append(t.People, p.ID)
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	const want = "training files and labelled test sessions of both kinds"
	if len(t.Subjects) < 2 {
		return Result{}, fmt.Errorf("%w: %d of %d people have %s, and there must be at least two", ErrTooFew, len(t.Subjects), all, want)
	}
	if len(t.Subjects) < all {
		r.note("%d of %d people are left out: they do not have %s", all-len(t.Subjects), all, want)
	}
	r.result.Subjects = len(t.Subjects)
	r.keep(t, Figure{Name: "auc_subject_mean", Kind: SubjectAUC})
	r.headline("auc_subject_mean", t, SubjectAUC)
	return r.result, nil
}
