package adversary

import (
	"math"
	"math/rand/v2"

	"ipse.dev/ipse/internal/event"
)

// naiveKeys imitate nobody.
var naiveKeys = []KeyAttack{
	{"constant-rate", "Types at one rate of 0 to 60 ms a key and holds every key equally long.", NaiveKeys,
		func(rng *rand.Rand, _ KeyMaterial, strokes int) []event.Key {
			intervalMS := uniform(rng, 0, 60)
			dwellMS := intervalMS * rng.Float64()
			return typeClasses(textClasses(rng, strokes), func(event.Class, event.Class) (float64, float64) { return dwellMS, intervalMS })
		}},
	{"fixed-jitter", "Types at a rate of 0 to 60 ms a key and now and then one fixed step slower or faster.", NaiveKeys,
		func(rng *rand.Rand, _ KeyMaterial, strokes int) []event.Key {
			intervalMS, stepMS := uniform(rng, 0, 60), float64(1+rng.IntN(10))
			dwellMS := math.Min(intervalMS, uniform(rng, 0, 40))
			return typeClasses(textClasses(rng, strokes), func(event.Class, event.Class) (float64, float64) {
				return dwellMS, intervalMS + stepMS*float64(rng.IntN(3)-1)
			})
		}},
	{"uniform-jitter", "Types at a rate of 0 to 60 ms a key with up to half of that as uniform jitter, in dwells too.", NaiveKeys,
		func(rng *rand.Rand, _ KeyMaterial, strokes int) []event.Key {
			intervalMS, share := uniform(rng, 0, 60), uniform(rng, 0, 0.5)
			held := uniform(rng, 0.05, 0.9)
			jitter := func(ms float64) float64 { return ms * uniform(rng, 1-share, 1+share) }
			return typeClasses(textClasses(rng, strokes), func(event.Class, event.Class) (float64, float64) {
				return jitter(held * intervalMS), jitter(intervalMS)
			})
		}},
	{"usb-injector", "A USB key injector: keys are held for 0 to 2 ms and follow one another as fast as the bus polls, or with a small delay.", NaiveKeys,
		func(rng *rand.Rand, _ KeyMaterial, strokes int) []event.Key {
			pollMS := []float64{1, 2, 4, 8}[rng.IntN(4)]
			delayMS := []float64{0, 0, 2, 5, 10, 20}[rng.IntN(6)]
			jitterMS := []float64{0, 0, 5, 20}[rng.IntN(4)]
			return typeClasses(textClasses(rng, strokes), func(event.Class, event.Class) (float64, float64) {
				return uniform(rng, 0, 2), pollMS + delayMS + jitterMS*rng.Float64() + uniform(rng, 0, 1)
			})
		}},
	{"usb-injector-lines", "A USB key injector that types a line as fast as it can and waits between lines for the machine.", NaiveKeys,
		func(rng *rand.Rand, _ KeyMaterial, strokes int) []event.Key {
			keyMS := uniform(rng, 2, 12)
			return typeClasses(textClasses(rng, strokes), func(from, _ event.Class) (float64, float64) {
				if from == event.Enter {
					return uniform(rng, 0, 2), uniform(rng, 300, 1500)
				}
				return uniform(rng, 0, 2), keyMS + uniform(rng, 0, 1)
			})
		}},
	{"macro", "A keyboard macro: every key is held for one fixed time and followed after another.", NaiveKeys,
		func(rng *rand.Rand, _ KeyMaterial, strokes int) []event.Key {
			dwellMS, gapMS := uniform(rng, 5, 60), uniform(rng, 0, 120)
			return typeClasses(textClasses(rng, strokes), func(event.Class, event.Class) (float64, float64) {
				return dwellMS + uniform(rng, 0, 1), dwellMS + gapMS + uniform(rng, 0, 1)
			})
		}},
	{"bursts", "A text expander: short pieces of text come at once, with a person's pauses between them.", NaiveKeys,
		func(rng *rand.Rand, _ KeyMaterial, strokes int) []event.Key {
			left := 0
			return typeClasses(textClasses(rng, strokes), func(event.Class, event.Class) (float64, float64) {
				if left == 0 {
					left = 20 + rng.IntN(40)
					return uniform(rng, 0, 3), uniform(rng, 400, 3000)
				}
				left--
				return uniform(rng, 0, 3), uniform(rng, 0, 4)
			})
		}},
	{"usb-injector-human", "A USB key injector told to type like a person: a short hold, and a delay with jitter between keys.", NaiveKeys,
		func(rng *rand.Rand, _ KeyMaterial, strokes int) []event.Key {
			heldMS, delayMS, jitterMS := uniform(rng, 1, 25), uniform(rng, 20, 150), uniform(rng, 10, 150)
			return typeClasses(textClasses(rng, strokes), func(event.Class, event.Class) (float64, float64) {
				return heldMS + uniform(rng, 0, 2), heldMS + delayMS + jitterMS*rng.Float64()
			})
		}},
}
