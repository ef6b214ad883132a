package trust

// plainWindowMS is what a window of typing takes: thirty strokes.
const plainWindowMS = 10_000

// ReachOfPlainTakeover gives the natural log-odds up to which a plain takeover is noticed: those that one source's windows add up to when
// each scores what other people's do in the mean, one every ten seconds, for as many as are remembered. They grow no
// further, because a hundred windows do not count a hundred times. A threshold above is passed by hardly any takeover.
func (m Model) ReachOfPlainTakeover() float64 {
	s, most := m.Begin(0), m.Begin(0).LogOdds
	for i := range int64(m.Reach) {
		s = m.Update(s, "", m.Scores.Others, (i+1)*plainWindowMS)
		most = max(most, s.LogOdds)
	}
	return most
}
