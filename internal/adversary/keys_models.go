package adversary

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"ipse.dev/ipse/internal/event"
)

// moments are mean and standard deviation of a quantity.
type moments struct{ mean, spread float64 }

// momentsOf gives the moments of a quantity of some strokes; a spread is never 0.
func (s statistics) momentsOf(of []int, value func(pair) float64) moments {
	var sum, squares float64
	for _, i := range of {
		x := value(s.pairs[i])
		sum, squares = sum+x, squares+x*x
	}
	n := float64(len(of))
	return moments{sum / n, math.Sqrt(math.Max(1e-4, squares/n-sum/n*sum/n))}
}

func (m moments) score(x float64) float64 { return (x - m.mean) / m.spread }
func (m moments) at(z float64) float64    { return m.mean + m.spread*z }

// The quantities whose laws are fitted: logarithms, in which times are least skewed, and the flight in ms.
func logDwell(p pair) float64    { return math.Log(1 + p.dwellMS) }
func logInterval(p pair) float64 { return math.Log(1 + p.intervalMS) }
func flightMS(p pair) float64    { return p.intervalMS - p.dwellMS }

// unlog gives the time of a logarithm, in ms, kept within what is not a pause.
func unlog(x float64) float64 { return clampMS(math.Exp(x)-1, 0, pausedMS) }

// lawed draws dwell and interval of each digram one by one from a law with the mean and the spread of their logarithms.
func lawed(z func(*rand.Rand) float64) func(*rand.Rand, statistics) typist {
	return func(rng *rand.Rand, s statistics) typist {
		fitted := byDigramOnce(s, s.logMoments)
		return func(from, to event.Class) (float64, float64) {
			m := fitted(from, to)
			return unlog(m[0].at(z(rng))), unlog(m[1].at(z(rng)))
		}
	}
}

// byDigramOnce computes something of each digram's strokes when it is first asked for.
func byDigramOnce[T any](s statistics, compute func(of []int) T) func(from, to event.Class) T {
	known := map[[2]event.Class]T{}
	return func(from, to event.Class) T {
		key := [2]event.Class{from, to}
		if _, ok := known[key]; !ok {
			known[key] = compute(s.ofDigram(from, to))
		}
		return known[key]
	}
}

// normal and logistic are standard deviates: with them times are log-normal and log-logistic.
func normal(rng *rand.Rand) float64 { return rng.NormFloat64() }

func logistic(rng *rand.Rand) float64 {
	u := clampMS(rng.Float64(), 1e-6, 1-1e-6)
	return math.Sqrt(3) / math.Pi * math.Log(u/(1-u))
}

// byGamma draws dwell and flight of each digram one by one from gamma laws with their means and spreads; a flight counts from the
// digram's quickest, so that keys may overlap.
func byGamma(rng *rand.Rand, s statistics) typist {
	type laws struct {
		dwell, flight moments
		least         float64
	}
	fitted := byDigramOnce(s, func(of []int) laws {
		flights := make([]float64, len(of))
		for i, at := range of {
			flights[i] = flightMS(s.pairs[at])
		}
		least := slices.Min(flights) - 1
		return laws{s.momentsOf(of, func(p pair) float64 { return p.dwellMS }), s.momentsOf(of, func(p pair) float64 { return flightMS(p) - least }), least}
	})
	return func(from, to event.Class) (float64, float64) {
		l := fitted(from, to)
		dwellMS := gamma(rng, l.dwell)
		return dwellMS, math.Min(pausedMS, dwellMS+l.least+gamma(rng, l.flight))
	}
}

// gamma draws from the gamma law with these moments (Marsaglia & Tsang 2000; a shape below 1 is raised by one and taken back by
// a power of a uniform draw).
func gamma(rng *rand.Rand, m moments) float64 {
	if !(m.mean > 0) {
		return 0
	}
	shape, scale := m.mean*m.mean/(m.spread*m.spread), m.spread*m.spread/m.mean
	if shape < 1 {
		scale *= math.Pow(rng.Float64(), 1/shape)
		shape++
	}
	d := shape - 1.0/3
	for {
		x := rng.NormFloat64()
		v := math.Pow(1+x/math.Sqrt(9*d), 3)
		if v > 0 && math.Log(1-rng.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return scale * d * v
		}
	}
}

