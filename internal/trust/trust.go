// Package trust owns the sequential decision: a pure fold of comparison scores into the posterior probability that the
// enrolled subject is still at the controls. It is Shiryaev's quickest-change detector (A. N. Shiryaev, "On optimum
// methods in quickest detection problems", 1963) on a two-state Markov chain in which a takeover can begin and end.
//
// Scores come in; a State comes out. There is no clock here: the caller says what time it is.
package trust

import "math"

// Model holds the chain's rates and how evidence is bounded and discounted. Its zero value is not usable; see Default.
type Model struct {
	Prior          float64 // probability of a takeover where nothing is known, in (0,1)
	TakeoversPerHr float64 // rate at which a genuine session is taken over, per hour
	Temper         float64 // factor on every score, for the correlation of neighbouring windows, in (0,1]
	MaxEvidence    float64 // bound on what one window may add for the subject, natural log
	MaxDoubt       float64 // bound on what one window may add against the subject, natural log
}

// Default is the model that the server runs. Rates are per hour of wall clock: one takeover in eight hours, and a
// memory that fades over some twenty-five minutes without evidence.
func Default() Model {
	return Model{Prior: 0.05, TakeoversPerHr: 1.0 / 8, Temper: 1, MaxEvidence: 4, MaxDoubt: 4}
}

// State is the posterior after all evidence so far. The zero value is a session that has not begun.
type State struct {
	LogOdds float64 `json:"logOdds"` // natural log of P(taken over) / P(genuine)
	AtMS    int64   `json:"atMS"`    // time of the last update, Unix milliseconds
	Begun   bool    `json:"begun"`
}

// Begin gives the state of a session in which the subject has just proved who they are.
func (m Model) Begin(atMS int64) State {
	return State{LogOdds: logit(m.Prior), AtMS: atMS, Begun: true}
}

// Update folds one calibrated comparison score into the state. A score that is not finite is no evidence; a time
// before the last update counts as no time passed.
func (m Model) Update(s State, llr float64, nowMS int64) State {
	s = m.Wait(s, nowMS)
	if math.IsNaN(llr) || math.IsInf(llr, 0) {
		return s
	}
	s.LogOdds -= m.Bound(llr)
	return s
}

// Bound gives what a score counts for: tempered, and bounded on both sides.
func (m Model) Bound(llr float64) float64 {
	return math.Max(-m.MaxDoubt, math.Min(m.MaxEvidence, llr*m.Temper))
}

// Wait lets time pass without evidence: the posterior decays to the prior and never beyond it.
func (m Model) Wait(s State, nowMS int64) State {
	if !s.Begun {
		return m.Begin(nowMS)
	}
	if nowMS <= s.AtMS {
		return s
	}
	hours := float64(nowMS-s.AtMS) / 3_600_000
	total := m.TakeoversPerHr / m.Prior // rate of beginning plus rate of ending; the stationary probability is Prior
	p := m.Prior + (sigmoid(s.LogOdds)-m.Prior)*math.Exp(-total*hours)
	s.LogOdds, s.AtMS = logit(p), nowMS
	return s
}

// Trust gives the probability that the enrolled subject is at the controls.
func (s State) Trust() float64 { return sigmoid(-s.LogOdds) }

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// logit stays finite for probabilities that rounding has carried to 0 or 1.
func logit(p float64) float64 {
	const tiny = 1e-12
	p = math.Max(tiny, math.Min(1-tiny, p))
	return math.Log(p / (1 - p))
}
