package attack

import (
	"math"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/lab/dataset"
)

// Pace is what is usual for one person: mean and spread of the logarithm of the interval between presses, by the classes
// of both keys.
type Pace struct {
	mean, spread [event.ClassCount][event.ClassCount]float64
	n            [event.ClassCount][event.ClassCount]float64
}

// Limits of the intervals that tell of the way from key to key, and how many it takes to know a person's pace.
const (
	shortestIntervalMS = 10
	longestIntervalMS  = 1500
	paceFrom           = 8
)

// PaceOf reads a person's pace off the classes and times of all their sessions.
func PaceOf(sessions []dataset.TypedSession) Pace {
	var p Pace
	for _, s := range sessions {
		intervals(s, func(_, _ int, from, to event.Class, log float64) {
			p.n[from][to]++
			p.mean[from][to] += log
			p.spread[from][to] += log * log
		})
	}
	for i := range p.n {
		for j, n := range p.n[i] {
			if n > 0 {
				p.mean[i][j] /= n
				p.spread[i][j] = math.Sqrt(math.Max(0.01, p.spread[i][j]/n-p.mean[i][j]*p.mean[i][j]))
			}
		}
	}
	return p
}

// intervals visits the pairs of neighbouring presses, by their places in the session's keys.
func intervals(s dataset.TypedSession, visit func(from, to int, a, b event.Class, logMS float64)) {
	last := -1
	for i, k := range s.Keys {
		if !k.Down {
			continue
		}
		if last >= 0 {
			before := s.Keys[last]
			if ms := k.TimeMS - before.TimeMS; ms >= shortestIntervalMS && ms <= longestIntervalMS {
				visit(last, i, before.Class, k.Class, math.Log(ms))
			}
		}
		last = i
	}
}

// standard gives an interval in the person's standard deviations; false where nothing is to be learnt from it.
func (p *Pace) standard(from, to event.Class, intervalMS float64) (float64, bool) {
	if !from.Letter() || !to.Letter() || intervalMS < shortestIntervalMS || intervalMS > longestIntervalMS || p.n[from][to] < paceFrom {
		return 0, false
	}
	z := (math.Log(intervalMS) - p.mean[from][to]) / p.spread[from][to]
	return max(-3, min(3, z)), true
}

// rhythm is how much sooner or later than usual the second of two letters comes, for every pair of letters, in standard
// deviations of the person's pace.
type rhythm map[[2]rune]deviation

type deviation struct{ mean, n float64 }

// pairCaution is how many intervals of no deviation are mixed into a pair's.
const pairCaution = 30

func newRhythm(people []dataset.TypedPerson) rhythm {
	r := rhythm{}
	for _, p := range people {
		pace := PaceOf(p.Sessions)
		for _, s := range p.Sessions {
			intervals(s, func(from, to int, a, b event.Class, log float64) {
				if z, ok := pace.standard(a, b, math.Exp(log)); ok {
					pair := [2]rune{s.Typed[from], s.Typed[to]}
					d := r[pair]
					r[pair] = deviation{d.mean + z, d.n + 1}
				}
			})
		}
	}
	for pair, d := range r {
		r[pair] = deviation{d.mean / (d.n + pairCaution), d.n}
	}
	return r
}

// logLikelihood of an interval for a pair of letters, against that for any pair of their classes.
func (r rhythm) logLikelihood(a, b rune, z float64) float64 {
	m := r[[2]rune{a, b}].mean
	return z*m - m*m/2
}
