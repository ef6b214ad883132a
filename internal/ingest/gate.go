// Package ingest owns the way of observations into the queue: authenticate the collector, decode and validate what it
// reports, deduplicate by sequence number, enqueue, and answer with how the session stands. Nothing that is refused is
// kept.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"ipse.dev/ipse/internal/bus"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/problem"
	"ipse.dev/ipse/internal/trust"
)

// ErrUnknownSession is what Sessions answers for a session that is not there.
var ErrUnknownSession = errors.New("ingest: unknown session")

// Session is what the gate needs of a session, as far as it has been folded.
type Session struct {
	Subject       string // pseudonym
	OpenedAt      time.Time
	Closed        bool
	LastSequence  int64
	Signer        string // thumbprint of the key that the session is bound to; empty while it is bound to none
	SignedThrough int64  // the highest stamp that its reports were signed under
}

// Sessions finds sessions.
type Sessions interface {
	FindSession(ctx context.Context, id string) (Session, error)
}

// Queue is where accepted envelopes go.
type Queue interface {
	// Publish returns when the envelope is safe, with its stream sequence; bus.ErrFull when there is no room.
	Publish(context.Context, bus.Envelope) (uint64, error)
	// Last gives the last envelope of a session that the queue still holds; stream sequence 0 when it holds none.
	Last(ctx context.Context, subject, session string) (bus.Envelope, uint64, error)
}

// How often one session may report, as a token bucket.
const (
	reportsPerSecond = 10
	reportsAtOnce    = 60
	forgetAfter      = 20 * time.Minute // a session that has been silent is read anew
	fullRetryAfter   = 5 * time.Second
)

// Gate lets envelopes into the queue, one at a time for each session, so that no sequence number is accepted twice. It binds
// a session to the key of its first signed report: from then on nothing else is taken.
type Gate struct {
	RequireSignatures bool // refuse unsigned reports of sessions that are bound to no key, too; set before the first use

	sessions Sessions
	queue    Queue
	now      func() time.Time

	mu      sync.Mutex
	entries map[string]*entry
	swept   time.Time
}

// entry is what the gate remembers of one session. Its own lock is held while an envelope is published.
type entry struct {
	users   int       // holders and waiters; under Gate.mu
	touched time.Time // under Gate.mu

	sync.Mutex
	known   bool // the fields below are as the queue has it
	session Session
	gone    bool // erased: nothing more may be published
	tokens  float64
	refill  time.Time
	stamps  []int64 // the last stamps of signatures that were accepted, ascending
}

// NewGate makes a gate. now is the server's clock.
func NewGate(sessions Sessions, queue Queue, now func() time.Time) *Gate {
	return &Gate{sessions: sessions, queue: queue, now: now, entries: map[string]*entry{}}
}

// Receipt tells what has been accepted.
type Receipt struct {
	Through  int64  // last accepted sequence number of the session
	Sequence uint64 // stream sequence of the envelope; 0 when nothing was published
	Subject  string // pseudonym
}

// Admit says whether a session may report now: it is known, open, not too fast, and the key that signs is its own. signer is
// the key's thumbprint, empty where nobody has signed.
func (g *Gate) Admit(ctx context.Context, id, signer string) error {
	e, release := g.hold(id)
	defer release()
	if e.known { // before anything is spent: whoever has but the token must not use up the session's reports
		if p := g.checkSigner(e.session, signer); p != nil {
			return p
		}
	}
	now := g.now()
	e.tokens = min(reportsAtOnce, e.tokens+now.Sub(e.refill).Seconds()*reportsPerSecond)
	e.refill = now
	if e.tokens < 1 {
		p := problem.New(problem.TooManyRequests, fmt.Sprintf("a session may report %d times a second: put more observations into one report", reportsPerSecond))
		p.RetryAfter = time.Second
		return p
	}
	e.tokens--
	s, err := g.open(ctx, id, e)
	if err != nil {
		return err
	}
	if p := g.checkSigner(s, signer); p != nil {
		return p
	}
	return nil
}

