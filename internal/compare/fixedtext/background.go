package fixedtext

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// First is how many of a background person's first repetitions stand for people to whom the text is new.
const First = 10

// Background is what people who typed the very same text tell of it: how somebody types it to whom it is new, and which
// timings go astray together when one person types it again. A likelihood ratio against such people is the universal
// background model of Deng & Zhong, "Keystroke dynamics user authentication based on Gaussian mixture model and deep
// belief nets", ISRN Signal Processing 2013. Two such ratios are added up: one takes timings position by position, by
// densities of any shape, the other takes all of them together, by two Student distributions. Neither makes the other
// superfluous: on the people of whom the constants were chosen they err at 2.9 % and 4.3 %, their sum at 2.2 %.
type Background struct {
	people   []*Model // of their first repetitions
	newcomer student  // around what is usual of people to whom the text is new
	again    student  // around a person's own usual timings
}

// NewBackground takes background people's repetitions, oldest first: at least two people with First repetitions each. It
// fails with ErrTooFew or ErrShape.
func NewBackground(t Typing, people [][]Timings) (*Background, error) {
	if len(people) < 2 {
		return nil, fmt.Errorf("%w: %d background people; want at least two", ErrTooFew, len(people))
	}
	b := &Background{}
	var firsts, deviations [][]float64
	for _, repetitions := range people {
		if len(repetitions) < First {
			return nil, fmt.Errorf("%w: a background person has %d; want at least %d", ErrTooFew, len(repetitions), First)
		}
		m, err := learn(t, repetitions[:First], math.Inf(1))
		if err != nil {
			return nil, err
		}
		if len(b.people) > 0 && len(m.densities) != len(b.people[0].densities) {
			return nil, fmt.Errorf("%w: background people typed texts of different lengths", ErrShape)
		}
		b.people = append(b.people, m)
		for _, r := range repetitions[:First] {
			firsts = append(firsts, m.deviation(r, false))
		}
		half := len(repetitions) / 2
		usual, err := Learn(t, repetitions[:half])
		if err != nil {
			return nil, err
		}
		for _, r := range repetitions[half:] {
			if err := usual.fits(r); err != nil {
				return nil, err
			}
			deviations = append(deviations, usual.deviation(r, true))
		}
	}
	var err error
	if b.newcomer, err = fitStudent(firsts, true); err != nil {
		return nil, err
	}
	b.again, err = fitStudent(deviations, false)
	return b, err
}

// deviation gives the timings, or how far they lie from the person's usual ones.
func (m *Model) deviation(r Timings, fromUsual bool) []float64 {
	out := make([]float64, len(r))
	for p, timing := range r {
		out[p] = on(timing)
		if fromUsual {
			out[p] -= m.densities[p].median
		}
	}
	return out
}

// Score gives the log-likelihood ratio of a repetition: the person's model against the background people's, each of
// whom counts the same. It is finite and not calibrated.
func (b *Background) Score(m *Model, r Timings) (float64, error) {
	if len(m.densities) != len(b.people[0].densities) {
		return 0, fmt.Errorf("%w: the person's text has %d timings, the background's %d", ErrShape, len(m.densities), len(b.people[0].densities))
	}
	if err := m.fits(r); err != nil {
		return 0, err
	}
	sum := 0.0
	for p, timing := range r {
		x := on(timing)
		others := 0.0
		for _, o := range b.people {
			others += o.densities[p].at(x)
		}
		sum += math.Log(m.densities[p].at(x)) - math.Log(others/float64(len(b.people)))
	}
	return sum + b.again.logDensity(m.deviation(r, true)) - b.newcomer.logDensity(m.deviation(r, false)), nil
}

// student is a multivariate Student distribution, up to a factor that is the same for all of the same dimension.
type student struct {
	mean   []float64
	spread mat.Cholesky
	logDet float64
}

// What its fit takes.
const (
	jointTail   = 10.0 // degrees of freedom
	jointRounds = 5
	jointRidge  = 0.04 // of each variance, added to it: there are few people, and far fewer than repetitions
	jointFloor  = 1e-3 // added to each variance, on the asinh scale
	clipped     = 2.0  // on the asinh scale: no deviation counts for more
)

// fitStudent fits by weighing each row by how far out it lies, again and again (Lange, Little & Taylor, "Robust
// statistical modeling using the t distribution", JASA 1989). The mean stays at 0 where it is not fitted.
func fitStudent(rows [][]float64, fitMean bool) (student, error) {
	n := len(rows[0])
	s := student{mean: make([]float64, n)}
	if fitMean {
		for _, r := range rows {
			for i, x := range r {
				s.mean[i] += x / float64(len(rows))
			}
		}
	}
	weights := make([]float64, len(rows))
	for i := range weights {
		weights[i] = 1
	}
	for range jointRounds {
		scatter := mat.NewSymDense(n, nil)
		for i, r := range rows {
			d := s.from(r)
			scatter.SymRankOne(scatter, weights[i]/float64(len(rows)), d)
		}
		for i := range n {
			scatter.SetSym(i, i, scatter.At(i, i)*(1+jointRidge)+jointFloor)
		}
		if !s.spread.Factorize(scatter) {
			return s, fmt.Errorf("%w: the background people's timings do not vary as timings do", ErrShape)
		}
		for i, r := range rows {
			weights[i] = (jointTail + float64(n)) / (jointTail + s.distance(r))
		}
	}
	s.logDet = s.spread.LogDet()
	return s, nil
}

func (s *student) from(r []float64) *mat.VecDense {
	d := mat.NewVecDense(len(r), nil)
	for i, x := range r {
		d.SetVec(i, math.Max(-clipped, math.Min(clipped, x-s.mean[i])))
	}
	return d
}

// distance is the squared Mahalanobis distance from the mean.
func (s *student) distance(r []float64) float64 {
	d := s.from(r)
	solved := mat.NewVecDense(len(r), nil)
	if err := s.spread.SolveVecTo(solved, d); err != nil {
		return 0 // cannot be: the ridge keeps the condition number small
	}
	return mat.Dot(d, solved)
}

func (s *student) logDensity(r []float64) float64 {
	return -s.logDet/2 - (jointTail+float64(len(r)))/2*math.Log1p(s.distance(r)/jointTail)
}
