// Package policy owns the step from trust and context to a decision: which of the three answers is given, which CAEP
// risk level holds, and what the application is asked to do.
package policy

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"ipse.dev/ipse/internal/extreme"
)

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
	PhraseBroken    ReasonCode = "phrase_broken"          // a phrase was not typed straight through
	ModelUnknown    ReasonCode = "no_reference_for_model" // the reference was built by another model
	DeviceChanged   ReasonCode = "device_changed"         // a window from another device class than the session began on
	NotComparable   ReasonCode = "not_comparable"         // the comparison gave no score that may count
	TooAlike        ReasonCode = "too_alike"              // several of the people named fit, or none of them clearly
	Reauthenticated ReasonCode = "reauthenticated"        // the subject proved who they are
	EnrolmentMixed  ReasonCode = "enrolment_mixed"        // what was learnt so far comes from two people: enrol again
	ReferenceDrifts ReasonCode = "reference_drifts"       // a reference has come far from the subject's enrolment and learns no more
	NewHardware     ReasonCode = "new_hardware"           // behaviour differs as another keyboard or mouse makes it differ
	Relearning      ReasonCode = "relearning"             // the subject declared a change, which is being learnt
	ShadowMode      ReasonCode = "shadow_mode"            // what is known is told to the console alone

	// No human hand, here and now: named as package presence names its kinds.
	InjectedKeys  ReasonCode = "injected_keys"
	ForgedKeys    ReasonCode = "forged_keys"
	Automation    ReasonCode = "automation"
	Replayed      ReasonCode = "replayed"
	GeneratedPath ReasonCode = "generated_path"
	Jiggler       ReasonCode = "jiggler"

	// How input comes, which is held against nobody unless the operator says so.
	RemoteControl  ReasonCode = "remote_control"
	VirtualMachine ReasonCode = "virtual_machine"
	TurnedPath     ReasonCode = "turned_path"
	KeyTimesHidden ReasonCode = "key_times_hidden"
	TwoPeople      ReasonCode = "two_people"
	MediatedInput  ReasonCode = "mediated_input"
)

// NoHand reports whether the reason says that no human hand is there, and not that it is somebody else's.
func (r ReasonCode) NoHand() bool {
	switch r {
	case InjectedEvents, InjectedKeys, ForgedKeys, Automation, Replayed, GeneratedPath, Jiggler:
		return true
	}
	return false
}

// Thresholds are log-odds of a takeover from which a level holds.
type Thresholds struct {
	Medium float64 `json:"medium"`
	High   float64 `json:"high"`
}

// Tail is how often the streams of people who are themselves reach high odds of a takeover.
type Tail struct {
	Rungs []Rung  // at least one; odds growing, rates not growing
	Slope float64 // beyond the last rung the rate falls as exp(-Slope·odds): an extrapolation

	Beyond *extreme.Tail // a better one, where it is known
}

// Rung is one threshold, natural log-odds, and the alarms an hour of genuine input that it gives.
type Rung struct {
	LogOdds float64
	PerHour float64
}

// threshold gives the odds at which alarms come so many times an hour of input: log-linear between rungs, the lowest
// rung's odds for any higher rate.
func (t Tail) threshold(perHour float64) float64 {
	below := t.Rungs[0]
	for _, r := range t.Rungs {
		if r.PerHour <= perHour {
			if r.PerHour >= below.PerHour {
				return r.LogOdds
			}
			share := math.Log(below.PerHour/perHour) / math.Log(below.PerHour/r.PerHour)
			return below.LogOdds + math.Max(0, share)*(r.LogOdds-below.LogOdds)
		}
		below = r
	}
	if t.Beyond != nil { // its cautious end, which may lie above the last rung from the start
		return math.Max(below.LogOdds, t.Beyond.Threshold(perHour))
	}
	return below.LogOdds + math.Log(below.PerHour/perHour)/t.Slope
}

// InputHoursPerDay is how long a person types and points in a working day, by which a budget for days becomes a rate
// for input: eight hours of which 40 % are active.
const InputHoursPerDay = 3.2

// mediumFactor is how many times more often than High the level Medium may be reached: it asks for a light step-up.
const mediumFactor = 3

// LeastHigh is the lowest threshold of High: odds of some three to one.
const LeastHigh = 1.0

// ErrBudget is the error for a false-alarm budget that no threshold can keep.
var ErrBudget = errors.New("policy: unusable false-alarm budget")

