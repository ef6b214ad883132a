package adversary

import (
	"math"
	"math/rand/v2"

	"ipse.dev/ipse/internal/event"
)

// humanisedKeys are delays that somebody thought human, as libraries for humanised typing have them.
var humanisedKeys = []KeyAttack{
	{"gaussian-delay", "Dwells and gaps between keys from two normal distributions.", HumanisedKeys,
		func(rng *rand.Rand, m KeyMaterial, strokes int) []event.Key {
			dwell, gap := gaussian(rng, 40, 130, 0.1, 0.4), gaussian(rng, 30, 180, 0.1, 0.5)
			return typeClasses(classesLike(rng, m.anybody(), strokes), func(event.Class, event.Class) (float64, float64) {
				dwellMS := dwell()
				return dwellMS, dwellMS + gap()
			})
		}},
	{"gaussian-interval", "Intervals from a normal distribution, dwells from another, so that keys overlap now and then.", HumanisedKeys,
		func(rng *rand.Rand, m KeyMaterial, strokes int) []event.Key {
			dwell, interval := gaussian(rng, 50, 130, 0.1, 0.4), gaussian(rng, 80, 250, 0.1, 0.5)
			return typeClasses(classesLike(rng, m.anybody(), strokes), func(event.Class, event.Class) (float64, float64) { return dwell(), interval() })
		}},
	{"lognormal", "Dwells and intervals from two log-normal distributions, without regard to the key.", HumanisedKeys,
		func(rng *rand.Rand, m KeyMaterial, strokes int) []event.Key {
			dwellMS, intervalMS := uniform(rng, 60, 130), uniform(rng, 90, 250)
			dwellSpread, intervalSpread := uniform(rng, 0.1, 0.4), uniform(rng, 0.2, 0.6)
			return typeClasses(classesLike(rng, m.anybody(), strokes), func(event.Class, event.Class) (float64, float64) {
				return dwellMS * math.Exp(dwellSpread*rng.NormFloat64()), intervalMS * math.Exp(intervalSpread*rng.NormFloat64())
			})
		}},
	{"humanised-words", "Normal delays by kind of key, a pause before each word, now and then a wrong key that is taken back.", HumanisedKeys,
		func(rng *rand.Rand, m KeyMaterial, strokes int) []event.Key {
			dwell, gap := gaussian(rng, 50, 120, 0.1, 0.4), gaussian(rng, 40, 160, 0.15, 0.5)
			pause, slip := uniform(rng, 1.3, 4), uniform(rng, 0.01, 0.06)
			return typeClasses(withSlips(rng, classesLike(rng, m.anybody(), strokes), slip), func(from, to event.Class) (float64, float64) {
				dwellMS, gapMS := dwell(), gap()
				switch {
				case from == event.Space || from == event.Enter:
					gapMS *= pause
				case to == event.Backspace && from != event.Backspace:
					gapMS += uniform(rng, 100, 400)
				case to == event.Shift:
					gapMS *= 1.5
				}
				return dwellMS, dwellMS + gapMS
			})
		}},
	{"humanised-tempo", "Log-normal delays whose pace wanders over the text, quick pairs of keys, pauses at words and sentences, roll-over.", HumanisedKeys,
		func(rng *rand.Rand, m KeyMaterial, strokes int) []event.Key {
			dwellMS, intervalMS := uniform(rng, 70, 120), uniform(rng, 110, 230)
			spread, wander, tempo := uniform(rng, 0.15, 0.4), uniform(rng, 0.02, 0.1), 0.0
			return typeClasses(withSlips(rng, classesLike(rng, m.anybody(), strokes), 0.02), func(from, to event.Class) (float64, float64) {
				tempo = 0.95*tempo + wander*rng.NormFloat64()
				x := intervalMS * math.Exp(tempo+spread*rng.NormFloat64())
				switch {
				case from == event.Other && to == event.Space:
					x *= uniform(rng, 1.2, 3)
				case from == event.Space:
					x *= uniform(rng, 1, 1.8)
				case from.Letter() && to.Letter() && from != to:
					x *= 0.85
				}
				return dwellMS * math.Exp(0.5*tempo+0.2*rng.NormFloat64()), x
			})
		}},
	{"poisson-words", "So many words a minute: keys come at random after a least gap, each held for nearly the same time, with a pause now and then.", HumanisedKeys,
		func(rng *rand.Rand, m KeyMaterial, strokes int) []event.Key {
			intervalMS := 60_000 / (5 * uniform(rng, 35, 95))
			leastMS, dwell, pause := intervalMS*uniform(rng, 0.2, 0.6), gaussian(rng, 40, 110, 0.03, 0.2), uniform(rng, 0, 0.03)
			return typeClasses(classesLike(rng, m.anybody(), strokes), func(event.Class, event.Class) (float64, float64) {
				gapMS := leastMS + (intervalMS-leastMS)*rng.ExpFloat64()
				if rng.Float64() < pause {
					gapMS += uniform(rng, 300, 1200)
				}
				return dwell(), gapMS
			})
		}},
	{"uniform-delay", "A hold and a delay before the next key, each drawn evenly from some tens to some hundreds of ms.", HumanisedKeys,
		func(rng *rand.Rand, m KeyMaterial, strokes int) []event.Key {
			heldMS, delayMS := uniform(rng, 30, 80), uniform(rng, 30, 90)
			most := uniform(rng, 1.5, 4)
			return typeClasses(withSlips(rng, classesLike(rng, m.anybody(), strokes), uniform(rng, 0, 0.04)), func(event.Class, event.Class) (float64, float64) {
				dwellMS := heldMS * uniform(rng, 1, most)
				return dwellMS, dwellMS + delayMS*uniform(rng, 1, most)
			})
		}},
	{"gamma-delay", "Dwells and flights from two gamma laws, longer at the beginning of words and at keys that are harder to reach.", HumanisedKeys,
		func(rng *rand.Rand, m KeyMaterial, strokes int) []event.Key {
			dwellMS, gapMS := uniform(rng, 60, 130), uniform(rng, 50, 180)
			dwell, gap := moments{dwellMS, dwellMS * uniform(rng, 0.15, 0.4)}, moments{gapMS, gapMS * uniform(rng, 0.3, 0.8)}
			return typeClasses(withSlips(rng, classesLike(rng, m.anybody(), strokes), 0.02), func(from, to event.Class) (float64, float64) {
				held, after := gamma(rng, dwell), gamma(rng, gap)
				switch {
				case from == event.Space:
					after *= 1.6
				case !to.Letter() && to != event.Space:
					after *= 1.4
				case from != to:
					after *= 0.8
				}
				return held, held + after
			})
		}},
}

// gaussian draws a mean between two bounds and a spread as a share of it, and gives a source of such times.
func gaussian(rng *rand.Rand, low, high, leastShare, mostShare float64) func() float64 {
	meanMS := uniform(rng, low, high)
	spreadMS := meanMS * uniform(rng, leastShare, mostShare)
	return func() float64 { return math.Max(1, meanMS+spreadMS*rng.NormFloat64()) }
}

// withSlips puts a wrong letter and the backspace that takes it away behind some letters.
func withSlips(rng *rand.Rand, classes []event.Class, share float64) []event.Class {
	var out []event.Class
	for _, c := range classes {
		out = append(out, c)
		if c.Letter() && rng.Float64() < share {
			out = append(out, event.Class(rng.IntN(2)), event.Backspace)
		}
	}
	return out[:len(classes)]
}
