package adversary

import (
	"math"
	"math/rand/v2"

	"ipse.dev/ipse/internal/event"
)

// KeyReplay is a way to play a recording of typing back. Play gives events whose times count from about zero, and leaves
// the recording, which holds one event at least, as it is.
type KeyReplay struct {
	Family, Doc string
	Play        func(rng *rand.Rand, recorded []event.Key) []event.Key
}

// KeyReplays are the ways to replay typing.
var KeyReplays = []KeyReplay{
	{"exact", "the recording as it is", func(_ *rand.Rand, r []event.Key) []event.Key { return shifted(r, KeyTime) }},
	{"jitter_5ms", "every time moved by up to 5 ms", keyJitter(5)},
	{"jitter_10ms", "every time moved by up to 10 ms", keyJitter(10)},
	{"jitter_20ms", "every time moved by up to 20 ms", keyJitter(20)},
	{"coarse_8ms", "times on a clock of 8 ms", func(_ *rand.Rand, r []event.Key) []event.Key { return onKeyClock(shifted(r, KeyTime), 8) }},
	{"scaled", "2 to 20 % slower or faster, times moved by up to 2 ms", func(rng *rand.Rand, r []event.Key) []event.Key {
		return jitter(rng, scale(shifted(r, KeyTime), KeyTime, scaleOf(rng)), KeyTime, 2)
	}},
	{"cut", "cut into pieces of 60 to 120 strokes and joined in another order, times moved by up to 2 ms", func(rng *rand.Rand, r []event.Key) []event.Key {
		return jitter(rng, cutKeys(rng, r), KeyTime, 2)
	}},
	{"other_text", "the same rhythm with other keys, times moved by up to 2 ms", func(rng *rand.Rand, r []event.Key) []event.Key {
		return jitter(rng, otherKeys(rng, shifted(r, KeyTime)), KeyTime, 2)
	}},
}

// scaleOf is a factor of time, 2 to 20 % away from 1.
func scaleOf(rng *rand.Rand) float64 {
	by := 1.02 + 0.18*rng.Float64()
	if rng.IntN(2) == 0 {
		return 1 / by
	}
	return by
}

func onKeyClock(r []event.Key, stepMS float64) []event.Key {
	for i := range r {
		r[i].TimeMS = math.Floor(r[i].TimeMS/stepMS) * stepMS
	}
	return r
}

func keyJitter(mostMS float64) func(*rand.Rand, []event.Key) []event.Key {
	return func(rng *rand.Rand, r []event.Key) []event.Key {
		return jitter(rng, shifted(r, KeyTime), KeyTime, mostMS)
	}
}

// cutKeys cuts where every key is up and puts the pieces into another order, with a breath between them.
func cutKeys(rng *rand.Rand, r []event.Key) []event.Key {
	var pieces [][]event.Key
	held, presses, want, from := 0, 0, 60+rng.IntN(61), 0
	for i, e := range r {
		switch {
		case e.Repeat:
		case e.Down:
			held++
			presses++
		default:
			held = max(0, held-1)
		}
		if held == 0 && presses >= want {
			pieces = append(pieces, r[from:i+1])
			presses, want, from = 0, 60+rng.IntN(61), i+1
		}
	}
	if from < len(r) {
		pieces = append(pieces, r[from:])
	}
	return shuffled(rng, pieces, KeyTime, func() float64 { return 200 + 300*rng.Float64() })
}

// otherKeys gives every press another class, and its release the same one.
func otherKeys(rng *rand.Rand, r []event.Key) []event.Key {
	became := map[event.Class][]event.Class{} // of the keys that are held, oldest first
	for i, e := range r {
		if e.Down && !e.Repeat {
			c := event.LeftLetter
			if rng.IntN(2) == 0 {
				c = event.RightLetter
			}
			if rng.IntN(6) == 0 {
				c = event.Space
			}
			became[e.Class], r[i].Class = append(became[e.Class], c), c
		} else if held := became[e.Class]; len(held) > 0 {
			if r[i].Class = held[0]; !e.Down {
				became[e.Class] = held[1:]
			}
		}
	}
	return r
}
