package liveness

// keySerial says how one stroke's timing goes on in the next ones. Fingers, words and attention last longer than a stroke, so
// neighbours are alike beyond what their classes explain; times drawn one by one from a histogram are not, however well the
// histogram fits.
var keySerial = keySignal{
	measures: []Measure{
		{"dwellLag1", "1", "correlation of a stroke's dwell with the next one's, less the means of their classes"},
		{"dwellLag2", "1", "the same with the one after the next"},
		{"dwellLag3", "1", "the same with the third"},
		{"intervalLag1", "1", "correlation of an interval with the next one, less the means of their kinds of step"},
		{"intervalLag2", "1", "the same with the one after the next"},
		{"intervalLag3", "1", "the same with the third"},
		{"dwellHand", "1", "correlation of a letter's dwell with that of the next letter of the same hand, less the means of their classes"},
	},
	of: func(t typing) []float64 {
		always := func(int) bool { return true }
		going := func(lag int) func(int) bool {
			return func(i int) bool { return t.going[i] && t.going[i+lag] }
		}
		return []float64{
			correlation(t.dwellResidual, t.dwellResidual, 1, always),
			correlation(t.dwellResidual, t.dwellResidual, 2, always),
			correlation(t.dwellResidual, t.dwellResidual, 3, always),
			correlation(t.intervalResidual, t.intervalResidual, 1, going(1)),
			correlation(t.intervalResidual, t.intervalResidual, 2, going(2)),
			correlation(t.intervalResidual, t.intervalResidual, 3, going(3)),
			handRhythm(t),
		}
	},
}

// handRhythm pairs each letter with the next letter of the same class.
func handRhythm(t typing) float64 {
	var before, after []float64
	for i, s := range t.strokes {
		if !s.Class.Letter() {
			continue
		}
		for j := i + 1; j < len(t.strokes); j++ {
			if t.strokes[j].Class == s.Class {
				before, after = append(before, t.dwellResidual[i]), append(after, t.dwellResidual[j])
				break
			}
		}
	}
	return correlation(before, after, 0, func(int) bool { return true })
}
