package ingest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/bus"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/problem"
)

// backend is a queue and what has been folded of it, in memory.
type backend struct {
	mu       sync.Mutex
	sessions map[string]Session
	queue    []bus.Envelope
	fail     error         // of the next publication
	failLate bool          // after it was stored
	hold     chan struct{} // where set, publications of session s wait for it to close
}

func (b *backend) FindSession(_ context.Context, id string) (Session, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s, ok := b.sessions[id]
	if !ok {
		return Session{}, ErrUnknownSession
	}
	return s, nil
}

func (b *backend) Publish(_ context.Context, e bus.Envelope) (uint64, error) {
	if b.hold != nil && e.Session == "s" {
		<-b.hold
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.fail; err != nil {
		b.fail = nil
		if b.failLate {
			b.queue = append(b.queue, e)
		}
		return 0, err
	}
	b.queue = append(b.queue, e)
	return uint64(len(b.queue)), nil
}

func (b *backend) Last(_ context.Context, _, session string) (bus.Envelope, uint64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := len(b.queue) - 1; i >= 0; i-- {
		if b.queue[i].Session == session {
			return b.queue[i], uint64(i + 1), nil
		}
	}
	return bus.Envelope{}, 0, nil
}

// fold brings the sessions up to the queue, as the fold would.
func (b *backend) fold() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.queue {
		s := b.sessions[e.Session]
		s.LastSequence = max(s.LastSequence, e.Through)
		s.Closed = s.Closed || e.Kind == bus.Closed
		s.Signer, s.SignedThrough = e.Signer, e.SignedThrough
		b.sessions[e.Session] = s
	}
}

func newBackend(ids ...string) *backend {
	b := &backend{sessions: map[string]Session{}}
	for _, id := range ids {
		b.sessions[id] = Session{Subject: "subject of " + id, OpenedAt: clock}
	}
	return b
}

func numbered(sequences ...int64) []observation.Observation {
	out := make([]observation.Observation, len(sequences))
	for i, n := range sequences {
		out[i] = observation.Observation{Sequence: n}
	}
	return out
}

// name is the problem's name, "" without an error, "?" for another error.
func name(err error) problem.Name {
	var p *problem.Problem
	switch {
	case err == nil:
		return ""
	case errors.As(err, &p):
		return p.Name
	}
	return "?"
}

func TestAccept(t *testing.T) {
	b := newBackend("s")
	g := NewGate(b, b, func() time.Time { return clock })
	for _, step := range []struct {
		sequences []int64
		through   int64
		want      problem.Name
	}{
		{nil, 0, ""},
		{[]int64{1, 2}, 2, ""},
		{[]int64{2, 3}, 0, problem.SequencePast},
		{[]int64{5}, 5, ""},
		{nil, 5, ""},
		{[]int64{5}, 0, problem.SequencePast},
		{[]int64{6, 9}, 9, ""},
	} {
		r, err := g.Accept(t.Context(), "s", Sender{}, numbered(step.sequences...))
		if name(err) != step.want || r.Through != step.through {
			t.Errorf("%v: got through %d, %v; want through %d, %q", step.sequences, r.Through, err, step.through, step.want)
		}
		var p *problem.Problem
		if errors.As(err, &p) && p.Name == problem.SequencePast && (p.AcceptedThrough == nil || *p.AcceptedThrough == 0) {
			t.Errorf("%v: the refusal does not say what is accepted", step.sequences)
		}
	}
	if len(b.queue) != 3 || b.queue[2].Through != 9 || b.queue[2].Subject != "subject of s" || b.queue[2].ReceivedAtMS != clock.UnixMilli() {
		t.Errorf("got %d envelopes, the last %+v; want 3, through 9", len(b.queue), b.queue[len(b.queue)-1])
	}
}

func TestUnknownAndOverdueSessions(t *testing.T) {
	b := newBackend("s")
	now := clock
	g := NewGate(b, b, func() time.Time { return now })
	if err := g.Admit(t.Context(), "none", ""); name(err) != problem.SessionUnknown {
		t.Errorf("an unknown session: got %v, want %s", err, problem.SessionUnknown)
	}
	if len(g.entries) != 0 {
		t.Errorf("%d entries are kept for unknown sessions, want none", len(g.entries))
	}
	now = clock.Add(SessionLifetime)
	if err := g.Admit(t.Context(), "s", ""); err != nil {
		t.Errorf("at the end of its life: %v, want it admitted", err)
	}
	now = now.Add(time.Second)
	if err := g.Admit(t.Context(), "s", ""); name(err) != problem.SessionClosed {
		t.Errorf("after its life: got %v, want %s", err, problem.SessionClosed)
	}
	if _, err := g.Close(t.Context(), "s"); err != nil {
		t.Errorf("closing after its life: %v, want it closed", err)
	}
}

