package compare

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestAmongIsBayes(t *testing.T) {
	each, other := Among([]float64{math.Log(4), math.Log(0.5), 0}, 0.25)
	// Weights 0.25·4, 0.25·0.5, 0.25·1 and 0.25·1 for none of these: in all 1.625.
	for i, want := range []float64{1 / 1.625, 0.125 / 1.625, 0.25 / 1.625} {
		if math.Abs(each[i]-want) > 1e-12 {
			t.Errorf("candidate %d has %g, want %g", i, each[i], want)
		}
	}
	if want := 0.25 / 1.625; math.Abs(other-want) > 1e-12 {
		t.Errorf("none of these has %g, want %g", other, want)
	}
	if each, other := Among(nil, 0.5); each != nil || other != 1 {
		t.Errorf("nobody named gives %v and %g, want none of these for sure", each, other)
	}
}

func TestAmongGivesProbabilitiesOfAnyScores(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scores := rapid.SliceOfN(rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1)})), 1, 8).Draw(t, "scores")
		each, other := Among(scores, rapid.Float64Range(0.01, 0.99).Draw(t, "none"))
		sum := other
		for i, p := range each {
			if !(p >= 0 && p <= 1) {
				t.Fatalf("candidate %d has the probability %g", i, p)
			}
			sum += p
			for j, q := range each {
				if scores[i] > scores[j] && p < q && !math.IsInf(scores[i], 0) && !math.IsInf(scores[j], 0) {
					t.Fatalf("a score of %g gives %g and one of %g gives %g", scores[i], p, scores[j], q)
				}
			}
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Fatalf("the probabilities sum up to %g", sum)
		}
	})
}
