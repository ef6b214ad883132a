package protocol

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"ipse.dev/ipse/lab/metric"
)

// ErrUnpaired says that two results are not of the same people and trials, so that nothing can be told of them together.
var ErrUnpaired = errors.New("protocol: the results cannot be paired")

// Difference is what the paired bootstrap says of two systems on the same people and trials.
type Difference struct {
	Metrics    map[string]float64         `json:"metrics"`    // the second system's figures
	Difference map[string]float64         `json:"difference"` // first minus second
	CI95       map[string]metric.Interval `json:"ci95"`       // of the difference
}

// BesideEachOther gives both models with the people whom either has seen, so that they are measured on the same people.
func BesideEachOther(a, b Model) (Model, Model) {
	union := map[string][]string{}
	for _, seen := range []map[string][]string{a.Seen, b.Seen} {
		for _, set := range slices.Sorted(maps.Keys(seen)) {
			union[set] = append(union[set], seen[set]...)
		}
	}
	for set, people := range union {
		slices.Sort(people)
		union[set] = slices.Compact(people)
	}
	a.Seen, b.Seen = union, union
	a.Rivals, b.Rivals = append(slices.Clone(a.Rivals), b.Name), append(slices.Clone(b.Rivals), a.Name)
	return a, b
}

// Against compares two systems by the paired bootstrap: the difference of every metric that both results have, with its
// interval. Results of different people or comparisons, or without any common metric that follows from scores, give
// ErrUnpaired.
func Against(a, b Result, bootstrap metric.Bootstrap) (Difference, error) {
	if bootstrap.Rounds == 0 {
		bootstrap = metric.DefaultBootstrap
	}
	out := Difference{Metrics: map[string]float64{}, Difference: map[string]float64{}, CI95: map[string]metric.Interval{}}
	for i := range a.Trials {
		first := &a.Trials[i]
		second := b.trial(first.Name)
		if second == nil {
			continue
		}
		if err := paired(first, second); err != nil {
			return Difference{}, err
		}
		figures := commonFigures(a, b, first.Name)
		if len(figures) == 0 {
			continue
		}
		intervals := bootstrap.Differences(len(first.People), first.weighted(figures), second.weighted(figures))
		for k, f := range figures {
			out.Metrics[f.Name] = b.Metrics[f.Name]
			out.Difference[f.Name] = a.Metrics[f.Name] - b.Metrics[f.Name]
			out.CI95[f.Name] = intervals[k]
		}
	}
	if len(out.Metrics) == 0 {
		return Difference{}, fmt.Errorf("%w: %s and %s have no metric in common that follows from scores", ErrUnpaired, a.Protocol, b.Protocol)
	}
	return out, nil
}

func (r *Result) trial(name string) *Trial {
	for i := range r.Trials {
		if r.Trials[i].Name == name {
			return &r.Trials[i]
		}
	}
	return nil
}

func commonFigures(a, b Result, trial string) []Figure {
	var out []Figure
	for _, f := range a.Figures {
		if f.Trial == trial && slices.Contains(b.Figures, f) {
			out = append(out, f)
		}
	}
	return out
}

// paired fails unless both trials have the same people with the same comparisons, score by score.
func paired(a, b *Trial) error {
	if !slices.Equal(a.People, b.People) {
		return fmt.Errorf("%w: %d and %d people, who are not the same", ErrUnpaired, len(a.People), len(b.People))
	}
	same := slices.EqualFunc(a.Subjects, b.Subjects, func(s, t Subject) bool {
		return s.Index == t.Index && len(s.Mated) == len(t.Mated) && slices.Equal(s.Owner, t.Owner)
	})
	if !same {
		return fmt.Errorf("%w: the comparisons of trial %q are not the same", ErrUnpaired, a.Name)
	}
	return nil
}
