// Package storetest is what every store must do: one suite of tests that an adapter runs against itself.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/store"
)

// Store is a whole adapter. Consumers declare less; only this suite needs all of it.
type Store interface {
	people
	fold
	cases
	deliveries
	sums
}

type people interface {
	OpenSession(context.Context, store.Subject, store.Session) error
	Subject(ctx context.Context, pseudonym string) (store.Subject, error)
	Session(ctx context.Context, id string) (store.Session, error)
	Sessions(ctx context.Context, limit int) ([]store.Session, error)
	OverdueSessions(ctx context.Context, openedBefore time.Time, limit int) ([]store.Session, error)
	SubjectSessions(ctx context.Context, pseudonym string) ([]store.Session, error)
	ForgetSessions(ctx context.Context, openedBefore time.Time) error
	References(ctx context.Context, subject string) ([]store.Reference, error)
	History(ctx context.Context, subject string) (store.History, error)
	AddAPIKey(ctx context.Context, sum []byte, at time.Time) error
	APIKeys(context.Context) ([][]byte, error)
}

type fold interface {
	Checkpoint(ctx context.Context, partition int) (uint64, error)
	Apply(context.Context, store.Batch) error
	Erase(ctx context.Context, pseudonym string, b store.Batch) error
}

type cases interface {
	Cases(ctx context.Context, limit int) ([]store.Case, error)
	SessionCases(ctx context.Context, session string) ([]store.Case, error)
	Case(ctx context.Context, id string) (store.Case, error)
	Decide(ctx context.Context, id, verdict string, at time.Time) error
}

type deliveries interface {
	NextDeliveries(ctx context.Context, limit int) ([]store.Delivery, error)
	DropDelivery(ctx context.Context, id string) error
}

