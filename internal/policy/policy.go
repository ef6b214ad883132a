// Package policy owns the step from trust and context to a decision: which of the three answers is given, which CAEP
// risk level holds, and what the application is asked to do.
package policy

import "fmt"

// Level is CAEP's risk level.
type Level string

// The risk levels.
const (
	Low    Level = "LOW"
	Medium Level = "MEDIUM"
	High   Level = "HIGH"
)

// Answer is one of the three that ipse gives.
type Answer string

// The answers.
const (
	SamePerson  Answer = "same_person"
	SomeoneElse Answer = "someone_else"
	CannotTell  Answer = "cannot_tell"
)

// Directive is what a collector is asked to do.
type Directive string

// The directives.
const (
	StepUp Directive = "step_up" // ask for a light proof of identity when it suits
	Lock   Directive = "lock"    // lock now and ask for a sign-in
	Stop   Directive = "stop"    // the session is over: collect nothing more
)

// ReasonCode names why a level holds or why nothing can be told. The set is closed, so that every reason is translated.
type ReasonCode string

// The reasons.
const (
	Mismatch        ReasonCode = "behaviour_differs"      // the comparison speaks against the subject
	Immature        ReasonCode = "reference_immature"     // ipse is still learning the subject
	NoInput         ReasonCode = "too_little_input"       // nothing to compare yet
	InjectedEvents  ReasonCode = "injected_events"        // software made events where a hand was expected
	ClockBlurred    ReasonCode = "blurred_clock"          // timestamps too coarse to tell people apart
	ComposedText    ReasonCode = "input_method"           // an input method composed the text
	PastedText      ReasonCode = "paste_heavy"            // much of the text was pasted
	ModelUnknown    ReasonCode = "no_reference_for_model" // the reference was built by another model
	Reauthenticated ReasonCode = "reauthenticated"        // the subject proved who they are
)

// Thresholds are log-odds of a takeover from which a level holds.
type Thresholds struct {
	Medium float64 `json:"medium"`
	High   float64 `json:"high"`
}

// Input is what a decision rests on.
type Input struct {
	LogOdds    float64      // natural log-odds of a takeover
	Previous   Level        // the level before; High holds until the subject re-authenticates
	Comparable bool         // at least one mature reference has been compared with in this session
	Unanswered []ReasonCode // why nothing can be told, when it cannot
	Injected   bool         // liveness: events that no hand made, where they are not allowed
	Closed     bool
}

// Decision is the outcome.
type Decision struct {
	Level      Level
	Answer     Answer
	Directives []Directive
	Reasons    []ReasonCode
}

// Decide maps trust and liveness to an answer, a level and directives. A High level never falls by itself: only
// re-authentication, which starts the session's trust anew, lowers it. What cannot be told never raises a level.
func Decide(t Thresholds, in Input) Decision {
	d := Decision{Level: Low, Answer: SamePerson}
	switch {
	case in.Closed:
		return Decision{Level: in.Previous, Answer: CannotTell, Directives: []Directive{Stop}}
	case in.Injected:
		d.Level, d.Reasons = High, append(d.Reasons, InjectedEvents)
	case in.Comparable && in.LogOdds >= t.High:
		d.Level, d.Answer, d.Reasons = High, SomeoneElse, append(d.Reasons, Mismatch)
	case in.Comparable && in.LogOdds >= t.Medium:
		d.Level, d.Answer, d.Reasons = Medium, CannotTell, append(d.Reasons, Mismatch)
	}
	if in.Previous == High && d.Level != High {
		d.Level, d.Answer, d.Reasons = High, SomeoneElse, append(d.Reasons, Mismatch)
	}
	if d.Level == Low && (!in.Comparable || len(in.Unanswered) > 0) {
		d.Answer = CannotTell
	}
	if d.Answer == CannotTell {
		d.Reasons = append(d.Reasons, in.Unanswered...)
	}
	if d.Level == High {
		d.Directives = append(d.Directives, Lock)
	} else if d.Level == Medium {
		d.Directives = append(d.Directives, StepUp)
	}
	return d
}

// Validate reports thresholds that could not work.
func (t Thresholds) Validate() error {
	if !(t.Medium < t.High) {
		return fmt.Errorf("policy: the medium threshold (%g) must lie below the high one (%g)", t.Medium, t.High)
	}
	return nil
}
