package adversary

import (
	"math"
	"math/rand/v2"

	"ipse.dev/ipse/internal/event"
)

// TouchReplay is a way to play a recording of touches back. Play gives events whose times count from about zero, and
// leaves the recording, which holds one event at least, as it is.
type TouchReplay struct {
	Family, Doc string
	Play        func(rng *rand.Rand, recorded []event.Touch) []event.Touch
}

// TouchReplays are the ways to replay touches.
var TouchReplays = []TouchReplay{
	{"exact", "the recording as it is", func(_ *rand.Rand, r []event.Touch) []event.Touch { return shifted(r, TouchTime) }},
	{"jitter_5ms", "every time moved by up to 5 ms", touchJitter(5)},
	{"jitter_10ms", "every time moved by up to 10 ms", touchJitter(10)},
	{"scaled", "2 to 20 % slower or faster", func(rng *rand.Rand, r []event.Touch) []event.Touch {
		return scale(shifted(r, TouchTime), TouchTime, scaleOf(rng))
	}},
	{"moved", "elsewhere on the screen, up to a fifth larger or smaller, every other time mirrored, times moved by up to 2 ms", func(rng *rand.Rand, r []event.Touch) []event.Touch {
		return jitter(rng, movedTouches(rng, shifted(r, TouchTime)), TouchTime, 2)
	}},
	{"cut", "cut where no finger is down into pieces of 5 to 15 s and joined in another order", func(rng *rand.Rand, r []event.Touch) []event.Touch {
		return cutTouches(rng, r, 5000+10_000*rng.Float64())
	}},
}

// TouchTime gives where a touch event keeps its time, in ms.
func TouchTime(e *event.Touch) *float64 { return &e.TimeMS }

func touchJitter(mostMS float64) func(*rand.Rand, []event.Touch) []event.Touch {
	return func(rng *rand.Rand, r []event.Touch) []event.Touch {
		return jitter(rng, shifted(r, TouchTime), TouchTime, mostMS)
	}
}

// movedTouches moves all places and changes how far they are from one another.
func movedTouches(rng *rand.Rand, r []event.Touch) []event.Touch {
	size, right, down, side := 0.8+0.4*rng.Float64(), 200*rng.Float64(), 200*rng.Float64(), 1.0
	if rng.IntN(2) == 0 {
		side = -1
	}
	for i := range r {
		r[i].X, r[i].Y = side*size*r[i].X+right, size*r[i].Y+down
	}
	return r
}

// cutTouches cuts where no finger is down into pieces of at least so long.
func cutTouches(rng *rand.Rand, r []event.Touch, leastMS float64) []event.Touch {
	var pieces [][]event.Touch
	down, from := map[int]bool{}, 0
	for i, e := range r {
		switch e.Kind {
		case event.TouchStart, event.TouchMove:
			down[e.Contact] = true
		default:
			delete(down, e.Contact)
		}
		if len(down) == 0 && e.TimeMS-r[from].TimeMS >= leastMS {
			pieces = append(pieces, r[from:i+1])
			from = i + 1
		}
	}
	if from < len(r) {
		pieces = append(pieces, r[from:])
	}
	return shuffled(rng, pieces, TouchTime, func() float64 { return 200 * math.Exp(0.6*math.Abs(rng.NormFloat64())) })
}