// Run runs the suite. open gives a fresh, empty store; it is called once for each test.
func Run(t *testing.T, open func(*testing.T) Store) {
	for name, test := range map[string]func(*testing.T, Store){
		"sessions": testSessions, "lists": testLists, "batch": testBatch, "fencing": testFencing,
		"verdicts": testVerdicts, "deliveries": testDeliveries, "erasure": testErasure, "keys": testKeys,
		"forgetting": testForgetting, "late": testLateRows, "histories": testHistories,
		"sums": testSums, "sealing": testSealing, "decided": testDecided,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

var begin = time.UnixMilli(1_700_000_000_000).UTC()

func session(id, subject string, minute int) store.Session {
	return store.Session{ID: id, Subject: subject, DeviceClass: "desktop", OpenedAt: begin.Add(time.Duration(minute) * time.Minute),
		Trust: 0.95, Level: "LOW", Answer: "cannot_tell", Summary: []byte(`{"id":"` + id + `"}`), Learning: true}
}

func mustOpen(t *testing.T, s Store, rows ...store.Session) {
	t.Helper()
	for _, row := range rows {
		if err := s.OpenSession(t.Context(), store.Subject{Pseudonym: row.Subject, SealedID: []byte("sealed " + row.Subject)}, row); err != nil {
			t.Fatal(err)
		}
	}
}

func mustApply(t *testing.T, s Store, b store.Batch) {
	t.Helper()
	if err := s.Apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

// same fails the test when got, read without error, differs from want.
func same[T any](t *testing.T, what string, want T) func(got T, err error) {
	return func(got T, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
}

func notFound[T any](t *testing.T, what string) func(T, error) {
	return func(got T, err error) {
		t.Helper()
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: got %v, %v; want store.ErrNotFound", what, got, err)
		}
	}
}

func testSessions(t *testing.T, s Store) {
	want := session("s1", "p1", 0)
	mustOpen(t, s, want)
	same(t, "session", want)(s.Session(t.Context(), "s1"))
	same(t, "subject", store.Subject{Pseudonym: "p1", SealedID: []byte("sealed p1")})(s.Subject(t.Context(), "p1"))
	notFound[store.Session](t, "unknown session")(s.Session(t.Context(), "s2"))
	notFound[store.Subject](t, "unknown subject")(s.Subject(t.Context(), "p2"))
	if err := s.OpenSession(t.Context(), store.Subject{Pseudonym: "p1", SealedID: []byte("x")}, want); err == nil {
		t.Error("the same session was opened twice, want an error")
	}
	second := store.Subject{Pseudonym: "p1", SealedID: []byte("sealed anew")}
	if err := s.OpenSession(t.Context(), second, session("s2", "p1", 1)); err != nil {
		t.Fatal(err)
	}
	same(t, "the first sealed id stays", store.Subject{Pseudonym: "p1", SealedID: []byte("sealed p1")})(s.Subject(t.Context(), "p1"))
}

func testLists(t *testing.T, s Store) {
	mustOpen(t, s, session("a", "p1", 0), session("b", "p2", 1), session("c", "p1", 2), session("d", "p2", 3))
	closed := session("d", "p2", 3)
	closed.Closed = true
	mustApply(t, s, store.Batch{Applied: 1, Sessions: []store.Session{closed}, References: []store.Reference{
		{Subject: "p1", Modality: "keyboard", DeviceClass: "desktop", Model: "m", Maturity: 1, Body: []byte("{}")}}})
	ids := func(all []store.Session, err error) (out []string, _ error) {
		for _, row := range all {
			if row.Learning != (row.Subject == "p2") {
				t.Errorf("session %s of %s: learning %t", row.ID, row.Subject, row.Learning)
			}
			out = append(out, row.ID)
		}
		return out, err
	}
	same(t, "open ones first, then the newest", []string{"c", "b", "a", "d"})(ids(s.Sessions(t.Context(), 10)))
	same(t, "limit", []string{"c", "b"})(ids(s.Sessions(t.Context(), 2)))
	same(t, "overdue", []string{"a", "b"})(ids(s.OverdueSessions(t.Context(), begin.Add(2*time.Minute), 10)))
	all, err := ids(s.SubjectSessions(t.Context(), "p2"))
	if err != nil || len(all) != 2 {
		t.Errorf("sessions of p2: got %v, %v; want two", all, err)
	}
}

func reference(subject string, version int, maturity float64) store.Reference {
	return store.Reference{Subject: subject, Modality: "keyboard", DeviceClass: "desktop", Model: "features-1", Version: version,
		Maturity: maturity, Body: fmt.Appendf(nil, `{"version":%d}`, version)}
}

func testBatch(t *testing.T, s Store) {
	mustOpen(t, s, session("s1", "p1", 0))
	same(t, "checkpoint before", uint64(0))(s.Checkpoint(t.Context(), 3))
	changed := session("s1", "p1", 0)
	changed.Closed, changed.Trust, changed.Level, changed.Answer, changed.Summary = true, 0.01, "HIGH", "someone_else", []byte(`{"new":1}`)
	alarm := store.Case{ID: "c1", Session: "s1", Subject: "p1", OpenedAt: begin, Body: []byte(`{"trust":0.01}`)}
	mustApply(t, s, store.Batch{Partition: 3, Applied: 7, Sessions: []store.Session{changed},
		References: []store.Reference{reference("p1", 1, 0.5)}, Cases: []store.Case{alarm}})
	mustApply(t, s, store.Batch{Partition: 3, Previous: 7, Applied: 9, References: []store.Reference{reference("p1", 2, 1)}})
	changed.Learning = false
	same(t, "session", changed)(s.Session(t.Context(), "s1"))
	same(t, "references", []store.Reference{reference("p1", 2, 1)})(s.References(t.Context(), "p1"))
	back, beside := reference("p1", 1, 0.5), reference("p1", 1, 0)
	beside.Model += "+1"
	mustApply(t, s, store.Batch{Partition: 4, Applied: 1, References: []store.Reference{back, beside}})
	same(t, "one that was rolled back, and another place beside it", []store.Reference{back, beside})(s.References(t.Context(), "p1"))
	mustApply(t, s, store.Batch{Partition: 4, Previous: 1, Applied: 2, References: []store.Reference{reference("p1", 2, 1)}})
	same(t, "case", alarm)(s.Case(t.Context(), "c1"))
	same(t, "checkpoint after", uint64(9))(s.Checkpoint(t.Context(), 3))
	same(t, "another partition's checkpoint", uint64(0))(s.Checkpoint(t.Context(), 2))
}

func testFencing(t *testing.T, s Store) {
	mustOpen(t, s, session("s1", "p1", 0))
	mustApply(t, s, store.Batch{Partition: 1, Applied: 5})
	changed := session("s1", "p1", 0)
	changed.Trust = 0.5
	err := s.Apply(t.Context(), store.Batch{Partition: 1, Previous: 4, Applied: 6, Sessions: []store.Session{changed}})
	if !errors.Is(err, store.ErrFenced) {
		t.Errorf("a batch on an old checkpoint: got %v, want store.ErrFenced", err)
	}
	if err := s.Erase(t.Context(), "p1", store.Batch{Partition: 1, Previous: 4, Applied: 6}); !errors.Is(err, store.ErrFenced) {
		t.Errorf("an erasure on an old checkpoint: got %v, want store.ErrFenced", err)
	}
	same(t, "the session is as it was", session("s1", "p1", 0))(s.Session(t.Context(), "s1"))
	same(t, "the checkpoint too", uint64(5))(s.Checkpoint(t.Context(), 1))
}

func testVerdicts(t *testing.T, s Store) {
	mustOpen(t, s, session("s1", "p1", 0), session("s2", "p1", 0))
	first := store.Case{ID: "c1", Session: "s1", Subject: "p1", OpenedAt: begin, Body: []byte("{}")}
	second := store.Case{ID: "c2", Session: "s2", Subject: "p1", OpenedAt: begin.Add(time.Hour), Body: []byte("{}")}
	mustApply(t, s, store.Batch{Applied: 1, Cases: []store.Case{first, second}})
	at := begin.Add(2 * time.Hour)
	if err := s.Decide(t.Context(), "c1", "impostor", at); err != nil {
		t.Fatal(err)
	}
	mustApply(t, s, store.Batch{Previous: 1, Applied: 2, Cases: []store.Case{first}}) // a replay opens it again
	first.Verdict, first.DecidedAt = "impostor", at
	same(t, "cases", []store.Case{second, first})(s.Cases(t.Context(), 10))
	same(t, "limit", []store.Case{second})(s.Cases(t.Context(), 1))
	same(t, "one session's", []store.Case{first})(s.SessionCases(t.Context(), "s1"))
	if err := s.Decide(t.Context(), "c9", "impostor", at); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("verdict on an unknown case: got %v, want store.ErrNotFound", err)
	}
	notFound[store.Case](t, "unknown case")(s.Case(t.Context(), "c9"))
}

func testDeliveries(t *testing.T, s Store) {
	mustOpen(t, s, session("s1", "p1", 0), session("s2", "p2", 0))
	d := func(id, session, subject string) store.Delivery {
		return store.Delivery{ID: id, Session: session, Subject: subject, CreatedAt: begin, Body: []byte(id)}
	}
	mustApply(t, s, store.Batch{Applied: 1, Deliveries: []store.Delivery{d("a1", "s1", "p1"), d("a2", "s1", "p1"), d("b1", "s2", "p2")}})
	mustApply(t, s, store.Batch{Previous: 1, Applied: 2, Deliveries: []store.Delivery{d("a1", "s1", "p1")}})
	ids := func() (out []string) {
		all, err := s.NextDeliveries(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range all {
			out = append(out, one.ID)
		}
		return out
	}
	same(t, "the oldest of each session", []string{"a1", "b1"})(ids(), nil)
	for _, id := range []string{"a1", "b1", "unknown"} {
		if err := s.DropDelivery(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "what is left", []string{"a2"})(ids(), nil)
}

func testErasure(t *testing.T, s Store) {
	mustOpen(t, s, session("s1", "p1", 0), session("s2", "p2", 0))
	row := func(n, session, subject string) store.Batch {
		return store.Batch{References: []store.Reference{reference(subject, 1, 1)},
			Cases:      []store.Case{{ID: "c" + n, Session: session, Subject: subject, OpenedAt: begin, Body: []byte("{}")}},
			Deliveries: []store.Delivery{{ID: "d" + n, Session: session, Subject: subject, CreatedAt: begin, Body: []byte("{}")}}}
	}
	one, two := row("1", "s1", "p1"), row("2", "s2", "p2")
	one.Applied, two.Previous, two.Applied = 1, 1, 2
	mustApply(t, s, one)
	mustApply(t, s, two)
	if err := s.Erase(t.Context(), "p1", store.Batch{Previous: 2, Applied: 3}); err != nil {
		t.Fatal(err)
	}
	notFound[store.Subject](t, "subject")(s.Subject(t.Context(), "p1"))
	notFound[store.Session](t, "session")(s.Session(t.Context(), "s1"))
	notFound[store.Case](t, "case")(s.Case(t.Context(), "c1"))
	same(t, "references", []store.Reference(nil))(s.References(t.Context(), "p1"))
	left, err := s.NextDeliveries(t.Context(), 10)
	if err != nil || len(left) != 1 || left[0].ID != "d2" {
		t.Errorf("deliveries: got %v, %v; want d2 alone", left, err)
	}
	same(t, "others' references stay", []store.Reference{reference("p2", 1, 1)})(s.References(t.Context(), "p2"))
	same(t, "checkpoint", uint64(3))(s.Checkpoint(t.Context(), 0))
	if err := s.Erase(t.Context(), "p1", store.Batch{Previous: 3, Applied: 4}); err != nil {
		t.Errorf("erasing once more: %v, want nothing", err)
	}
}

func testLateRows(t *testing.T, s Store) {
	late := store.Batch{Applied: 1, Sessions: []store.Session{session("gone", "p1", 0)}, References: []store.Reference{reference("p1", 1, 1)},
		Cases:      []store.Case{{ID: "c1", Session: "gone", Subject: "p1", OpenedAt: begin, Body: []byte("{}")}},
		Deliveries: []store.Delivery{{ID: "d1", Session: "gone", Subject: "p1", CreatedAt: begin, Body: []byte("{}")}}}
	mustApply(t, s, late)
	notFound[store.Session](t, "session of an erased subject")(s.Session(t.Context(), "gone"))
	notFound[store.Case](t, "case of an erased session")(s.Case(t.Context(), "c1"))
	same(t, "references of an erased subject", []store.Reference(nil))(s.References(t.Context(), "p1"))
	same(t, "deliveries of an erased session", []store.Delivery(nil))(s.NextDeliveries(t.Context(), 10))
}

func testKeys(t *testing.T, s Store) {
	same(t, "none at first", [][]byte(nil))(s.APIKeys(t.Context()))
	for range 2 {
		if err := s.AddAPIKey(t.Context(), []byte("sum"), begin); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "one, however often it is added", [][]byte{[]byte("sum")})(s.APIKeys(t.Context()))
}

func testForgetting(t *testing.T, s Store) {
	mustOpen(t, s, session("old-open", "p1", 0), session("old-closed", "p1", 0), session("new-closed", "p1", 10))
	var closed []store.Session
	for _, row := range []store.Session{session("old-closed", "p1", 0), session("new-closed", "p1", 10)} {
		row.Closed = true
		closed = append(closed, row)
	}
	mustApply(t, s, store.Batch{Applied: 1, Sessions: closed})
	if err := s.ForgetSessions(t.Context(), begin.Add(5*time.Minute)); err != nil {
		t.Fatal(err)
	}
	notFound[store.Session](t, "old and closed")(s.Session(t.Context(), "old-closed"))
	for _, id := range []string{"old-open", "new-closed"} {
		if _, err := s.Session(t.Context(), id); err != nil {
			t.Errorf("%s: %v, want it kept", id, err)
		}
	}
}
