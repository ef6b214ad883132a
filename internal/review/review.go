// Package review owns cases and verdicts: what a reviewer gets to see of an alarm, and what they decide. A case is a
// value; stores keep it.
package review

import (
	"errors"
	"fmt"
	"time"

	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
)

// Verdict is a reviewer's decision on a case.
type Verdict string

// The verdicts. Undecided is a case that nobody has looked at.
const (
	Undecided   Verdict = ""
	Impostor    Verdict = "impostor"
	RightPerson Verdict = "right_person"
	CannotTell  Verdict = "cannot_tell"
)

// ErrVerdict is the error for a verdict that is none.
var ErrVerdict = errors.New("review: not a verdict")

// ParseVerdict reads a verdict from outside.
func ParseVerdict(s string) (Verdict, error) {
	switch v := Verdict(s); v {
	case Impostor, RightPerson, CannotTell:
		return v, nil
	}
	return Undecided, fmt.Errorf("%w: %q; want impostor, right_person or cannot_tell", ErrVerdict, s)
}

// Case is one alarm with what is needed to judge it.
type Case struct {
	ID        string              `json:"id"`
	Session   string              `json:"session"`
	Subject   string              `json:"subject"` // pseudonym
	OpenedAt  time.Time           `json:"openedAt"`
	Level     policy.Level        `json:"level"`
	Trust     float64             `json:"trust"`
	Reasons   []policy.ReasonCode `json:"reasons"`
	Evidence  []Evidence          `json:"evidence"`
	Verdict   Verdict             `json:"verdict"`
	DecidedAt time.Time           `json:"decidedAt"`
	Shadow    bool                `json:"shadow,omitempty"` // raised in shadow mode: nobody but the console was told
}

// Evidence is what the last comparison of one modality said, with the features that moved most.
type Evidence struct {
	Modality   observation.Modality `json:"modality"`
	Score      float64              `json:"score" doc:"Comparison score: log-likelihood ratio, above 0 for the enrolled subject and below 0 for somebody else."`
	Deviations []enrol.Deviation    `json:"deviations"`
}
