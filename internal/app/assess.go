package app

import (
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/review"
	"ipse.dev/ipse/internal/trust"
)

// Session is everything that the server knows of one session: a fold of what was acknowledged. It is kept as a summary
// and bounded in size.
type Session struct {
	ID           string            `json:"id"`
	Subject      string            `json:"subject"` // pseudonym
	OpenedAtMS   int64             `json:"openedAtMS"`
	Closed       bool              `json:"closed"`
	LastSequence int64             `json:"lastSequence"` // of the last observation applied
	Applied      uint64            `json:"applied"`      // stream sequence of the last message applied
	Trust        trust.State       `json:"trust"`
	Decision     policy.Decision   `json:"decision"`
	Compared     bool              `json:"compared"` // a mature reference has been compared with since the last sign-in
	Path         []Point           `json:"path"`     // the last PathPoints points, oldest first
	Evidence     []review.Evidence `json:"evidence"` // of the last comparison of each modality
	OpenCase     string            `json:"openCase,omitempty"`
}

// PathPoints bounds Session.Path.
const PathPoints = 240

// Point is trust after one observation.
type Point struct {
	AtMS     int64                `json:"atMS"`
	Trust    float64              `json:"trust"`
	Level    policy.Level         `json:"level"`
	Modality observation.Modality `json:"modality"`
	Score    *float64             `json:"score,omitempty"` // calibrated LLR; absent where nothing was compared
}

// References are the references of one subject.
type References map[enrol.Key]enrol.Reference

// Change is a change of risk level that somebody must hear of.
type Change struct {
	Session, Subject string
	AtMS             int64
	From, To         policy.Level
	Reasons          []policy.ReasonCode
}

// Assessor folds what arrives into sessions and references. It is pure: no clock, no store, no bus.
type Assessor struct {
	Trust           trust.Model
	Thresholds      policy.Thresholds
	AcceptSimulated bool // events that no hand made are taken for behaviour: demonstrations only
	comparators     map[enrol.Key]any
}

// Open gives the state of a new session.
func (a *Assessor) Open(id, subject string, atMS int64) Session { panic("soon") }

// Observe folds observations, in the order of their sequence numbers, into the session and the subject's references,
// which it returns changed (the arguments stay as they were). Observations at or below LastSequence are passed over.
func (a *Assessor) Observe(s Session, refs References, obs []observation.Observation, atMS int64) (Session, References, []Change) {
	panic("soon")
}

// Reauthenticate starts the session's trust anew after the subject has proved who they are.
func (a *Assessor) Reauthenticate(s Session, atMS int64) (Session, []Change) { panic("soon") }

// Close ends the session.
func (a *Assessor) Close(s Session, atMS int64) Session { panic("soon") }
