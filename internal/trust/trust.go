// Package trust owns the sequential decision: a pure fold of comparison scores into the posterior probability that the
// enrolled subject is still at the controls. It is Shiryaev's quickest-change detector (A. N. Shiryaev, "On optimum methods
// in quickest detection problems", 1963) for scores that repeat one another: a session is genuine until, with a small
// hazard in every unit of time, it is taken over, and for every moment at which that may have happened the windows since
// then are weighed together, as one stretch (see Scores). Where evidence stays out the posterior fades to the prior:
// silence speaks neither for nor against anybody.
//
// Scores come in; a State comes out. There is no clock here: the caller says what time it is.
package trust

import (
	"math"
	"slices"
)

// Model holds the hazard, what scores are usual, and how evidence fades. Its zero value is not usable; see Default.
type Model struct {
	Prior         float64 // probability of a takeover where nothing is known, in (0,1)
	HazardPerHour float64 // rate at which a genuine session is taken over
	Scores        Scores  // what comparison scores are usual
	Reach         int     // how many windows are weighed together at most, and remembered
	SilenceMS     int64   // time without evidence after which the posterior begins to fade
	FadeHours     float64 // time constant of the fading
	Chances       Chances // what contexts count for
}

// Default is the model that the server runs: six takeovers in an hour of input, some ten minutes of input weighed
// together, and a memory that fades over some twenty minutes of silence.
func Default() Model {
	return Model{
		Prior: 0.05, HazardPerHour: 6, Scores: usualScores(), Reach: 64,
		SilenceMS: 60_000, FadeHours: 1.0 / 3, Chances: defaultChances(),
	}
}

// State is the posterior after all evidence so far, and the windows that it rests on. The zero value is a session that has
// not begun.
type State struct {
	LogOdds      float64  `json:"logOdds"`           // natural log of P(taken over) / P(genuine)
	AtMS         int64    `json:"atMS"`              // the moment that LogOdds holds for, Unix milliseconds
	EvidenceAtMS int64    `json:"evidenceAtMS"`      // of the last evidence, or of the beginning
	Windows      []Window `json:"windows,omitempty"` // the last ones that were compared, the oldest first; at most Model.Reach
	Since        float64  `json:"since,omitempty"`   // odds that the takeover came after the last window
	Begun        bool     `json:"begun"`
}

// Window is one comparison that a State remembers.
type Window struct {
	Source string  `json:"by"`    // what was compared: scores of one source repeat one another
	Score  float64 `json:"score"` // bounded comparison score, natural log
	Prior  float64 `json:"prior"` // natural log of the odds, without the windows' own evidence, that the takeover came just before
}

// Begin gives the state of a session in which the subject has just proved who they are.
func (m Model) Begin(atMS int64) State {
	return State{LogOdds: logit(m.Prior), AtMS: atMS, EvidenceAtMS: atMS, Begun: true}
}

// Update folds one calibrated comparison score in. The source names what was compared, as the modality does: scores of one
// source repeat one another, those of two sources do not. A score that is not finite is no evidence; a time before the last
// update counts as no time passed.
func (m Model) Update(s State, source string, llr float64, nowMS int64) State {
	before := s.EvidenceAtMS
	s = m.Wait(s, nowMS)
	if math.IsNaN(llr) || math.IsInf(llr, 0) {
		return s
	}
	// The hazard counts observed time only: the pause before this window is not watched, and fades instead.
	hazard := m.HazardPerHour * float64(min(max(0, s.AtMS-before), m.SilenceMS)) / hourMS
	since := (s.since() + -math.Expm1(-hazard)) * math.Exp(hazard)
	windows := make([]Window, 0, m.Reach)
	for _, w := range s.Windows {
		w.Prior += hazard
		windows = append(windows, w)
	}
	if len(windows) >= m.Reach {
		windows = m.forgetOldest(windows)
	}
	s.Windows = append(windows, Window{Source: source, Score: m.Scores.bound(llr), Prior: math.Max(leastPrior, math.Log(since))})
	s.Since = 0
	s.LogOdds = clamp(m.weigh(s.Windows))
	s.EvidenceAtMS = s.AtMS
	return s
}

// leastPrior stands for odds of nothing, which have no logarithm.
const leastPrior = -60

// forgetOldest makes room for a window. A takeover before the oldest one is from now on taken to have come just after it.
func (m Model) forgetOldest(windows []Window) []Window {
	oldest := windows[0]
	windows = windows[1:]
	if len(windows) > 0 {
		windows[0].Prior = logSum(windows[0].Prior, math.Min(oldest.Prior, logit(m.Prior)))
	}
	return windows
}

// weigh gives the log-odds of a takeover: over every window, the odds that it came just before, times the likelihood ratio
// of all windows since.
func (m Model) weigh(windows []Window) float64 {
	total := math.Inf(-1)
	var stretches []*stretch // one for each source; few, and always in the same order
	for i := len(windows) - 1; i >= 0; i-- {
		w := windows[i]
		own := slices.IndexFunc(stretches, func(s *stretch) bool { return s.source == w.Source })
		if own < 0 {
			own = len(stretches)
			stretches = append(stretches, newStretch(m.Scores, w.Source))
		}
		stretches[own].add(w.Score)
		evidence := w.Prior
		for _, s := range stretches {
			evidence += s.doubt
		}
		total = logSum(total, evidence)
	}
	return total
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
	if from := max(s.AtMS, s.EvidenceAtMS+m.SilenceMS); nowMS > from {
		s = m.fade(s, math.Exp(-float64(nowMS-from)/hourMS/m.FadeHours))
	}
	s.AtMS = nowMS
	return s
}

// fade keeps a share of what is known: P becomes kept·P + (1−kept)·prior. What the prior gives counts as a takeover after
// the last window, which the windows say nothing about.
func (m Model) fade(s State, kept float64) State {
	genuine := sigmoid(-s.LogOdds)
	left := kept*genuine + (1-kept)*(1-m.Prior)
	since := (kept*s.since()*genuine + (1-kept)*m.Prior) / left
	shift := math.Log(kept * genuine / left)
	windows := make([]Window, len(s.Windows))
	for i, w := range s.Windows {
		w.Prior = math.Max(leastPrior, w.Prior+shift)
		windows[i] = w
	}
	s.LogOdds = math.Log((kept*sigmoid(s.LogOdds) + (1-kept)*m.Prior) / left)
	if len(windows) > 0 {
		s.Windows, s.Since = windows, since
	}
	return s
}

// since gives the odds that the takeover came after the last window; where there is no window, all of them.
func (s State) since() float64 {
	if len(s.Windows) == 0 {
		return math.Exp(clamp(s.LogOdds))
	}
	return s.Since
}

// raise lets the log-odds grow to a level, by a takeover just now.
func (s State) raise(to float64) State {
	if to <= s.LogOdds {
		return s
	}
	if len(s.Windows) > 0 {
		s.Since += math.Exp(to) - math.Exp(s.LogOdds)
	}
	s.LogOdds = to
	return s
}

// Trust gives the probability that the enrolled subject is at the controls.
func (s State) Trust() float64 { return sigmoid(-s.LogOdds) }

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func logit(p float64) float64 { return math.Log(p / (1 - p)) }

// logSum is log(exp(a)+exp(b)) without overflow.
func logSum(a, b float64) float64 {
	high, low := math.Max(a, b), math.Min(a, b)
	if math.IsInf(high, -1) {
		return high
	}
	return high + math.Log1p(math.Exp(low-high))
}
