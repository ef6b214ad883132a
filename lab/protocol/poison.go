package protocol

import (
	"cmp"
	"fmt"
	"slices"

	"ipse.dev/ipse/lab/metric"
)

// invader is how somebody else's typings come to a subject's reference.
type invader struct {
	how     adaptation
	vouched bool // every one counts as trusted, whatever it scores
	suffix  string
	title   string
}

var invaders = []invader{
	{guarded, false, "", "as the server adapts"},
	{unguarded, false, "_unguarded", "no guard"},
	{frozen, false, "_frozen", "frozen"},
	{guarded, true, "_vouched", "vouched for"},
}

// acceptance counts typings and those that the threshold accepts, by day.
type acceptance [driftDays + 1]struct{ accepted, all int }

func (t *acceptance) add(day int, accepted bool) {
	t[day].all++
	if accepted {
		t[day].accepted++
	}
}

// share is the accepted share of the typings of some days; false where there are none.
func (t *acceptance) share(from, to int) (float64, bool) {
	accepted, all := 0, 0
	for day := from; day <= to; day++ {
		accepted += t[day].accepted
		all += t[day].all
	}
	return float64(accepted) / float64(max(1, all)), all > 0
}

// contest is what one subject and one impostor at the subject's reference were answered.
type contest struct{ impostor, owner acceptance }

