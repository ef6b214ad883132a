package protocol

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
)

// driftFMR is the false match rate at which the threshold is set on other people.
const driftFMR = 1e-2

// ways are the adaptations that are measured, each with the end of its metrics' names. The plain names are the product's.
var ways = []struct {
	how    adaptation
	suffix string
	title  string
}{
	{guarded, "", "adapting"},
	{frozen, "_frozen", "frozen"},
}

// drift measures how the error changes with the days: what a person did first enrols, all later behaviour verifies, once
// with the reference frozen and once as the server adapts it. Everything goes through the server's own assessment.
// Non-mated comparisons are with everybody else's later behaviour, the same on every day, so that what changes with the
// days is the person and the reference. The threshold is that of a false match rate of driftFMR among other people, who
// are in no test. Then somebody else works among the subject's own behaviour, and both are measured: see poison.
//
// It is measured on one password that people typed at home for ten days. Where the folder has them, two other sets
// stand beside it: another password in eight sessions in a laboratory, and free typing in stretches of work.
func drift(r *run) (Result, error) {
	if err := r.driftAtHome(); err != nil {
		return Result{}, err
	}
	for _, beside := range []func() error{r.driftInLaboratory, r.driftOfWork} {
		if err := beside(); errors.Is(err, dataset.ErrNotFound) || errors.Is(err, ErrTooFew) {
			r.note("not measured beside it: %v", err)
		} else if err != nil {
			return Result{}, err
		}
	}
	r.note("a metric's plain name is of the reference as the server adapts it; `_frozen` is of one that stays, `_unguarded` of one that takes in at once all that the server trusts, `_vouched` of one to which the impostor's typings are vouched for. `impostor` is the mean over everybody else, `nearest` the one whose typings score highest at first; `owner_fnmr` is what they cost the subject, `owner_locked_out` the share of subjects more than half of whose last typings are rejected. `cmu` is ten typings of each of eight sessions, `work` stretches of %d windows of BB-MAS (one day, the task changes), where the impostor sits down at the session that the subject left open", workWindows)
	return r.result, nil
}

// driftTest is one set's people and how they are measured.
type driftTest struct {
	*run
	prefix  string // of metrics and plots; the headline's has none
	time    string // what a day is: a day, a session
	people  []life // of the test
	others  []life // in no test: the threshold is theirs
	days    [2]int // first and last that are measured
	blocks  [][2]int
	learner func(how adaptation) *learner
	thinned int   // most non-mated observations of one person
	afterMS int64 // how much later than the subject an impostor works on the same day

	// background says that background people set the threshold beside calibration people: no network was trained on them.
	background bool

	threshold float64
}

// measure runs the test.
func (d *driftTest) measure() error {
	if err := errors.Join(d.ripen(d.people), d.ripen(d.others)); err != nil {
		return err
	}
	all := len(d.people)
	d.people, d.others = enrolled(d.people), enrolled(d.others)
	if len(d.people) < 2 {
		return fmt.Errorf("%w: %d of %d people have recorded enough; each needs a mature reference and something after it, and there must be at least two",
			ErrTooFew, len(d.people), all)
	} else if len(d.people) < all {
		d.note("%d of %d people%s are left out: nothing is left of what they recorded after their reference is mature", all-len(d.people), all, d.of())
	}
	var err error
	if d.threshold, err = d.setThreshold(); err != nil {
		return err
	}
	courses := make([][]stage, len(ways))
	for k, w := range ways {
		if courses[k], err = d.courses(w.how, w.title); err != nil {
			return err
		}
	}
	d.report(courses)
	return d.poison()
}

// of says in notes which set is meant.
func (d *driftTest) of() string {
	if d.prefix == "" {
		return ""
	}
	return " of " + strings.TrimSuffix(d.prefix, ".")
}

// assign says what a person is for: the test is of people who are kept unseen and whom nobody has seen, or of those whom
// the caller keeps; the threshold is of calibration people or, beside a test of those, of background people.
func (d *driftTest) assign(set string, l life, seen []string) {
	role := fit.RoleOf(set, l.id)
	switch {
	case d.Keep != nil && d.Keep(set, l.id), d.Keep == nil && role == fit.Unseen && !slices.Contains(seen, l.id):
		d.people = append(d.people, l)
	case role == fit.Calibration, role == fit.Background && (d.background || d.Keep != nil):
		d.others = append(d.others, l)
	}
}

// ripen counts for everybody what enrols: up to the observation with which the reference is mature.
func (d *driftTest) ripen(people []life) error {
	return d.each("enrol", len(people), func(i int) error {
		l := d.learner(frozen)
		for n, a := range people[i].acts {
			if l.sees(a); l.mature() {
				people[i].enrolled = n + 1
				break
			}
		}
		return nil
	})
}

