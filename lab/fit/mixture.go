package fit

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// regime is one Gaussian of a mixture: a way in which a population moves for a while.
type regime struct {
	share float64 // of the population's windows
	mean  []float64
	root  *mat.TriDense // lower Cholesky factor of the covariance
}

// How mixtures are fitted.
const (
	mixtureRounds = 15
	mixtureRidge  = 0.05 // added to every variance, in squares of normal scores
)

// regimesOf fits a mixture of k Gaussians to weighted points by expectation and maximisation (Dempster, Laird & Rubin,
// Journal of the Royal Statistical Society B 39, 1977), beginning at k of the points. It is the same for the same rng.
func regimesOf(points [][]float64, weights []float64, k int, rng *rand.Rand) []regime {
	shares := nearestOf(points, k, rng)
	var out []regime
	for round := range mixtureRounds {
		out = out[:0]
		for j := range k {
			own := make([]float64, len(points))
			for i := range own {
				own[i] = weights[i] * shares[i][j]
			}
			out = append(out, regimeOf(points, own))
		}
		total := 0.0
		for _, r := range out {
			total += r.share
		}
		for j := range out {
			out[j].share /= total
		}
		if k == 1 || round == mixtureRounds-1 {
			break
		}
		shareOut(points, out, shares)
	}
	return out
}

// nearestOf gives every point to the nearest of k points.
func nearestOf(points [][]float64, k int, rng *rand.Rand) [][]float64 {
	centres := make([][]float64, k)
	for i := range centres {
		centres[i] = points[rng.IntN(len(points))]
	}
	shares := make([][]float64, len(points))
	for i, p := range points {
		best, at := math.Inf(1), 0
		for j, c := range centres {
			distance := 0.0
			for q := range p {
				distance += (p[q] - c[q]) * (p[q] - c[q])
			}
			if distance < best {
				best, at = distance, j
			}
		}
		shares[i] = make([]float64, k)
		shares[i][at] = 1
	}
	return shares
}

// regimeOf is the Gaussian of weighted points; its share is the sum of weights.
func regimeOf(points [][]float64, weights []float64) regime {
	d := len(points[0])
	r := regime{mean: make([]float64, d)}
	for i, p := range points {
		r.share += weights[i]
		for q, v := range p {
			r.mean[q] += weights[i] * v
		}
	}
	scale := 1 / math.Max(1e-12, r.share)
	for q := range r.mean {
		r.mean[q] *= scale
	}
	sums := make([]float64, d*d)
	for i, p := range points {
		if weights[i] < 1e-9*r.share {
			continue
		}
		away := minus(p, r.mean)
		for a, v := range away {
			v *= weights[i] * scale
			row := sums[a*d : a*d+a+1]
			for b := range row {
				row[b] += v * away[b]
			}
		}
	}
	r.root = rootOf(d, func(a, b int) float64 { return sums[max(a, b)*d+min(a, b)] }, mixtureRidge)
	return r
}

// rootOf is the lower Cholesky factor of a covariance whose variances grow by ridge.
func rootOf(d int, cov func(a, b int) float64, ridge float64) *mat.TriDense {
	m := mat.NewSymDense(d, nil)
	for a := range d {
		for b := a; b < d; b++ {
			m.SetSym(a, b, cov(a, b))
		}
		m.SetSym(a, a, m.At(a, a)+ridge)
	}
	var chol mat.Cholesky
	if !chol.Factorize(m) {
		panic("fit: a covariance with a ridge is not positive definite")
	}
	root := new(mat.TriDense)
	chol.LTo(root)
	return root
}

// shareOut gives every point to the regimes in proportion to how likely it is under each.
func shareOut(points [][]float64, regimes []regime, shares [][]float64) {
	d := len(points[0])
	logs, constants := make([]float64, len(regimes)), make([]float64, len(regimes))
	inverses := make([]mat.TriDense, len(regimes))
	for j, r := range regimes {
		constants[j] = math.Log(math.Max(1e-12, r.share))
		for q := range d {
			constants[j] -= math.Log(r.root.At(q, q))
		}
		if err := inverses[j].InverseTri(r.root); err != nil {
			panic("fit: the root of a covariance with a ridge has no inverse: " + err.Error())
		}
	}
	for i, p := range points {
		for j, r := range regimes {
			away, raw := minus(p, r.mean), inverses[j].RawTriangular()
			logs[j] = constants[j]
			for a := range d {
				v := 0.0
				for b, c := range raw.Data[a*raw.Stride : a*raw.Stride+a+1] {
					v += c * away[b]
				}
				logs[j] -= v * v / 2
			}
		}
		high, sum := slices.Max(logs), 0.0
		for j := range logs {
			shares[i][j] = math.Exp(logs[j] - high)
			sum += shares[i][j]
		}
		for j := range logs {
			shares[i][j] /= sum
		}
	}
}

// stray gives root times a vector of independent standard normals.
func stray(root *mat.TriDense, rng *rand.Rand) []float64 {
	raw := root.RawTriangular()
	eps := make([]float64, raw.N)
	for i := range eps {
		eps[i] = rng.NormFloat64()
	}
	out := make([]float64, raw.N)
	for a := range out {
		for b, c := range raw.Data[a*raw.Stride : a*raw.Stride+a+1] {
			out[a] += c * eps[b]
		}
	}
	return out
}
