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

// History is what tells whether a subject's behaviour has been seen before, and how much it looks like a program's anyway.
type History struct {
	Subject string
	Body    []byte // JSON of names of stretches, which say nothing else, and of a mean and a count
}

// Case is one alarm.
type Case struct {
	ID, Session, Subject string
	OpenedAt             time.Time
	Cause                string // code of the first reason
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
	Histories  []History
	Cases      []Case // one that is there already stays as it is
	Deliveries []Delivery
	Days       []Day // added to what is kept of these days
}

// Day is what the sessions of one day add up to over everybody, or what is to be added to that. Nothing in it is of a person.
type Day struct {
	Number       int64   // days since 1970-01-01, UTC
	Since        int64   // read only: the first day that is in it; earlier days were too thinly peopled to stand alone
	InputMS      int64   // input that was compared
	ShadowMS     int64   // the part of it in shadow mode
	Alerts       int64   // alarms because behaviour differed
	ShadowAlerts int64   // the part of them in shadow mode
	Injected     int64   // alarms because of injected events
	Threshold    float64 // log-odds of HIGH, as the budget has it
	Shift        float64 // by which that followed the fact
	Mixed        bool    // read only: some of it comes from another threshold
	Peaks        []PeakBin
	Marks        []int // of the people who are in it: one of a few hundred numbers for each; written only
	Crowd        int   // read only: how many people at least are in it
	Over         bool  // read only: nothing is added any more
}

// PeakBin counts climbs of the log-odds of a takeover by how high they went.
type PeakBin struct {
	Bin int   // numbered from 0; the owner of the figures says how wide a bin is
	Cut bool  // they were broken off there
	N   int64 // how many
}

// Decided counts the alarms of one day by their verdict.
type Decided struct {
	Day     int64
	Verdict string
	N       int64
}