// enrolled gives those of whom there is more than what enrols.
func enrolled(people []life) []life {
	return slices.DeleteFunc(slices.Clone(people), func(l life) bool { return l.enrolled == 0 || len(l.acts) <= l.enrolled })
}

// enrolWith gives a learner that has just ripened.
func (d *driftTest) enrolWith(l life, how adaptation) *learner {
	out := d.learner(how)
	for _, a := range l.acts[:l.enrolled] {
		out.sees(a)
	}
	return out
}

// setThreshold gives the least threshold at which no more than driftFMR of other people's comparisons match.
func (d *driftTest) setThreshold() (float64, error) {
	if len(d.others) < 2 {
		d.note("the folder holds %d other people%s by whom a threshold could be set; it is 0, where a score speaks neither for nor against", len(d.others), d.of())
		return 0, nil
	}
	t := *d
	t.people = d.others
	scores := make([][]float64, len(t.people))
	err := d.each("set the threshold", len(t.people), func(i int) error {
		l := t.enrolWith(t.people[i], frozen)
		s, err := t.nonMated(l, i)
		scores[i] = s.NonMated
		return err
	})
	if err != nil {
		return 0, err
	}
	all := slices.Sorted(slices.Values(slices.Concat(scores...)))
	threshold := all[len(all)-1]
	for k := len(all) - 1; k >= 0 && float64(len(all)-k) <= driftFMR*float64(len(all)); k-- {
		threshold = all[k]
	}
	d.note("the threshold%s, a score of %.2f, is that of a false match rate of %g %% among %d other people, who are in no test", d.of(), threshold, 100*driftFMR, len(d.others))
	return threshold, nil
}

// nonMated compares everybody else's later behaviour with a reference as it is now.
func (d *driftTest) nonMated(l *learner, i int) (Subject, error) {
	s := Subject{Index: i}
	for j, other := range d.people {
		if j == i {
			continue
		}
		for _, a := range thinned(other.acts[other.enrolled:], d.thinned) {
			v, err := l.compare(a.observation)
			if err != nil {
				return s, fmt.Errorf("protocol: compare with the reference of %s: %w", d.people[i].id, err)
			}
			s.NonMated = append(s.NonMated, v)
			s.Owner = append(s.Owner, int32(j))
		}
	}
	return s, nil
}

// thinned gives at most so many of them, evenly.
func thinned(acts []act, most int) []act {
	if len(acts) <= most {
		return acts
	}
	out := make([]act, most)
	for k := range out {
		out[k] = acts[k*len(acts)/most]
	}
	return out
}

// stage is one person's comparisons by day.
type stage map[int]Subject

// courses runs everybody's days.
func (d *driftTest) courses(how adaptation, title string) ([]stage, error) {
	out := make([]stage, len(d.people))
	err := d.each("days, "+title, len(d.people), func(i int) error {
		var err error
		out[i], err = d.dayByDay(i, how)
		return err
	})
	return out, err
}

// dayByDay runs one person's days. The non-mated comparisons of a day are with the reference as it was when the day began.
func (d *driftTest) dayByDay(i int, how adaptation) (stage, error) {
	l := d.enrolWith(d.people[i], how)
	out := stage{}
	var unchanged *Subject
	for _, a := range d.people[i].acts[d.people[i].enrolled:] {
		if a.day < d.days[0] {
			l.sees(a)
			continue
		}
		s, begun := out[a.day]
		if !begun {
			if unchanged == nil || how != frozen {
				fresh, err := d.nonMated(l, i)
				if err != nil {
					return nil, err
				}
				unchanged = &fresh
			}
			s = *unchanged
		}
		if score, _ := l.sees(a); score != nil {
			s.Mated = append(slices.Clone(s.Mated), *score)
		}
		out[a.day] = s
	}
	return out, nil
}

// together gives one person's comparisons of some days as one.
func (s stage) together(index, from, to int) Subject {
	out := Subject{Index: index}
	for day := from; day <= to; day++ {
		one := s[day]
		out.Mated = append(out.Mated, one.Mated...)
		out.NonMated = append(out.NonMated, one.NonMated...)
		out.Owner = append(out.Owner, one.Owner...)
	}
	return out
}

// trial gives everybody's comparisons of some days.
func (d *driftTest) trial(name, title string, course []stage, from, to int) Trial {
	t := Trial{Name: d.prefix + name, Title: title, Pooled: true, LLR: true, Part: d.prefix != "" || from > d.days[0] || to < d.days[1]}
	for i, p := range d.people {
		t.People = append(t.People, p.id)
		if s := course[i].together(i, from, to); len(s.Mated) > 0 && len(s.NonMated) > 0 {
			t.Subjects = append(t.Subjects, s)
		}
	}
	return t
}
