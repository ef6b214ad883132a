package adversary

import (
	"math"
	"math/rand/v2"
	"slices"

	"ipse.dev/ipse/internal/event"
)

// clockOf gives where an event keeps its time.
type clockOf[E any] func(*E) *float64

// KeyTime gives where a key event keeps its time, in ms.
func KeyTime(e *event.Key) *float64 { return &e.TimeMS }

// PointerTime gives where a pointer event keeps its time, in ms.
func PointerTime(e *event.Pointer) *float64 { return &e.TimeMS }

// shifted is a copy whose times count from 0.
func shifted[E any](r []E, timeMS clockOf[E]) []E {
	out := slices.Clone(r)
	for i := range out {
		*timeMS(&out[i]) -= *timeMS(&r[0])
	}
	return out
}

// scale makes everything slower by so much.
func scale[E any](r []E, timeMS clockOf[E], by float64) []E {
	for i := range r {
		*timeMS(&r[i]) *= by
	}
	return r
}

// jitter moves every time by up to so much and keeps the order of the events: a player sends one after the other.
func jitter[E any](rng *rand.Rand, r []E, timeMS clockOf[E], mostMS float64) []E {
	for i := range r {
		at := timeMS(&r[i])
		*at += mostMS * (2*rng.Float64() - 1)
		if i > 0 {
			*at = math.Max(*at, *timeMS(&r[i-1]))
		}
	}
	return r
}

// shuffled plays pieces in another order, with a rest of pauseMS after each.
func shuffled[E any](rng *rand.Rand, pieces [][]E, timeMS clockOf[E], pauseMS func() float64) []E {
	rng.Shuffle(len(pieces), func(i, j int) { pieces[i], pieces[j] = pieces[j], pieces[i] })
	var out []E
	at := 0.0
	for _, p := range pieces {
		start := *timeMS(&p[0])
		for _, e := range p {
			*timeMS(&e) += at - start
			out = append(out, e)
		}
		at = *timeMS(&out[len(out)-1]) + pauseMS()
	}
	return out
}
