package redteam

import (
	"errors"
	"slices"

	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/policy"
)

// Verdict says what became of an attack.
type Verdict string

// The verdicts.
const (
	Caught    Verdict = "caught"      // the risk level became HIGH
	Noticed   Verdict = "noticed"     // MEDIUM: a proof of identity was asked for, no alarm
	Undecided Verdict = "cannot_tell" // no alarm, and no word that it is the same person
	Passed    Verdict = "passed"      // taken for the subject, or for nobody else
	Refused   Verdict = "refused"     // the session belongs to the key of its own browser: a stolen token is of no use
	NotMade   Verdict = "not_made"    // the attack could not be carried out
)

// Outcome is what became of one attack.
type Outcome struct {
	Attack  string              `json:"attack"`
	Doc     string              `json:"doc"`
	Want    Want                `json:"want"`
	Verdict Verdict             `json:"verdict"`
	Level   policy.Level        `json:"riskLevel,omitempty"`
	Answer  policy.Answer       `json:"answer,omitempty"`
	Reasons []policy.ReasonCode `json:"reasons,omitempty"` // as the session tells; unknown without an API key
	Seconds float64             `json:"seconds"`           // of the attack, until it was caught or over
	Keys    int                 `json:"keys"`              // pressed by then
	Events  int                 `json:"events"`            // of the pointer by then
	Windows int                 `json:"windows"`           // reported by then
	NoHand  bool                `json:"noHand"`            // a reason says that no human hand is there, not that it is somebody else's
	Problem string              `json:"problem,omitempty"` // why it could not be made

	Enrolment *Enrolment `json:"enrolment,omitempty"` // how far the server knew the attack's own test subject; nil where it was not to
}

// Tell takes what a server says of the attacked session: level, answer and reasons. A server in shadow mode tells nothing
// that counts: ErrShadow.
func (o *Outcome) Tell(v client.View) error {
	if slices.Contains(v.Reasons, policy.ShadowMode) {
		return ErrShadow
	}
	o.Level, o.Answer, o.Reasons, o.NoHand = v.RiskLevel, v.Answer, v.Reasons, slices.ContainsFunc(v.Reasons, policy.ReasonCode.NoHand)
	return nil
}

// VerdictOf reads an outcome's level and answer.
func VerdictOf(o Outcome) Verdict {
	switch {
	case o.Level == policy.High: // a context that is told may be an alarm before the first window
		return Caught
	case o.Windows == 0:
		return NotMade
	case o.Level == policy.Medium:
		return Noticed
	case o.Answer == policy.CannotTell:
		return Undecided
	}
	return Passed
}

// AsWanted reports whether the installation did what the attack's Want asks of it. One that could not be made is no
// success.
func (o Outcome) AsWanted() bool {
	switch o.Want {
	case CannotTell:
		return o.Verdict == Undecided || o.Verdict == Noticed
	case Context: // it has to be named, in an alarm too; without reasons, as where there is only a collector's token, the answer must do
		return (o.Verdict == Caught || o.Verdict == Undecided) && (o.Reasons == nil ||
			slices.Contains(o.Reasons, policy.RemoteControl) || slices.Contains(o.Reasons, policy.VirtualMachine))
	}
	return o.Verdict == Caught || o.Verdict == Refused
}

func failed(a Attack, err error) Outcome {
	text, v := err.Error(), NotMade
	var p *client.Problem
	if errors.As(err, &p) && p.Detail != "" {
		text = p.Detail
	}
	if p != nil && (p.Type == client.SignerOther || p.Type == client.SignatureMissing) {
		v = Refused
	}
	return Outcome{Attack: a.Name, Doc: a.Doc, Want: a.Want, Verdict: v, Problem: text}
}
