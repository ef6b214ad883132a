package fit

import (
	"fmt"
	"math"
	"slices"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
)

// How a poisoner is played: so many windows a day that nobody questions, for so many days at most, by so many impostors
// for each subject.
const (
	poisonWindows = 60
	poisonDays    = 60
	poisonPairs   = 3
	dayMS         = 24 * 3600 * 1000
)

// runStep is how many windows later the next run of a person's windows begins.
const runStep = 8

// drift measures where people's own later windows stop, beside their settled references.
func drift(c compare.Mover, key enrol.Key, people []sample) (enrol.DriftLimit, error) {
	limit := enrol.DriftLimit{Limit: math.Inf(1)}
	n := settled(key)
	enroller, ok := c.(compare.Comparator)
	if !ok {
		return limit, fmt.Errorf("fit: the comparator of %s does not enrol", key.Model)
	}
	type person struct {
		sample
		home compare.Reference
	}
	var able []person
	for _, p := range people {
		all := p.all()
		if len(all) < 2*n {
			continue
		}
		home, err := referenceOf(enroller, all[:n])
		if err != nil {
			return limit, err
		}
		able = append(able, person{p, home})
		for at := n; at+n <= len(all); at += runStep {
			run, err := referenceOf(enroller, all[at:at+n])
			if err != nil {
				return limit, err
			}
			llr, err := c.SamePerson(home, run)
			if err != nil {
				return limit, err
			}
			limit.Runs++
			limit.Limit = math.Min(limit.Limit, llr)
		}
	}
	if len(able) < 2 {
		return limit, fmt.Errorf("fit: %d calibration people with twice %d windows of %s; want two or more", len(able), n, key.Modality)
	}
	limit.People, limit.Limit = len(able), round(limit.Limit-driftMargin)
	for _, p := range able {
		for _, other := range people {
			if all := other.all(); other.set == p.set && other.id != p.id && len(all) >= n {
				run, err := referenceOf(enroller, all[:n])
				if err != nil {
					return limit, err
				}
				llr, err := c.SamePerson(p.home, run)
				if err != nil {
					return limit, err
				}
				if limit.Comparisons++; llr < limit.Limit {
					limit.Noticed++
				}
			}
		}
	}
	limit.Noticed = round(limit.Noticed / math.Max(1, float64(limit.Comparisons)))
	return limit, nil
}

// driftMargin is how far below the lowest that was seen the limit lies, for people who were not: natural log.
const driftMargin = 2

func settled(k enrol.Key) int {
	if k.Modality == observation.Keyboard {
		return enrol.KeyboardSettled
	}
	return enrol.PointerSettled
}

// adapting measures how far people's own references move, and how long somebody else needs to make one theirs when every
// one of their windows is taken for trusted: the worst case, in which trust notices nothing.
func adapting(c compare.Comparator, key enrol.Key, people []sample) (enrol.Adapting, error) {
	var out enrol.Adapting
	n := settled(key) + 1 // one that is a little short does not keep a reference from being settled
	long := slices.DeleteFunc(slices.Clone(people), func(s sample) bool { return len(s.all()) < 3*n/2 })
	var moved, refused []float64
	for _, p := range long {
		all := p.all()
		home, err := settledReference(c, key, all[:n])
		if err != nil {
			return out, err
		}
		whole, err := referenceOf(c, all)
		if err != nil {
			return out, err
		}
		moved = append(moved, enrol.Distance(c, home.Comparison, whole))
		after, err := day(c, home, all[n:], 0)
		if err != nil {
			return out, err
		}
		offered := len(all) - n - len(after.Pending)
		refused = append(refused, 1-float64(after.Version-home.Version)/math.Max(1, float64(offered)))
	}
	out.People = len(long)
	out.MovedMedian, out.MovedMost = round(highest(moved, 0.5)), round(highest(moved, 0))
	out.RefusedMean = round(mean(refused))
	var free, bound, told []float64
	for i, p := range long {
		for k := range poisonPairs {
			other := long[(i+1+k*len(long)/poisonPairs)%len(long)]
			if other.set != p.set || other.id == p.id {
				continue
			}
			home, err := settledReference(c, key, p.all()[:n])
			if err != nil {
				return out, err
			}
			f, b, d, err := poisoned(c, home, other.all())
			if err != nil {
				return out, err
			}
			out.Poisoned++
			free, bound, told = append(free, f), append(bound, b), append(told, d)
			if d < b {
				out.ToldBefore++
			}
		}
	}
	out.ToldBefore = round(out.ToldBefore / math.Max(1, float64(out.Poisoned)))
	out.DaysUnbound, out.DaysBound, out.DaysTold = highest(free, 0.5), highest(bound, 0.5), highest(told, 0.5)
	return out, nil
}

// settledReference enrols from a person's first windows as the product does.
func settledReference(c compare.Comparator, key enrol.Key, windows []probe) (enrol.Reference, error) {
	ref, err := referenceOf(c, windows)
	return enrol.Reference{Key: key, Comparison: ref, Version: len(windows)}, err
}

// poisoned gives the days after which a poisoner's own later windows score above 0, without a bound, and with it when
// nobody heeds the alarm, and the day of the alarm; poisonDays where they do not come to pass.
func poisoned(c compare.Comparator, home enrol.Reference, other []probe) (free, bound, told float64, err error) {
	poison, later := other[:len(other)/2], comparedProbes(other[len(other)/2:])
	later = later[:min(len(later), 8)]
	accepted := func(r compare.Reference) bool {
		llr, err := c.Compare(r, later...)
		return err == nil && llr > 0
	}
	windows := make([]probe, poisonWindows)
	for i := range windows {
		windows[i] = poison[i%len(poison)]
	}
	free, bound, told = poisonDays, poisonDays, poisonDays
	unbound, guarded, unheeded := home.Comparison, home, home
	unheeded.Key.Model = "" // nothing is measured for it, so that the bound stands alone
	for d := range poisonDays {
		for _, w := range windows {
			if unbound, err = c.Enrol(unbound, compare.Probe{Embedding: w.embedding, Events: w.events}); err != nil {
				return 0, 0, 0, err
			}
		}
		if guarded, err = day(c, guarded, windows, d); err != nil {
			return 0, 0, 0, err
		}
		if unheeded, err = day(c, unheeded, windows, d); err != nil {
			return 0, 0, 0, err
		}
		if free == poisonDays && accepted(unbound) {
			free = float64(d + 1)
		}
		if told == poisonDays && guarded.DriftedAtMS != 0 {
			told = float64(d + 1)
		}
		if bound == poisonDays && accepted(unheeded.Comparison) {
			bound = float64(d + 1)
		}
	}
	return free, bound, told, nil
}

// day offers a day's windows to a mature reference.
func day(c compare.Comparator, r enrol.Reference, windows []probe, number int) (enrol.Reference, error) {
	for i, w := range windows {
		o := observation.Observation{Embedding: w.embedding, Events: w.events}
		var err error
		if r, err = enrol.Offer(c, r, r.Key, o, int64(number)*dayMS+int64(i)*1000); err != nil {
			return r, err
		}
	}
	return r, nil
}

// highest gives the value above which a share of the values lies.
func highest(values []float64, share float64) float64 {
	if len(values) == 0 {
		return 0
	}
	values = slices.Sorted(slices.Values(values))
	return values[max(0, int((1-share)*float64(len(values))-1e-9))]
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / math.Max(1, float64(len(values)))
}
