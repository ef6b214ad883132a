// Package trust owns the sequential decision: a pure fold of comparison scores into the posterior probability that the
// enrolled subject is still at the controls. While evidence comes in it is Shiryaev's quickest-change detector
// (A. N. Shiryaev, "On optimum methods in quickest detection problems", 1963): a session is genuine until, with a small
// hazard in every unit of time, it is taken over. Where evidence stays out the posterior fades to the prior: silence
// speaks neither for nor against anybody.
//
// Scores come in; a State comes out. There is no clock here: the caller says what time it is.
package trust

import "math"

// Model holds the hazard, how evidence is bounded and discounted, and how it fades. Its zero value is not usable; see
// Default.
type Model struct {
	Prior         float64 // probability of a takeover where nothing is known, in (0,1)
	HazardPerHour float64 // rate at which a genuine session is taken over
	Temper        float64 // factor on every score, for the correlation of neighbouring windows, in (0,1]
	MaxEvidence   float64 // bound on what one window may add for the subject, natural log
	MaxDoubt      float64 // bound on what one window may add against the subject, natural log
	SilenceMS     int64   // time without evidence after which the posterior begins to fade
	FadeHours     float64 // time constant of the fading
	Chances       Chances // what contexts count for
}

// Default is the model that the server runs: six takeovers in an hour of input, and a memory that fades over some
// twenty minutes of silence.
func Default() Model {
	return Model{Prior: 0.05, HazardPerHour: 6, Temper: 1, MaxEvidence: 1, MaxDoubt: 4, SilenceMS: 60_000, FadeHours: 1.0 / 3, Chances: defaultChances()}
}

// State is the posterior after all evidence so far. The zero value is a session that has not begun.
type State struct {
	LogOdds      float64 `json:"logOdds"`      // natural log of P(taken over) / P(genuine)
	AtMS         int64   `json:"atMS"`         // the moment that LogOdds holds for, Unix milliseconds
	EvidenceAtMS int64   `json:"evidenceAtMS"` // of the last evidence, or of the beginning
	Begun        bool    `json:"begun"`
}

// Begin gives the state of a session in which the subject has just proved who they are.
func (m Model) Begin(atMS int64) State {
	return State{LogOdds: logit(m.Prior), AtMS: atMS, EvidenceAtMS: atMS, Begun: true}
}

// Update folds one calibrated comparison score into the state. A score that is not finite is no evidence; a time
// before the last update counts as no time passed.
func (m Model) Update(s State, llr float64, nowMS int64) State {
	before := s.EvidenceAtMS
	s = m.Wait(s, nowMS)
	if math.IsNaN(llr) || math.IsInf(llr, 0) {
		return s
	}
	// The hazard counts observed time only: the pause before this window is not watched, and fades instead.
	hours := float64(min(max(0, s.AtMS-before), m.SilenceMS)) / hourMS
	s.LogOdds = clamp(takenOver(s.LogOdds, m.HazardPerHour*hours) - m.Bound(llr))
	s.EvidenceAtMS = s.AtMS
	return s
}

// takenOver lets the hazard of some time act: P(taken over) becomes p + (1-p)·q with q = 1-exp(-hazard), which in odds is
// (odds+q)/(1-q). Log-odds keep their precision where probabilities would round to 0 or 1.
func takenOver(logOdds, hazard float64) float64 {
	if hazard <= 0 {
		return logOdds
	}
	logQ := math.Log(-math.Expm1(-hazard))
	high, low := math.Max(logOdds, logQ), math.Min(logOdds, logQ)
	return high + math.Log1p(math.Exp(low-high)) + hazard
}

// maxLogOdds bounds the state: nothing is ever so sure that an hour of evidence could not change it.
const maxLogOdds = 200

func clamp(logOdds float64) float64 { return math.Max(-maxLogOdds, math.Min(maxLogOdds, logOdds)) }

const hourMS = 3_600_000

// Wait lets time pass without evidence: after SilenceMS the posterior fades to the prior, never beyond it. Waiting twice
// is the same as waiting once for as long.
func (m Model) Wait(s State, nowMS int64) State {
	if !s.Begun {
		return m.Begin(nowMS)
	}
	if nowMS <= s.AtMS {
		return s
	}
	from := max(s.AtMS, s.EvidenceAtMS+m.SilenceMS)
	if nowMS > from {
		hours := float64(nowMS-from) / hourMS
		kept := math.Exp(-hours / m.FadeHours)
		over := m.Prior*(1-kept) + sigmoid(s.LogOdds)*kept
		genuine := (1-m.Prior)*(1-kept) + sigmoid(-s.LogOdds)*kept
		s.LogOdds = math.Log(over / genuine)
	}
	s.AtMS = nowMS
	return s
}

// Bound gives what a score counts for: tempered, and bounded on both sides.
func (m Model) Bound(llr float64) float64 {
	return math.Max(-m.MaxDoubt, math.Min(m.MaxEvidence, llr*m.Temper))
}

// Trust gives the probability that the enrolled subject is at the controls.
func (s State) Trust() float64 { return sigmoid(-s.LogOdds) }

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func logit(p float64) float64 { return math.Log(p / (1 - p)) }
