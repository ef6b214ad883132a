package metric_test

import (
	"math"
	"testing"

	"ipse.dev/ipse/lab/metric"
	"pgregory.net/rapid"
)

func drawPool(t *rapid.T, people int) (pool *metric.Pool, all []metric.Comparison) {
	n := rapid.IntRange(2, 60).Draw(t, "comparisons")
	for range n {
		all = append(all, metric.Comparison{
			Score:     float64(rapid.IntRange(-5, 5).Draw(t, "score")),
			Reference: int32(rapid.IntRange(0, people-1).Draw(t, "reference")),
			Probe:     int32(rapid.IntRange(0, people-1).Draw(t, "probe")),
		})
	}
	return metric.NewPool(append([]metric.Comparison{}, all...), people), all
}

// split repeats every comparison as often as its people's weights say.
func split(all []metric.Comparison, weight []float64) (mated, nonMated []float64) {
	for _, c := range all {
		times := weight[c.Reference]
		if c.Reference != c.Probe {
			times *= weight[c.Probe]
		}
		for range int(times) {
			if c.Reference == c.Probe {
				mated = append(mated, c.Score)
			} else {
				nonMated = append(nonMated, c.Score)
			}
		}
	}
	return mated, nonMated
}

func TestWeightsActAsRepetition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pool, all := drawPool(t, 4)
		weight := []float64{1, 1, 1, 1}
		if rapid.Bool().Draw(t, "weighted") {
			for i := range weight {
				weight[i] = float64(rapid.IntRange(0, 3).Draw(t, "weight"))
			}
		}
		m, n := split(all, weight)
		got := pool.WeightedRates(weight, 0.05, 0.3)
		if want := metric.EER(m, n); !near(got.EER, want) {
			t.Errorf("EER of the pool is %v, of the repeated scores %v", got.EER, want)
		}
		if want := metric.Cllr(m, n); !near(got.Cllr, want) {
			t.Errorf("Cllr of the pool is %v, of the repeated scores %v", got.Cllr, want)
		}
		if want := metric.MinCllr(m, n); !near(got.MinCllr, want) {
			t.Errorf("MinCllr of the pool is %v, of the repeated scores %v", got.MinCllr, want)
		}
		for i, fmr := range []float64{0.05, 0.3} {
			if want := metric.FNMRAtFMR(m, n, fmr); !near(got.FNMRAtFMR[i], want) {
				t.Errorf("FNMR at FMR %v of the pool is %v, of the repeated scores %v", fmr, got.FNMRAtFMR[i], want)
			}
		}
	})
}

func TestBootstrapIsSeededAndCoversTheMean(t *testing.T) {
	values := make([]float64, 200)
	for i := range values {
		values[i] = float64(i % 10)
	}
	b := metric.Bootstrap{Rounds: 400, Seed: 7}
	got := b.MeanInterval(values)
	if again := b.MeanInterval(values); again != got {
		t.Errorf("the same seed gives %v, then %v", got, again)
	}
	// The mean is 4.5 and its standard error 2.872/√200 = 0.203; 1.96 of these on either side.
	if math.Abs(got[0]-4.10) > 0.06 || math.Abs(got[1]-4.90) > 0.06 {
		t.Errorf("interval %v, want about [4.10 4.90]", got)
	}
	if other := (metric.Bootstrap{Rounds: 400, Seed: 8}).MeanInterval(values); other == got {
		t.Errorf("another seed gives the same interval %v", other)
	}
}

func TestBootstrapPassesOverRoundsWithoutAFigure(t *testing.T) {
	b := metric.Bootstrap{Rounds: 50, Seed: 1}
	got := b.Intervals(2, func(weight []float64) []float64 {
		if weight[0] == 0 {
			return []float64{math.NaN(), math.NaN()}
		}
		return []float64{3, math.NaN()}
	})
	if got[0] != (metric.Interval{3, 3}) || !math.IsNaN(got[1][0]) || !math.IsNaN(got[1][1]) {
		t.Errorf("intervals are %v, want [3 3] and NaN", got)
	}
}

func TestProbesOfNobodyCountWithTheReference(t *testing.T) {
	known := []metric.Comparison{{2, 0, 0}, {1, 0, 1}, {3, 1, 1}, {0, 1, 0}}
	unknown := []metric.Comparison{{2, 0, 0}, {1, 0, metric.Nobody}, {3, 1, 1}, {0, 1, metric.Nobody}}
	a, b := metric.NewPool(known, 2), metric.NewPool(unknown, 2)
	if x, y := a.Rates(0.1), b.Rates(0.1); x.EER != y.EER || x.Cllr != y.Cllr {
		t.Errorf("rates are %+v with known and %+v with unknown impostors; want the same", x, y)
	}
	// Without the second person nothing non-mated is left of the first pool, and one comparison of the second.
	weight := []float64{1, 0}
	if got := a.WeightedRates(weight).EER; !math.IsNaN(got) {
		t.Errorf("EER without any non-mated comparison is %v, want NaN", got)
	}
	if got := b.WeightedRates(weight).EER; got != 0 {
		t.Errorf("EER of scores 2 and 1 is %v, want 0", got)
	}
}

func TestPairedBootstrapTellsWhatTwoBootstrapsCannot(t *testing.T) {
	// People differ much, the two systems little but always in the same way.
	values := make([]float64, 60)
	for i := range values {
		values[i] = float64(i)
	}
	mean := func(offset float64) func([]float64) []float64 {
		return func(weight []float64) []float64 {
			sum := 0.0
			for i, w := range weight {
				sum += w * (values[i] + offset)
			}
			return []float64{sum / float64(len(values))}
		}
	}
	b := metric.Bootstrap{Rounds: 200, Seed: 3}
	apart, other := b.Intervals(60, mean(0.5))[0], (metric.Bootstrap{Rounds: 200, Seed: 4}).Intervals(60, mean(0))[0]
	if !(apart[0] < other[1]) {
		t.Fatalf("the intervals %v and %v do not overlap; the test wants people who differ more than the systems", apart, other)
	}
	got := b.Differences(60, mean(0.5), mean(0))[0]
	if !near(got[0], 0.5) || !near(got[1], 0.5) || got.Holds(0) {
		t.Errorf("the difference is %v, want [0.5 0.5]", got)
	}
	same := b.Differences(60, mean(0), mean(0))[0]
	if same != (metric.Interval{}) || !same.Holds(0) {
		t.Errorf("a system differs from itself by %v, want [0 0]", same)
	}
}
