package fit

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/lab/dataset"
)

// enrolmentSets are the data sets by which enrolment is measured: free work, long enough to enrol from; of touch, where nobody
// recorded any, passwords and games.
var enrolmentSets = map[observation.Modality]string{
	observation.Keyboard: "BB-MAS, Villani", observation.Pointer: "SapiMouse, Balabit", observation.Touch: "MOBIKEY, games",
}

// expectedFrom are the numbers of windows of which references are measured, and expectedTogether how many are compared
// together.
var expectedFrom = []int{1, 2, 4, 8, 16, 32, 64}

const expectedTogether = 4

// mixedFalseAlarms is the share of one person's enrolments that each of the two thresholds may take for two people's.
const mixedFalseAlarms = 0.01

// Enrolment measures on calibration people what enrol.Measured holds, for every model of the weights that types or points.
func Enrolment(opt Options, w *compare.Weights) ([]enrol.Measured, error) {
	people, err := readAll(opt)
	if err != nil {
		return nil, err
	}
	out := []enrol.Measured{}
	for _, c := range w.Comparators {
		modality := observation.Modality(c.Modality)
		if enrolmentSets[modality] == "" {
			continue
		}
		models, err := Options{Models: map[observation.Modality][]string{modality: {c.Model}}}.embedders(modality)
		if err != nil {
			return nil, err
		}
		samples := withRole(embedAll(people, modality, models[0]), Calibration)
		m := enrol.Measured{Modality: modality, Model: c.Model, Source: enrolmentSets[modality]}
		if m.Expected, m.People, err = expected(c, samples); err != nil {
			return nil, err
		}
		if m.Mixed, err = mixed(c, samples, enrol.KeyboardMature); err != nil {
			return nil, err
		}
		key := enrol.Key{Modality: modality, Model: c.Model}
		if m.Drift, err = drift(c, key, samples); err != nil {
			return nil, err
		}
		if m.Adapting, err = adapting(c, key, samples); err != nil {
			return nil, err
		}
		fmt.Fprintf(opt.Log, "%s %s: %+v\n", modality, c.Model, m)
		out = append(out, m)
	}
	return out, nil
}

// PhraseEnrolment measures what can be measured of enrolments of phrases: whether they mix two people. It takes those who
// typed one password at home, the unseen ones left out.
func PhraseEnrolment(opt Options) (enrol.Measured, error) {
	m := enrol.Measured{Modality: observation.Phrase, Model: embed.PhraseModel, Source: "Freihaut & Göritz", Expected: []enrol.Expected{}}
	people, err := passwordTypists(opt.Dir)
	if err != nil {
		return m, err
	}
	c, err := compare.LoadPhrase()
	if err != nil {
		return m, fmt.Errorf("fit: %w", err)
	}
	var samples []sample
	for _, p := range people {
		s := sample{set: dataset.Freihaut, id: p.id, stretches: [][]probe{nil}}
		for _, e := range p.repetitions {
			s.stretches[0] = append(s.stretches[0], probe{embedding: e})
		}
		samples = append(samples, s)
	}
	m.People = len(samples)
	m.Mixed, err = mixed(c, samples, enrol.PhraseMature)
	fmt.Fprintf(opt.Log, "%s %s: %+v\n", m.Modality, m.Model, m)
	return m, err
}

// expected gives the error of references of the first windows of each person, over people who have enough windows behind
// the longest reference; where few do, the longest are left out.
func expected(c *compare.TwoCovariance, people []sample) ([]enrol.Expected, int, error) {
	var out []enrol.Expected
	longest := expectedFrom
	behind := func(n int) []sample {
		return slices.DeleteFunc(slices.Clone(people), func(s sample) bool { return len(s.all()) < n+2*expectedTogether })
	}
	for len(longest) > 1 && len(behind(longest[len(longest)-1])) < max(4, len(people)/2) {
		longest = longest[:len(longest)-1]
	}
	skipped := longest[len(longest)-1]
	able := behind(skipped)
	if len(able) < 2 {
		return nil, 0, errors.New("fit: fewer than two calibration people with enough windows; want more data")
	}
	for _, n := range longest {
		var trials []trial
		weight := 0.0
		for _, p := range able {
			all := p.all()
			ref, err := referenceOf(c, all[:n])
			if err != nil {
				return nil, 0, err
			}
			weight += ref.Weight / float64(len(able))
			trials = append(trials, trial{set: p.set, reference: ref, probes: all[skipped:]})
		}
		scores, err := scoreTogether(c, trials, expectedTogether)
		if err != nil {
			return nil, 0, err
		}
		out = append(out, enrol.Expected{Weight: round(weight), Share: round(errorRate(scores))})
	}
	for i := len(out) - 2; i >= 0; i-- { // more behaviour is never taken for worse
		out[i].Share = max(out[i].Share, out[i+1].Share)
	}
	return out, len(able), nil
}

