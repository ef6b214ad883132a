package adversary

import (
	"math"
	"math/rand/v2"

	"ipse.dev/ipse/internal/event"
)

// teleport sets the pointer onto targets as WebDriver and DevTools do.
func teleport(rng *rand.Rand, m PointerMaterial, durationMS float64) []event.Pointer {
	h := newHand(rng)
	steps := 1 + rng.IntN(6)
	for h.nowMS < durationMS {
		e := errandOf(rng, m)
		e.durationMS = float64(steps) * 8
		h.play(along(e, 8, line(e, func(u float64) float64 { return u }))[1:])
		h.click(1+4*rng.Float64(), 1+60*rng.Float64()*rng.Float64())
		h.nowMS += 50 + 400*rng.Float64()
	}
	return h.events
}

// agent looks, thinks and clicks: one move to each target, seconds apart.
func agent(rng *rand.Rand, m PointerMaterial, durationMS float64) []event.Pointer {
	h := newHand(rng)
	for h.nowMS < durationMS {
		e := errandOf(rng, m)
		if rng.Float64() < 0.3 {
			h.play([]sample{{0, e.dx / 2, e.dy / 2}, {30, e.dx, e.dy}})
		} else {
			h.play([]sample{{0, e.dx, e.dy}})
		}
		h.click(5+60*rng.Float64(), 5+50*rng.Float64())
		h.nowMS += 1500 + 3000*rng.Float64()
	}
	return h.events
}

// jiggleLine moves a little to and fro, in intervals that hardly vary.
func jiggleLine(rng *rand.Rand, _ PointerMaterial, durationMS float64) []event.Pointer {
	h := newHand(rng)
	size, every, way := 1+math.Floor(20*rng.Float64()*rng.Float64()), 20*math.Exp(4*rng.Float64()), rng.IntN(3)
	sign := 1.0
	for h.nowMS < durationMS {
		dx, dy := sign*size, sign*size
		switch way {
		case 0:
			dy = 0
		case 1:
			dx = 0
		}
		h.move(h.x+dx, h.y+dy)
		sign = -sign
		h.nowMS += every * (1 + 0.01*rng.NormFloat64())
	}
	return h.events
}

// jiggleCircle goes round and round.
func jiggleCircle(rng *rand.Rand, _ PointerMaterial, durationMS float64) []event.Pointer {
	h := newHand(rng)
	radius, steps, every := 3+60*rng.Float64(), 8+rng.IntN(60), 8*math.Exp(2*rng.Float64())
	x, y := h.x, h.y
	for i := 0; h.nowMS < durationMS; i++ {
		a := 2 * math.Pi * float64(i%steps) / float64(steps)
		h.move(x+radius*math.Cos(a), y+radius*math.Sin(a))
		h.nowMS += every
	}
	return h.events
}

// jiggleRandom jumps about a place in random intervals.
func jiggleRandom(rng *rand.Rand, _ PointerMaterial, durationMS float64) []event.Pointer {
	h := newHand(rng)
	size, every := 2+60*rng.Float64(), 20*math.Exp(3.5*rng.Float64())
	x, y := h.x, h.y
	for h.nowMS < durationMS {
		h.move(x+size*(2*rng.Float64()-1), y+size*(2*rng.Float64()-1))
		h.nowMS += every * (0.5 + rng.Float64())
	}
	return h.events
}
