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
	at := p.rows()
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

// pointerInputs is the number of values a pointer event becomes: its kind, one of four, and eleven of movement.
const pointerInputs = pointerKinds + 11

const pointerKinds = int(event.Wheel) + 1

// Pointer gives the embedding of a window of pointer use: a unit vector, or zeros for a window without events. It is
// always finite. The result is the Pass's own memory and holds until its next use.
func (p *Pass) Pointer(w window.Pointer) []float32 {
	events := w.Events[:min(len(w.Events), MaxEvents)]
	at := p.rows()
	var last movement
	for i, e := range events {
		row := at[i*pointerInputs:][:pointerInputs]
		clear(row)
		row[min(int(e.Kind), pointerKinds-1)] = 1
		moved := row[pointerKinds:]
		if i == 0 {
			moved[10] = 1 // no event before it
			continue
		}
		m := movementBetween(events[i-1], e)
		moved[0] = float32((math.Log(m.stepMS) - math.Log(16)) / 1.2)
		moved[1] = float32(math.Log1p(limit(m.length/m.stepMS, 0, 1000)))
		moved[2], moved[3] = pixels(m.dx), pixels(m.dy)
		moved[4], moved[5] = pixels(m.dx-last.dx), pixels(m.dy-last.dy)
		moved[6], moved[7] = float32(m.ux), float32(m.uy)
		moved[8] = float32(m.ux*last.ux + m.uy*last.uy)
		moved[9] = float32(last.ux*m.uy - last.uy*m.ux)
		last = m
	}
	return p.run(len(events))
}

// movement is what happens from one pointer event to the next. Ux and uy are its direction, zero without movement.
type movement struct {
	stepMS, dx, dy, length, ux, uy float64
}

func movementBetween(a, b event.Pointer) movement {
	m := movement{stepMS: limit(b.TimeMS-a.TimeMS, 1, 5000), dx: finite(b.X - a.X), dy: finite(b.Y - a.Y)}
	m.length = math.Hypot(m.dx, m.dy)
	m.ux, m.uy = m.dx/math.Max(m.length, 1e-6), m.dy/math.Max(m.length, 1e-6)
	return m
}

// finite makes a coordinate's difference one that squares without overflow; windows hold no larger one.
func finite(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return limit(v, -1e7, 1e7)
}

// pixels is linear for a few pixels and logarithmic for many.
func pixels(v float64) float32 { return float32(math.Asinh(limit(v, -5000, 5000)/4) / 2) }

// squash is linear near zero and logarithmic far from it, on both sides.
func squash(ms float64) float32 { return float32(math.Asinh(limit(ms, -2000, 5000)/40) / 2) }

// limit cuts v to [low, high]; what is not a number becomes low.
func limit(v, low, high float64) float64 {
	if !(v > low) {
		return low
	}
	return math.Min(v, high)
}
