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
		mated: make([][]float64, len(people)), nonMated: make([][]float64, len(people)),
		matedLength: make([][]int, len(people)), otherLength: make([][]int, len(people)),
	}
	others := 0
	for i := range people {
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

// runs gives the mean score of n consecutive probes of one session, and then of those that begin step probes later.
func runs(out, scores []float64, sessions []int, n, step int) []float64 {
	for _, length := range sessions {
		session := scores[:length]
		scores = scores[length:]
		for at := 0; at+n <= length; at += step {
			sum := 0.0
			for _, s := range session[at : at+n] {
				sum += s
			}
			out = append(out, sum/float64(n))
		}
	}
	return out
}

// trial holds the scores of one way to use the table: runs of n probes.
type trial struct {
	people   int
	subjects []subject
}

// subject is one person whose reference meets both mated and non-mated runs.
type subject struct {
	index    int
	mated    []float64
	nonMated []float64
	owner    []int32 // of each non-mated run
}

func (t *scoreTable) trial(n, step int) trial {
	out := trial{people: len(t.mated)}
	for i := range t.mated {
		s := subject{index: i, mated: runs(nil, t.mated[i], t.matedLength[i], n, step)}
		rest := t.nonMated[i]
		for j, sessions := range t.otherLength {
			if j == i {
				continue
			}
			before := len(s.nonMated)
			s.nonMated = runs(s.nonMated, rest, sessions, n, step)
			for range len(s.nonMated) - before {
				s.owner = append(s.owner, int32(j))
			}
			rest = rest[total(sessions):]
		}
		if len(s.mated) > 0 && len(s.nonMated) > 0 {
			out.subjects = append(out.subjects, s)
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

// perSubject computes one figure for each subject.
func (t trial) perSubject(figure func(mated, nonMated []float64) float64) []float64 {
	out := make([]float64, len(t.subjects))
	for i, s := range t.subjects {
		out[i] = figure(s.mated, s.nonMated)
	}
	return out
}

// pool puts the scores of all subjects together, to be judged at one common threshold.
func (t trial) pool() *metric.Pool {
	var all []metric.Comparison
	for _, s := range t.subjects {
		for _, score := range s.mated {
			all = append(all, metric.Comparison{Score: score, Reference: int32(s.index), Probe: int32(s.index)})
		}
		for k, score := range s.nonMated {
			all = append(all, metric.Comparison{Score: score, Reference: int32(s.index), Probe: s.owner[k]})
		}
	}
	return metric.NewPool(all, t.people)
}

// subjectMean keeps the mean of one figure a subject, and gives the figures.
func (r *run) subjectMean(name string, t trial, figure func(mated, nonMated []float64) float64) []float64 {
	values := t.perSubject(figure)
	r.metric(name, metric.Mean(values), r.Bootstrap.MeanInterval(values))
	return values
}

// global keeps the EER, under the given name, and FNMRs of all subjects' scores at one common threshold.
func (r *run) global(t trial, eerName string, fnmrNames []string, fmrs []float64) {
	pool := t.pool()
	figures := func(rates metric.Rates) []float64 { return append([]float64{rates.EER}, rates.FNMRAtFMR...) }
	values := figures(pool.Rates(fmrs...))
	var done atomic.Int64
	intervals := r.Bootstrap.Intervals(t.people, func(weight []float64) []float64 {
		defer func() { r.progress("intervals", int(done.Add(1)), r.Bootstrap.Rounds) }()
		return figures(pool.WeightedRates(weight, fmrs...))
	})
	for i, name := range append([]string{eerName}, fnmrNames...) {
		r.metric(name, values[i], intervals[i])
	}
}

// headline names the figure whose spread over people the result gives.
func (r *run) headline(name string, perSubject []float64, d metric.Direction) {
	r.result.Headline = name
	r.result.PerSubject = metric.SpreadOf(perSubject, d)
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
