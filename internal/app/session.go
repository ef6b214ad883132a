package app

import (
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/internal/review"
	"ipse.dev/ipse/internal/trust"
)

// Session is everything that the server knows of one session: a fold of what was acknowledged. It is kept as a summary
// and bounded in size.
type Session struct {
	ID            string            `json:"id"`
	Subject       string            `json:"subject"` // pseudonym
	OpenedAtMS    int64             `json:"openedAtMS"`
	Closed        bool              `json:"closed"`
	LastSequence  int64             `json:"lastSequence"`            // of the last observation applied
	Signer        string            `json:"signer,omitempty"`        // thumbprint of the key that the session is bound to
	SignedThrough int64             `json:"signedThrough,omitempty"` // the highest stamp that its reports were signed under
	Applied       uint64            `json:"applied"`                 // stream sequence of the last message applied
	Trust         trust.State       `json:"trust"`
	Decision      policy.Decision   `json:"decision"`
	Compared      bool              `json:"compared"`        // a mature reference has been compared with since the last sign-in
	Young         bool              `json:"young,omitempty"` // one of the references that were compared with since then is young
	Path          []Point           `json:"path"`            // the last PathPoints points, oldest first
	Evidence      []review.Evidence `json:"evidence"`        // of the last comparison of each modality
	OpenCase      string            `json:"openCase,omitempty"`

	ShadowAlarmAtMS int64   `json:"shadowAlarmAtMS,omitempty"` // of the last alarm that nobody was told of; 0 after a sign-in
	Peak            float64 `json:"peak,omitempty"`            // highest log-odds of the climb that the session is in; 0 when in none

	Scored map[observation.Modality]Scored `json:"scored,omitempty"` // the last window of each modality that was compared

	Device    observation.DeviceClass `json:"device,omitempty"`    // of the session's first window
	Recent    []uint32                `json:"recent,omitempty"`    // names of the last RecentWindows windows; see repeats
	Addresses []string                `json:"addresses,omitempty"` // keyed tags of the last KnownAddresses networks; see SeeAddress

	Named []string    `json:"named,omitempty"` // tags of the people whom the closed-set mode was asked about
	Held  []HeldProbe `json:"-"`               // recent windows for the closed-set mode, in memory alone

	Asked      policy.ReasonCode   `json:"asked,omitempty"`      // why a step-up is asked for beside the evidence, until the subject signs in
	Told       []policy.ReasonCode `json:"told,omitempty"`       // what an application says stands between the hand and ipse, until the subject signs in
	Hardware   Hardware            `json:"hardware,omitzero"`    // whether the machine is one that the subject's references know
	Relearning *Relearning         `json:"relearning,omitempty"` // a change that the subject has declared is being learnt

	// Past is what the subject has sent, in this session and earlier ones. It is the subject's, not the session's: the fold
	// puts it in and takes it out, and keeps it beside the references.
	Past presence.Past `json:"-"`

	Liveness presence.State `json:"liveness,omitzero"` // what windows since the last sign-in say about whether a human hand is there, and what was usual before
}

// Scored names a window that was compared and the model that did so. While models change, a window comes once for each of
// them: it is evidence once.
type Scored struct {
	StartMS int64    `json:"startMS"` // by the device's clock
	Model   string   `json:"model"`
	Place   int      `json:"place,omitempty"`  // of the reference that explained it best
	Others  []string `json:"others,omitempty"` // models that learnt from the window afterwards: each does once
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
