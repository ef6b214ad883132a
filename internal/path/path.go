// Package path owns the geometry of pointer and finger movement that the named features and the plain model share: the
// steps of a window, its strokes between rests, and its clicks; the strokes of fingers and how the device is held. Only
// movement is looked at: no position on the screen leaves here.
package path

import (
	"math"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
)

// Limits of what counts as movement.
const (
	RestMS    = 150 // time without movement that ends a stroke
	MinPoints = 5   // steps below which a stroke is too short to have a shape
	MaxClick  = 2000
)

// Step is one movement of the pointer.
type Step struct {
	DurationMS float64 // since the movement before, at least 1
	DX, DY     float64 // CSS pixels
	LengthPX   float64
	Speed      float64 // pixels a millisecond
	Angle      float64 // radians, atan2
}

// Stroke is a run of steps without rest or button.
type Stroke struct{ Steps []Step }

// Click is one press and release of a button.
type Click struct {
	DwellMS  float64
	SettleMS float64 // from the last movement to the press
	Dragged  float64 // pixels moved while the button was down
}

// Path is a window taken apart.
type Path struct {
	Steps      []Step // all of them, rests excluded
	Strokes    []Stroke
	Clicks     []Click
	WheelTurns []float64 // intervals between wheel events, milliseconds
	Rests      int
}

// Of takes a window apart. Every number in the result is finite.
func Of(w window.Pointer) Path {
	var p Path
	var stroke Stroke
	endStroke := func() {
		if len(stroke.Steps) >= MinPoints {
			p.Strokes = append(p.Strokes, stroke)
		}
		stroke = Stroke{}
	}
	var at, pressed, wheel event.Pointer
	placed, down, turned := false, false, false
	dragged, settle := 0.0, 0.0
	for _, e := range w.Events {
		switch e.Kind {
		case event.Move:
			if placed {
				s, rest := step(at, e)
				switch {
				case rest:
					p.Rests++
					endStroke()
				case s.LengthPX > 0:
					p.Steps = append(p.Steps, s)
					stroke.Steps = append(stroke.Steps, s)
					dragged += s.LengthPX
				}
			}
			at, placed = e, true
		case event.Press:
			endStroke()
			pressed, down, dragged, settle = e, true, 0, 0
			if placed {
				settle = math.Min(e.TimeMS-at.TimeMS, MaxClick)
			}
		case event.Release:
			endStroke()
			if dwell := e.TimeMS - pressed.TimeMS; down && dwell <= MaxClick {
				p.Clicks = append(p.Clicks, Click{DwellMS: dwell, SettleMS: settle, Dragged: dragged})
			}
			down = false
		case event.Wheel:
			if interval := e.TimeMS - wheel.TimeMS; turned && interval <= MaxClick {
				p.WheelTurns = append(p.WheelTurns, interval)
			}
			wheel, turned = e, true
		}
	}
	endStroke()
	return p
}

func step(from, to event.Pointer) (s Step, rest bool) {
	elapsed := to.TimeMS - from.TimeMS
	s = Step{DurationMS: math.Max(1, elapsed), DX: to.X - from.X, DY: to.Y - from.Y}
	s.LengthPX = math.Sqrt(s.DX*s.DX + s.DY*s.DY)
	s.Speed = s.LengthPX / s.DurationMS
	s.Angle = math.Atan2(s.DY, s.DX)
	return s, elapsed > RestMS
}

// Turn gives the change of direction between two steps, in radians from 0 to π.
func Turn(a, b Step) float64 {
	d := math.Abs(b.Angle - a.Angle)
	if d > math.Pi {
		d = 2*math.Pi - d
	}
	return d
}

// DurationMS is the time from the stroke's first to its last point.
func (s Stroke) DurationMS() float64 {
	sum := 0.0
	for _, x := range s.Steps {
		sum += x.DurationMS
	}
	return sum
}

// LengthPX is the way the pointer went.
func (s Stroke) LengthPX() float64 {
	sum := 0.0
	for _, x := range s.Steps {
		sum += x.LengthPX
	}
	return sum
}

// ChordPX is the distance from the stroke's first to its last point.
func (s Stroke) ChordPX() float64 {
	dx, dy := 0.0, 0.0
	for _, x := range s.Steps {
		dx += x.DX
		dy += x.DY
	}
	return math.Sqrt(dx*dx + dy*dy)
}

// Peak gives the highest speed of the stroke and the share of its duration at which it is reached.
func (s Stroke) Peak() (speed, share float64) {
	elapsed, at := 0.0, 0.0
	for _, x := range s.Steps {
		elapsed += x.DurationMS
		if x.Speed > speed {
			speed, at = x.Speed, elapsed
		}
	}
	return speed, at / math.Max(1, elapsed)
}
