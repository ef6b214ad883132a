package liveness

// keyCoupling says how dwells and intervals go together. When the next key goes down and when this one comes up are decided
// by different fingers at nearly the same time: a longer dwell goes with a later next press a little, and with a shorter or
// negative flight a lot. Who draws dwell and flight apart has the second as 0; who draws dwell and interval apart has
// the first as 0.
var keyCoupling = keySignal{
	measures: []Measure{
		{"dwellFlight", "1", "correlation of a stroke's dwell with the flight after it, flights within a pause's length"},
		{"dwellAfter", "1", "correlation of a stroke's dwell with the interval after its press, residuals"},
		{"dwellBefore", "1", "correlation of a stroke's dwell with the interval before its press, residuals"},
		{"dwellAfterNext", "1", "correlation of a stroke's dwell with the interval after the next press, residuals"},
		{"dwellBeforeLast", "1", "correlation of a stroke's dwell with the interval before the last press, residuals"},
		{"flightLag1", "1", "correlation of a flight with the next one"},
	},
	of: func(t typing) []float64 {
		flights := make([]float64, len(t.going))
		for i := range flights {
			flights[i] = squash(t.intervalMS[i] - t.dwellMS[i])
		}
		dwells := make([]float64, len(t.dwellMS))
		for i, d := range t.dwellMS {
			dwells[i] = squash(d)
		}
		at := func(lag int) func(int) bool { return func(i int) bool { return t.going[i+lag] } }
		return []float64{
			correlation(dwells, flights, 0, at(0)),
			correlation(t.dwellResidual, t.intervalResidual, 0, at(0)),
			correlation(t.dwellResidual, t.intervalResidual, -1, at(-1)),
			correlation(t.dwellResidual, t.intervalResidual, 1, at(1)),
			correlation(t.dwellResidual, t.intervalResidual, -2, at(-2)),
			correlation(flights, flights, 1, func(i int) bool { return t.going[i] && t.going[i+1] }),
		}
	},
}

// squash takes a time in ms, negative ones too, to a scale on which pauses weigh little.
func squash(ms float64) float64 { return ms / (200 + abs(ms)) }

func abs(x float64) float64 {
	if x < 0 {
		return -x
	}
	return x
}
