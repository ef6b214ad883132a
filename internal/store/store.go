// Package store owns the rows that a SQL store keeps: what comes in and goes out of every adapter (package sqlite). Rows
// hold pseudonyms, figures of trust and JSON of the stages' own values; no name, no key, no text, no count of activity.
// Consumers declare the few methods that they need; package storetest says what every adapter must do.
package store

import (
	"errors"
	"time"
)

// Errors by which a caller decides.
var (
	ErrNotFound = errors.New("store: not found")
	// ErrFenced means that another writer moved the checkpoint: this one must stop writing.
	ErrFenced = errors.New("store: another writer has moved the checkpoint")
)

// Subject is one person, by pseudonym.
type Subject struct {
	Pseudonym string
	SealedID  []byte // the application's user id, encrypted
}

// Session is a session's summary. Trust, Level and Answer repeat what Summary holds, for lists.
type Session struct {
	ID          string
	Subject     string
	DeviceClass string // as the application declared it; may be empty
	OpenedAt    time.Time
	Closed      bool
	Trust       float64
	Level       string
	Answer      string
	Summary     []byte // JSON of the fold's state
	Learning    bool   // read only: no reference of the subject is mature
}

// Reference is one biometric reference of a subject.
type Reference struct {
	Subject, Modality, DeviceClass, Model string
	Version                               int
	Maturity                              float64
	Body                                  []byte // JSON of the reference
}

// Case is one alarm.
type Case struct {
	ID, Session, Subject string
	OpenedAt             time.Time
	Body                 []byte // JSON of what the reviewer sees
	Verdict              string // empty until decided
	DecidedAt            time.Time
}

// Delivery is one change of risk level that waits to be told.
type Delivery struct {
	ID, Session, Subject string
	Position             int64 // read only: deliveries of a session go out in this order
	CreatedAt            time.Time
	Body                 []byte
}

// Batch is everything that folding one partition's messages changed. It is applied whole or not at all.
type Batch struct {
	Partition  int
	Previous   uint64 // stream sequence of the checkpoint that the batch builds on
	Applied    uint64 // stream sequence of the last message folded in
	Sessions   []Session
	References []Reference
	Cases      []Case // one that is there already stays as it is
	Deliveries []Delivery
}