// Accept publishes observations whose sequence numbers lie above the last accepted one. An empty list publishes nothing, but
// the first signed report of a session binds it to its key.
func (g *Gate) Accept(ctx context.Context, id string, from Sender, observations []observation.Observation) (Receipt, error) {
	e, release := g.hold(id)
	defer release()
	s, err := g.open(ctx, id, e)
	if err != nil {
		return Receipt{}, err
	}
	if p := g.checkSigner(s, from.Signer); p != nil {
		return Receipt{}, p
	}
	if p := e.checkStamp(from); p != nil {
		return Receipt{}, p
	}
	if len(observations) == 0 {
		if from.Signer == "" || s.Signer != "" {
			e.noteStamp(from)
			return Receipt{Through: s.LastSequence, Subject: s.Subject}, nil
		}
		return g.bind(ctx, e, from, bus.Envelope{Kind: bus.Bound, Session: id, Through: s.LastSequence})
	}
	if first := observations[0].Sequence; first <= s.LastSequence {
		p := problem.New(problem.SequencePast, fmt.Sprintf("sequence %d is not above the last accepted one, %d: drop what is accepted and go on behind it", first, s.LastSequence)).At("observations[0].sequence")
		p.AcceptedThrough = &s.LastSequence
		return Receipt{}, p
	}
	return g.bind(ctx, e, from, bus.Envelope{
		Kind: bus.Observations, Session: id, Through: observations[len(observations)-1].Sequence, Observations: observations, Address: from.Address,
	})
}

// Reauthenticated publishes that the session's subject has proved who they are, and what they say has changed about how
// they type, if anything. The session is bound to no key any more: the next signed report binds it, so that a browser whose
// data was cleared can go on.
func (g *Gate) Reauthenticated(ctx context.Context, id, method, changed string) (Receipt, error) {
	e, release := g.hold(id)
	defer release()
	s, err := g.open(ctx, id, e)
	if err != nil {
		return Receipt{}, err
	}
	before := s.Signer
	e.session.Signer = ""
	r, err := g.publish(ctx, e, bus.Envelope{Kind: bus.Reauthenticated, Session: id, Through: s.LastSequence, Method: method, Changed: changed})
	if err != nil {
		e.session.Signer = before
	}
	return r, err
}

// Happened publishes a context that the application tells of.
func (g *Gate) Happened(ctx context.Context, id string, kind trust.Context) (Receipt, error) {
	e, release := g.hold(id)
	defer release()
	s, err := g.open(ctx, id, e)
	if err != nil {
		return Receipt{}, err
	}
	return g.publish(ctx, e, bus.Envelope{Kind: bus.Happened, Session: id, Through: s.LastSequence, Context: kind})
}

// Asked publishes by which tags people were named as those who might be there.
func (g *Gate) Asked(ctx context.Context, id string, tags []string) (Receipt, error) {
	e, release := g.hold(id)
	defer release()
	s, err := g.open(ctx, id, e)
	if err != nil {
		return Receipt{}, err
	}
	return g.publish(ctx, e, bus.Envelope{Kind: bus.Asked, Session: id, Through: s.LastSequence, Named: tags})
}

// Close publishes that the session is over. Closing a closed session does nothing.
func (g *Gate) Close(ctx context.Context, id string) (Receipt, error) {
	e, release := g.hold(id)
	defer release()
	s, err := g.load(ctx, id, e)
	if err != nil {
		return Receipt{}, err
	}
	if s.Closed {
		return Receipt{Through: s.LastSequence, Subject: s.Subject}, nil
	}
	r, err := g.publish(ctx, e, bus.Envelope{Kind: bus.Closed, Session: id, Through: s.LastSequence})
	if err == nil {
		e.session.Closed = true
	}
	return r, err
}

// Bar waits until nothing is being published for the session and lets nothing more through: it is being erased.
func (g *Gate) Bar(id string) {
	e, release := g.hold(id)
	defer release()
	e.gone = true
}

