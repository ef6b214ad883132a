package embed

import (
	"math"

	"ipse.dev/ipse/internal/quantile"
)

// Samples of the usual value mixed into a statistic: a mean settles sooner than a quantile, a spread or a correlation.
const (
	meanCaution   = 2
	spreadCaution = 6
)

func meanOf(name string, values []float64) Statistic {
	return Statistic{Name: name, Value: mean(values), Samples: float64(len(values)), Caution: meanCaution}
}

func quantileOf(name string, values []float64, p float64) Statistic {
	return Statistic{Name: name, Value: quantile.Of(values, p), Samples: float64(len(values)), Caution: spreadCaution}
}

func spreadOf(name string, values []float64) Statistic {
	return Statistic{Name: name, Value: deviation(values), Samples: math.Max(0, float64(len(values)-1)), Caution: spreadCaution}
}

func shareOf(name string, part, whole float64) Statistic {
	return Statistic{Name: name, Value: part / math.Max(1, whole), Samples: whole, Caution: spreadCaution}
}

func correlationOf(name string, a, b []float64) Statistic {
	s := Statistic{Name: name, Samples: math.Max(0, float64(len(a)-2)), Caution: spreadCaution}
	ma, mb := mean(a), mean(b)
	ab, aa, bb := 0.0, 0.0, 0.0
	for i := range a {
		ab += (a[i] - ma) * (b[i] - mb)
		aa += (a[i] - ma) * (a[i] - ma)
		bb += (b[i] - mb) * (b[i] - mb)
	}
	if aa > 0 && bb > 0 {
		s.Value = ab / math.Sqrt(aa*bb)
	}
	return s
}

func mean(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// deviation is the population standard deviation.
func deviation(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	m, sum := mean(values), 0.0
	for _, v := range values {
		sum += (v - m) * (v - m)
	}
	return math.Sqrt(sum / float64(len(values)))
}

func clamp(x, low, high float64) float64 { return math.Max(low, math.Min(high, x)) }
