package protocol

import (
	"fmt"
	"slices"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/observation"
)

// jointMS is how much input windows that are compared together cover: NIST SP 800-63B-4 speaks of one comparison, and two
// minutes of typing are what ipse compares to come near it.
const jointMS = 120_000

// twoMinutes measures verification on two minutes of typing: consecutive windows that cover them are compared together,
// against a reference of the windows that enrol, by the comparator alone. Runs do not overlap; of others all that they
// recorded counts.
func (r *run) twoMinutes(people []*actor) error {
	comparator, err := r.comparator(observation.Keyboard)
	if err != nil {
		return nil // the scene has noted it
	}
	t := Trial{Name: "keyboard.120s", Title: "two minutes of typing", Pooled: true, LLR: true}
	own, others := make([][][]compare.Probe, len(people)), make([][][]compare.Probe, len(people))
	for i, a := range people {
		t.People = append(t.People, a.people[0])
		for _, s := range a.genuine {
			own[i] = append(own[i], covering(s, jointMS)...)
		}
		others[i] = append(slices.Clone(own[i]), covering(slices.Concat(a.enrol...), jointMS)...)
	}
	t.Subjects = make([]Subject, len(people))
	if err := r.each(r.stage+": two minutes", len(people), func(i int) (err error) {
		if t.Subjects[i], err = joint(comparator, people, own, others, i); err != nil {
			return fmt.Errorf("compare with the reference of %s: %w", t.People[i], err)
		}
		return nil
	}); err != nil {
		return err
	}
	t.Subjects = slices.DeleteFunc(t.Subjects, func(s Subject) bool { return len(s.Mated) == 0 || len(s.NonMated) == 0 })
	if len(t.Subjects) < 2 {
		r.note("nothing is told of two minutes of typing: %d people have recorded so much beside another who has", len(t.Subjects))
		return nil
	}
	mated, nonMated := t.Scores()
	r.keep(t, Figure{Name: "keyboard.fnmr_at_fmr_1e-4_120s", Kind: FNMRAtFMR, FMR: 1e-4},
		Figure{Name: "keyboard.fnmr_at_fmr_1e-3_120s", Kind: FNMRAtFMR, FMR: 1e-3},
		Figure{Name: "keyboard.fnmr_at_fmr_1e-2_120s", Kind: FNMRAtFMR, FMR: 1e-2},
		Figure{Name: "keyboard.eer_global_120s", Kind: GlobalEER})
	r.note("two minutes of typing: %d mated and %d non-mated comparisons, so an FMR of 1e-4 allows %d false matches; pairs of %d people stand behind them, and what differs between more people these cannot tell",
		len(mated), len(nonMated), len(nonMated)/10_000, len(t.People))
	return nil
}

func joint(c compare.Comparator, people []*actor, own, others [][][]compare.Probe, i int) (Subject, error) {
	s := Subject{Index: i}
	var reference compare.Reference
	var err error
	for _, m := range slices.Concat(people[i].enrol...) {
		if reference, err = c.Enrol(reference, probeOf(m)); err != nil {
			return s, err
		}
	}
	for _, probes := range own[i] {
		score, err := c.Compare(reference, probes...)
		if err != nil {
			return s, err
		}
		s.Mated = append(s.Mated, score)
	}
	for k, runs := range others {
		if k == i {
			continue
		}
		for _, probes := range runs {
			score, err := c.Compare(reference, probes...)
			if err != nil {
				return s, err
			}
			s.NonMated, s.Owner = append(s.NonMated, score), append(s.Owner, int32(k))
		}
	}
	return s, nil
}

// covering parts moments into runs that each cover so much input. What is left at the end is dropped.
func covering(moments []moment, inputMS float64) [][]compare.Probe {
	var out [][]compare.Probe
	var probes []compare.Probe
	covered := 0.0
	for _, m := range moments {
		probes = append(probes, probeOf(m))
		if covered += m.passed.inputMS; covered >= inputMS {
			out, probes, covered = append(out, probes), nil, 0
		}
	}
	return out
}

func probeOf(m moment) compare.Probe {
	return compare.Probe{Embedding: m.observation.Embedding, Events: m.observation.Events}
}
