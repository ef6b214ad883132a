package protocol

import (
	"fmt"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/metric"
)

// balabit measures the Balabit challenge: a person's training files enrol; each labelled test session gets the mean
// score of its windows, and the figure is how well a person's own sessions are told from the intruders'.
func balabit(r *run) (Result, error) {
	comparator, err := r.comparator(observation.Pointer)
	if err != nil {
		return Result{}, err
	}
	all := 0
	var perSubject []float64
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
			scores, err := appendScores(nil, comparator, reference, [][]compare.Probe{r.wholeSession(s)})
			if err != nil {
				return fmt.Errorf("protocol: compare session %s with the reference of %s: %w", s.Name, p.ID, err)
			}
			if len(scores) == 0 {
				continue
			}
			if s.Label == dataset.Intruder {
				intruders = append(intruders, metric.Mean(scores))
			} else {
				own = append(own, metric.Mean(scores))
			}
		}
		if len(own) == 0 || len(intruders) == 0 {
			return nil
		}
		r.result.Comparisons.Mated += len(own)
		r.result.Comparisons.NonMated += len(intruders)
		perSubject = append(perSubject, metric.AUC(own, intruders))
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	const want = "training files and labelled test sessions of both kinds"
	if len(perSubject) < 2 {
		return Result{}, fmt.Errorf("%w: %d of %d people have %s, and there must be at least two", ErrTooFew, len(perSubject), all, want)
	}
	if len(perSubject) < all {
		r.note("%d of %d people are left out: they do not have %s", all-len(perSubject), all, want)
	}
	r.result.Subjects = len(perSubject)
	r.metric("auc_subject_mean", metric.Mean(perSubject), r.Bootstrap.MeanInterval(perSubject))
	r.headline("auc_subject_mean", perSubject, metric.HigherIsBetter)
	return r.result, nil
}
