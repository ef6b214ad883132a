// Package extreme owns the tail of genuine streams where counting alone says too little: how often log-odds of a takeover
// climb beyond a threshold that was hardly ever reached. Peaks over a base, and the hours in which they came, go in; a
// generalised Pareto tail with a cautious end goes out (J. Pickands III, "Statistical inference using extreme order
// statistics", 1975; A. C. Davison and R. L. Smith, "Models for exceedances over high thresholds", 1990).
//
// What is assumed: peaks of separate climbs are independent and come at a constant rate; peaks above the base follow one
// tail. It is a model and no guarantee free of distributions: conformal bounds need streams that are exchangeable with
// those to come, and resolve no rate below one in as many hours as were seen. Below that rate every figure here is an
// extrapolation (see Tail.Resolves).
package extreme

import (
	"errors"
	"fmt"
	"math"
)

// Peak is the highest point of one climb, or of several alike.
type Peak struct {
	Excess float64 // over the base, natural log-odds, at least 0
	Weight float64 // how many climbs, above 0
	Cut    bool    // the climb was broken off there: it might have gone higher
}

// Tail says how often an hour climbs go beyond a threshold: PerHour·(1+Shape·x/Scale)^(-1/Shape) with x the excess over Base.
type Tail struct {
	Base    float64 `json:"base"`    // natural log-odds
	PerHour float64 `json:"perHour"` // climbs beyond the base an hour of input
	Shape   float64 `json:"shape"`   // 0 is an exponential tail, above 0 a heavier one
	Scale   float64 `json:"scale"`   // nats
	Hours   float64 `json:"hours"`   // of input that the tail rests on
}

// ErrThin is the error for peaks too few to say anything of their tail.
var ErrThin = errors.New("extreme: too few peaks to fit a tail")

const (
	// leastWhole is how many climbs must have come to their own end.
	leastWhole = 8
	// shapeSpread is the standard deviation of the prior on the shape. Sums of bounded steps that drift downwards have
	// exponential maxima (H. Cramér, "On the mathematical theory of risk", 1930), so the shape is near 0 until many peaks
	// say otherwise.
	shapeSpread = 0.15
	maxShape    = 0.5
	shapeSteps  = 50
	scaleSteps  = 60
	// deficit is by how much the log-likelihood of the cautious end lies below the best one: half the square of the normal
	// quantile of 0.75, so that one in four such bounds is overstepped. More caution costs detection: at 0.9 the threshold for an
	// alarm in three working days lies four nats higher.
	deficit = 0.2275
)

// Fit gives the tail that fits best by maximum likelihood, and the cautious one: of all that fit about as well, the one
// with the highest threshold for an alarm in ten times the hours that were seen.
func Fit(base float64, peaks []Peak, hours float64) (best, cautious Tail, err error) {
	var whole, all, sum float64
	for _, p := range peaks {
		if !(p.Excess >= 0) || !(p.Weight > 0) || math.IsInf(p.Excess, 0) || math.IsInf(p.Weight, 0) {
			return best, cautious, fmt.Errorf("extreme: a peak of excess %g and weight %g; want finite ones, from 0 and above 0", p.Excess, p.Weight)
		}
		all += p.Weight
		sum += p.Weight * p.Excess
		if !p.Cut {
			whole += p.Weight
		}
	}
	if !(hours > 0) || whole < leastWhole || !(sum > 0) {
		return best, cautious, fmt.Errorf("%w: %g whole climbs in %g hours; want %d at least", ErrThin, whole, hours, leastWhole)
	}
	mean := sum / whole
	top := math.Inf(-1)
	grid := map[[2]int]float64{}
	at := func(i, j int) (shape, scale float64) {
		return maxShape * float64(i) / shapeSteps, mean * math.Exp(2*float64(j)/scaleSteps)
	}
	for i := -shapeSteps; i <= shapeSteps; i++ {
		for j := -scaleSteps; j <= scaleSteps; j++ {
			shape, scale := at(i, j)
			l := logLikelihood(peaks, shape, scale)
			grid[[2]int{i, j}] = l
			if l > top {
				top, best = l, Tail{Base: base, PerHour: all / hours, Shape: shape, Scale: scale, Hours: hours}
			}
		}
	}
	cautious = best
	target := 1 / (10 * hours)
	highest := best.Threshold(target)
	for i := -shapeSteps; i <= shapeSteps; i++ {
		for j := -scaleSteps; j <= scaleSteps; j++ {
			left := deficit - (top - grid[[2]int{i, j}])
			if left < 0 {
				continue
			}
			t := best
			t.Shape, t.Scale = at(i, j)
			t.PerHour = rateWithin(all, hours, left)
			if u := t.Threshold(target); u > highest {
				highest, cautious = u, t
			}
		}
	}
	return best, cautious, nil
}

