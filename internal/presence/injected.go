package presence

// injectedKeys tells keys that come as no hand can press them: faster, held more briefly, more evenly. One window is enough,
// and package window ends one after twenty such strokes. The bound lies a
// quarter of a nat beyond every window of people who are not kept unseen.
func injectedKeys(w KeyWeights) Signal {
	judge := w[InjectedNetwork]
	return Signal{
		Kind: InjectedKeys, Source: keySource, Least: -judge.Found / 2, Most: judge.Found, Found: judge.Found,
		LLR: func(w Window) (float64, bool) {
			if !typed(w) {
				return 0, false
			}
			return judge.Nats(w.Liveness.Measures), true
		},
	}
}
