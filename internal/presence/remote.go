package presence

// remoteControl tells movement that comes through a remote session, by when its events come: at the rate of pictures that
// are sent, in batches where the network stalled, now and then on a coarser grid. A hand made it all the same: it is
// context, and an alarm only where the operator does not allow remote work.
func remoteControl(n *Network) Signal {
	return Signal{
		Kind:   RemoteControl,
		Source: pointerSource,
		Least:  -2, Most: 2, Found: 10,
		LLR: func(w Window) (float64, bool) {
			m, ok := pointerMeasures(w)
			if !ok {
				return 0, false
			}
			return n.Nats(m), true
		},
	}
}