// ThresholdsFor gives the thresholds that keep a budget of so many alerts per 1,000 people per working day.
func ThresholdsFor(alertsPer1000PerDay float64, t Tail) (Thresholds, error) {
	if !(alertsPer1000PerDay > 0) || alertsPer1000PerDay > 1e6 {
		return Thresholds{}, fmt.Errorf("%w: %g alerts per 1,000 people per working day; want more than 0 and at most 1,000,000", ErrBudget, alertsPer1000PerDay)
	}
	if len(t.Rungs) == 0 || !(t.Slope > 0) {
		return Thresholds{}, fmt.Errorf("%w: nothing is known of genuine streams", ErrBudget)
	}
	at := func(alerts float64) float64 { return t.threshold(alerts / 1000 / InputHoursPerDay) }
	return bounded(Thresholds{Medium: at(mediumFactor * alertsPer1000PerDay), High: at(alertsPer1000PerDay)}), nil
}

// Shifted gives the thresholds moved by so many nats, within the bounds that hold for all.
func (t Thresholds) Shifted(nats float64) Thresholds {
	if nats == 0 {
		return t
	}
	return bounded(Thresholds{Medium: t.Medium + nats, High: t.High + nats})
}

// AtMost gives the thresholds with High no higher than so many nats.
func (t Thresholds) AtMost(nats float64) Thresholds {
	t.High = math.Min(t.High, nats)
	return bounded(t)
}

// bounded keeps thresholds where they make sense: Medium asks for a step-up, so a takeover must at least be as likely as not,
// and High leaves room for it, however many alerts are allowed.
func bounded(t Thresholds) Thresholds {
	t.High = math.Max(LeastHigh, t.High)
	t.Medium = math.Min(math.Max(0, t.Medium), t.High-1)
	return t
}

// Input is what a decision rests on.
type Input struct {
	LogOdds    float64      // natural log-odds of a takeover
	Previous   Decision     // the one before; a High one holds until the subject re-authenticates
	Comparable bool         // at least one mature reference has been compared with in this session
	Unanswered []ReasonCode // why nothing can be told, when it cannot
	Asked      ReasonCode   // why a step-up is asked for beside the evidence; empty for none
	NoHand     []ReasonCode // liveness: why no human hand can have made the window's events, where one is expected
	Closed     bool
}

// Decision is the outcome.
type Decision struct {
	Level      Level        `json:"level"`
	Answer     Answer       `json:"answer"`
	Directives []Directive  `json:"directives,omitempty"`
	Reasons    []ReasonCode `json:"reasons,omitempty"`
}

// Decide maps trust and liveness to an answer, a level and directives. A High level never falls by itself: only
// re-authentication, which starts the session's trust anew, lowers it. What cannot be told never raises a level.
func Decide(t Thresholds, in Input) Decision {
	if in.Closed {
		return Decision{Level: in.Previous.Level, Answer: CannotTell, Directives: []Directive{Stop}}
	}
	d := Decision{Level: Low, Answer: SamePerson}
	switch {
	case len(in.NoHand) > 0: // who sent the events is not told by how they look
		d = Decision{Level: High, Answer: CannotTell, Reasons: slices.Clone(in.NoHand)}
	case in.Comparable && in.LogOdds >= t.High:
		d = Decision{Level: High, Answer: SomeoneElse, Reasons: []ReasonCode{Mismatch}}
	case in.Previous.Level == High:
		return in.Previous
	case in.Comparable && in.LogOdds >= t.Medium:
		d = Decision{Level: Medium, Answer: CannotTell, Reasons: []ReasonCode{Mismatch}}
	case in.Asked != "":
		d = Decision{Level: Medium, Answer: CannotTell, Reasons: []ReasonCode{in.Asked}}
	}
	switch {
	case d.Level == Low && (!in.Comparable || len(in.Unanswered) > 0):
		d.Answer = CannotTell
	case d.Level == Low && in.LogOdds > 0: // more likely somebody else than not, and not enough to bother anybody
		d.Answer, d.Reasons = CannotTell, append(d.Reasons, Mismatch)
	}
	if d.Answer == CannotTell {
		d.Reasons = append(d.Reasons, in.Unanswered...)
	}
	switch d.Level {
	case High:
		d.Directives = []Directive{Lock}
	case Medium:
		d.Directives = []Directive{StepUp}
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
