package presence

// turnedPath tells strokes that a program has turned, skewed or stretched from strokes as this person's mouse reports them.
// A sensor counts along its own two axes, and careful strokes run exactly along them: whoever turns a recorded stroke and
// rounds it to pixels again loses that. Not every device has it, and touchpads may not; so the network's word counts only as far
// as the person's own movement is known not to look turned, see UsualBounds, and says nothing against strangers. Somebody who
// takes up another device looks turned too: it is a caution and no alarm, and windows in which it is found are remembered, so
// that another device becomes usual.
func turnedPath(n *Network, bounds *UsualBounds) Signal {
	signal := Signal{
		Kind:   TurnedPath,
		Source: pointerSource,
		Least:  -3, Most: 5, Found: 9,
		LLR: func(w Window) (float64, bool) {
			m, ok := pointerMeasures(w)
			if !ok || bounds == nil {
				return 0, false
			}
			own := w.Past[w.Modality].Usual[TurnedPath]
			nats := n.Nats(m) - bounds.Allowance(own, n.mark)
			if nats > 0 {
				nats *= bounds.Known(own, n.mark)
			}
			return nats, true
		},
		Usual: func(w Window) (string, float64, bool) {
			m, ok := pointerMeasures(w)
			if !ok || bounds == nil {
				return "", 0, false
			}
			return n.mark, n.Nats(m), true
		},
	}
	if bounds != nil {
		// Nothing is said of sessions as wholes. What was usual before one is kept, so that what it teaches can be taken back.
		signal.Since = func(s Since, w Window) Since { return s.Begin(n.mark, w.Past[w.Modality].Usual[TurnedPath]) }
	}
	return signal
}
