package feature

import (
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/quantile"
	"ipse.dev/ipse/internal/window"
)

// PauseMS is the interval between presses from which typing has paused; pauses say more of the task than of the person
// and are left out of every interval measure.
const PauseMS = 1500

// Keyboard gives the values of KeyboardList for a window, in its order. A measure for which the window holds nothing is 0.
func Keyboard(w window.Keyboard) []float64 {
	var letterDwells, spaceDwells, shiftDwells []float64
	var letterIntervals, handChanges, sameHands, spaceLeads, corrections []float64
	pairs, rollovers := 0.0, 0.0
	for i, s := range w.Strokes {
		switch dwell := s.DwellMS(); {
		case s.Class.Letter():
			letterDwells = append(letterDwells, dwell)
		case s.Class == event.Space:
			spaceDwells = append(spaceDwells, dwell)
		case s.Class == event.Shift:
			shiftDwells = append(shiftDwells, dwell)
		}
		if i+1 == len(w.Strokes) {
			break
		}
		next := w.Strokes[i+1]
		interval := next.PressMS - s.PressMS
		if interval > PauseMS {
			continue
		}
		switch {
		case s.Class.Letter() && next.Class.Letter():
			letterIntervals = append(letterIntervals, interval)
			if s.Class == next.Class {
				sameHands = append(sameHands, interval)
			} else {
				handChanges = append(handChanges, interval)
			}
			pairs++
			if next.PressMS < s.ReleaseMS {
				rollovers++
			}
		case s.Class.Letter() && next.Class == event.Space:
			spaceLeads = append(spaceLeads, interval)
		case next.Class == event.Backspace && s.Class != event.Backspace:
			corrections = append(corrections, interval)
		}
	}
	rolloverShare := 0.0
	if pairs > 0 {
		rolloverShare = rollovers / pairs
	}
	return []float64{
		quantile.Of(letterDwells, 0.5),
		halfSpread(letterDwells),
		quantile.Of(spaceDwells, 0.5),
		quantile.Of(letterIntervals, 0.5),
		halfSpread(letterIntervals),
		quantile.Of(handChanges, 0.5),
		quantile.Of(sameHands, 0.5),
		quantile.Of(spaceLeads, 0.5),
		rolloverShare,
		quantile.Of(shiftDwells, 0.5),
		quantile.Of(corrections, 0.5),
	}
}

func halfSpread(values []float64) float64 {
	return (quantile.Of(values, 0.9) - quantile.Of(values, 0.1)) / 2
}