// logLikelihood of peaks, with the prior on the shape; minus infinity where a peak cannot be.
func logLikelihood(peaks []Peak, shape, scale float64) float64 {
	l := -shape * shape / (2 * shapeSpread * shapeSpread)
	for _, p := range peaks {
		z := logBeyond(p.Excess, shape, scale)
		if math.IsInf(z, -1) {
			return z
		}
		if !p.Cut { // the density is what lies beyond, by the hazard there
			z -= math.Log(scale + shape*p.Excess)
		}
		l += p.Weight * z
	}
	return l
}

// logBeyond is the logarithm of the share of climbs that go beyond an excess.
func logBeyond(excess, shape, scale float64) float64 {
	if math.Abs(shape) < 1e-9 {
		return -excess / scale
	}
	inner := 1 + shape*excess/scale
	if inner <= 0 {
		return math.Inf(-1)
	}
	return -math.Log(inner) / shape
}

// rateWithin gives the highest rate of climbs whose Poisson log-likelihood lies at most left below the best rate's.
func rateWithin(climbs, hours, left float64) float64 {
	low, high := climbs, climbs+10+10*math.Sqrt(climbs)
	for range 60 {
		if m := (low + high) / 2; climbs*math.Log(m/climbs)-(m-climbs) >= -left {
			low = m
		} else {
			high = m
		}
	}
	return low / hours
}

// AlarmsPerHour is how often an hour a threshold is climbed beyond. Below the base it is the base's.
func (t Tail) AlarmsPerHour(threshold float64) float64 {
	return t.PerHour * math.Exp(logBeyond(math.Max(0, threshold-t.Base), t.Shape, t.Scale))
}

// Threshold gives the log-odds that are climbed beyond so many times an hour: the base for every rate above its own, and
// never more than maxThreshold, which no stream that is bounded as trust is can tell from infinity.
func (t Tail) Threshold(perHour float64) float64 {
	if !(perHour > 0) {
		return maxThreshold
	}
	if perHour >= t.PerHour {
		return t.Base
	}
	times := math.Log(t.PerHour / perHour)
	excess := times * t.Scale
	if math.Abs(t.Shape) >= 1e-9 {
		excess = t.Scale / t.Shape * math.Expm1(t.Shape*times)
	}
	return math.Min(maxThreshold, t.Base+excess)
}

const maxThreshold = 100

// Resolves reports whether a rate was seen rather than extrapolated: at least one alarm in the hours that the tail rests on.
func (t Tail) Resolves(perHour float64) bool { return perHour*t.Hours >= 1 }

// Validate reports a tail that could not be one.
func (t Tail) Validate() error {
	for _, v := range []float64{t.Base, t.PerHour, t.Shape, t.Scale, t.Hours} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return errors.New("extreme: a tail has a figure that is not finite")
		}
	}
	if !(t.PerHour > 0) || !(t.Scale > 0) || math.Abs(t.Shape) > maxShape || !(t.Hours > 0) {
		return fmt.Errorf("extreme: a tail of %g an hour with shape %g and scale %g over %g hours; want rate, scale and hours above 0 and a shape from -%g to %g",
			t.PerHour, t.Shape, t.Scale, t.Hours, maxShape, maxShape)
	}
	return nil
}
