package metric

import (
	"cmp"
	"math"
	"slices"
)

// Nobody stands for the person behind a probe when a data set only tells that it is not the reference's.
const Nobody int32 = -1

// Comparison is one comparison of a test: whose reference, whose probe (people counted from 0, or Nobody) and the score.
// It is mated when they are the same.
type Comparison struct {
	Score            float64
	Reference, Probe int32
}

// Mated reports whether reference and probe are of one person.
func (c Comparison) Mated() bool { return c.Reference == c.Probe }

// Pool holds the comparisons of a whole test, so that rates over all of them can be found again and again while people
// weigh differently, as a bootstrap needs it.
type Pool struct {
	sorted []Comparison // highest score first
	cost   []float64    // of each comparison in Cllr, in nats
	runs   []run
	people int
}

// run is a stretch of sorted comparisons that ends before the index: all of one kind, or all of one score. Within a run
// of one kind the trade-off moves along one of its axes only, so that nothing is lost by looking at its ends.
type run struct {
	end   int
	kind  kind
	mated bool // of a run of one kind
}

type kind uint8

const (
	oneKind  kind = iota
	oneScore      // of both kinds
)

// Rates are the figures of a pool at one common threshold for everybody, or over all thresholds.
type Rates struct {
	EER       float64
	FNMRAtFMR []float64 // for each FMR that was asked for
	Cllr      float64   // bits; of scores that are log-likelihood ratios (natural log)
	MinCllr   float64   // bits
}

// NewPool takes the comparisons, which it sorts in place, and keeps them. People are numbered below the given count.
func NewPool(comparisons []Comparison, people int) *Pool {
	slices.SortFunc(comparisons, func(a, b Comparison) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Reference, b.Reference), cmp.Compare(a.Probe, b.Probe))
	})
	p := &Pool{sorted: comparisons, people: people, cost: make([]float64, len(comparisons))}
	for i, c := range comparisons {
		if c.Mated() {
			p.cost[i] = softplus(-c.Score)
		} else {
			p.cost[i] = softplus(c.Score)
		}
	}
	for i := 0; i < len(comparisons); {
		r := run{mated: comparisons[i].Mated()}
		for score := comparisons[i].Score; i < len(comparisons) && comparisons[i].Score == score; i++ {
			if comparisons[i].Mated() != r.mated {
				r.kind = oneScore
			}
		}
		r.end = i
		if n := len(p.runs); n > 0 && r.kind == oneKind && p.runs[n-1].kind == oneKind && p.runs[n-1].mated == r.mated {
			p.runs[n-1].end = i
			continue
		}
		p.runs = append(p.runs, r)
	}
	return p
}

// Rates gives the rates over all comparisons. Each FMR must be given in growing order.
func (p *Pool) Rates(fmrs ...float64) Rates {
	return p.WeightedRates(ones(p.people), fmrs...)
}

func ones(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

// WeightedRates gives the rates when each person weighs as told (how often a bootstrap drew them): a mated comparison
// counts with its person's weight, a non-mated one with the product of both people's. Rates are NaN when no mated or no
// non-mated comparison is left.
func (p *Pool) WeightedRates(weight []float64, fmrs ...float64) Rates {
	masses, cost := p.weigh(weight)
	var all mass
	for _, m := range masses {
		all.mated += m.mated
		all.nonMated += m.nonMated
	}
	out := Rates{EER: math.NaN(), FNMRAtFMR: make([]float64, len(fmrs)), Cllr: math.NaN(), MinCllr: math.NaN()}
	if all.mated == 0 || all.nonMated == 0 {
		for i := range fmrs {
			out.FNMRAtFMR[i] = math.NaN()
		}
		return out
	}
	var (
		best    monotone
		passed  mass
		last    = Point{FNMR: 1}
		next    int
		crossed bool
	)
	for _, m := range masses {
		best.add(mass{m.mated / all.mated, m.nonMated / all.nonMated})
		passed.mated += m.mated
		passed.nonMated += m.nonMated
		point := Point{FMR: passed.nonMated / all.nonMated, FNMR: 1 - passed.mated/all.mated}
		for next < len(fmrs) && point.FMR > fmrs[next] {
			out.FNMRAtFMR[next] = last.FNMR
			next++
		}
		if !crossed && point.FMR >= point.FNMR {
			crossed = true
			out.EER = crossing(last, point)
		}
		last = point
	}
	out.Cllr = (cost.mated/all.mated + cost.nonMated/all.nonMated) / (2 * math.Ln2)
	out.MinCllr = best.cllr()
	return out
}

// weigh sums the weights of each run's comparisons, and their costs over all runs.
func (p *Pool) weigh(weight []float64) (masses []mass, cost mass) {
	masses = make([]mass, len(p.runs))
	begin := 0
	for r, run := range p.runs {
		m := &masses[r]
		for i := begin; i < run.end; i++ {
			c := &p.sorted[i]
			w := weight[c.Reference]
			switch {
			case c.Mated():
				m.mated += w
				cost.mated += w * p.cost[i]
				continue
			case c.Probe != Nobody:
				w *= weight[c.Probe]
			}
			m.nonMated += w
			cost.nonMated += w * p.cost[i]
		}
		begin = run.end
	}
	return masses, cost
}
