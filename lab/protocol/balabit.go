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
//
// People whom the weights have seen are measured apart, as published figures measure them: what makes weights takes a
// person's training files only, so the test sessions are new to them, but the people are not. Their metric says so in its
// name, and never mixes with that of the unseen.
func balabit(r *run) (Result, error) {
	comparator, err := r.comparator(observation.Pointer)
	if err != nil {
		return Result{}, err
	}
	unseen := Trial{Title: "one session", Pooled: true}
	known := Trial{Name: "seen", Title: "one session, training files seen by the weights", Pooled: true}
	incomplete := 0
	all, left, err := r.everybody(dataset.Balabit, func(p dataset.Person, seen bool) error {
		s, err := r.challenged(comparator, p)
		if err != nil {
			return err
		}
		if len(s.Mated) == 0 || len(s.NonMated) == 0 {
			incomplete++
			return nil
		}
		t := &unseen
		if seen {
			t = &known
		}
		s.Index = len(t.People)
		t.Subjects, t.People = append(t.Subjects, s), append(t.People, p.ID)
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	if len(known.Subjects) < 2 {
		if err := r.leaveOut(all, left); err != nil {
			return Result{}, err
		}
	} else {
		r.note("auc_subject_mean_seen is of the %d people whom %s seen by their training files; their test sessions are new", len(known.Subjects), r.Model.have())
	}
	r.challenge(unseen, "auc_subject_mean")
	r.challenge(known, "auc_subject_mean_seen")
	const want = "training files and labelled test sessions of both kinds"
	if r.result.Headline == "" {
		return Result{}, fmt.Errorf("%w: %d of %d people have %s, and there must be at least two", ErrTooFew, len(unseen.Subjects)+len(known.Subjects), all, want)
	}
	if incomplete > 0 {
		r.note("%d of %d people are left out: they do not have %s", incomplete, all, want)
	}
	return r.result, nil
}

// challenge keeps a trial's figure, where it has two people; the first trial so kept gives the headline and the counts.
func (r *run) challenge(t Trial, name string) {
	if len(t.Subjects) < 2 {
		return
	}
	r.keep(t, Figure{Name: name, Kind: SubjectAUC})
	if r.result.Headline != "" {
		return
	}
	r.headline(name, t, SubjectAUC)
	r.result.Subjects = len(t.Subjects)
	for _, s := range t.Subjects {
		r.result.Comparisons.Mated += len(s.Mated)
		r.result.Comparisons.NonMated += len(s.NonMated)
	}
}

// challenged enrols a person's training files and compares each labelled test session with them. Scores are missing where
// files are.
func (r *run) challenged(comparator compare.Comparator, p dataset.Person) (Subject, error) {
	var reference compare.Reference
	var out Subject
	for _, s := range p.Sessions {
		if s.Part != dataset.Enrolment {
			continue
		}
		for _, probe := range r.pointerProbes(s, window.PointerEvents, window.PointerMinEvents) {
			var err error
			if reference, err = comparator.Enrol(reference, probe); err != nil {
				return out, err
			}
		}
	}
	if reference.Weight == 0 {
		return out, nil
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
			return out, fmt.Errorf("protocol: compare session %s with the reference of %s: %w", s.Name, p.ID, err)
		}
		if s.Label == dataset.Intruder {
			out.NonMated = append(out.NonMated, scores...)
		} else {
			out.Mated = append(out.Mated, scores...)
		}
	}
	out.Owner = slices.Repeat([]int32{metric.Nobody}, len(out.NonMated))
	return out, nil
}
