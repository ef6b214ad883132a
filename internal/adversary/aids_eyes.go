package adversary

import (
	"math"
	"math/rand/v2"

	"ipse.dev/ipse/internal/event"
)

// filter smooths one coordinate, sample by sample.
type filter func(x float64) float64

// eyesThrough lets the pointer follow the eyes all the time. Eyes rest for 150 to 600 ms, tremble and drift meanwhile, and
// leap within 30 to 80 ms, the longer the farther; the tracker adds noise, samples 30 to 120 times a second, and smooths.
// Where the eyes rest long enough, it clicks.
func eyesThrough(smoothed func(rng *rand.Rand, stepMS float64) func() filter) func(*rand.Rand, float64) []event.Pointer {
	return func(rng *rand.Rand, durationMS float64) []event.Pointer {
		h := aidHand()
		stepMS := 1000 / [...]float64{30, 60, 60, 90, 120}[rng.IntN(5)]
		noisePX, driftPX := between(rng, 1, 15), between(rng, 0.1, 1.5)
		dwellMS, clickShare := between(rng, 600, 1200), between(rng, 0, 0.25)
		make1 := smoothed(rng, stepMS)
		fx, fy := make1(), make1()
		x, y := h.x, h.y
		sample := func(gx, gy float64) {
			h.nowMS += stepMS
			h.move(clamp(fx(gx+noisePX*rng.NormFloat64()), screenWidthPX), clamp(fy(gy+noisePX*rng.NormFloat64()), screenHeightPX))
		}
		for h.nowMS < durationMS {
			restMS, clicks := between(rng, 150, 600), rng.Float64() < clickShare
			if clicks {
				restMS = dwellMS
			}
			for end := h.nowMS + restMS; h.nowMS < end; {
				x, y = x+driftPX*rng.NormFloat64(), y+driftPX*rng.NormFloat64()
				sample(x, y)
			}
			if clicks {
				h.click(0, between(rng, 1, 100))
			}
			angle, length := 2*math.Pi*rng.Float64(), spread(rng, 180, 0.8)
			toX, toY := clamp(x+length*math.Cos(angle), screenWidthPX), clamp(y+0.6*length*math.Sin(angle), screenHeightPX)
			leapMS := math.Min(80, 30+0.06*length)
			fromX, fromY := x, y
			for begin := h.nowMS; h.nowMS < begin+leapMS; {
				share := jerkShare(math.Min(1, (h.nowMS-begin)/leapMS))
				sample(fromX+share*(toX-fromX), fromY+share*(toY-fromY))
			}
			x, y = toX, toY
		}
		return h.events
	}
}

func clamp(x, most float64) float64 { return math.Max(0, math.Min(most, x)) }

func exponential(rng *rand.Rand, stepMS float64) func() filter {
	keep := math.Exp(-stepMS / between(rng, 30, 250))
	return func() filter {
		last, begun := 0.0, false
		return func(x float64) float64 {
			if !begun {
				last, begun = x, true
			}
			last = keep*last + (1-keep)*x
			return last
		}
	}
}

// oneEuro is the filter of Casiez, Roussel & Vogel (CHI 2012): exponential, its cut-off rising with the speed.
func oneEuro(rng *rand.Rand, stepMS float64) func() filter {
	rate := 1000 / stepMS
	least, slope := between(rng, 0.3, 2), spread(rng, 0.01, 0.8)
	alpha := func(cutoff float64) float64 { return 1 / (1 + rate/(2*math.Pi*cutoff)) }
	return func() filter {
		last, speed, begun := 0.0, 0.0, false
		return func(x float64) float64 {
			if !begun {
				last, begun = x, true
			}
			a := alpha(1)
			speed = (1-a)*speed + a*(x-last)*rate
			a = alpha(least + slope*math.Abs(speed))
			last = (1-a)*last + a*x
			return last
		}
	}
}

func movingMean(rng *rand.Rand, stepMS float64) func() filter {
	n := max(2, int(between(rng, 60, 400)/stepMS))
	return func() filter {
		var kept []float64
		return func(x float64) float64 {
			kept = append(kept, x)
			kept = kept[max(0, len(kept)-n):]
			sum := 0.0
			for _, k := range kept {
				sum += k
			}
			return sum / float64(len(kept))
		}
	}
}
