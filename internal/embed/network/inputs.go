package network

import (
	"math"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
)

// keyboardInputs is the number of values a stroke becomes: its class, one of nine, and six of timing.
const keyboardInputs = event.ClassCount + 6

// Keyboard gives the embedding of a window of typing: a unit vector, or zeros for a window without strokes. It is always
// finite. The result is the Pass's own memory and holds until its next use.
func (p *Pass) Keyboard(w window.Keyboard) []float32 {
	strokes := w.Strokes[:min(len(w.Strokes), MaxEvents)]
	at := p.inputs[p.network.header.Shape.Kernel/2*keyboardInputs:]
	for i, s := range strokes {
		row := at[i*keyboardInputs:][:keyboardInputs]
		clear(row)
		row[min(s.Class, event.ClassCount-1)] = 1
		timing := row[event.ClassCount:]
		timing[0] = float32((math.Log(limit(s.DwellMS(), 5, 1000)) - math.Log(90)) / 0.4)
		if i == 0 {
			timing[5] = 1 // no stroke before it
			continue
		}
		before := strokes[i-1]
		intervalMS := s.PressMS - before.PressMS
		flightMS := s.PressMS - before.ReleaseMS
		timing[1] = float32((math.Log(limit(intervalMS, 10, 5000)) - math.Log(180)) / 0.7)
		timing[2] = squash(flightMS)
		timing[3] = squash(s.ReleaseMS - before.ReleaseMS)
		if flightMS < 0 {
			timing[4] = 1
		}
	}
	return p.run(len(strokes))
}

// squash is linear near zero and logarithmic far from it, on both sides.
func squash(ms float64) float32 { return float32(math.Asinh(limit(ms, -2000, 5000)/40) / 2) }

// limit cuts v to [low, high]; what is not a number becomes low.
func limit(v, low, high float64) float64 {
	if !(v > low) {
		return low
	}
	return math.Min(v, high)
}
