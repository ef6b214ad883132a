package metric

import "gonum.org/v1/gonum/stat/distuv"

// PoissonInterval is the exact 95 % interval of the number that a Poisson count estimates (Garwood 1936): with none
// counted, it runs from 0 to 3.69.
func PoissonInterval(count int) Interval {
	upper := distuv.ChiSquared{K: 2 * float64(count+1)}.Quantile(0.975) / 2
	if count == 0 {
		return Interval{0, upper}
	}
	return Interval{distuv.ChiSquared{K: 2 * float64(count)}.Quantile(0.025) / 2, upper}
}
