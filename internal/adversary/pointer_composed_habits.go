package adversary

import (
	"math"
	"math/rand/v2"

	"ipse.dev/ipse/internal/event"
)

// habits are what a composed program does beside drawing: how far and how fast it goes, how long it rests and how often
// it clicks. None of it belongs to a family.
type habits struct {
	own                            bool    // errands of its own, whatever the material
	leastPX, spread                float64 // lengths lie between the least and so many times e beyond, evenly in their logarithm
	fixedMS, perBitMS, perPixelMS  float64 // durations
	durationSpread                 float64 // of their logarithm
	restMS, restSpread, clickShare float64
}

func newHabits(rng *rand.Rand) habits {
	h := habits{
		own: rng.Float64() < 0.5, leastPX: 10 * math.Exp(2.5*rng.Float64()), spread: 3 * rng.Float64(), durationSpread: 0.5 * rng.Float64(),
		restMS: 30 * math.Exp(3.5*rng.Float64()), restSpread: rng.Float64(), clickShare: rng.Float64(),
	}
	switch tempo := math.Exp(0.5 * rng.NormFloat64()); rng.IntN(4) {
	case 0:
		h.fixedMS = 400 * tempo
	case 1:
		h.fixedMS, h.perPixelMS = 60, 1.2*tempo
	default: // Fitts's law
		h.fixedMS, h.perBitMS = 150*tempo, 120*tempo
	}
	return h
}

func (h habits) errand(rng *rand.Rand, m PointerMaterial) errand {
	if !h.own && len(m.Strokes) > 0 {
		return errandOf(rng, m)
	}
	angle, length := rng.Float64()*2*math.Pi, h.leastPX*math.Exp(h.spread*rng.Float64())
	length = math.Min(length, 900)
	ms := h.fixedMS + h.perBitMS*math.Log2(1+length/30) + h.perPixelMS*length
	return errand{length * math.Cos(angle), length * math.Sin(angle), math.Max(50, ms*math.Exp(h.durationSpread*rng.NormFloat64()))}
}

// sit makes a sitting of strokes, rests and clicks.
func (h habits) sit(rng *rand.Rand, m PointerMaterial, durationMS float64, draw func(rng *rand.Rand, e errand, stepMS float64) []sample) []event.Pointer {
	stepMS := 1000 / reports[rng.IntN(len(reports))]
	screen := newHand(rng)
	for screen.nowMS < durationMS {
		screen.play(draw(rng, h.errand(rng, m), stepMS))
		if rng.Float64() < h.clickShare {
			screen.click(20+150*rng.Float64(), 20+120*rng.Float64())
		}
		screen.nowMS += h.restMS * math.Exp(h.restSpread*rng.NormFloat64())
	}
	return screen.events
}
