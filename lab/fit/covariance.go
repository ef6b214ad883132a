package fit

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"

	"ipse.dev/ipse/internal/compare"
)

// What keeps covariances of few people sound.
const (
	ridge      = 0.05 // of the mean variance, added to the diagonal of what varies within a person
	leastRatio = 0.06 // of variance between to within people: dimensions below are dropped
	relative   = 0.6  // share of a subject's own mean score that is taken off
	degrees    = 8    // of freedom of Student's densities
)

// covariances estimates the two-covariance model from background people by analysis of variance: windows within a
// stretch, stretches within a person, people.
func covariances(people []sample) (*compare.TwoCovariance, error) {
	if len(people) < 3 {
		return nil, errors.New("fit: fewer than three background people with windows; want more data")
	}
	dim := len(people[0].stretches[0][0].embedding)
	window, stretch, between := mat.NewSymDense(dim, nil), mat.NewSymDense(dim, nil), mat.NewSymDense(dim, nil)
	grand := make([]float64, dim)
	means := make([][]float64, len(people))
	windows, stretches := 0.0, 0.0
	for i, p := range people {
		means[i] = meanOf(p.all(), dim)
		for d, v := range means[i] {
			grand[d] += v / float64(len(people))
		}
	}
	perStretch, perPerson, perPersonWindows := 0.0, 0.0, 0.0
	for i, p := range people {
		// A person's weight does not grow without bound with how much they typed.
		n := float64(len(p.all()))
		weight := math.Min(1, 60/n)
		for _, s := range p.stretches {
			m := meanOf(s, dim)
			for _, x := range s {
				addOuter(window, minus(floats(x.embedding), m), weight)
			}
			windows += weight * float64(len(s)-1)
			addOuter(stretch, minus(m, means[i]), weight*float64(len(s)))
		}
		stretches += weight * float64(len(p.stretches)-1)
		perStretch += n / float64(len(p.stretches)) / float64(len(people))
		perPerson += 1 / float64(len(p.stretches)) / float64(len(people))
		perPersonWindows += 1 / n / float64(len(people))
		addOuter(between, minus(means[i], grand), 1)
	}
	window.ScaleSym(1/math.Max(1, windows), window)
	if stretches >= 1 {
		// Expected mean square of stretches: window + perStretch × stretch.
		stretch.ScaleSym(1/stretches, stretch)
		subtract(stretch, 1, window)
		stretch.ScaleSym(1/perStretch, stretch)
		clipNegative(stretch)
	} else {
		stretch.Zero()
	}
	total := mat.NewSymDense(dim, nil)
	total.AddSym(window, stretch)
	addRidge(total, ridge)
	between.ScaleSym(1/float64(len(people)-1), between)
	subtract(between, perPersonWindows, window)
	subtract(between, perPerson, stretch)
	clipNegative(between)
	return diagonalise(grand, total, stretch, between)
}

// diagonalise finds the projection in which total is the identity and between is diagonal.
func diagonalise(grand []float64, total, stretch, between *mat.SymDense) (*compare.TwoCovariance, error) {
	dim := len(grand)
	var eigen mat.EigenSym
	if !eigen.Factorize(total, true) {
		return nil, errors.New("fit: the covariance within people has no eigenvalues")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	whiten := mat.NewDense(dim, dim, nil) // rows: whitened coordinates
	for i, v := range eigen.Values(nil) {
		for j := range dim {
			whiten.Set(i, j, vectors.At(j, i)/math.Sqrt(math.Max(v, 1e-9)))
		}
	}
	var inner mat.Dense
	inner.Product(whiten, between, whiten.T())
	if !eigen.Factorize(symmetric(&inner), true) {
		return nil, errors.New("fit: the covariance between people has no eigenvalues")
	}
	ratios := eigen.Values(nil)
	eigen.VectorsTo(&vectors)
	var projection, shared mat.Dense
	projection.Mul(vectors.T(), whiten)
	shared.Product(&projection, stretch, projection.T())
	model := &compare.TwoCovariance{Mean: make([]float64, dim), Degrees: degrees, Relative: relative, Scale: 1}
	for d, v := range grand {
		model.Mean[d] = round(v)
	}
	for i := dim - 1; i >= 0 && ratios[i] >= leastRatio; i-- {
		row := make([]float64, dim)
		for j := range dim {
			row[j] = round(projection.At(i, j))
		}
		model.Projection = append(model.Projection, row)
		model.Between = append(model.Between, round(ratios[i]))
		model.Stretch = append(model.Stretch, round(math.Max(0, math.Min(0.9, shared.At(i, i)))))
	}
	if len(model.Projection) == 0 {
		return nil, errors.New("fit: no dimension tells these people apart")
	}
	return model, nil
}

func meanOf(probes []probe, dim int) []float64 {
	m := make([]float64, dim)
	for _, p := range probes {
		for d, v := range p.embedding {
			m[d] += float64(v) / float64(len(probes))
		}
	}
	return m
}

func floats(e []int8) []float64 {
	out := make([]float64, len(e))
	for i, v := range e {
		out[i] = float64(v)
	}
	return out
}

func minus(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] - b[i]
	}
	return out
}

func addOuter(m *mat.SymDense, v []float64, weight float64) {
	m.SymRankOne(m, weight, mat.NewVecDense(len(v), v))
}

func subtract(from *mat.SymDense, factor float64, what *mat.SymDense) {
	scaled := mat.NewSymDense(what.SymmetricDim(), nil)
	scaled.ScaleSym(-factor, what)
	from.AddSym(from, scaled)
}

func addRidge(m *mat.SymDense, share float64) {
	n := m.SymmetricDim()
	add := share * mat.Trace(m) / float64(n)
	for i := range n {
		m.SetSym(i, i, m.At(i, i)+add)
	}
}

func symmetric(m *mat.Dense) *mat.SymDense {
	n, _ := m.Dims()
	out := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			out.SetSym(i, j, (m.At(i, j)+m.At(j, i))/2)
		}
	}
	return out
}

// clipNegative replaces a difference of covariances by the nearest matrix without negative variances.
func clipNegative(m *mat.SymDense) {
	var eigen mat.EigenSym
	if !eigen.Factorize(m, true) {
		return
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	n := m.SymmetricDim()
	out := mat.NewSymDense(n, nil)
	for i, v := range eigen.Values(nil) {
		if v > 0 {
			out.SymRankOne(out, v, vectors.ColView(i))
		}
	}
	m.CopySym(out)
}
