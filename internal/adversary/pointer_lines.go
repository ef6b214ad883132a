package adversary

import (
	"math"
	"math/rand/v2"
)

// along samples a curve, given for shares of the duration from 0 to 1, every stepMS.
func along(e errand, stepMS float64, at func(u float64) (x, y float64)) []sample {
	out := make([]sample, 0, int(e.durationMS/stepMS)+2)
	for t := 0.0; t < e.durationMS; t += stepMS {
		x, y := at(t / e.durationMS)
		out = append(out, sample{t, x, y})
	}
	x, y := at(1)
	return append(out, sample{e.durationMS, x, y})
}

func line(e errand, share func(u float64) float64) func(u float64) (x, y float64) {
	return func(u float64) (x, y float64) { return e.dx * share(u), e.dy * share(u) }
}

func straight(_ *rand.Rand, e errand, stepMS float64) []sample {
	return along(e, stepMS, line(e, func(u float64) float64 { return u }))
}

func straightJittered(rng *rand.Rand, e errand, stepMS float64) []sample {
	out := straight(rng, e, stepMS)
	t := 0.0
	for i := range out {
		out[i].t = t
		t += stepMS * (0.5 + rng.Float64())
	}
	return out
}

// easings are the usual curves from 0 to 1.
var easings = [...]func(u float64) float64{
	func(u float64) float64 { return u },
	func(u float64) float64 { return u * u },
	func(u float64) float64 { return 1 - (1-u)*(1-u) },
	func(u float64) float64 { return u * u * (3 - 2*u) },
	func(u float64) float64 { return (1 - math.Cos(math.Pi*u)) / 2 },
	func(u float64) float64 { return 1 - (1-u)*(1-u)*(1-u) },
	func(u float64) float64 {
		if u < 0.5 {
			return 2 * u * u
		}
		return 1 - 2*(1-u)*(1-u)
	},
	func(u float64) float64 {
		if u < 0.5 {
			return 4 * u * u * u
		}
		return 1 - 4*(1-u)*(1-u)*(1-u)
	},
}

func straightEased(rng *rand.Rand, e errand, stepMS float64) []sample {
	return along(e, stepMS, line(e, easings[1+rng.IntN(len(easings)-1)]))
}

func jerkShare(u float64) float64 { return u * u * u * (10 - 15*u + 6*u*u) }

func minimumJerk(_ *rand.Rand, e errand, stepMS float64) []sample {
	return along(e, stepMS, line(e, jerkShare))
}

func minimumJerkNoise(rng *rand.Rand, e errand, stepMS float64) []sample {
	sigma := 0.3 + 1.2*rng.Float64()
	out := minimumJerk(rng, e, stepMS)
	for i := range out {
		out[i].x += sigma * rng.NormFloat64()
		out[i].y += sigma * rng.NormFloat64()
	}
	return out
}

// tween takes steps of a tenth of a second or less by an easing, as desktop automation libraries do.
func tween(rng *rand.Rand, e errand, stepMS float64) []sample {
	step := math.Max(stepMS, [...]float64{8, 10, 16, 20, 50, 100}[rng.IntN(6)])
	e.durationMS = [...]float64{200, 250, 300, 500, 1000}[rng.IntN(5)]
	return along(e, step, line(e, easings[rng.IntN(len(easings))]))
}