// poison measures what an impostor gains whom the reference adapts to. Every pair of people types at one reference day
// by day, at the times of their own recordings, both with sign-ins that count: the impostor's typings are what the server
// makes of them, and those that are accepted may be taken in. Nearest is for each subject the impostor whose typings
// score highest when the subject has just enrolled.
func (d *driftTest) poison() error {
	nearest := make([]int, len(d.people))
	contests := make([][][]contest, len(d.people)) // subject, invader, impostor
	err := d.each("adapt to impostors", len(d.people), func(i int) error {
		s, err := d.nonMated(d.enrolWith(d.people[i], frozen), i)
		if err != nil {
			return err
		}
		nearest[i] = nearestOf(s, len(d.people))
		contests[i] = make([][]contest, len(invaders))
		for k, v := range invaders {
			contests[i][k] = make([]contest, len(d.people))
			for j := range d.people {
				if j != i {
					contests[i][k][j] = d.contest(i, j, v)
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	everybody := func(i int) []int { return others(i, len(d.people)) }
	d.poisoned("impostor", contests, everybody)
	d.poisoned("nearest", contests, func(i int) []int { return nearest[i : i+1] })
	return nil
}

func others(i, n int) []int {
	var out []int
	for j := range n {
		if j != i {
			out = append(out, j)
		}
	}
	return out
}

// nearestOf is the person whose comparisons score highest on average.
func nearestOf(s Subject, people int) int {
	sum, n := make([]float64, people), make([]float64, people)
	for k, j := range s.Owner {
		sum[j] += s.NonMated[k]
		n[j]++
	}
	best := -1
	for j := range people {
		if n[j] > 0 && (best < 0 || sum[j]/n[j] > sum[best]/n[best]) {
			best = j
		}
	}
	return best
}

// contest lets two people type at one's reference, each act at its own time.
func (d *driftTest) contest(i, j int, v invader) contest {
	type turn struct {
		act
		impostor bool
	}
	var turns []turn
	for _, a := range d.people[i].acts[d.people[i].enrolled:] {
		turns = append(turns, turn{a, false})
	}
	for _, a := range d.people[j].acts[d.people[j].enrolled:] {
		a.atMS += d.afterMS
		a.opens = a.opens && d.afterMS == 0 // at a desk that the subject has just left, nobody signs in
		turns = append(turns, turn{a, true})
	}
	slices.SortStableFunc(turns, func(a, b turn) int { return cmp.Compare(a.atMS, b.atMS) })
	start := d.people[i].acts[d.people[i].enrolled-1].atMS
	l := d.enrolWith(d.people[i], v.how)
	var out contest
	caught := 0 // the day on which the impostor was locked out last
	for _, t := range turns {
		if t.atMS <= start {
			continue // the subject is still enrolling
		}
		score, locked := d.answer(l, t.act, t.impostor && v.vouched, t.impostor && caught == t.day)
		if locked && t.impostor {
			caught = t.day
		}
		if score == nil {
			continue
		}
		to := &out.owner
		if t.impostor {
			to = &out.impostor
		}
		to.add(t.day, *score >= d.threshold)
	}
	return out
}

// answer gives the score of an act, which the reference then learns from as it does: by what the server makes of it, or
// as vouched for. Whoever is locked out is scored all the same, but nothing is learnt from them.
func (d *driftTest) answer(l *learner, a act, vouched, lockedOut bool) (score *float64, locked bool) {
	if !vouched && !lockedOut {
		return l.sees(a)
	}
	one, err := l.compare(a.observation)
	if err != nil {
		return nil, false // cannot be: the same observation was compared when the test began
	}
	if vouched {
		l.offers(a)
	}
	return &one, false
}

// poisoned keeps what those impostors reach whom the function names for a subject, and what it costs the subject.
func (d *driftTest) poisoned(prefix string, contests [][][]contest, of func(i int) []int) {
	course := Course{Name: d.file(prefix), Title: poisonTitles[prefix] + d.of(), Time: d.time, Label: "accepted at the frozen threshold (%)"}
	for k, v := range invaders {
		impostor := func(c *contest, from, to int) (float64, bool) { return c.impostor.share(from, to) }
		rejected := func(c *contest, from, to int) (float64, bool) {
			accepted, ok := c.owner.share(from, to)
			return 1 - accepted, ok
		}
		for _, b := range d.blocks {
			name := fmt.Sprintf("%s%s.%s.", d.prefix, prefix, blockName(b))
			d.meanOf(name+"fmr"+v.suffix, contests, k, of, b[0], b[1], impostor)
			d.meanOf(name+"owner_fnmr"+v.suffix, contests, k, of, b[0], b[1], rejected)
		}
		if d.afterMS == 0 { // each act is a sign-in, of which more than half fail
			last := d.blocks[len(d.blocks)-1]
			d.meanOf(d.prefix+prefix+".owner_locked_out"+v.suffix, contests, k, of, last[0], last[1], func(c *contest, from, to int) (float64, bool) {
				share, ok := rejected(c, from, to)
				if share > 0.5 {
					return 1, ok
				}
				return 0, ok
			})
		}
		line := CourseLine{Name: v.title}
		for day := d.days[0]; day <= d.days[1]; day++ {
			if values := perOwner(contests, k, of, day, day, impostor); len(values) > 1 {
				line.Points = append(line.Points, CoursePoint{float64(day), metric.Mean(values), d.Bootstrap.MeanInterval(values)})
			}
		}
		if len(line.Points) > 0 {
			course.Lines = append(course.Lines, line)
		}
	}
	if len(course.Lines) > 0 && (d.prefix == "" || prefix == "nearest") {
		d.result.Courses = append(d.result.Courses, course)
	}
}

var poisonTitles = map[string]string{
	"impostor": "an impostor who is adapted to",
	"nearest":  "the nearest impostor, adapted to",
}

// meanOf keeps the mean over subjects of the mean over their impostors.
func (d *driftTest) meanOf(name string, contests [][][]contest, k int, of func(int) []int, from, to int, share func(*contest, int, int) (float64, bool)) {
	if values := perOwner(contests, k, of, from, to, share); len(values) > 0 {
		d.metric(name, metric.Mean(values), d.Bootstrap.MeanInterval(values))
	}
}

func perOwner(contests [][][]contest, k int, of func(int) []int, from, to int, share func(*contest, int, int) (float64, bool)) []float64 {
	var out []float64
	for i := range contests {
		var shares []float64
		for _, j := range of(i) {
			if x, ok := share(&contests[i][k][j], from, to); ok {
				shares = append(shares, x)
			}
		}
		if len(shares) > 0 {
			out = append(out, metric.Mean(shares))
		}
	}
	return out
}
