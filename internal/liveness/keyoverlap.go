package liveness

import (
	"ipse.dev/ipse/internal/event"
)

// keyOverlap says how keys are held together. Ten fingers overlap (Dhakal et al., "Observations on typing from 136 million
// keystrokes", 2018, call it roll-over), the faster the more; programs release one key before they press the next, and
// forgers who draw dwells and intervals apart overlap where no finger could, one key with itself among them.
var keyOverlap = keySignal{
	measures: []Measure{
		{"rollover", "share", "steps between letters in which the next key goes down before this one is up"},
		{"rolloverSame", "share", "the same of steps between letters of one hand"},
		{"deepOverlap", "share", "strokes that last until the press after the next"},
		{"releaseOrder", "share", "strokes that are released after the next one is"},
		{"shiftHeld", "1", "shift strokes that hold a press of another key less those that do not, over one more than all of them"},
		{"overlapSpread", "1", "share of the steps in which less than a tenth of the interval lies between release and next press, before or behind"},
	},
	of: func(t typing) []float64 {
		var letters, over, same, overSame, deep, deepOf, order, orderOf, shifts, holding, near, steps float64
		for i, s := range t.strokes {
			if i+2 < len(t.strokes) && t.going[i] && t.going[i+1] {
				deepOf++
				if t.strokes[i+2].PressMS < s.ReleaseMS && s.Class != event.Shift {
					deep++
				}
			}
			if i+1 == len(t.strokes) || !t.going[i] {
				continue
			}
			next := t.strokes[i+1]
			overlaps := next.PressMS < s.ReleaseMS
			steps++
			if d := next.PressMS - s.ReleaseMS; d*d < 0.01*t.intervalMS[i]*t.intervalMS[i] {
				near++
			}
			if s.Class == event.Shift {
				shifts++
				if overlaps && next.Class != event.Shift {
					holding++
				}
				continue
			}
			orderOf++
			if next.ReleaseMS < s.ReleaseMS {
				order++
			}
			if t.kind[i] == sameHand || t.kind[i] == otherHand {
				letters++
				if overlaps {
					over++
				}
				if t.kind[i] == sameHand {
					same++
					if overlaps {
						overSame++
					}
				}
			}
		}
		return []float64{
			ratio(over, letters), ratio(overSame, same), ratio(deep, deepOf), ratio(order, orderOf),
			(2*holding - shifts) / (shifts + 1), ratio(near, steps),
		}
	},
}
