package liveness

import (
	"math"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

// Stretches of typing: the 16 strokes after an interval between presses that is longer than the eight before it and no
// shorter than the eight after it. On BB-MAS's free work there are 1.6 of them in 30 strokes, and 96 % of those of a
// recording are found again however it is cut.
const (
	stretchStrokes = 16
	stretchAround  = 8
	keysKept       = stretchStrokes + stretchAround
)

// KeySketcher names stretches of typing, in windows that come one after the other: a stretch belongs to the window in which
// it ends and may have begun in the one before. The zero value has seen nothing. What it keeps is the last strokes, in
// memory.
type KeySketcher struct{ last []window.Stroke }

// Next gives the sketch of the next window.
func (k *KeySketcher) Next(w window.Keyboard) observation.Sketch {
	if n := len(k.last); n > 0 {
		if pause := w.Strokes[0].PressMS - k.last[n-1].PressMS; pause < 0 || pause > window.KeyboardPauseMS {
			k.last = nil
		}
	}
	strokes := append(k.last, w.Strokes...)
	var found []stretch
	// A stretch's first stroke has an interval before it, which has eight before it.
	for at := max(1+stretchAround, len(k.last)-stretchStrokes+1); at+stretchStrokes <= len(strokes); at++ {
		before := strokes[at].PressMS - strokes[at-1].PressMS
		if !longest(strokes, at, before) {
			continue
		}
		if s := describeKeys(strokes[at:at+stretchStrokes], before); natural(s.entry) {
			found = append(found, s)
		}
	}
	k.last = append([]window.Stroke(nil), strokes[max(0, len(strokes)-keysKept):]...)
	return sketchOf(found)
}

// longest reports whether the interval before a stroke is longer than those around it.
func longest(strokes []window.Stroke, at int, before float64) bool {
	for i := 1; i <= stretchAround; i++ {
		if strokes[at-i].PressMS-strokes[at-i-1].PressMS >= before || strokes[at+i].PressMS-strokes[at+i-1].PressMS > before {
			return false
		}
	}
	return true
}

// describeKeys describes a stretch by its intervals, none counted longer than the one before it, and its dwells. Neither
// keys nor their classes enter.
func describeKeys(strokes []window.Stroke, before float64) stretch {
	intervals, dwells := make([]float64, 0, stretchStrokes), make([]float64, 0, stretchStrokes)
	for i, s := range strokes {
		dwells = append(dwells, s.DwellMS())
		if i > 0 {
			intervals = append(intervals, math.Min(before, s.PressMS-strokes[i-1].PressMS))
		}
	}
	return stretch{weight: before, entry: append(centred(intervals), centred(dwells)...)}
}
