package network

import (
	"math"

	"ipse.dev/ipse/internal/path"
	"ipse.dev/ipse/internal/window"
)

// touchInputs is the number of values a stroke of a finger becomes.
const touchInputs = 31

// Touch gives the embedding of a window of touch: a unit vector, or zeros for a window without strokes. It is always
// finite. The result is the Pass's own memory and holds until its next use.
//
// How the device is held enters as means over the whole window, the same in every row: what a single tap does to the
// device would tell where it was hit (see window.Touch).
func (p *Pass) Touch(w window.Touch) []float32 {
	p.touch.Of(w)
	return p.contacts(p.touch.Contacts, p.touch.Hold)
}

func (p *Pass) contacts(contacts []path.Contact, hold path.Hold) []float32 {
	contacts = contacts[:min(len(contacts), MaxEvents)]
	at := p.rows()
	for i, c := range contacts {
		row := at[i*touchInputs:][:touchInputs]
		clear(row)
		row[0] = flag(i == 0)
		if i > 0 {
			row[1] = squash(c.PauseMS)
			row[2] = float32((math.Log(limit(c.IntervalMS, 10, 5000)) - math.Log(300)) / 0.8)
		}
		row[3] = float32((math.Log(limit(c.DurationMS, 5, 5000)) - math.Log(120)) / 0.8)
		row[4] = float32(limit(c.Others, 0, 10))
		row[5], row[6], row[7] = flag(c.Continued), flag(c.Lifted), flag(c.Drawn)
		row[8] = pixels(c.LengthPX)
		if c.Drawn {
			shapeInputs(row[9:19], c)
		}
		if c.RadiusPX > 0 {
			row[19] = 1
			row[20] = float32((math.Log(limit(c.RadiusPX, 0.5, 200)) - math.Log(12)) / 0.3)
			row[21] = float32(limit(c.RadiusRise, -3, 3) * 3)
			row[22] = float32(limit(c.RadiusSpread, 0, 3) * 5)
		}
		if c.Pressure > 0 {
			row[23] = 1
			row[24] = float32((math.Log(limit(c.Pressure, 0.005, 1)) - math.Log(0.17)) / 0.5)
			row[25] = float32(limit(c.PressureMax-c.Pressure, 0, 1) * 5)
			row[26] = float32(limit(c.PressureRise, -1, 1) * 5)
		}
		if hold.Readings > 0 {
			row[27] = 1
			for k, v := range hold.Tilt {
				row[28+k] = float32(limit(v, -1, 1))
			}
		}
	}
	return p.run(len(contacts))
}

func shapeInputs(row []float32, c path.Contact) {
	way := math.Max(1, c.LengthPX)
	peak := math.Max(c.Peak, 1e-6)
	row[0] = float32(limit(c.DX/way, -1, 1))
	row[1] = float32(limit(c.DY/way, -1, 1))
	row[2] = float32((math.Log(limit(c.Speed, 1e-3, 100)) - math.Log(0.3)) / 1.2)
	row[3] = float32((math.Log(limit(c.Peak, 1e-3, 1000)) - math.Log(0.8)) / 1.2)
	row[4] = float32(limit(c.PeakShare, 0, 1))
	row[5] = float32(limit(c.Onset/peak, 0, 1))
	row[6] = float32(limit(c.Tail/peak, 0, 1))
	row[7] = float32(limit(c.Turn, 0, math.Pi))
	row[8] = float32(limit(c.SignedTurn, -math.Pi, math.Pi) * 3)
	row[9] = float32(limit(c.BowPX/way, -1, 1) * 3)
}

func flag(set bool) float32 {
	if set {
		return 1
	}
	return 0
}