func TestCloseIsFinal(t *testing.T) {
	b := newBackend("s")
	g := NewGate(b, b, func() time.Time { return clock })
	for range 2 {
		if _, err := g.Close(t.Context(), "s"); err != nil {
			t.Fatal(err)
		}
	}
	if len(b.queue) != 1 {
		t.Errorf("closed twice: %d envelopes, want 1", len(b.queue))
	}
	restarted := NewGate(b, b, func() time.Time { return clock }) // before the fold has come so far
	for i, g := range []*Gate{g, restarted} {
		if _, err := g.Accept(t.Context(), "s", Sender{}, numbered(1)); name(err) != problem.SessionClosed {
			t.Errorf("gate %d: got %v, want %s", i, err, problem.SessionClosed)
		}
		if _, err := g.Reauthenticated(t.Context(), "s", "password", ""); name(err) != problem.SessionClosed {
			t.Errorf("gate %d: re-authentication: got %v, want %s", i, err, problem.SessionClosed)
		}
	}
}

func TestErasedSessionsStayOut(t *testing.T) {
	b := newBackend("s")
	g := NewGate(b, b, func() time.Time { return clock })
	if _, err := g.Accept(t.Context(), "s", Sender{}, numbered(1)); err != nil {
		t.Fatal(err)
	}
	g.Bar("s")
	if _, err := g.Accept(t.Context(), "s", Sender{}, numbered(2)); name(err) != problem.SessionUnknown {
		t.Errorf("got %v, want %s", err, problem.SessionUnknown)
	}
	if len(b.queue) != 1 {
		t.Errorf("%d envelopes, want 1", len(b.queue))
	}
}

func TestFullQueue(t *testing.T) {
	b := newBackend("s")
	g := NewGate(b, b, func() time.Time { return clock })
	b.fail = bus.ErrFull
	_, err := g.Accept(t.Context(), "s", Sender{}, numbered(1))
	var p *problem.Problem
	if !errors.As(err, &p) || p.Name != problem.QueueFull || p.RetryAfter <= 0 {
		t.Errorf("got %v, want %s with a time to try again", err, problem.QueueFull)
	}
	if r, err := g.Accept(t.Context(), "s", Sender{}, numbered(1)); err != nil || r.Through != 1 {
		t.Errorf("the same observations later: through %d, %v; want them taken", r.Through, err)
	}
}

// An acknowledgement that is lost leaves it open whether the envelope was stored: the gate must look, not guess.
func TestLostAcknowledgement(t *testing.T) {
	for _, stored := range []bool{true, false} {
		b := newBackend("s")
		g := NewGate(b, b, func() time.Time { return clock })
		b.fail, b.failLate = errors.New("lost"), stored
		if _, err := g.Accept(t.Context(), "s", Sender{}, numbered(1)); name(err) != "?" {
			t.Fatalf("got %v, want the queue's error", err)
		}
		_, err := g.Accept(t.Context(), "s", Sender{}, numbered(1))
		want := problem.Name("")
		if stored {
			want = problem.SequencePast
		}
		if name(err) != want || len(b.queue) != 1 {
			t.Errorf("stored %t: the second attempt gave %v with %d envelopes; want %q and 1", stored, err, len(b.queue), want)
		}
	}
}

