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
