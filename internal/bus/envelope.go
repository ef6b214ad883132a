package bus

import (
	"encoding/json"
	"fmt"
	"hash/fnv"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/trust"
)

// Partitions is how many ordered runs the stream is cut into. All sessions of one subject lie in the same one.
const Partitions = 8

// PartitionOf tells where a subject's sessions lie.
func PartitionOf(subject string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(subject)) // a hash never fails
	return int(h.Sum32() % Partitions)
}

// Kind says what an envelope tells.
type Kind string

// The kinds.
const (
	Observations    Kind = "observations"    // a collector reported
	Reauthenticated Kind = "reauthenticated" // the subject proved who they are
	Happened        Kind = "happened"        // the application told of a context
	Asked           Kind = "asked"           // which of a few people it might be
	Bound           Kind = "bound"           // the session's collector has shown the key that it signs with
	Closed          Kind = "closed"          // the session is over
	Erased          Kind = "erased"          // everything of the subject must go
	Corrected       Kind = "corrected"       // an operator corrects the subject's references
)

// Envelope is one message of the stream. It holds the time of receipt, so that folding it again gives the same state.
type Envelope struct {
	Kind          Kind                      `json:"kind"`
	Session       string                    `json:"session,omitempty"`
	Subject       string                    `json:"subject"` // pseudonym
	ReceivedAtMS  int64                     `json:"receivedAtMS"`
	Through       int64                     `json:"through,omitempty"`       // the session's last accepted sequence, this message included
	Signer        string                    `json:"signer,omitempty"`        // thumbprint of the key that the session is bound to, this message included
	SignedThrough int64                     `json:"signedThrough,omitempty"` // the highest stamp that its reports were signed under
	Observations  []observation.Observation `json:"observations,omitempty"`
	Address       string                    `json:"address,omitempty"` // with Observations: keyed tag of the collector's network
	Method        string                    `json:"method,omitempty"`  // with Reauthenticated
	Changed       string                    `json:"changed,omitempty"` // with Reauthenticated: what the subject says has changed
	Correction    *Correction               `json:"correction,omitempty"`
	Context       trust.Context             `json:"context,omitempty"`  // with Happened
	Named         []string                  `json:"named,omitempty"`    // with Asked: tags of the people
	Sessions      []string                  `json:"sessions,omitempty"` // with Erased: the subject's sessions when it was asked for
}

// Correction says, with Corrected, what is done to which references.
type Correction struct {
	Action      string `json:"action"`
	ToMS        int64  `json:"toMS,omitempty"`        // the moment that references go back to, Unix milliseconds
	Modality    string `json:"modality,omitempty"`    // of the references concerned; empty for all
	DeviceClass string `json:"deviceClass,omitempty"` // likewise
}

// erasure stands where a session stands in the subject of what concerns a whole person: Erased, and Corrected, which an
// erasure takes with it. No session is ever called so.
const erasure = "erasure"

// subject is the stream's subject for the envelope.
func (e Envelope) subject() string {
	if e.Kind == Erased || e.Kind == Corrected {
		return sessionSubject(PartitionOf(e.Subject), erasure)
	}
	return sessionSubject(PartitionOf(e.Subject), e.Session)
}

func sessionSubject(partition int, session string) string {
	return fmt.Sprintf("ipse.in.%d.%s", partition, session)
}

func decode(data []byte) (Envelope, error) {
	var e Envelope
	if err := json.Unmarshal(data, &e); err != nil {
		return Envelope{}, fmt.Errorf("bus: decode an envelope: %w", err)
	}
	return e, nil
}