func TestRateIsPerSession(t *testing.T) {
	b := newBackend("a", "b")
	now := clock
	g := NewGate(b, b, func() time.Time { return now })
	for i := range reportsAtOnce {
		if err := g.Admit(t.Context(), "a", ""); err != nil {
			t.Fatalf("report %d: %v, want it admitted", i, err)
		}
	}
	err := g.Admit(t.Context(), "a", "")
	var p *problem.Problem
	if !errors.As(err, &p) || p.Name != problem.TooManyRequests || p.RetryAfter != time.Second {
		t.Errorf("got %v, want %s with a second to wait", err, problem.TooManyRequests)
	}
	if err := g.Admit(t.Context(), "b", ""); err != nil {
		t.Errorf("another session: %v, want it admitted", err)
	}
	now = now.Add(time.Second)
	for i := range reportsPerSecond {
		if err := g.Admit(t.Context(), "a", ""); err != nil {
			t.Errorf("a second later, report %d: %v, want it admitted", i, err)
		}
	}
	if err := g.Admit(t.Context(), "a", ""); name(err) != problem.TooManyRequests {
		t.Errorf("and then: got %v, want %s", err, problem.TooManyRequests)
	}
}

func TestSilentSessionsAreForgotten(t *testing.T) {
	b := newBackend("a", "b")
	now := clock
	g := NewGate(b, b, func() time.Time { return now })
	for _, id := range []string{"a", "b"} {
		if _, err := g.Accept(t.Context(), id, Sender{}, numbered(7)); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(forgetAfter + 2*time.Minute)
	if err := g.Admit(t.Context(), "b", ""); err != nil {
		t.Fatal(err)
	}
	if len(g.entries) != 1 {
		t.Errorf("%d entries, want the one that was heard of", len(g.entries))
	}
	if _, err := g.Accept(t.Context(), "a", Sender{}, numbered(7)); name(err) != problem.SequencePast {
		t.Errorf("a forgotten session's old sequence: got %v, want %s", err, problem.SequencePast)
	}
}

// Two reports of one session that arrive together must not both be taken, and another session must not wait for them.
func TestConcurrentReports(t *testing.T) {
	b := newBackend("s", "other")
	b.hold = make(chan struct{})
	g := NewGate(b, b, func() time.Time { return clock })
	names := make(chan problem.Name, 5)
	for range cap(names) {
		go func() {
			_, err := g.Accept(t.Context(), "s", Sender{}, numbered(1, 2))
			names <- name(err)
		}()
	}
	if _, err := g.Accept(t.Context(), "other", Sender{}, numbered(1)); err != nil {
		t.Errorf("another session: %v, want it taken while the first waits", err)
	}
	close(b.hold)
	count := map[problem.Name]int{}
	for range cap(names) {
		count[<-names]++
	}
	if len(b.queue) != 2 || count[""] != 1 || count[problem.SequencePast] != 4 {
		t.Errorf("got %v and %d envelopes; want one taken, four from the past", count, len(b.queue))
	}
}

// Whatever comes, in whatever order, with restarts and lost acknowledgements between: each accepted sequence number lies
// in the queue exactly once, and they grow.
func TestSequencesInTheQueueGrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBackend("s")
		g := NewGate(b, b, func() time.Time { return clock })
		acknowledged := map[int64]bool{}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0:
				g = NewGate(b, b, func() time.Time { return clock })
			case 1:
				b.fold()
			case 2:
				b.fail, b.failLate = errors.New("lost"), rapid.Bool().Draw(t, "stored")
			default:
				first := rapid.Int64Range(1, 30).Draw(t, "first")
				var sequences []int64
				for i := range rapid.Int64Range(1, 4).Draw(t, "length") {
					sequences = append(sequences, first+i)
				}
				if _, err := g.Accept(context.Background(), "s", Sender{}, numbered(sequences...)); err == nil {
					for _, n := range sequences {
						acknowledged[n] = true
					}
				}
			}
		}
		var last int64
		for _, e := range b.queue {
			for _, o := range e.Observations {
				if o.Sequence <= last {
					t.Fatalf("sequence %d follows %d in the queue", o.Sequence, last)
				}
				last = o.Sequence
				delete(acknowledged, o.Sequence)
			}
		}
		if len(acknowledged) > 0 {
			t.Fatalf("acknowledged but not in the queue: %v", acknowledged)
		}
	})
}

func TestProblemsNameNoSession(t *testing.T) {
	b := newBackend("secret-session")
	g := NewGate(b, b, func() time.Time { return clock })
	if _, err := g.Accept(t.Context(), "secret-session", Sender{}, numbered(1)); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"secret-session", "secret-unknown"} {
		_, err := g.Accept(t.Context(), id, Sender{}, numbered(1))
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v, want a problem that repeats no identifier", err)
		}
	}
}
