package presence

// generatedPath tells paths that a program drew, and somebody's own strokes that a program changed, from a hand's. Two
// small networks look at the shape of the movement alone, not at its rate or its clock: one was fitted on programs of many
// kinds, the other on strokes that were rotated, scaled, sheared or shaken. docs/decisions/0019-pointer-liveness.md says
// what passes.
func generatedPath(drawn, changed *Network) Signal {
	return Signal{
		Kind:  GeneratedPath,
		Least: -3, Most: 5, Found: 9,
		LLR: func(w Window) (float64, bool) {
			m, ok := pointerMeasures(w)
			if !ok {
				return 0, false
			}
			return either(drawn.Nats(m), changed.Nats(m)), true
		},
	}
}
