package protocol

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"ipse.dev/ipse/internal/compare"
)

// candidate is one person of a verification test: what enrols, and the sessions of probes that are compared. NonMated
// are the probes that other people's references meet; nil stands for the same as Mated.
type candidate struct {
	id       string
	enrol    []compare.Probe
	mated    [][]compare.Probe
	nonMated [][]compare.Probe
}

func (c *candidate) asImpostor() [][]compare.Probe {
	if c.nonMated != nil {
		return c.nonMated
	}
	return c.mated
}

// scoreTable holds every score of a verification test: by reference, then in the order of people, sessions and probes.
type scoreTable struct {
	people      []string    // their identifiers
	temper      float64     // discount of scores that are added up
	mated       [][]float64 // reference → scores of the own probes
	nonMated    [][]float64 // reference → scores of everybody else's probes, with a gap of zero length at the own place
	matedLength [][]int     // person → length of each session of mated probes
	otherLength [][]int     // person → length of each session of non-mated probes
}

func lengths(sessions [][]compare.Probe) (each []int, all int) {
	for _, s := range sessions {
		each = append(each, len(s))
		all += len(s)
	}
	return each, all
}

// scores compares everybody's probes with everybody's references, references in parallel.
func (r *run) scores(c compare.Comparator, people []candidate) (*scoreTable, error) {
	t := &scoreTable{
		people: make([]string, len(people)), temper: r.Model.temper(),
		mated: make([][]float64, len(people)), nonMated: make([][]float64, len(people)),
		matedLength: make([][]int, len(people)), otherLength: make([][]int, len(people)),
	}
	others := 0
	for i := range people {
		t.people[i] = people[i].id
		t.matedLength[i], _ = lengths(people[i].mated)
		var n int
		t.otherLength[i], n = lengths(people[i].asImpostor())
		others += n
	}
	var (
		wait    sync.WaitGroup
		next    atomic.Int64
		done    atomic.Int64
		failure = make([]error, len(people))
	)
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(people) || r.ctx.Err() != nil {
					return
				}
				failure[i] = t.row(c, people, i, others)
				r.progress("compare", int(done.Add(1)), len(people))
			}
		})
	}
	wait.Wait()
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	for i, err := range failure {
		if err != nil {
			return nil, fmt.Errorf("protocol: compare with the reference of %s: %w", people[i].id, err)
		}
	}
	for i := range people {
		r.result.Comparisons.Mated += len(t.mated[i])
		r.result.Comparisons.NonMated += len(t.nonMated[i])
	}
	return t, nil
}

func (t *scoreTable) row(c compare.Comparator, people []candidate, i, others int) error {
	var reference compare.Reference
	var err error
	for _, p := range people[i].enrol {
		if reference, err = c.Enrol(reference, p); err != nil {
			return err
		}
	}
	if t.mated[i], err = appendScores(nil, c, reference, people[i].mated); err != nil {
		return err
	}
	t.nonMated[i] = make([]float64, 0, others)
	for j := range people {
		if j == i {
			continue
		}
		if t.nonMated[i], err = appendScores(t.nonMated[i], c, reference, people[j].asImpostor()); err != nil {
			return err
		}
	}
	return nil
}

func appendScores(scores []float64, c compare.Comparator, r compare.Reference, sessions [][]compare.Probe) ([]float64, error) {
	for _, session := range sessions {
		for _, p := range session {
			score, err := c.Compare(r, p)
			if err != nil {
				return nil, err
			}
			if math.IsNaN(score) || math.IsInf(score, 0) {
				return nil, fmt.Errorf("the score is %v; want a finite number", score)
			}
			scores = append(scores, score)
		}
	}
	return scores, nil
}

// runs gives what n consecutive probes of one session state together, and then those that begin step probes later. One
// probe states its comparison score; several state their sum times the factor by which the server discounts scores of
// neighbouring windows. For one n, that orders runs as their mean score does.
func runs(out, scores []float64, sessions []int, n, step int, temper float64) []float64 {
	factor := 1.0
	if n > 1 {
		factor = temper
	}
	for _, length := range sessions {
		session := scores[:length]
		scores = scores[length:]
		for at := 0; at+n <= length; at += step {
			sum := 0.0
			for _, s := range session[at : at+n] {
				sum += s
			}
			out = append(out, factor*sum)
		}
	}
	return out
}

// trial uses the table's scores in runs of n probes. Subjects are the people whose references meet runs of both kinds.
func (t *scoreTable) trial(name, title string, n, step int) Trial {
	out := Trial{Name: name, Title: title, People: t.people, Pooled: true, LLR: true}
	for i := range t.mated {
		s := Subject{Index: i, Mated: runs(nil, t.mated[i], t.matedLength[i], n, step, t.temper)}
		rest := t.nonMated[i]
		for j, sessions := range t.otherLength {
			if j == i {
				continue
			}
			before := len(s.NonMated)
			s.NonMated = runs(s.NonMated, rest, sessions, n, step, t.temper)
			for range len(s.NonMated) - before {
				s.Owner = append(s.Owner, int32(j))
			}
			rest = rest[total(sessions):]
		}
		if len(s.Mated) > 0 && len(s.NonMated) > 0 {
			out.Subjects = append(out.Subjects, s)
		}
	}
	return out
}

func total(lengths []int) int {
	sum := 0
	for _, n := range lengths {
		sum += n
	}
	return sum
}

// enough notes how many people have recorded too little and fails when fewer than two are left.
func (r *run) enough(people []candidate, all int, want string) error {
	if left := len(people); left < 2 {
		return fmt.Errorf("%w: %d of %d people have recorded enough; each needs %s, and there must be at least two",
			ErrTooFew, left, all, want)
	} else if left < all {
		r.note("%d of %d people are left out: they have recorded less than %s", all-left, all, want)
	}
	r.result.Subjects = len(people)
	return nil
}
