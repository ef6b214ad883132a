package protocol

import (
	"fmt"
	"slices"

	"ipse.dev/ipse/internal/compare/fixedtext"
	"ipse.dev/ipse/lab/dataset"
)

// Killourhy & Maxion's protocol: the repetitions of the first four sessions enrol, the others verify, and of other
// people the first five repetitions are tried.
const (
	cmuEnrol      = 200
	cmuImpostor   = 5
	cmuBackground = 50 // first repetitions of background people: one session, in which the password is new to them
)

// typist is one person of the CMU set, ready for comparison.
type typist struct {
	id          string
	repetitions []fixedtext.Repetition
	model       *fixedtext.Model // of the enrolment
}

// cmu measures the comparison of one password. The track one_class knows nobody but the subject. The track background
// splits people in two halves: a subject's background people are the other half, the tested impostors those of the own
// half, so that nobody is both.
func cmu(r *run) (Result, error) {
	people, err := r.typists()
	if err != nil {
		return Result{}, err
	}
	r.result.Subjects = len(people)
	everybody := Trial{Name: "one_class", Title: "no background", People: ids(people)}
	for i, p := range people {
		r.progress("compare", i+1, len(people))
		s, err := cmuSubject(people, i, func(int) bool { return true }, p.model.Score)
		if err != nil {
			return Result{}, err
		}
		r.result.Comparisons.Mated += len(s.Mated)
		r.result.Comparisons.NonMated += len(s.NonMated)
		everybody.Subjects = append(everybody.Subjects, s)
	}
	r.keep(everybody, Figure{Name: "eer_one_class", Kind: SubjectEER})
	r.headline("eer_one_class", everybody, SubjectEER)
	if err := r.cmuBackgroundTrack(people); err != nil {
		return Result{}, err
	}
	return r.result, nil
}

func ids(people []typist) []string {
	var out []string
	for _, p := range people {
		out = append(out, p.id)
	}
	return out
}

// cmuBackgroundTrack measures the track with background people, where there are enough for two halves.
func (r *run) cmuBackgroundTrack(people []typist) error {
	if len(people) < 4 {
		r.note("no figure with background people: %d people cannot be split in halves of two", len(people))
		return nil
	}
	halves := Trial{Name: "background", Title: "with background people", People: ids(people), Pooled: true, LLR: true}
	nonMated := 0
	for half := range 2 {
		var others [][]fixedtext.Repetition
		for j, p := range people {
			if j%2 != half {
				others = append(others, p.repetitions[:cmuBackground])
			}
		}
		background, err := fixedtext.NewBackground(others)
		if err != nil {
			return fmt.Errorf("protocol: %w", err)
		}
		for i := half; i < len(people); i += 2 {
			s, err := cmuSubject(people, i, func(j int) bool { return j%2 == half }, func(p fixedtext.Repetition) (float64, error) {
				return background.Score(people[i].model, p)
			})
			if err != nil {
				return err
			}
			nonMated += len(s.NonMated)
			halves.Subjects = append(halves.Subjects, s)
		}
	}
	r.keep(halves, Figure{Name: "eer_background", Kind: SubjectEER},
		Figure{Name: "cllr_background", Kind: Cllr}, Figure{Name: "cllr_min_background", Kind: MinCllr})
	r.note("the track with background people rests on %d non-mated comparisons: impostors are the subject's own half of the people, background people the other half; its scores are not calibrated, which its Cllr shows", nonMated)
	return nil
}

// typists reads the set and learns the models of everybody who has typed enough.
func (r *run) typists() ([]typist, error) {
	all, err := dataset.ReadCMU(r.Data, r.Options)
	if err != nil {
		return nil, err
	}
	seen := r.Model.Seen[dataset.CMU]
	var people []typist
	left := 0
	for _, p := range all {
		if err := r.ctx.Err(); err != nil {
			return nil, err
		}
		if slices.Contains(seen, p.ID) {
			continue
		}
		left++
		if len(p.Repetitions) <= cmuEnrol {
			continue
		}
		t := typist{id: p.ID}
		for _, repetition := range p.Repetitions {
			t.repetitions = append(t.repetitions, cmuTimings(repetition.TimingsMS))
		}
		if t.model, err = fixedtext.Learn(t.repetitions[:cmuEnrol]); err != nil {
			return nil, fmt.Errorf("protocol: learn %s: %w", p.ID, err)
		}
		people = append(people, t)
	}
	if err := r.leaveOut(len(all), left); err != nil {
		return nil, err
	}
	if len(people) < 2 {
		return nil, fmt.Errorf("%w: %d of %d people have typed the password more than %d times, and there must be at least two",
			ErrTooFew, len(people), left, cmuEnrol)
	}
	if len(people) < left {
		r.note("%d of %d people are left out: they have not typed the password more than %d times", left-len(people), left, cmuEnrol)
	}
	return people, nil
}

// cmuTimings takes the holds and the down-down times; each up-down time is their difference. In the file's order every
// third column from the first is a hold, every third from the second a down-down time.
func cmuTimings(all []float64) fixedtext.Repetition {
	var out fixedtext.Repetition
	for first := range 2 {
		for i := first; i < len(all); i += 3 {
			out = append(out, all[i])
		}
	}
	return out
}

func cmuSubject(people []typist, i int, impostor func(int) bool, score func(fixedtext.Repetition) (float64, error)) (Subject, error) {
	s := Subject{Index: i}
	for _, p := range people[i].repetitions[cmuEnrol:] {
		v, err := score(p)
		if err != nil {
			return s, fmt.Errorf("protocol: compare with %s: %w", people[i].id, err)
		}
		s.Mated = append(s.Mated, v)
	}
	for j, other := range people {
		if j == i || !impostor(j) {
			continue
		}
		for _, p := range other.repetitions[:cmuImpostor] {
			v, err := score(p)
			if err != nil {
				return s, fmt.Errorf("protocol: compare with %s: %w", people[i].id, err)
			}
			s.NonMated = append(s.NonMated, v)
			s.Owner = append(s.Owner, int32(j))
		}
	}
	return s, nil
}
