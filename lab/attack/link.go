package attack

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"

	"ipse.dev/ipse/lab/metric"
)

// Linked is how well people of one installation are found again in another.
type Linked struct {
	Scores [][]float64 // person at A × person at B: log-likelihood ratio of "the same person"
	Ranks  []int       // for each person at A, how many people at B score higher than themself
}

// Link scores every profile of A with every profile of B, where the i-th of both are one person. The model was fitted on
// other people's profiles, each person's a group.
func Link(m *Grouped, a, b [][]float64) Linked {
	compare := m.Compare(1, 1)
	project := func(profiles [][]float64) (out [][]float64) {
		for _, p := range profiles {
			out = append(out, m.Project(p))
		}
		return out
	}
	u, v := project(a), project(b)
	out := Linked{Ranks: make([]int, len(a))}
	for i := range u {
		row := make([]float64, len(v))
		for j := range v {
			row[j] = compare.Score(u[i], v[j])
		}
		for j, score := range row {
			if j != i && score >= row[i] {
				out.Ranks[i]++
			}
		}
		out.Scores = append(out.Scores, row)
	}
	return out
}

// Within gives for each person whether they are among the n best.
func (l Linked) Within(n int) []float64 {
	out := make([]float64, len(l.Ranks))
	for i, r := range l.Ranks {
		out[i] = indicator(r < n)
	}
	return out
}

// Pool gives all scores as comparisons.
func (l Linked) Pool() *metric.Pool {
	var all []metric.Comparison
	for i, row := range l.Scores {
		for j, score := range row {
			all = append(all, metric.Comparison{Score: score, Reference: int32(i), Probe: int32(j)})
		}
	}
	return metric.NewPool(all, len(l.Scores))
}

// FitLink fits the model of profiles on people who have one at A and one at B.
func FitLink(a, b [][]float64) (*Grouped, error) {
	var vectors [][]float64
	var people []int
	for i := range a {
		vectors = append(vectors, a[i], b[i])
		people = append(people, i, i)
	}
	return FitGrouped(vectors, people)
}

// Rotation is a random orthogonal matrix, as an installation might apply to every reference that it stores, under a key
// of its own.
type Rotation struct{ by *mat.Dense }

// NewRotation draws a rotation of d dimensions from the uniform distribution (Mezzadri, 2007): the orthogonal part of a
// matrix of normal numbers.
func NewRotation(d int, normal func() float64) Rotation {
	m := mat.NewDense(d, d, nil)
	for i := range d {
		for j := range d {
			m.Set(i, j, normal())
		}
	}
	var qr mat.QR
	qr.Factorize(m)
	var q, r mat.Dense
	qr.QTo(&q)
	qr.RTo(&r)
	for j := range d {
		if r.At(j, j) < 0 {
			for i := range d {
				q.Set(i, j, -q.At(i, j))
			}
		}
	}
	return Rotation{&q}
}

// Apply turns vectors.
func (r Rotation) Apply(vectors [][]float64) [][]float64 {
	out := make([][]float64, len(vectors))
	for i, v := range vectors {
		turned := mat.NewVecDense(len(v), nil)
		turned.MulVec(r.by, mat.NewVecDense(len(v), v))
		out[i] = turned.RawVector().Data
	}
	return out
}

// Realign is what a thief does with one installation's rotated vectors: the directions in which people differ most are
// the same everywhere, so the thief turns them into the axes, the largest first, and points each axis to where the
// distribution's tail is. No key is needed.
func Realign(vectors [][]float64) ([][]float64, error) {
	if len(vectors) < 3 {
		return nil, ErrTooFew
	}
	n, d := len(vectors), len(vectors[0])
	centred := mat.NewDense(n, d, nil)
	for j := range d {
		mean := 0.0
		for _, v := range vectors {
			mean += v[j] / float64(n)
		}
		for i, v := range vectors {
			centred.Set(i, j, v[j]-mean)
		}
	}
	var covariance mat.SymDense
	covariance.SymOuterK(1/float64(n-1), centred.T())
	var eigen mat.EigenSym
	if !eigen.Factorize(&covariance, true) {
		return nil, errors.New("attack: the covariance of the vectors has no eigenvalues")
	}
	var axes, turned mat.Dense
	eigen.VectorsTo(&axes)
	turned.Mul(centred, &axes)
	out := make([][]float64, n)
	for i := range out {
		out[i] = make([]float64, d)
	}
	for j := range d {
		skew := 0.0
		for i := range n {
			skew += math.Pow(turned.At(i, d-1-j), 3)
		}
		sign := math.Copysign(1, skew)
		for i := range n {
			out[i][j] = sign * turned.At(i, d-1-j)
		}
	}
	return out, nil
}

// alignRounds is how often Align matches and turns.
const alignRounds = 40

// Align is how the thief goes on with two realigned databases that hold many of the same people: those who are each
// other's best match are taken to be the same person, the rotation that brings them together best (Schönemann, 1966) is
// applied to B, and that again. Nobody tells the thief who is who.
func Align(m *Grouped, a, b [][]float64) [][]float64 {
	for range alignRounds {
		scores := Link(m, a, b).Scores
		bestB, bestA := make([]int, len(a)), make([]int, len(b))
		for i := range scores {
			for j := range scores[i] {
				if scores[i][j] > scores[i][bestB[i]] {
					bestB[i] = j
				}
				if scores[i][j] > scores[bestA[j]][j] {
					bestA[j] = i
				}
			}
		}
		d := len(a[0])
		cross := mat.NewDense(d, d, nil)
		for i, j := range bestB {
			if bestA[j] == i {
				var outer mat.Dense
				outer.Outer(1, mat.NewVecDense(d, a[i]), mat.NewVecDense(d, b[j]))
				cross.Add(cross, &outer)
			}
		}
		var svd mat.SVD
		if !svd.Factorize(cross, mat.SVDFull) {
			return b
		}
		var u, v, turn mat.Dense
		svd.UTo(&u)
		svd.VTo(&v)
		turn.Mul(&u, v.T())
		b = Rotation{&turn}.Apply(b)
	}
	return b
}
