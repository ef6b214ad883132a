package adversary

import (
	"math/rand/v2"

	"ipse.dev/ipse/internal/event"
)

// messageMS is what one message to the browser takes, and lateMS what a timer comes late by, in ms.
func messageMS(rng *rand.Rand) float64 { return 0.4 + 0.8*rng.ExpFloat64() }
func lateMS(rng *rand.Rand) float64    { return 0.2 + 1.0*rng.ExpFloat64() }

// automationKeys type as browser automation and the agents that use it do.
var automationKeys = []KeyAttack{
	{"cdp-no-delay", "The DevTools protocol without a delay: press, release and the next press are messages one after the other.", AutomationKeys,
		func(rng *rand.Rand, _ KeyMaterial, strokes int) []event.Key {
			return typeClasses(textClasses(rng, strokes), func(event.Class, event.Class) (float64, float64) {
				dwellMS := messageMS(rng)
				return dwellMS, dwellMS + messageMS(rng)
			})
		}},
	{"cdp-held-delay", "Keyboard typing of Playwright and Puppeteer with a constant delay: the key is held for the delay and the next one follows at once.", AutomationKeys,
		func(rng *rand.Rand, _ KeyMaterial, strokes int) []event.Key {
			delayMS := uniform(rng, 5, 200)
			return typeClasses(textClasses(rng, strokes), func(event.Class, event.Class) (float64, float64) {
				dwellMS := delayMS + lateMS(rng)
				return dwellMS, dwellMS + messageMS(rng)
			})
		}},
	{"cdp-between-delay", "A constant delay between keys that are released as soon as they are pressed.", AutomationKeys,
		func(rng *rand.Rand, _ KeyMaterial, strokes int) []event.Key {
			delayMS := uniform(rng, 5, 250)
			return typeClasses(textClasses(rng, strokes), func(event.Class, event.Class) (float64, float64) {
				dwellMS := messageMS(rng)
				return dwellMS, dwellMS + delayMS + lateMS(rng)
			})
		}},
	{"cdp-uniform-delay", "A delay drawn evenly between two bounds before each key, which is released as soon as it is pressed.", AutomationKeys,
		func(rng *rand.Rand, _ KeyMaterial, strokes int) []event.Key {
			low := uniform(rng, 10, 120)
			high := low * uniform(rng, 1.3, 4)
			return typeClasses(textClasses(rng, strokes), func(event.Class, event.Class) (float64, float64) {
				return messageMS(rng), uniform(rng, low, high) + lateMS(rng)
			})
		}},
	{"cdp-uniform-held", "A hold drawn evenly between two bounds for each key, and the next key at once or after another such delay.", AutomationKeys,
		func(rng *rand.Rand, _ KeyMaterial, strokes int) []event.Key {
			low, between := uniform(rng, 20, 80), rng.IntN(2) == 0
			high := low * uniform(rng, 1.3, 3)
			return typeClasses(textClasses(rng, strokes), func(event.Class, event.Class) (float64, float64) {
				dwellMS := uniform(rng, low, high) + lateMS(rng)
				gapMS := messageMS(rng)
				if between {
					gapMS += uniform(rng, low, high)
				}
				return dwellMS, dwellMS + gapMS
			})
		}},
	{"webdriver-actions", "WebDriver's element send keys and key actions: a tick of some ms for each press and release.", AutomationKeys,
		func(rng *rand.Rand, _ KeyMaterial, strokes int) []event.Key {
			tickMS := uniform(rng, 1, 17)
			return typeClasses(textClasses(rng, strokes), func(event.Class, event.Class) (float64, float64) {
				dwellMS := tickMS + lateMS(rng)
				return dwellMS, dwellMS + tickMS + lateMS(rng)
			})
		}},
	{"agent-words", "An agent that decides word by word: a word comes at once or with a small delay, and then it thinks.", AutomationKeys,
		func(rng *rand.Rand, _ KeyMaterial, strokes int) []event.Key {
			delayMS, thinkMS := uniform(rng, 0, 40), uniform(rng, 100, 900)
			return typeClasses(textClasses(rng, strokes), func(from, _ event.Class) (float64, float64) {
				dwellMS := messageMS(rng)
				if from == event.Space || from == event.Enter {
					return dwellMS, thinkMS * uniform(rng, 0.6, 1.6)
				}
				return dwellMS, dwellMS + delayMS + lateMS(rng)
			})
		}},
	{"agent-chunks", "An agent that streams its answer: some characters come one after another at a constant pace, and then the next ones are awaited.", AutomationKeys,
		func(rng *rand.Rand, _ KeyMaterial, strokes int) []event.Key {
			delayMS, waitMS, left := uniform(rng, 5, 60), uniform(rng, 50, 500), 0
			return typeClasses(textClasses(rng, strokes), func(event.Class, event.Class) (float64, float64) {
				dwellMS := messageMS(rng)
				if left == 0 {
					left = 2 + rng.IntN(9)
					return dwellMS, waitMS * uniform(rng, 0.5, 1.8)
				}
				left--
				return dwellMS, dwellMS + delayMS + lateMS(rng)
			})
		}},
}
