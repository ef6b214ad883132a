package protocol

import (
	"fmt"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
)

// sapiMouseRuns are the numbers of consecutive blocks whose mean score decides, as in Antal et al. (2021).
var sapiMouseRuns = []int{1, 3, 5, 10}

// sapiMouse measures verification on pointer movement: blocks of 128 events of the three-minute sessions enrol, those of
// the one-minute sessions verify. Every run of n consecutive blocks of a session counts.
func sapiMouse(r *run) (Result, error) {
	comparator, err := r.comparator(observation.Pointer)
	if err != nil {
		return Result{}, err
	}
	var people []candidate
	all := 0
	err = r.unseen(dataset.SapiMouse, func(p dataset.Person) error {
		all++
		c := candidate{id: p.ID}
		for _, s := range p.Sessions {
			blocks := r.pointerProbes(s, window.PointerEvents, window.PointerEvents)
			switch {
			case s.Part == dataset.Enrolment:
				c.enrol = append(c.enrol, blocks...)
			case s.Part == dataset.Verification && len(blocks) > 0:
				c.mated = append(c.mated, blocks)
			}
		}
		if len(c.enrol) > 0 && len(c.mated) > 0 {
			people = append(people, c)
		}
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	want := fmt.Sprintf("a block of %d events in a three-minute and in a one-minute session", window.PointerEvents)
	if err := r.enough(people, all, want); err != nil {
		return Result{}, err
	}
	alone, err := r.scores(comparator, people, single)
	if err != nil {
		return Result{}, err
	}
	for _, n := range sapiMouseRuns {
		together := alone
		if n > 1 {
			if together, err = r.scores(comparator, people, spans{n, 1}); err != nil {
				return Result{}, err
			}
		}
		t := together.trial(fmt.Sprintf("n%d", n), blocksTitle(n), single)
		if len(t.Subjects) == 0 {
			r.note("no figure for n%d: nobody has %d blocks in a row to verify", n, n)
			continue
		}
		r.shortRecordings(t, n)
		name := fmt.Sprintf("eer_subject_mean_n%d", n)
		r.keep(t, Figure{Name: name, Kind: SubjectEER}, Figure{Name: fmt.Sprintf("auc_subject_mean_n%d", n), Kind: SubjectAUC},
			Figure{Name: fmt.Sprintf("cllr_n%d", n), Kind: Cllr}, Figure{Name: fmt.Sprintf("cllr_min_n%d", n), Kind: MinCllr})
		if n == 1 {
			r.headline(name, t, SubjectEER)
		} else {
			apart := alone.trial(fmt.Sprintf("n%d_separate", n), blocksTitle(n)+", mean of single scores", spans{n, 1})
			r.keep(apart, Figure{Name: fmt.Sprintf("eer_subject_mean_n%d_separate", n), Kind: SubjectEER})
		}
	}
	return r.result, nil
}

func blocksTitle(n int) string {
	if n == 1 {
		return "one block"
	}
	return fmt.Sprintf("%d blocks", n)
}
