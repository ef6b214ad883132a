package fit

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// How people are drawn who do not exist.
const (
	virtualWindows   = 20_000
	virtualRegimes   = 4   // of a crowd, and one for every peoplePerRegime of its members at most
	peoplePerRegime  = 10  // so that no regime is somebody
	virtualStrangers = 2.0 // how many times the covariance between people is added: others differ more
)

// crowd is people of one kind, or sittings of a program: the measures of their windows by member, and what they count.
type crowd struct {
	share   float64
	members grouped
}

// crowdStatistics is what is kept of crowds: how each measure is spread over all of them, and how the measures go together
// in each. Nothing of it belongs to one window.
type crowdStatistics struct {
	at      []int // where the measures stand in the list
	margins []marginal
	crowds  []crowdShape
}

// crowdShape is how measures go together in a crowd, in normal scores.
type crowdShape struct {
	share   float64
	regimes []regime
	between *mat.TriDense // root of the covariance of members' means
}

// statisticsOf takes the statistics of crowds over some measures of the list. Members of a crowd weigh the same. It is the
// same for the same rng.
func statisticsOf(crowds []crowd, at []int, rng *rand.Rand) crowdStatistics {
	s := crowdStatistics{at: at}
	var values [][]float64
	var weights []float64
	for _, c := range crowds {
		for _, windows := range c.members.windows {
			for _, w := range windows {
				values = append(values, w)
				weights = append(weights, c.share/float64(len(c.members.windows)*len(windows)))
			}
		}
	}
	column := make([]float64, len(values))
	for _, i := range at {
		for j, w := range values {
			column[j] = w[i]
		}
		s.margins = append(s.margins, marginalOf(column, weights))
	}
	for _, c := range crowds {
		s.crowds = append(s.crowds, s.shapeOf(c, rng))
	}
	return s
}

func (s crowdStatistics) shapeOf(c crowd, rng *rand.Rand) crowdShape {
	var points [][]float64
	var weights []float64
	for _, windows := range c.members.windows {
		for _, w := range windows {
			points, weights = append(points, s.scores(w)), append(weights, 1/float64(len(windows)))
		}
	}
	k := max(1, min(virtualRegimes, len(c.members.names)/peoplePerRegime))
	between := scatter(c.members, s.scores)
	return crowdShape{
		share: c.share, regimes: regimesOf(points, weights, k, rng),
		between: rootOf(len(s.at), between.At, 1e-3),
	}
}

// scores are the normal scores of a window's measures.
func (s crowdStatistics) scores(window []float64) []float64 {
	z := make([]float64, len(s.at))
	for i, at := range s.at {
		z[i] = s.margins[i].score(window[at])
	}
	return z
}

// draw makes n windows, of so many measures, of members who do not exist: of a crowd by its share, in a regime of it, as far
// from its mean as strangers are from the crowd (strangers times the covariance between members).
func (s crowdStatistics) draw(n, measures int, strangers float64, rng *rand.Rand) [][]float64 {
	var shares []float64
	for _, c := range s.crowds {
		shares = append(shares, c.share)
	}
	out := make([][]float64, n)
	for i := range out {
		c := s.crowds[pickBy(shares, rng)]
		var own []float64
		for _, r := range c.regimes {
			own = append(own, r.share)
		}
		r := c.regimes[pickBy(own, rng)]
		window, off := stray(r.root, rng), stray(c.between, rng)
		out[i] = make([]float64, measures)
		for q, at := range s.at {
			out[i][at] = s.margins[q].value(r.mean[q] + window[q] + math.Sqrt(strangers)*off[q])
		}
	}
	return out
}

// seen is a window as the drawn ones are: its measures between the quantiles, blurred by what mixtureRidge adds to theirs. A
// program that is seen so stands out by how it moves, and not by being measured where people are drawn.
func (s crowdStatistics) seen(window []float64, rng *rand.Rand) []float64 {
	out := slices.Clone(window)
	for i, at := range s.at {
		out[at] = s.margins[i].value(s.margins[i].score(window[at]) + math.Sqrt(mixtureRidge)*rng.NormFloat64())
	}
	return out
}

// numbers counts what is kept.
func (s crowdStatistics) numbers() int {
	d := len(s.at)
	n := d * quantilesKept
	for _, c := range s.crowds {
		n += d*(d+1)/2 + len(c.regimes)*(1+d+d*(d+1)/2)
	}
	return n
}

// pickBy draws a place of the list in proportion to what stands there.
func pickBy(shares []float64, rng *rand.Rand) int {
	sum := 0.0
	for _, s := range shares {
		sum += s
	}
	left := sum * rng.Float64()
	for i, s := range shares {
		if left -= s; left < 0 {
			return i
		}
	}
	return len(shares) - 1
}
