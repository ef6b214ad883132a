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

// challenged is one person of the Balabit challenge: the windows of their training files, by session, and of each labelled
// test session, all embedded by one model.
type challenged struct {
	training, own, intruders [][]compare.Probe
}

// balabit measures the Balabit challenge: a person's training files enrol; the windows of each labelled test
// session are compared together, and the figure is how well a person's own sessions are told from the intruders'. The
// figure auc_subject_mean is of weights that have never seen these people; balabitSeen measures them as published figures
// do.
func balabit(r *run) (Result, error) {
	comparator, err := r.comparator(observation.Pointer)
	if err != nil {
		return Result{}, err
	}
	blind := Trial{Title: "one session", Pooled: true}
	var people []dataset.Person
	all, left, err := r.everybody(dataset.Balabit, func(p dataset.Person, seen bool) error {
		people = append(people, p)
		if seen {
			return nil
		}
		s, err := against(comparator, r.challenged(p, r.Model.EmbedPointer))
		if err != nil {
			return fmt.Errorf("protocol: compare with the reference of %s: %w", p.ID, err)
		}
		blind.add(p.ID, s)
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	if err := r.leaveOut(all, left); err != nil {
		return Result{}, err
	}
	const want = "training files and labelled test sessions of both kinds"
	if len(blind.Subjects) < 2 {
		return Result{}, fmt.Errorf("%w: %d of %d people have %s, and there must be at least two", ErrTooFew, len(blind.Subjects), all, want)
	}
	if len(blind.Subjects) < left {
		r.note("%d of %d people are left out: they do not have %s", left-len(blind.Subjects), left, want)
	}
	r.result.Subjects = len(blind.Subjects)
	for _, s := range blind.Subjects {
		r.result.Comparisons.Mated += len(s.Mated)
		r.result.Comparisons.NonMated += len(s.NonMated)
	}
	r.keep(blind, Figure{Name: "auc_subject_mean", Kind: SubjectAUC})
	r.headline("auc_subject_mean", blind, SubjectAUC)
	return r.result, r.balabitSeen(people)
}

// add takes a person who has scores of both kinds as a subject.
func (t *Trial) add(id string, s Subject) {
	if len(s.Mated) == 0 || len(s.NonMated) == 0 {
		return
	}
	s.Index = len(t.People)
	s.Owner = slices.Repeat([]int32{metric.Nobody}, len(s.NonMated))
	t.Subjects, t.People = append(t.Subjects, s), append(t.People, id)
}

// challenged embeds a person's sessions.
func (r *run) challenged(p dataset.Person, embed func(window.Pointer) observation.Embedding) challenged {
	var out challenged
	for _, s := range p.Sessions {
		probes := probesBy(embed, pointerWindows(s.Pointers, window.PointerEvents, window.PointerMinEvents))
		switch {
		case s.Part == dataset.Enrolment:
			if len(probes) > 0 {
				out.training = append(out.training, probes)
			}
			continue
		case s.Part != dataset.Verification:
			continue
		case len(probes) == 0: // shorter than any window, and yet the whole session
			probes = probesBy(embed, pointerWindows(s.Pointers, window.PointerEvents, 1))
		}
		switch {
		case len(probes) == 0:
		case s.Label == dataset.Intruder:
			out.intruders = append(out.intruders, probes)
		default:
			out.own = append(out.own, probes)
		}
	}
	return out
}

func probesBy(embed func(window.Pointer) observation.Embedding, windows []window.Pointer) []compare.Probe {
	var out []compare.Probe
	for _, w := range windows {
		out = append(out, compare.Probe{Embedding: embed(w), Events: len(w.Events)})
	}
	return out
}

// against enrols a person's training files and compares each test session with them, all of its windows together.
func against(c compare.Comparator, p challenged) (Subject, error) {
	var s Subject
	reference, err := enrolAll(c, p.training)
	if err != nil || reference.Weight == 0 {
		return s, err
	}
	for _, kind := range []struct {
		sessions [][]compare.Probe
		scores   *[]float64
	}{{p.own, &s.Mated}, {p.intruders, &s.NonMated}} {
		for _, probes := range kind.sessions {
			if *kind.scores, err = appendScores(*kind.scores, c, reference, [][]compare.Probe{probes}, spans{len(probes), 1}); err != nil {
				return s, err
			}
		}
	}
	return s, nil
}

func enrolAll(c compare.Comparator, sessions [][]compare.Probe) (compare.Reference, error) {
	var reference compare.Reference
	var err error
	for _, session := range sessions {
		for _, probe := range session {
			if reference, err = c.Enrol(reference, probe); err != nil {
				return reference, err
			}
		}
	}
	return reference, nil
}