// byKernel draws dwell and interval together from a kernel density of the digram's logarithms: one of its strokes, moved by a normal
// step as wide as Silverman's rule says for two dimensions.
func byKernel(rng *rand.Rand, s statistics) typist {
	type widths struct {
		of              []int
		dwell, interval float64
	}
	fitted := byDigramOnce(s, func(of []int) widths {
		h := math.Pow(float64(len(of)), -1.0/6)
		return widths{of, h * s.momentsOf(of, logDwell).spread, h * s.momentsOf(of, logInterval).spread}
	})
	return func(from, to event.Class) (float64, float64) {
		w := fitted(from, to)
		p := s.draw(rng, w.of)
		return unlog(logDwell(p) + w.dwell*rng.NormFloat64()), unlog(logInterval(p) + w.interval*rng.NormFloat64())
	}
}

// mixtureParts is how many normal laws a mixture has.
const mixtureParts = 3

// byMixture draws dwell and interval together from a mixture of normal laws of the digram's logarithms, each with its own
// correlation. Parts begin as equal shares of the intervals in their order and are fitted by a few steps of hard expectation
// and maximisation.
func byMixture(rng *rand.Rand, s statistics) typist {
	fitted := byDigramOnce(s, s.mixture)
	return func(from, to event.Class) (float64, float64) {
		parts := fitted(from, to)
		at, u := 0, rng.Float64()
		for at+1 < len(parts) && u > parts[at].share {
			u -= parts[at].share
			at++
		}
		p := parts[at]
		a, b := rng.NormFloat64(), rng.NormFloat64()
		b = p.together*a + math.Sqrt(1-p.together*p.together)*b
		return unlog(p.dwell.at(a)), unlog(p.interval.at(b))
	}
}

// part is one normal law of a mixture.
type part struct {
	share           float64
	dwell, interval moments
	together        float64 // correlation
}

// density is the logarithm of the law's density, but for a constant.
func (p part) density(dwell, interval float64) float64 {
	a, b, r := p.dwell.score(dwell), p.interval.score(interval), 1-p.together*p.together
	return math.Log(p.share) - math.Log(p.dwell.spread*p.interval.spread) - math.Log(r)/2 - (a*a-2*p.together*a*b+b*b)/(2*r)
}

func (s statistics) mixture(of []int) []part {
	order := slices.Clone(of)
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(s.pairs[a].intervalMS, s.pairs[b].intervalMS), cmp.Compare(a, b))
	})
	members := make([][]int, mixtureParts)
	for i, at := range order {
		members[i*mixtureParts/len(order)] = append(members[i*mixtureParts/len(order)], at)
	}
	var parts []part
	for range 8 {
		parts = parts[:0]
		for _, own := range members {
			if len(own) < leastSamples && len(parts) > 0 {
				continue
			}
			if len(own) == 0 {
				own = of
			}
			p := part{share: float64(len(own)) / float64(len(of)), dwell: s.momentsOf(own, logDwell), interval: s.momentsOf(own, logInterval)}
			var scores [][2]float64
			for _, i := range own {
				scores = append(scores, [2]float64{p.dwell.score(logDwell(s.pairs[i])), p.interval.score(logInterval(s.pairs[i]))})
			}
			p.together = correlated(scores)
			parts = append(parts, p)
		}
		members = make([][]int, len(parts))
		for _, i := range of {
			best, most := 0, math.Inf(-1)
			for k, p := range parts {
				if d := p.density(logDwell(s.pairs[i]), logInterval(s.pairs[i])); d > most {
					best, most = k, d
				}
			}
			members[best] = append(members[best], i)
		}
	}
	return parts
}
