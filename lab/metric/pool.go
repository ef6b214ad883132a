package metric

import (
	"cmp"
	"math"
	"slices"
)

// Comparison is one comparison of a test: whose reference, whose probe (people counted from 0) and the score. It is mated
// when they are the same.
type Comparison struct {
	Score            float64
	Reference, Probe int32
}

// Pool holds the comparisons of a whole test, so that rates over all of them can be found again and again while people
// weigh differently, as a bootstrap needs it.
type Pool struct {
	sorted []Comparison // highest score first
	people int
}

// Rates are the error rates of a pool at one common threshold for everybody.
type Rates struct {
	EER       float64
	FNMRAtFMR []float64 // for each FMR that was asked for
}

// NewPool takes the comparisons, which it sorts in place, and keeps them. People are numbered below the given count.
func NewPool(comparisons []Comparison, people int) *Pool {
	slices.SortFunc(comparisons, func(a, b Comparison) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Reference, b.Reference), cmp.Compare(a.Probe, b.Probe))
	})
	return &Pool{sorted: comparisons, people: people}
}

// Rates gives the rates over all comparisons. Each FMR must be given in growing order.
func (p *Pool) Rates(fmrs ...float64) Rates {
	ones := make([]float64, p.people)
	for i := range ones {
		ones[i] = 1
	}
	return p.WeightedRates(ones, fmrs...)
}

// WeightedRates gives the rates when each person weighs as told (how often a bootstrap drew them): a mated comparison
// counts with its person's weight, a non-mated one with the product of both people's. Rates are NaN when no mated or no
// non-mated comparison is left.
func (p *Pool) WeightedRates(weight []float64, fmrs ...float64) Rates {
	var mated, nonMated float64
	for i := range p.sorted {
		c := &p.sorted[i]
		if c.Reference == c.Probe {
			mated += weight[c.Reference]
		} else {
			nonMated += weight[c.Reference] * weight[c.Probe]
		}
	}
	out := Rates{EER: math.NaN(), FNMRAtFMR: make([]float64, len(fmrs))}
	if mated == 0 || nonMated == 0 {
		for i := range fmrs {
			out.FNMRAtFMR[i] = math.NaN()
		}
		return out
	}
	var matches, falseMatches float64
	last := Point{FNMR: 1}
	found, next := false, 0
	for i := 0; i < len(p.sorted) && (!found || next < len(fmrs)); {
		for threshold := p.sorted[i].Score; i < len(p.sorted) && p.sorted[i].Score == threshold; i++ {
			c := &p.sorted[i]
			if c.Reference == c.Probe {
				matches += weight[c.Reference]
			} else {
				falseMatches += weight[c.Reference] * weight[c.Probe]
			}
		}
		point := Point{FMR: falseMatches / nonMated, FNMR: 1 - matches/mated}
		for next < len(fmrs) && point.FMR > fmrs[next] {
			out.FNMRAtFMR[next] = last.FNMR
			next++
		}
		if !found && point.FMR >= point.FNMR {
			found = true
			out.EER = crossing(last, point)
		}
		last = point
	}
	return out
}
