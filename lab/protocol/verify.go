package protocol

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/lab/metric"
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
	mated       [][]float64 // reference → scores of the own probes
	nonMated    [][]float64 // reference → scores of everybody else's probes, with a gap of zero length at the own place
	matedLength [][]int     // person → number of mated scores of each session
	otherLength [][]int     // person → number of non-mated scores of each session
}

// spans says how many consecutive probes are compared together, and by how many the next such run begins later.
type spans struct{ probes, step int }

// single compares every probe by itself.
var single = spans{1, 1}

func (s spans) lengths(sessions [][]compare.Probe) (each []int, all int) {
	for _, session := range sessions {
		n := max(0, (len(session)-s.probes)/s.step+1)
		if len(session) < s.probes {
			n = 0
		}
		each = append(each, n)
		all += n
	}
	return each, all
}

// scores compares everybody's runs of probes with everybody's references, references in parallel.
func (r *run) scores(c compare.Comparator, people []candidate, s spans) (*scoreTable, error) {
	t := &scoreTable{
		people: make([]string, len(people)),
		mated:  make([][]float64, len(people)), nonMated: make([][]float64, len(people)),
		matedLength: make([][]int, len(people)), otherLength: make([][]int, len(people)),
	}
	others := 0
	for i := range people {
		t.people[i] = people[i].id
		t.matedLength[i], _ = s.lengths(people[i].mated)
		var n int
		t.otherLength[i], n = s.lengths(people[i].asImpostor())
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
				failure[i] = t.row(c, people, i, others, s)
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
		if s != single {
			break // longer runs are made of the same comparisons
		}
		r.result.Comparisons.Mated += len(t.mated[i])
		r.result.Comparisons.NonMated += len(t.nonMated[i])
	}
	return t, nil
}

func (t *scoreTable) row(c compare.Comparator, people []candidate, i, others int, s spans) error {
	var reference compare.Reference
	var err error
	for _, p := range people[i].enrol {
		if reference, err = c.Enrol(reference, p); err != nil {
			return err
		}
	}
	if t.mated[i], err = appendScores(nil, c, reference, people[i].mated, s); err != nil {
		return err
	}
	t.nonMated[i] = make([]float64, 0, others)
	for j := range people {
		if j == i {
			continue
		}
		if t.nonMated[i], err = appendScores(t.nonMated[i], c, reference, people[j].asImpostor(), s); err != nil {
			return err
		}
	}
	return nil
}

func appendScores(scores []float64, c compare.Comparator, r compare.Reference, sessions [][]compare.Probe, s spans) ([]float64, error) {
	for _, session := range sessions {
		for at := 0; at+s.probes <= len(session); at += s.step {
			score, err := c.Compare(r, session[at:at+s.probes]...)
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

// means gives the mean of n consecutive scores of one session, and then of those that begin step scores later.
func means(out, scores []float64, sessions []int, s spans) []float64 {
	for _, length := range sessions {
		session := scores[:length]
		scores = scores[length:]
		for at := 0; at+s.probes <= length; at += s.step {
			out = append(out, metric.Mean(session[at:at+s.probes]))
		}
	}
	return out
}

// trial uses the table's scores, or means of several of them. Subjects are the people whose references meet scores of
// both kinds.
func (t *scoreTable) trial(name, title string, s spans) Trial {
	out := Trial{Name: name, Title: title, People: t.people, Pooled: true, LLR: s == single}
	for i := range t.mated {
		subject := Subject{Index: i, Mated: means(nil, t.mated[i], t.matedLength[i], s)}
		rest := t.nonMated[i]
		for j, sessions := range t.otherLength {
			if j == i {
				continue
			}
			before := len(subject.NonMated)
			subject.NonMated = means(subject.NonMated, rest, sessions, s)
			for range len(subject.NonMated) - before {
				subject.Owner = append(subject.Owner, int32(j))
			}
			rest = rest[total(sessions):]
		}
		if len(subject.Mated) > 0 && len(subject.NonMated) > 0 {
			out.Subjects = append(out.Subjects, subject)
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
