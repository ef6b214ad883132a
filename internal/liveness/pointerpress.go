package liveness

import (
	"math"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/path"
)

// leapPX is how far the pointer must be from where it was seen last, after a rest, to have leapt there: a hand that moves
// so far is seen on the way.
const leapPX = 40

// pressMeasures are what presses gives, in its order.
var pressMeasures = []Measure{
	{"leapShare", "share", "movements that begin with a leap after a rest"},
	{"pressShare", "share", "presses, by events"},
	{"pressOffPathShare", "share", "presses where the pointer was not seen to go"},
	{"pressApproach", "1", "mean log of one and the movements just before a press"},
	{"pressSettleLog", "1", "mean log of one and the time from landing to press, ms"},
	{"pressDwellLog", "1", "mean log of one and the time that a button stays down, ms"},
	{"pressDwellSpread", "1", "spread of the same"},
	{"wheelShare", "share", "turns of the wheel, by events"},
	{"wheelSpread", "1", "spread of log times between turns"},
}

// presses measures how the pointer comes to where a button is pressed, how long the button stays down, and the wheel.
//
// A hand moves to its target, lands, waits about a tenth of a second and holds the button for about another; none of it
// twice alike. A program sets the pointer onto the target, or presses where the pointer never was, and releases at once.
func presses(m movement) []float64 {
	var approach, settle, dwell, wheel moments
	leaps, downs, off, wheels, moves, near := 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
	var last event.Pointer
	placed := false
	for _, e := range m.events {
		away := placed && math.Abs(e.X-last.X)+math.Abs(e.Y-last.Y) > leapPX
		switch e.Kind {
		case event.Move:
			moves++
			near++
			if placed && e.TimeMS-last.TimeMS > path.RestMS {
				near = 1
				if away {
					leaps++
				}
			}
		case event.Press:
			downs++
			if away {
				off++
			}
			approach.add(math.Log(1+near), 0)
			near = 0
		case event.Wheel:
			wheels++
			continue
		}
		last, placed = e, true
	}
	for _, c := range m.path.Clicks {
		settle.add(math.Log(1+c.SettleMS), 0)
		dwell.add(math.Log(1+c.DwellMS), 0)
	}
	for _, t := range m.path.WheelTurns {
		wheel.add(math.Log(1+t), 0)
	}
	n := math.Max(1, float64(len(m.events)))
	return []float64{
		leaps / math.Max(1, moves), downs / n, off / math.Max(1, downs), approach.mean(), settle.mean(), dwell.mean(), dwell.spread(),
		wheels / n, wheel.spread(),
	}
}
