package metric

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestQuantilesOfTimesThatMayBeNever(t *testing.T) {
	values := []float64{30, Never, 10, 20}
	for q, want := range map[float64]float64{0: 10, 0.25: 10, 0.26: 20, 0.5: 20, 0.75: 30, 0.76: Never, 1: Never} {
		if got := LeastQuantileOf(values, q); got != want {
			t.Errorf("the %g-quantile of %v is %g, want %g", q, values, got, want)
		}
	}
	if got := LeastQuantile([]Weighted{{10, 0}, {20, 1}, {Never, 3}}, 0.25); got != 20 {
		t.Errorf("a quarter of the weight lies at or below %g, want 20", got)
	}
	for name, of := range map[string][]Weighted{"nothing": nil, "what does not weigh": {{1, 0}}} {
		if got := LeastQuantile(of, 0.5); !math.IsNaN(got) {
			t.Errorf("the median of %s is %g, want none", name, got)
		}
	}
	if got := (Interval{5, Never / 7}).Capped(); got != (Interval{5, Never}) || !IsNever(got[1]) || IsNever(1e9) {
		t.Errorf("an end between 40 and never is %v, want never", got)
	}
}

// TestAQuantileIsOneOfTheValues checks that at least the share lies at or below a quantile, and less below it.
func TestAQuantileIsOneOfTheValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.SampledFrom([]float64{1, 2, 3.5, 600, Never}), 1, 30).Draw(t, "values")
		q := rapid.Float64Range(0, 1).Draw(t, "q")
		got := LeastQuantileOf(values, q)
		below, upTo := 0.0, 0.0
		for _, v := range values {
			if v < got {
				below++
			}
			if v <= got {
				upTo++
			}
		}
		if n := float64(len(values)); upTo == below || upTo < q*n-1e-9 || (below >= q*n+1e-9 && below > 0) {
			t.Errorf("the %g-quantile of %v is %g: %g values at or below it, %g below", q, values, got, upTo, below)
		}
	})
}

func TestPoissonInterval(t *testing.T) {
	for count, want := range map[int]Interval{0: {0, 3.6889}, 1: {0.0253, 5.5716}, 10: {4.7954, 18.3904}} { // Garwood's table
		got := PoissonInterval(count)
		if math.Abs(got[0]-want[0]) > 1e-4 || math.Abs(got[1]-want[1]) > 1e-4 {
			t.Errorf("%d counted has the interval %v, want %v", count, got, want)
		}
	}
}
