package main

import (
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/path"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
)

// touches writes the strokes of a session's windows of touch: for each the numbers of path.Contact and of path.Hold, as
// touchRow orders them, and for each window its embedding by the plain model.
func (w *writer) touches(s dataset.Session) []int {
	windows := []int{}
	var taken path.Touch
	for _, t := range s.TouchWindows(window.TouchStrokes, window.TouchMinStrokes) {
		taken.Of(t)
		for i, c := range taken.Contacts {
			w.touched.floats(touchRow(t.Strokes[i], c, taken.Hold)...)
		}
		for _, v := range embed.Touch(t) {
			w.plain.byte(byte(v))
		}
		windows = append(windows, len(t.Strokes))
	}
	return windows
}

// touchRow is one stroke as train/data.py reads it. Pauses and intervals are left to the reader, who knows where a
// window begins.
func touchRow(s window.TouchStroke, c path.Contact, h path.Hold) []float64 {
	return []float64{
		s.StartMS, s.EndMS, c.Others, oneIf(c.Continued), oneIf(c.Lifted), oneIf(c.Drawn), c.LengthPX, c.DX, c.DY,
		c.Speed, c.Peak, c.PeakShare, c.Onset, c.Tail, c.Turn, c.SignedTurn, c.BowPX,
		c.RadiusPX, c.RadiusRise, c.RadiusSpread, c.Pressure, c.PressureMax, c.PressureRise,
		h.Readings, h.Tilt[0], h.Tilt[1], h.Tilt[2],
	}
}

func oneIf(set bool) float64 {
	if set {
		return 1
	}
	return 0
}
