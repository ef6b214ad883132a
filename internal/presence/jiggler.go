package presence

// jiggler tells movement for the sake of movement: small, to the same places again, at rests that do not vary, with
// nothing pressed. A window of it may take a minute or two hours.
func jiggler(n *Network) Signal {
	return Signal{
		Kind:   Jiggler,
		Source: pointerSource,
		Least:  -3, Most: 5, Found: 9,
		LLR: func(w Window) (float64, bool) {
			m, ok := pointerMeasures(w)
			if !ok {
				return 0, false
			}
			return n.Nats(m), true
		},
	}
}
