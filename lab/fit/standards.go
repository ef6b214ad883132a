package fit

import (
	"math"

	"ipse.dev/ipse/internal/embed"
)

// standardise gives what is usual among people for every statistic: each person counts the same, however much they
// typed. The mean is over the windows in which the statistic has samples; sigma is of the shrunken distance from it.
func standardise(people [][][]embed.Statistic) []embed.Standard {
	var out []embed.Standard
	for d, first := range people[0][0] {
		total, weights := 0.0, 0.0
		for _, windows := range people {
			sum, n := 0.0, 0.0
			for _, w := range windows {
				sum += w[d].Value * w[d].Samples
				n += w[d].Samples
			}
			if n > 0 {
				total += sum / n
				weights++
			}
		}
		mean := total / math.Max(1, weights)
		squares := 0.0
		for _, windows := range people {
			sum := 0.0
			for _, w := range windows {
				sum += math.Pow(w[d].Shrunken(mean), 2)
			}
			squares += sum / float64(len(windows))
		}
		sigma := math.Max(1e-3, math.Sqrt(squares/float64(len(people))))
		out = append(out, embed.Standard{Name: first.Name, Mean: round(mean), Sigma: round(sigma)})
	}
	return out
}

// round keeps four significant digits: more would say something of the people and nothing of what is usual.
func round(x float64) float64 {
	if x == 0 {
		return 0
	}
	scale := math.Pow(10, 3-math.Floor(math.Log10(math.Abs(x))))
	return math.Round(x*scale) / scale
}
