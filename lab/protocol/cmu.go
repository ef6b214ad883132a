package protocol

import (
	"fmt"
	"slices"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
)

// Killourhy & Maxion's protocol: the repetitions of the first four sessions enrol, the others verify, and of other
// people the first five repetitions are tried.
const (
	cmuEnrol    = 200
	cmuImpostor = 5
)

// cmuFewer are how many of the last enrolled repetitions a reference is also built from: what a phrase that somebody has
// typed so often is worth.
var cmuFewer = []int{5, 10, 20, 50}

// typist is one person of the CMU set: every repetition as a collector writes it down.
type typist struct {
	id          string
	repetitions []observation.Embedding
}

// cmu measures the comparison of one password, by the comparator for phrases. The track one_class knows nobody of the set
// but the subject; what people's typing is like in general, its weights have learnt from people who typed another
// password. The track background splits people in two halves: a subject's background people are the other half, the
// tested impostors those of the own half, so that nobody is both.
func cmu(r *run) (Result, error) {
	people, err := r.typists()
	if err != nil {
		return Result{}, err
	}
	weights, err := compare.LoadPhrase()
	if err != nil {
		return Result{}, fmt.Errorf("protocol: %w", err)
	}
	r.result.Subjects = len(people)
	for _, enrolled := range append([]int{cmuEnrol}, cmuFewer...) {
		name, title := "one_class", "no background"
		if enrolled != cmuEnrol {
			name, title = fmt.Sprintf("one_class_n%d", enrolled), fmt.Sprintf("no background, %d repetitions enrolled", enrolled)
		}
		t := Trial{Name: name, Title: title, People: ids(people), Pooled: true, LLR: true}
		for i := range people {
			r.progress("compare, "+title, i+1, len(people))
			s, err := cmuSubject(people, i, enrolled, func(int) bool { return true }, weights)
			if err != nil {
				return Result{}, err
			}
			if enrolled == cmuEnrol {
				r.result.Comparisons.Mated += len(s.Mated)
				r.result.Comparisons.NonMated += len(s.NonMated)
			}
			t.Subjects = append(t.Subjects, s)
		}
		if enrolled != cmuEnrol {
			r.keep(t, Figure{Name: "eer_" + name, Kind: SubjectEER})
			continue
		}
		r.keep(t, Figure{Name: "eer_one_class", Kind: SubjectEER},
			Figure{Name: "cllr_one_class", Kind: Cllr}, Figure{Name: "cllr_min_one_class", Kind: MinCllr})
		r.headline("eer_one_class", t, SubjectEER)
	}
	if err := r.cmuBackgroundTrack(people, weights); err != nil {
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
func (r *run) cmuBackgroundTrack(people []typist, weights *compare.PhraseWeights) error {
	if len(people) < 4 {
		r.note("no figure with background people: %d people cannot be split in halves of two", len(people))
		return nil
	}
	halves := Trial{Name: "background", Title: "with background people", People: ids(people), Pooled: true, LLR: true}
	nonMated := 0
	for half := range 2 {
		var others [][]observation.Embedding
		for j, p := range people {
			if j%2 != half {
				others = append(others, p.repetitions)
			}
		}
		known, err := fit.CalibrateBackground(weights, others)
		if err != nil {
			return fmt.Errorf("protocol: %w", err)
		}
		for i := half; i < len(people); i += 2 {
			r.progress("compare with background people", i, len(people))
			s, err := cmuSubject(people, i, cmuEnrol, func(j int) bool { return j%2 == half }, known)
			if err != nil {
				return err
			}
			nonMated += len(s.NonMated)
			halves.Subjects = append(halves.Subjects, s)
		}
	}
	r.keep(halves, Figure{Name: "eer_background", Kind: SubjectEER},
		Figure{Name: "cllr_background", Kind: Cllr}, Figure{Name: "cllr_min_background", Kind: MinCllr})
	r.note("the track with background people rests on %d non-mated comparisons: impostors are the subject's own half of the people, background people the other half, from whom the calibration comes too", nonMated)
	return nil
}

// typists reads the set and gives everybody who has typed enough.
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

// cmuTimings writes the holds and the down-down times down as a collector does; each up-down time is their difference. In
// the file's order every third column from the first is a hold, every third from the second a down-down time.
func cmuTimings(all []float64) observation.Embedding {
	var out observation.Embedding
	for first := range 2 {
		for i := first; i < len(all); i += 3 {
			out = append(out, embed.PhraseTiming(all[i]))
		}
	}
	return out
}

// cmuSubject enrols the last of a subject's first repetitions and compares.
func cmuSubject(people []typist, i, enrolled int, impostor func(int) bool, c compare.Comparator) (Subject, error) {
	s := Subject{Index: i}
	var reference compare.Reference
	for _, e := range people[i].repetitions[cmuEnrol-enrolled : cmuEnrol] {
		var err error
		if reference, err = c.Enrol(reference, compare.Probe{Embedding: e}); err != nil {
			return s, fmt.Errorf("protocol: enrol %s: %w", people[i].id, err)
		}
	}
	score := func(e observation.Embedding) (float64, error) {
		return c.Compare(reference, compare.Probe{Embedding: e})
	}
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
