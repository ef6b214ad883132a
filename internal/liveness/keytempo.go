package liveness

// keyTempo says whether the pace itself wanders. Over a window people speed up, slow down and group strokes; the mean of each
// run of five strokes then varies more than single strokes explain. Its expectation is 1 when every stroke is drawn by itself.
var keyTempo = keySignal{
	measures: []Measure{
		{"intervalWaves", "1", "variance of the means of runs of five intervals times five, over the variance of single ones, residuals"},
		{"dwellWaves", "1", "the same of dwells"},
		{"intervalDrift", "1", "mean of the second half's intervals less the first half's, residuals, without sign"},
		{"dwellDrift", "1", "the same of dwells"},
	},
	of: func(t typing) []float64 {
		var intervals []float64
		for i, r := range t.intervalResidual {
			if t.going[i] {
				intervals = append(intervals, r)
			}
		}
		return []float64{waves(intervals), waves(t.dwellResidual), drift(intervals), drift(t.dwellResidual)}
	},
}

const waveStrokes = 5

func waves(residuals []float64) float64 {
	runs := len(residuals) / waveStrokes
	if runs < 3 {
		return 0
	}
	whole := residuals[:runs*waveStrokes]
	centre := mean(whole)
	var single, grouped float64
	for _, r := range whole {
		single += (r - centre) * (r - centre)
	}
	for i := range runs {
		m := mean(whole[i*waveStrokes:(i+1)*waveStrokes]) - centre
		grouped += m * m
	}
	single /= float64(len(whole) - 1)
	grouped /= float64(runs - 1)
	if single < 1e-6 {
		return 0
	}
	return waveStrokes * grouped / single
}

func drift(residuals []float64) float64 {
	if len(residuals) < 8 {
		return 0
	}
	half := len(residuals) / 2
	return abs(mean(residuals[half:]) - mean(residuals[:half]))
}