// publish appends the envelope. The caller holds e and has loaded it.
func (g *Gate) publish(ctx context.Context, e *entry, envelope bus.Envelope) (Receipt, error) {
	envelope.Subject, envelope.ReceivedAtMS = e.session.Subject, g.now().UnixMilli()
	envelope.Signer, envelope.SignedThrough = e.session.Signer, e.session.SignedThrough
	// A caller who goes away must not leave it open whether the envelope was stored.
	sequence, err := g.queue.Publish(context.WithoutCancel(ctx), envelope)
	if errors.Is(err, bus.ErrFull) {
		p := problem.New(problem.QueueFull, "the server is behind with its work: keep the observations and send them later")
		p.RetryAfter = fullRetryAfter
		return Receipt{}, p
	}
	if err != nil {
		e.known = false // whether it was stored is read from the queue before the next one
		return Receipt{}, fmt.Errorf("ingest: %w", err)
	}
	e.session.LastSequence = envelope.Through
	return Receipt{Through: envelope.Through, Sequence: sequence, Subject: envelope.Subject}, nil
}

// open loads the session and refuses one that is over.
func (g *Gate) open(ctx context.Context, id string, e *entry) (Session, error) {
	s, err := g.load(ctx, id, e)
	switch {
	case err != nil:
		return Session{}, err
	case s.Closed:
		return Session{}, problem.New(problem.SessionClosed, "the session is closed: open a new one")
	case g.now().Sub(s.OpenedAt) > SessionLifetime:
		return Session{}, problem.New(problem.SessionClosed, fmt.Sprintf("a session lives %s at most: open a new one", SessionLifetime))
	}
	return s, nil
}

// load reads the session where it is not known: what has been folded, and what lies in the queue unfolded.
func (g *Gate) load(ctx context.Context, id string, e *entry) (Session, error) {
	if e.gone {
		return Session{}, unknown()
	}
	if e.known {
		return e.session, nil
	}
	s, err := g.sessions.FindSession(ctx, id)
	if errors.Is(err, ErrUnknownSession) {
		return Session{}, unknown()
	}
	if err != nil {
		return Session{}, fmt.Errorf("ingest: find a session: %w", err)
	}
	last, sequence, err := g.queue.Last(ctx, s.Subject, id)
	if err != nil {
		return Session{}, fmt.Errorf("ingest: find a session's last message: %w", err)
	}
	if sequence > 0 {
		s.LastSequence = max(s.LastSequence, last.Through)
		s.Closed = s.Closed || last.Kind == bus.Closed
		s.Signer, s.SignedThrough = last.Signer, max(s.SignedThrough, last.SignedThrough)
	}
	e.session, e.known = s, true
	e.stamps = nil // none of the lower ones is known: all of them are taken for used
	return s, nil
}

func unknown() *problem.Problem {
	return problem.New(problem.SessionUnknown, "no such session: it was never opened here, or it was erased")
}

// hold locks a session's entry; release gives it back.
func (g *Gate) hold(id string) (e *entry, release func()) {
	g.mu.Lock()
	now := g.now()
	g.sweep(now)
	e = g.entries[id]
	if e == nil {
		e = &entry{tokens: reportsAtOnce, refill: now}
		g.entries[id] = e
	}
	e.users++
	g.mu.Unlock()
	e.Lock()
	return e, func() {
		forget := !e.known && !e.gone // nothing was learnt: an unknown session takes no room
		e.Unlock()
		g.mu.Lock()
		defer g.mu.Unlock()
		e.users--
		e.touched = now
		if forget && e.users == 0 {
			delete(g.entries, id)
		}
	}
}

// sweep forgets silent sessions, now and then. The caller holds g.mu.
func (g *Gate) sweep(now time.Time) {
	if now.Sub(g.swept) < time.Minute {
		return
	}
	g.swept = now
	for id, e := range g.entries {
		if e.users == 0 && now.Sub(e.touched) > forgetAfter {
			delete(g.entries, id)
		}
	}
}
