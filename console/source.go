// Package console owns the pages for reviewers: the live list of sessions, one session's trust over time with its
// evidence, the alarms with their verdicts, a person's references with their versions, and promise and fact. It renders what its sources tell and keeps no data of its own but
// sign-ins. People appear by pseudonym only.
package console

import (
	"context"
	"errors"
	"time"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/review"
)

// ErrNotFound is what a source answers for an identifier that it does not know.
var ErrNotFound = errors.New("console: not found")

// Sessions tells of sessions as they are now.
type Sessions interface {
	Sessions(ctx context.Context) ([]SessionRow, error) // open ones first, then by time of opening, newest first; 500 at most
	Session(ctx context.Context, id string) (SessionDetail, error)
	// Changes gives a channel that receives the identifier of a session or case whenever what is shown of it may have
	// changed, until ctx ends. A slow reader misses changes but never blocks a sender.
	Changes(ctx context.Context) <-chan string
}

// Cases tells of alarms and takes verdicts.
type Cases interface {
	Cases(ctx context.Context) ([]review.Case, error) // newest first; 500 at most
	Case(ctx context.Context, id string) (review.Case, error)
	Decide(ctx context.Context, id string, verdict review.Verdict, at time.Time) error
}

// SessionRow is one session in the list.
type SessionRow struct {
	ID       string
	Subject  string // pseudonym
	OpenedAt time.Time
	Closed   bool
	Trust    float64
	Level    policy.Level
	Answer   policy.Answer
	Learning bool // no reference of the subject is mature yet
}

// SessionDetail is one session's page.
type SessionDetail struct {
	SessionRow
	Reasons    []policy.ReasonCode
	Path       []PathPoint
	Thresholds policy.Thresholds
	Evidence   []review.Evidence
	Doubts     []HandDoubt // what speaks against a human hand, the strongest first
	References []ReferenceRow
	Cases      []review.Case
}

// HandDoubt is how far the evidence for one kind of attack without a human hand has come.
type HandDoubt struct {
	Kind  policy.ReasonCode
	Share float64 // of the evidence from which it is found, 0 to 1
}

// PathPoint is trust after one window, or after something that happened between windows.
type PathPoint struct {
	At       time.Time
	Trust    float64
	Level    policy.Level
	Modality observation.Modality // of a window
	Score    *float64             // calibrated log-likelihood ratio; nil where nothing was compared
	Counted  *float64             // what the score took off the log-odds of a takeover
	Reasons  []policy.ReasonCode  // why the window was compared with nothing
	Event    string               // "unlock", "new_address", "remote_desktop", "virtual_machine" or "reauthenticated", where it is no window
}

// ReferenceRow is how far one reference of the subject has come.
type ReferenceRow struct {
	Modality    observation.Modality
	DeviceClass observation.DeviceClass
	Phrase      int64   // the application's number for the text, of phrases
	Maturity    float64 // 0 to 1
	Places      int     // for how many different keyboards, mice or states of health there is one; on a session's page only

	ExpectedErrorShare float64 // equal error rate to expect by now, up to 0.5; 0 where nothing was measured
	Mixed              bool    // the enrolment holds two people and does not ripen
	Drifts             bool    // far from the enrolment: learns no more until somebody has looked at it
}
