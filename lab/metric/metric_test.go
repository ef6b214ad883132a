package metric_test

import (
	"math"
	"slices"
	"testing"

	"ipse.dev/ipse/lab/metric"
	"pgregory.net/rapid"
)

const tolerance = 1e-9 // rounding of a few hundred sums and divisions

func near(a, b float64) bool { return math.Abs(a-b) <= tolerance || (math.IsNaN(a) && math.IsNaN(b)) }

func TestKnownCases(t *testing.T) {
	tests := []struct {
		name                         string
		mated, nonMated              []float64
		eer, auc, fnmrAt0, fnmrAtFMR float64 // the last at FMR 0.25
	}{
		{"apart", []float64{3, 4}, []float64{1, 2}, 0, 1, 0, 0},
		{"the wrong way round", []float64{1, 2}, []float64{3, 4}, 1, 0, 1, 1},
		{"all the same", []float64{1, 1}, []float64{1, 1, 1}, 0.5, 0.5, 1, 1},
		{"one of four crosses", []float64{1, 5, 6, 7}, []float64{0, 0, 0, 2}, 0.25, 15. / 16, 0.25, 0},
		{"interleaved", []float64{2, 4}, []float64{1, 3}, 0.5, 0.75, 0.5, 0.5},
		{"between points", []float64{1, 2, 3}, []float64{1, 0}, 0.2, 11. / 12, 1. / 3, 1. / 3},
		{"no mated score", nil, []float64{1}, math.NaN(), math.NaN(), math.NaN(), math.NaN()},
		{"no non-mated score", []float64{1}, nil, math.NaN(), math.NaN(), math.NaN(), math.NaN()},
	}
	for _, tt := range tests {
		got := []float64{metric.EER(tt.mated, tt.nonMated), metric.AUC(tt.mated, tt.nonMated),
			metric.FNMRAtFMR(tt.mated, tt.nonMated, 0), metric.FNMRAtFMR(tt.mated, tt.nonMated, 0.25)}
		want := []float64{tt.eer, tt.auc, tt.fnmrAt0, tt.fnmrAtFMR}
		if !slices.EqualFunc(got, want, near) {
			t.Errorf("%s: EER, AUC, FNMR at FMR 0 and 0.25 are %v, want %v", tt.name, got, want)
		}
	}
}

func TestCllrKnownCases(t *testing.T) {
	if got := metric.Cllr([]float64{0, 0}, []float64{0}); !near(got, 1) {
		t.Errorf("scores that say nothing cost %v bits, want 1", got)
	}
	if got := metric.Cllr([]float64{800}, []float64{-800}); got != 0 {
		t.Errorf("sure and right costs %v bits, want 0", got)
	}
	if got, want := metric.Cllr([]float64{-math.Log(3)}, []float64{math.Log(3)}), 2.0; !near(got, want) {
		t.Errorf("odds of three to one on the wrong side cost %v bits, want %v", got, want)
	}
	if got := metric.MinCllr([]float64{3, 4}, []float64{1, 2}); got != 0 {
		t.Errorf("separable scores can be calibrated to cost %v bits, want 0", got)
	}
	if got := metric.MinCllr([]float64{1}, []float64{2}); !near(got, 1) {
		t.Errorf("scores the wrong way round are worth nothing: got %v bits, want 1", got)
	}
}

// scores draws few distinct values, so that ties are common.
func scores(t *rapid.T, label string) []float64 {
	ints := rapid.SliceOfN(rapid.IntRange(-6, 6), 1, 30).Draw(t, label)
	out := make([]float64, len(ints))
	for i, n := range ints {
		out[i] = float64(n) / 2
	}
	return out
}

func mapped(values []float64, f func(float64) float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = f(v)
	}
	return out
}

var figures = map[string]func(m, n []float64) float64{
	"EER": metric.EER, "AUC": metric.AUC, "MinCllr": metric.MinCllr,
	"FNMR at FMR 0.1": func(m, n []float64) float64 { return metric.FNMRAtFMR(m, n, 0.1) },
}

func TestMonotoneMapsChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, n := scores(t, "mated"), scores(t, "nonMated")
		up := func(x float64) float64 { return math.Exp(x) + x - 7 }
		for name, f := range figures {
			if a, b := f(m, n), f(mapped(m, up), mapped(n, up)); !near(a, b) {
				t.Errorf("%s is %v, and %v after a monotone map", name, a, b)
			}
		}
	})
}

func TestSwappingTheSidesOfTheQuestion(t *testing.T) {
	minus := func(x float64) float64 { return -x }
	rapid.Check(t, func(t *rapid.T) {
		m, n := scores(t, "mated"), scores(t, "nonMated")
		for _, name := range []string{"EER", "AUC", "MinCllr"} {
			f := figures[name]
			if a, b := f(m, n), f(mapped(n, minus), mapped(m, minus)); !near(a, b) {
				t.Errorf("%s is %v, and %v when both sides change places and sign", name, a, b)
			}
		}
		if a, b := metric.Cllr(m, n), metric.Cllr(mapped(n, minus), mapped(m, minus)); !near(a, b) {
			t.Errorf("Cllr is %v, and %v when both sides change places and sign", a, b)
		}
	})
}

func TestBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, n := scores(t, "mated"), scores(t, "nonMated")
		for name, f := range figures {
			if got := f(m, n); !(got >= -tolerance && got <= 1+tolerance) {
				t.Errorf("%s is %v, want 0 to 1", name, got)
			}
		}
		if least, cost := metric.MinCllr(m, n), metric.Cllr(m, n); least > cost+tolerance {
			t.Errorf("MinCllr %v is above Cllr %v", least, cost)
		}
		if loss, want := metric.CalibrationLoss(m, n), metric.Cllr(m, n)-metric.MinCllr(m, n); loss < 0 || !near(loss, math.Max(0, want)) {
			t.Errorf("calibration loses %v bits, want %v and never less than nothing", loss, want)
		}
	})
}

func TestAUCCountsPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, n := scores(t, "mated"), scores(t, "nonMated")
		wins := 0.0
		for _, a := range m {
			for _, b := range n {
				switch {
				case a > b:
					wins++
				case a == b:
					wins += 0.5
				}
			}
		}
		if got, want := metric.AUC(m, n), wins/float64(len(m)*len(n)); !near(got, want) {
			t.Errorf("AUC is %v, pairs say %v", got, want)
		}
	})
}

func TestDETNeverTurnsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := metric.DET(scores(t, "mated"), scores(t, "nonMated"))
		if first := points[0]; first.FMR != 0 || first.FNMR != 1 {
			t.Errorf("begins at %+v, want FMR 0 and FNMR 1", first)
		}
		if last := points[len(points)-1]; last.FMR != 1 || last.FNMR != 0 {
			t.Errorf("ends at %+v, want FMR 1 and FNMR 0", last)
		}
		for i, p := range points[1:] {
			if q := points[i]; p.Threshold >= q.Threshold || p.FMR < q.FMR || p.FNMR > q.FNMR {
				t.Errorf("%+v is followed by %+v", q, p)
			}
		}
	})
}

func TestArgumentsAreLeftAlone(t *testing.T) {
	m, n := []float64{1, 3, 2}, []float64{0, 5, 1}
	for _, f := range figures {
		f(m, n)
	}
	if !slices.Equal(m, []float64{1, 3, 2}) || !slices.Equal(n, []float64{0, 5, 1}) {
		t.Errorf("the scores are now %v and %v", m, n)
	}
}

func TestSpread(t *testing.T) {
	values := []float64{0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100}
	if got, want := metric.SpreadOf(values, metric.LowerIsBetter), (metric.Spread{P50: 50, P90: 90, Worst: 100}); got != want {
		t.Errorf("of errors: %+v, want %+v", got, want)
	}
	if got, want := metric.SpreadOf(values, metric.HigherIsBetter), (metric.Spread{P50: 50, P90: 10, Worst: 0}); got != want {
		t.Errorf("of merits: %+v, want %+v", got, want)
	}
	if got := metric.Quantile([]float64{1, 2}, 0.5); got != 1.5 {
		t.Errorf("median of 1 and 2 is %v, want 1.5", got)
	}
}
