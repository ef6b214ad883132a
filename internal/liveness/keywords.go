package liveness

import "ipse.dev/ipse/internal/event"

// keyWords says whether the pace knows of words and hands. People slow at the edges of words, change hands faster than they
// move one, hold the space bar as it suits a thumb, and stop before they correct.
var keyWords = keySignal{
	measures: []Measure{
		{"intoSpace", "1", "mean interval before a space less that between letters, soft logarithm"},
		{"outOfSpace", "1", "mean interval after a space less that between letters, soft logarithm"},
		{"handChange", "1", "mean interval between letters of different hands less that within one, soft logarithm"},
		{"spaceDwell", "1", "mean dwell of spaces less that of letters, soft logarithm"},
		{"correction", "1", "mean interval into a correction less that between letters, soft logarithm"},
		{"kindsExplain", "share", "share of the intervals' variance that kinds of step explain"},
		{"classesExplain", "share", "share of the dwells' variance that classes explain"},
	},
	of: func(t typing) []float64 {
		var letters, same, other, into, out, correction, spaces, letterDwells []float64
		var before, after, beforeD, afterD float64
		centre, centreD := mean(t.logUsual), mean(t.logDwell)
		for i, s := range t.strokes {
			beforeD += (t.logDwell[i] - centreD) * (t.logDwell[i] - centreD)
			afterD += t.dwellResidual[i] * t.dwellResidual[i]
			if s.Class == event.Space {
				spaces = append(spaces, t.logDwell[i])
			} else if s.Class.Letter() {
				letterDwells = append(letterDwells, t.logDwell[i])
			}
			if i+1 == len(t.strokes) || !t.going[i] {
				continue
			}
			x := t.logInterval[i]
			before += (x - centre) * (x - centre)
			after += t.intervalResidual[i] * t.intervalResidual[i]
			switch t.kind[i] {
			case sameHand:
				same, letters = append(same, x), append(letters, x)
			case otherHand:
				other, letters = append(other, x), append(letters, x)
			case toSpace:
				into = append(into, x)
			case fromSpace:
				out = append(out, x)
			case otherStep:
				if t.strokes[i+1].Class == event.Backspace && s.Class != event.Backspace {
					correction = append(correction, x)
				}
			}
		}
		return []float64{
			contrast(into, letters), contrast(out, letters), contrast(other, same), contrast(spaces, letterDwells), contrast(correction, letters),
			explained(before, after), explained(beforeD, afterD),
		}
	},
}

// explained is the share of a sum of squares that is gone; 0 where there was hardly any.
func explained(before, after float64) float64 {
	if before < 1e-4 {
		return 0
	}
	return 1 - after/before
}

// contrast is the difference of two means, 0 where one of them is missing.
func contrast(of, to []float64) float64 {
	if len(of) == 0 || len(to) == 0 {
		return 0
	}
	return mean(of) - mean(to)
}
