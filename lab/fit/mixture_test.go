package fit

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestMixtureFindsTwoKnownRegimes(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	var points [][]float64
	var weights []float64
	for i := range 6000 {
		a, b := rng.NormFloat64(), rng.NormFloat64()
		if i%3 == 0 {
			points = append(points, []float64{-4 + a, 1 + 0.8*a + 0.6*b}) // correlation 0.8
		} else {
			points = append(points, []float64{4 + a, -1 + b})
		}
		weights = append(weights, 1)
	}
	got := regimesOf(points, weights, 2, rand.New(rand.NewPCG(1, 5)))
	slices.SortFunc(got, func(a, b regime) int { return int(math.Copysign(1, a.mean[0]-b.mean[0])) })
	for i, want := range []struct{ share, x, y, correlation float64 }{{1.0 / 3, -4, 1, 0.8}, {2.0 / 3, 4, -1, 0}} {
		r := got[i]
		if math.Abs(r.share-want.share) > 0.02 || math.Abs(r.mean[0]-want.x) > 0.1 || math.Abs(r.mean[1]-want.y) > 0.1 {
			t.Errorf("regime %d has share %.3f and mean %.2f, want %.3f and %g, %g", i, r.share, r.mean, want.share, want.x, want.y)
		}
		cov, va, vb := r.root.At(0, 0)*r.root.At(1, 0), math.Pow(r.root.At(0, 0), 2), math.Pow(r.root.At(1, 0), 2)+math.Pow(r.root.At(1, 1), 2)
		if got := cov / math.Sqrt(va*vb); math.Abs(got-want.correlation) > 0.08 {
			t.Errorf("regime %d has a correlation of %.2f, want %g", i, got, want.correlation)
		}
		if math.Abs(va-1-mixtureRidge) > 0.1 {
			t.Errorf("regime %d has variance %.2f, want 1 and the ridge", i, va)
		}
	}
}

func TestMixtureWeighsPoints(t *testing.T) {
	got := regimesOf([][]float64{{0}, {8}}, []float64{3, 1}, 1, rand.New(rand.NewPCG(1, 1)))[0]
	if got.share != 1 || math.Abs(got.mean[0]-2) > 1e-9 || math.Abs(math.Pow(got.root.At(0, 0), 2)-12-mixtureRidge) > 1e-9 {
		t.Errorf("share %g, mean %g, variance %g; want 1, 2 and 12 and the ridge", got.share, got.mean[0], math.Pow(got.root.At(0, 0), 2))
	}
}
