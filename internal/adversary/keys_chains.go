package adversary

import (
	"math"
	"math/rand/v2"

	"ipse.dev/ipse/internal/event"
)

// autoregression says how a stroke's scores (how far the logarithms of dwell and interval lie from their digram's means, in its
// spreads) follow from those of the stroke before: by a matrix and a normal remainder with a covariance, given by its Cholesky
// factor.
type autoregression struct {
	by        [2][2]float64
	remainder [2][2]float64 // lower triangle
}

// scores gives each stroke's.
func (s statistics) scores() [][2]float64 {
	out := make([][2]float64, len(s.pairs))
	fitted := byDigramOnce(s, s.logMoments)
	for i, p := range s.pairs {
		m := fitted(p.from, p.to)
		out[i] = [2]float64{clampMS(m[0].score(logDwell(p)), -4, 4), clampMS(m[1].score(logInterval(p)), -4, 4)}
	}
	return out
}

func (s statistics) logMoments(of []int) [2]moments {
	return [2]moments{s.momentsOf(of, logDwell), s.momentsOf(of, logInterval)}
}

// autoregressed fits a first-order vector autoregression to the scores by least squares.
func (s statistics) autoregressed() autoregression {
	z := s.scores()
	var xx, xy [2][2]float64
	n := 0.0
	for i, p := range s.pairs {
		if p.before < 0 {
			continue
		}
		n++
		for a := range 2 {
			for b := range 2 {
				xx[a][b] += z[p.before][a] * z[p.before][b]
				xy[a][b] += z[p.before][a] * z[i][b]
			}
		}
	}
	const ridge = 1
	xx[0][0], xx[1][1] = xx[0][0]+ridge, xx[1][1]+ridge
	det := xx[0][0]*xx[1][1] - xx[0][1]*xx[1][0]
	var out autoregression
	for b := range 2 {
		out.by[b][0] = (xx[1][1]*xy[0][b] - xx[0][1]*xy[1][b]) / det
		out.by[b][1] = (xx[0][0]*xy[1][b] - xx[1][0]*xy[0][b]) / det
	}
	var rest [2][2]float64
	for i, p := range s.pairs {
		if p.before < 0 {
			continue
		}
		e := out.next(z[p.before])
		d := [2]float64{z[i][0] - e[0], z[i][1] - e[1]}
		for a := range 2 {
			for b := range 2 {
				rest[a][b] += d[a] * d[b] / math.Max(1, n)
			}
		}
	}
	out.remainder[0][0] = math.Sqrt(math.Max(1e-4, rest[0][0]))
	out.remainder[1][0] = rest[1][0] / out.remainder[0][0]
	out.remainder[1][1] = math.Sqrt(math.Max(1e-4, rest[1][1]-out.remainder[1][0]*out.remainder[1][0]))
	return out
}

// next gives the scores to be expected after some.
func (a autoregression) next(z [2]float64) [2]float64 {
	return [2]float64{a.by[0][0]*z[0] + a.by[0][1]*z[1], a.by[1][0]*z[0] + a.by[1][1]*z[1]}
}

// draw goes on from some scores.
func (a autoregression) draw(rng *rand.Rand, z [2]float64) [2]float64 {
	e, u, v := a.next(z), rng.NormFloat64(), rng.NormFloat64()
	return [2]float64{clampMS(e[0]+a.remainder[0][0]*u, -4, 4), clampMS(e[1]+a.remainder[1][0]*u+a.remainder[1][1]*v, -4, 4)}
}

// byAutoregression draws log-normal dwells and intervals whose scores follow the material's own autoregression.
func byAutoregression(rng *rand.Rand, s statistics) typist { return autoregressing(rng, s, s) }

// autoregressing goes on as one material does, with the means and spreads of another.
func autoregressing(rng *rand.Rand, chain, middle statistics) typist {
	a, z := chain.autoregressed(), [2]float64{}
	fitted := byDigramOnce(middle, middle.logMoments)
	return func(from, to event.Class) (float64, float64) {
		z = a.draw(rng, z)
		m := fitted(from, to)
		return unlog(m[0].at(z[0])), unlog(m[1].at(z[1]))
	}
}

// tempoStates is how many paces a chain of them tells apart.
const tempoStates = 5

// byStates goes from pace to pace as the material did, and types one of its strokes of the digram at that pace. A stroke's pace is
// in which fifth of its digram's intervals it lies.
func byStates(rng *rand.Rand, s statistics) typist {
	_, rank := s.ranks()
	state := make([]int, len(s.pairs))
	for i, z := range rank {
		state[i] = min(tempoStates-1, int(tempoStates*0.5*math.Erfc(-z/math.Sqrt2)))
	}
	var chain [tempoStates][tempoStates]float64
	for i, p := range s.pairs {
		if p.before >= 0 {
			chain[state[p.before]][state[i]]++
		}
	}
	fitted := byDigramOnce(s, func(of []int) (out [tempoStates][]int) {
		for _, i := range of {
			out[state[i]] = append(out[state[i]], i)
		}
		for k := range out {
			if len(out[k]) == 0 {
				out[k] = of
			}
		}
		return out
	})
	now := rng.IntN(tempoStates)
	return func(from, to event.Class) (float64, float64) {
		now = weighted(rng, chain[now][:])
		p := s.draw(rng, fitted(from, to)[now])
		return smooth(rng, p.dwellMS), smooth(rng, p.intervalMS)
	}
}

// weighted draws an index by weights; any where all are 0.
func weighted(rng *rand.Rand, weights []float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	if sum == 0 {
		return rng.IntN(len(weights))
	}
	u := rng.Float64() * sum
	for i, w := range weights {
		if u -= w; u < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// byTrigram draws dwell and interval together, as they were typed between the same classes before and after.
func byTrigram(rng *rand.Rand, s statistics) typist {
	of := map[[3]event.Class][]int{}
	for i, p := range s.pairs {
		if p.before >= 0 {
			key := [3]event.Class{s.pairs[p.before].from, p.from, p.to}
			of[key] = append(of[key], i)
		}
	}
	before := event.Space
	return func(from, to event.Class) (float64, float64) {
		own := of[[3]event.Class{before, from, to}]
		if len(own) < leastSamples {
			own = s.ofDigram(from, to)
		}
		before = from
		p := s.draw(rng, own)
		return smooth(rng, p.dwellMS), smooth(rng, p.intervalMS)
	}
}

// matched moves and stretches the logarithms of what a typist types from the means and spreads of one material to those of
// another, digram by digram.
func matched(next typist, from, to statistics) typist {
	was, is := byDigramOnce(from, from.logMoments), byDigramOnce(to, to.logMoments)
	return func(a, b event.Class) (float64, float64) {
		dwellMS, intervalMS := next(a, b)
		w, i := was(a, b), is(a, b)
		return unlog(i[0].at(w[0].score(math.Log(1 + dwellMS)))), unlog(i[1].at(w[1].score(math.Log(1 + intervalMS))))
	}
}

// makeMatched types as one typist of the population's strokes does, at the victim's means and spreads.
func makeMatched(by func(rng *rand.Rand, crowd, own statistics) typist) func(*rand.Rand, KeyMaterial, int) []event.Key {
	return func(rng *rand.Rand, m KeyMaterial, strokes int) []event.Key {
		crowd, ok := newStatistics(m.Population)
		own, known := newStatistics(m.Victim)
		if !ok || !known {
			return nil
		}
		return typeClasses(classesLike(rng, m.Population, strokes), pausing(rng, own, by(rng, crowd, own)))
	}
}