func referenceOf(c compare.Comparator, windows []probe) (ref compare.Reference, err error) {
	for _, x := range windows {
		if ref, err = c.Enrol(ref, compare.Probe{Embedding: x.embedding, Events: x.events}); err != nil {
			return ref, err
		}
	}
	return ref, nil
}

// scoreTogether compares every reference with runs of n windows of its own person and of everybody else of the set.
func scoreTogether(c compare.Comparator, trials []trial, n int) ([]scored, error) {
	var out []scored
	for i, t := range trials {
		for j, other := range trials {
			runs := len(other.probes) / n
			if other.set != t.set || runs == 0 {
				continue
			}
			for r := range runs {
				llr, err := c.Compare(t.reference, comparedProbes(other.probes[r*n:(r+1)*n])...)
				if err != nil {
					return nil, err
				}
				out = append(out, scored{score: llr, mated: i == j, weight: 1 / float64(runs)})
			}
		}
	}
	return out, nil
}

func comparedProbes(all []probe) []compare.Probe {
	out := make([]compare.Probe, len(all))
	for i, x := range all {
		out[i] = compare.Probe{Embedding: x.embedding, Events: x.events}
	}
	return out
}

// mixed measures thresholds on runs of as many windows as a mature reference needs, each of one person, and how often runs of
// two people of the same set fall below them.
func mixed(c compare.Comparator, people []sample, windows int) (enrol.MixedLimits, error) {
	var limits enrol.MixedLimits
	type run struct {
		set    string
		person int
		probes []compare.Probe
	}
	var runs []run
	for i, p := range people {
		for all := p.all(); len(all) >= windows; all = all[windows:] {
			runs = append(runs, run{p.set, i, comparedProbes(all[:windows])})
		}
	}
	var turns, mingled []float64
	for _, r := range runs {
		t, m := enrol.Seams(c, r.probes)
		turns, mingled = append(turns, t), append(mingled, m)
	}
	if len(runs) < 20 {
		return limits, fmt.Errorf("fit: %d enrolments of calibration people; want 20 or more to set thresholds by", len(runs))
	}
	limits.Enrolments = len(runs)
	limits.Turn, limits.Mingled = round(lowest(turns, mixedFalseAlarms)), round(lowest(mingled, mixedFalseAlarms))
	counts := func(probes []compare.Probe) float64 {
		if t, m := enrol.Seams(c, probes); t < limits.Turn || m < limits.Mingled {
			return 1
		}
		return 0
	}
	pairs := 0.0
	for i, r := range runs {
		limits.FalseAlarms += counts(r.probes) / float64(len(runs))
		for _, other := range []run{runs[(i+len(runs)/3)%len(runs)], runs[(i+len(runs)/2)%len(runs)], runs[(i+2*len(runs)/3)%len(runs)]} {
			if other.set != r.set || other.person == r.person {
				continue
			}
			pairs++
			half := len(r.probes) / 2
			limits.NoticedHalf += counts(append(slices.Clone(r.probes[:half]), other.probes[half:]...))
			turns := slices.Clone(r.probes)
			for k := 1; k < len(turns); k += 2 {
				turns[k] = other.probes[k]
			}
			limits.NoticedAlternate += counts(turns)
		}
	}
	if pairs == 0 {
		return limits, errors.New("fit: no two calibration people of one data set to mix; want more data")
	}
	limits.FalseAlarms, limits.NoticedHalf, limits.NoticedAlternate = round(limits.FalseAlarms), round(limits.NoticedHalf/pairs), round(limits.NoticedAlternate/pairs)
	return limits, nil
}

// lowest gives the value below which a share of the values lies.
func lowest(values []float64, share float64) float64 {
	values = slices.Clone(values)
	slices.SortFunc(values, cmp.Compare[float64])
	return values[int(share*float64(len(values)))]
}
