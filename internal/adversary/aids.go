package adversary

import (
	"math"
	"math/rand/v2"

	"ipse.dev/ipse/internal/event"
)

// Aid is a program by which somebody works who cannot use a keyboard or a mouse as others do, or does not want to. It is no
// attack: what is judged by package presence must not accuse it. No public data set records such people; aids are made
// after how their programs work, every setting drawn anew. One of Keys and Pointers is set.
type Aid struct {
	Name, Doc string
	Keys      func(rng *rand.Rand, strokes int) []event.Key
	Pointers  func(rng *rand.Rand, durationMS float64) []event.Pointer
}

// Aids lists them.
var Aids = []Aid{
	{"dwell_keyboard", "a keyboard on the screen: a key is pressed by looking at it, or pointing at it, for a while", lookedAt, nil},
	{"clicked_keyboard", "a keyboard on the screen: a key is pressed by a click", clickedKeys, nil},
	{"switch", "a keyboard on the screen whose rows and then keys light up in turn until a switch is closed", switchedKeys, nil},
	{"spelling", "keys that are named by voice, one by one", spelledKeys, nil},
	{"mouse_keys", "the pointer is moved by eight keys, faster while one is held", nil, mouseKeys},
	{"voice_places", "the pointer is set onto places that somebody names, and clicks", nil, voicePlaces},
	{"eye_exponential", "the pointer follows the eyes through an exponential filter, and clicks where they rest", nil, eyesThrough(exponential)},
	{"eye_one_euro", "the pointer follows the eyes through a filter that smooths less the faster they move (Casiez, Roussel & Vogel 2012)", nil, eyesThrough(oneEuro)},
	{"eye_mean", "the pointer follows the mean of where the eyes have been for a while", nil, eyesThrough(movingMean)},
}

// pressedBy types keys at times that pause gives, released by the program as they are pressed or soon after.
func pressedBy(rng *rand.Rand, strokes int, pauseMS func() float64) []event.Key {
	var out []event.Key
	holdMS, jitterMS := [...]float64{0, 0, 1, 5, 15, 30, 45}[rng.IntN(7)], 3*rng.Float64()
	atMS := 0.0
	for i := range strokes {
		class := [...]event.Class{event.LeftLetter, event.RightLetter}[rng.IntN(2)]
		switch {
		case i%6 == 5:
			class = event.Space
		case rng.Float64() < 0.03:
			class = event.Backspace
		}
		upMS := atMS + holdMS + jitterMS*rng.Float64()
		out = append(out, event.Key{TimeMS: tenths(atMS), Class: class, Down: true, Trusted: true}, event.Key{TimeMS: tenths(upMS), Class: class, Trusted: true})
		atMS = math.Max(upMS, atMS+pauseMS())
	}
	return out
}

func tenths(ms float64) float64 { return math.Floor(ms*10+0.5) / 10 }

// spread draws around a median by a log-normal law.
func spread(rng *rand.Rand, median, sigma float64) float64 {
	return median * math.Exp(sigma*rng.NormFloat64())
}

// between draws evenly.
func between(rng *rand.Rand, least, most float64) float64 { return least + (most-least)*rng.Float64() }

// lookedAt waits 280 to 880 ms for a look that stays: who begins takes the longest, who is practised the shortest
// (Majaranta, Ahola & Špakov, Fast gaze typing with an adjustable dwell time, CHI 2009).
func lookedAt(rng *rand.Rand, strokes int) []event.Key {
	dwellMS, search, sigma := between(rng, 280, 880), between(rng, 100, 500), between(rng, 0.3, 0.6)
	return pressedBy(rng, strokes, func() float64 { return dwellMS + spread(rng, search, sigma) })
}

func clickedKeys(rng *rand.Rand, strokes int) []event.Key {
	median, sigma := between(rng, 700, 2000), between(rng, 0.2, 0.5)
	return pressedBy(rng, strokes, func() float64 { return math.Max(350, spread(rng, median, sigma)) })
}

func switchedKeys(rng *rand.Rand, strokes int) []event.Key {
	stepMS := between(rng, 350, 1500)
	return pressedBy(rng, strokes, func() float64 {
		return stepMS*float64(2+rng.IntN(4)+rng.IntN(6)) + spread(rng, 60, 0.5)
	})
}

func spelledKeys(rng *rand.Rand, strokes int) []event.Key {
	median, sigma := between(rng, 600, 1800), between(rng, 0.1, 0.4)
	return pressedBy(rng, strokes, func() float64 { return math.Max(400, spread(rng, median, sigma)) })
}

// aidHand begins in the middle of the screen.
func aidHand() *hand { return &hand{x: screenWidthPX / 2, y: screenHeightPX / 2} }

func mouseKeys(rng *rand.Rand, durationMS float64) []event.Pointer {
	h := aidHand()
	tickMS, topPX, rampTicks, rest := [...]float64{10, 16, 20, 25, 33, 50}[rng.IntN(6)], between(rng, 3, 20), between(rng, 5, 40), between(rng, 200, 900)
	for h.nowMS < durationMS {
		dx, dy := float64(rng.IntN(3)-1), float64(rng.IntN(3)-1)
		if dx == 0 && dy == 0 {
			continue
		}
		for i := range 4 + rng.IntN(60) {
			step := math.Floor(1 + (topPX-1)*math.Min(1, float64(i)/rampTicks))
			h.nowMS += tickMS
			x, y := h.x+dx*step, h.y+dy*step
			if x < 0 || y < 0 || x > screenWidthPX || y > screenHeightPX {
				break
			}
			h.move(x, y)
		}
		if rng.Float64() < 0.2 {
			h.click(between(rng, 100, 600), between(rng, 1, 120))
		}
		h.nowMS += spread(rng, rest, 0.5)
	}
	return h.events
}

func voicePlaces(rng *rand.Rand, durationMS float64) []event.Pointer {
	h := aidHand()
	median, sigma, nudged := between(rng, 1800, 5000), between(rng, 0.2, 0.5), between(rng, 0, 0.5)
	for h.nowMS < durationMS {
		h.move(screenWidthPX*rng.Float64(), screenHeightPX*rng.Float64())
		for rng.Float64() < nudged { // "a little to the left"
			h.nowMS += math.Max(1000, spread(rng, median/2, sigma))
			h.move(clamp(h.x+between(rng, -25, 25), screenWidthPX), clamp(h.y+between(rng, -25, 25), screenHeightPX))
		}
		h.click(between(rng, 0, 20), between(rng, 0, 50))
		h.nowMS += math.Max(1200, spread(rng, median, sigma))
	}
	return h.events
}
