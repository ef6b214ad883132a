package app

import (
	"math"
	"slices"
	"time"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/trust"
)

// PathPoints bounds Session.Path.
const PathPoints = 240

// Point is trust after one window, one context or one sign-in. A point with neither modality nor context is a sign-in.
//
// The path shows when its last windows came, because whoever judges an alarm must see what led to it. It holds nothing
// else of anybody's day: 240 points at most, in the session that they belong to, and gone with it.
type Point struct {
	AtMS     int64                `json:"atMS"`
	Trust    float64              `json:"trust"`
	Level    policy.Level         `json:"level"`
	Modality observation.Modality `json:"modality"`
	Score    *float64             `json:"score,omitempty"`    // calibrated LLR; absent where nothing was compared
	Counted  *float64             `json:"evidence,omitempty"` // what the score took off the log-odds of a takeover
	Context  trust.Context        `json:"context,omitempty"`
	Reasons  []policy.ReasonCode  `json:"reasons,omitempty"` // why the window was compared with nothing
}

// scoreStep is how finely the path keeps scores: nobody reads more, and the session is stored often.
const scoreStep = 1e-4

func rounded(x float64) *float64 {
	r := math.Round(x/scoreStep) * scoreStep
	r = math.Round(r*1e4) / 1e4
	return &r
}

// walk appends a point as the session stands now. s.Path must be the caller's own.
func (s *Session) walk(p Point) {
	p.AtMS, p.Trust, p.Level = s.Trust.AtMS, s.Trust.Trust(), s.Decision.Level
	s.Path = append(s.Path, p)
	s.Path = s.Path[max(0, len(s.Path)-PathPoints):]
}

// onClock moves what the session remembers onto a clock that was set back, so that time goes on from now: a state from
// the future would see no time pass, and with it no hazard, until the clock has caught up.
func (s *Session) onClock(atMS int64) {
	back := s.Trust.AtMS - atMS
	if !s.Trust.Begun || back <= 0 {
		return
	}
	s.Trust.AtMS -= back
	s.Trust.EvidenceAtMS -= back
	s.Path = slices.Clone(s.Path)
	for i := range s.Path {
		s.Path[i].AtMS -= back
	}
}

// withoutWindow gives the log-odds of a takeover at a moment at which a window comes, had it said nothing: the time since
// the last evidence has been watched, and a takeover may have come in it. What a window counts for is measured from here;
// measured from the window before, the hazard of that time would be held against it.
func withoutWindow(m trust.Model, s trust.State, atMS int64) float64 {
	before := s.EvidenceAtMS
	s = m.Wait(s, atMS)
	watched := time.Duration(min(max(0, s.AtMS-before), m.SilenceMS)) * time.Millisecond
	hazard := m.HazardPerHour * watched.Hours()
	came := -math.Expm1(-hazard) // probability
	// Odds are (P + (1−P)·came) / ((1−P)·(1−came)).
	return math.Log(math.Exp(s.LogOdds)+came) + hazard
}
