package metric_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"ipse.dev/ipse/lab/metric"
	"pgregory.net/rapid"
)

var few = metric.Bootstrap{Rounds: 60, Seed: 5}

// gaussian draws scores that are true log-likelihood ratios: of two normal densities with variance 2m, around ±m.
func gaussian(m float64, people, each int, stated func(float64) float64) *metric.Pool {
	random := rand.New(rand.NewPCG(11, 12))
	var all []metric.Comparison
	for i := range people {
		for k := range each {
			all = append(all,
				metric.Comparison{Score: stated(m + math.Sqrt(2*m)*random.NormFloat64()), Reference: int32(i), Probe: int32(i)},
				metric.Comparison{Score: stated(-m + math.Sqrt(2*m)*random.NormFloat64()), Reference: int32(i), Probe: int32((i + 1 + k%(people-1)) % people)})
		}
	}
	return metric.NewPool(all, people)
}

func TestTrueRatiosLieOnTheDiagonal(t *testing.T) {
	pool := gaussian(2, 50, 400, func(llr float64) float64 { return llr })
	bins := pool.Reliability(10, few)
	if len(bins) != 10 {
		t.Fatalf("%d bins, want 10", len(bins))
	}
	for _, b := range bins {
		// 40,000 comparisons: a bin of 4,000 has a standard error of at most 0.15 where one kind is rare.
		if math.Abs(b.Stated-b.Observed) > 0.45 {
			t.Errorf("scores of %.2f state %.2f on average, and %.2f comes of them", b.Low, b.Stated, b.Observed)
		}
		if !(b.CI95[0] <= b.Observed && b.Observed <= b.CI95[1]) {
			t.Errorf("observed %.3f lies outside of its interval %v", b.Observed, b.CI95)
		}
	}
	rates := pool.Rates()
	if loss := rates.Cllr - rates.MinCllr; loss > 0.01 {
		t.Errorf("calibration of true ratios loses %.4f bits, want next to nothing", loss)
	}
}

func TestOverconfidentScoresLeaveTheDiagonal(t *testing.T) {
	honest, loud := gaussian(2, 30, 200, func(llr float64) float64 { return llr }), gaussian(2, 30, 200, func(llr float64) float64 { return 3 * llr })
	bins := loud.Reliability(8, few)
	if b := bins[0]; !(b.Stated > 1.8*b.Observed && b.Observed > 0) {
		t.Errorf("at the top %.2f is stated and %.2f observed, want far less observed than stated", b.Stated, b.Observed)
	}
	if a, b := honest.Rates(), loud.Rates(); !near(a.MinCllr, b.MinCllr) || b.Cllr < a.Cllr+0.1 {
		t.Errorf("Cllr %.3f and %.3f, MinCllr %.3f and %.3f; want the same MinCllr and a dearer Cllr", a.Cllr, b.Cllr, a.MinCllr, b.MinCllr)
	}
}

func TestBinsShareOutAllComparisons(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pool, all := drawPool(t, 3)
		mated, nonMated := split(all, []float64{1, 1, 1})
		bins := pool.Reliability(rapid.IntRange(1, 6).Draw(t, "bins"), metric.Bootstrap{Rounds: 3, Seed: 1})
		if len(mated) < 5 || len(nonMated) < 5 {
			if bins != nil {
				t.Errorf("%d and %d comparisons give %d bins, want none", len(mated), len(nonMated), len(bins))
			}
			return
		}
		m, n, weighted := 0, 0, 0.0
		for i, b := range bins {
			m, n = m+b.Mated, n+b.NonMated
			if b.Mated < 5 || b.NonMated < 5 || !(b.Low-tolerance <= b.Stated && b.Stated <= b.High+tolerance) {
				t.Errorf("bin %+v; want five of either kind and a mean between the ends", b)
			}
			if i > 0 && !(b.High < bins[i-1].Low) {
				t.Errorf("bin %d begins at %v, the one above ends at %v", i, b.High, bins[i-1].Low)
			}
			ratio := math.Log(float64(b.Mated)/float64(len(mated))) - math.Log(float64(b.NonMated)/float64(len(nonMated)))
			if !near(b.Observed, ratio) {
				t.Errorf("observed %v, the counts say %v", b.Observed, ratio)
			}
			weighted += b.Stated * (float64(b.Mated)/float64(len(mated)) + float64(b.NonMated)/float64(len(nonMated))) / 2
		}
		if m != len(mated) || n != len(nonMated) {
			t.Errorf("bins hold %d and %d comparisons, want %d and %d", m, n, len(mated), len(nonMated))
		}
		if want := (metric.Mean(mated) + metric.Mean(nonMated)) / 2; !near(weighted, want) {
			t.Errorf("the bins' means have the mean %v, all scores %v", weighted, want)
		}
	})
}
