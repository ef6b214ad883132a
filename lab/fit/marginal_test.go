package fit

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// uniformly gives n values, and as many weights of 1.
func uniformly(n int, value func(i int) float64) (values, weights []float64) {
	for i := range n {
		values, weights = append(values, value(i)), append(weights, 1)
	}
	return values, weights
}

func TestMarginalScoresOfANormalAreItself(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	m := marginalOf(uniformly(40_000, func(int) float64 { return 5 + 2*rng.NormFloat64() }))
	for _, z := range []float64{-2, -1, 0, 0.5, 2} {
		if got := m.score(5 + 2*z); math.Abs(got-z) > 0.08 {
			t.Errorf("the score of a value %g spreads from the mean is %.3f, want %g", z, got, z)
		}
	}
}

func TestMarginalWeighsValues(t *testing.T) {
	m := marginalOf([]float64{0, 1}, []float64{3, 1})
	// Three quarters lie on 0: its scores are those up to 0.674.
	if low, high := m.value(0.6), m.value(0.8); low != 0 || high != 1 {
		t.Errorf("the values below and above three quarters are %g and %g, want 0 and 1", low, high)
	}
}

func TestMarginalKeepsNobodysExtreme(t *testing.T) {
	m := marginalOf(uniformly(10_000, func(i int) float64 {
		if i == 0 {
			return 1e6
		}
		return float64(i%100) / 100
	}))
	if got := m.value(10); got > 10 {
		t.Errorf("the highest value that is drawn is %g, want one near 1", got)
	}
}

func TestMarginalComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cents := rapid.SliceOfN(rapid.IntRange(-10_000, 10_000), 200, 300).Draw(t, "cents")
		m := marginalOf(uniformly(len(cents), func(i int) float64 { return float64(cents[i]) / 100 }))
		low, high := m.x[0], m.x[len(m.x)-1]
		x := rapid.Float64Range(low, math.Nextafter(high, math.Inf(1))).Draw(t, "x")
		if got := m.value(m.score(x)); math.Abs(got-x) > 1e-6*math.Max(1, math.Abs(x)) {
			t.Fatalf("%g has the score %g, whose value is %g", x, m.score(x), got)
		}
		a, b := rapid.Float64Range(-5, 5).Draw(t, "a"), rapid.Float64Range(-5, 5).Draw(t, "b")
		if (a < b) && m.value(a) > m.value(b) {
			t.Fatalf("the value of %g is above that of %g", a, b)
		}
	})
}
