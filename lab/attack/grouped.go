package attack

import (
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// ErrAlike says that nothing tells the groups apart.
var ErrAlike = errors.New("attack: nothing tells the groups apart")

// Grouped is the two-covariance model of vectors that come in groups (windows of one sentence, profiles of one person):
// group means are normal around the grand mean, vectors are normal around their group's mean. Its coordinates have
// variance 1 within a group and Between among groups, the largest first.
type Grouped struct {
	Between []float64

	mean       []float64
	projection *mat.Dense
}

// What keeps the model sound with few vectors.
const (
	withinRidge = 0.02 // of the mean variance, added to every variance within groups
	leastRatio  = 0.01 // of the variance among groups to that within: coordinates below are dropped
)

// FitGrouped estimates the model by analysis of variance. Vectors whose group is negative are left out.
func FitGrouped(vectors [][]float64, groups []int) (*Grouped, error) {
	members := map[int][]int{}
	used := 0
	for i, g := range groups {
		if g >= 0 {
			members[g] = append(members[g], i)
			used++
		}
	}
	if len(members) < 3 || used <= len(members) {
		return nil, ErrTooFew
	}
	d := len(vectors[0])
	m := &Grouped{mean: make([]float64, d)}
	for i, g := range groups {
		if g >= 0 {
			for j, v := range vectors[i] {
				m.mean[j] += v / float64(used)
			}
		}
	}
	// The expected mean square among groups is within + size × between (Searle et al., Variance Components, 1992).
	within, among := mat.NewDense(used, d, nil), mat.NewDense(len(members), d, nil)
	row, squares := 0, 0.0
	for number, g := range sortedKeys(members) {
		centre := make([]float64, d)
		for _, i := range members[g] {
			for j, v := range vectors[i] {
				centre[j] += v / float64(len(members[g]))
			}
		}
		for _, i := range members[g] {
			x := within.RawRowView(row)
			for j, v := range vectors[i] {
				x[j] = v - centre[j]
			}
			row++
		}
		size := float64(len(members[g]))
		squares += size * size
		for j, v := range centre {
			among.Set(number, j, math.Sqrt(size)*(v-m.mean[j]))
		}
	}
	var inner, outer mat.SymDense
	inner.SymOuterK(1/float64(used-len(members)), within.T())
	outer.SymOuterK(1/float64(len(members)-1), among.T())
	size := (float64(used) - squares/float64(used)) / float64(len(members)-1)
	for i := range d {
		for j := i; j < d; j++ {
			outer.SetSym(i, j, (outer.At(i, j)-inner.At(i, j))/size)
		}
	}
	ridge := withinRidge * mat.Trace(&inner) / float64(d)
	for i := range d {
		inner.SetSym(i, i, inner.At(i, i)+ridge+1e-9)
	}
	return m, m.diagonalise(&inner, &outer)
}

func sortedKeys(m map[int][]int) []int {
	var keys []int
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// diagonalise finds the coordinates in which inner is the identity and outer is diagonal.
func (m *Grouped) diagonalise(inner, outer *mat.SymDense) error {
	d := len(m.mean)
	var eigen mat.EigenSym
	if !eigen.Factorize(inner, true) {
		return errors.New("attack: the covariance within groups has no eigenvalues")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	whiten := mat.NewDense(d, d, nil)
	for i, v := range eigen.Values(nil) {
		for j := range d {
			whiten.Set(i, j, vectors.At(j, i)/math.Sqrt(math.Max(v, 1e-9)))
		}
	}
	var turned mat.Dense
	turned.Product(whiten, outer, whiten.T())
	both := mat.NewSymDense(d, nil)
	for i := range d {
		for j := i; j < d; j++ {
			both.SetSym(i, j, (turned.At(i, j)+turned.At(j, i))/2)
		}
	}
	if !eigen.Factorize(both, true) {
		return errors.New("attack: the covariance among groups has no eigenvalues")
	}
	ratios := eigen.Values(nil) // growing
	eigen.VectorsTo(&vectors)
	var all mat.Dense
	all.Mul(vectors.T(), whiten)
	for i := d - 1; i >= 0 && ratios[i] >= leastRatio; i-- {
		m.Between = append(m.Between, ratios[i])
	}
	if len(m.Between) == 0 {
		return ErrAlike
	}
	m.projection = mat.NewDense(len(m.Between), d, nil)
	for i := range m.Between {
		m.projection.SetRow(i, all.RawRowView(d-1-i))
	}
	return nil
}

// Project gives a vector's coordinates.
func (m *Grouped) Project(x []float64) []float64 {
	centred := make([]float64, len(x))
	for i, v := range x {
		centred[i] = v - m.mean[i]
	}
	out := mat.NewVecDense(len(m.Between), nil)
	out.MulVec(m.projection, mat.NewVecDense(len(x), centred))
	return out.RawVector().Data
}

// Comparison scores means of b vectors against known means of a vectors: the log-likelihood ratio of "the same group"
// against "another group".
type Comparison struct {
	gain, mated, other []float64 // gain of the known mean; 1/variance of the probe around it, and around the grand mean
	constant           float64
}

// Compare prepares a comparison.
func (m *Grouped) Compare(a, b float64) Comparison {
	var c Comparison
	for _, between := range m.Between {
		gain := between / (between + 1/a)
		mated, other := between*(1-gain)+1/b, between+1/b
		c.gain, c.mated, c.other = append(c.gain, gain), append(c.mated, 1/mated), append(c.other, 1/other)
		c.constant += 0.5 * math.Log(other/mated)
	}
	return c
}

// Score takes the coordinates of the known mean and of the probe.
func (c *Comparison) Score(known, probe []float64) float64 {
	sum := 0.0
	for i, x := range probe {
		distance := x - c.gain[i]*known[i]
		sum += x*x*c.other[i] - distance*distance*c.mated[i]
	}
	return c.constant + sum/2
}
