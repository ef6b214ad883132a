package protocol

import (
	"fmt"
	"slices"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
)

const (
	leastSeen      = 3  // people whom a comparator can be fitted from
	stretchWindows = 10 // neighbouring windows that count as one stretch of work, as in fit
)

// balabitSeen measures the challenge as published figures do: by something that has learnt from the training files of the
// very people whom it is tried on. How these people differ, and how one person's windows do, is fitted from all of their
// training files, for the plain statistics; the labelled test sessions are new to it, the people are not.
func (r *run) balabitSeen(people []dataset.Person) error {
	if len(people) < leastSeen {
		return nil
	}
	everybody := make([]challenged, len(people))
	training := make([][][]compare.Probe, len(people))
	for i, p := range people {
		everybody[i] = r.challenged(p, embed.Pointer)
		for _, session := range everybody[i].training {
			training[i] = slices.AppendSeq(training[i], slices.Chunk(session, stretchWindows))
		}
	}
	c, err := fit.OfPeople(embed.Model, training)
	if err != nil {
		r.note("no figure of people seen: %v", err)
		return nil
	}
	t := Trial{Name: "seen", Title: "one session, training files of everybody seen", Pooled: true}
	for i, p := range people {
		s, err := against(c, everybody[i])
		if err != nil {
			return fmt.Errorf("protocol: compare with the reference of %s: %w", p.ID, err)
		}
		t.add(p.ID, s)
	}
	if len(t.Subjects) < 2 {
		return nil
	}
	r.keep(t, Figure{Name: "auc_subject_mean_seen", Kind: SubjectAUC})
	r.note("auc_subject_mean_seen knows all %d people by their training files, from which it is fitted whatever the weights, as published figures are; only the test sessions are new to it", len(t.Subjects))
	return nil
}
