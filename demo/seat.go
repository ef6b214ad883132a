package demo

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"sync"
	"time"

	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
)

// employee is one fictional employee of the shop. ID is what ipse gets as the user id; StandIn is the seed of the
// generated person who works in their stead.
type employee struct {
	ID      string
	Name    string
	StandIn uint64
}

// employees may sign in at the desk.
var employees = []employee{
	{"desk-amara", "Amara Okafor", 41},
	{"desk-jonas", "Jonas Lindqvist", 47},
	{"desk-clementine", "Clémentine de La Rochefoucauld-Saint-Exupéry", 63},
	{"desk-wei", "Wei Zhang", 66},
	{"desk-fatima", "Fatima El Amrani", 13},
	{"desk-soren", "Søren Kjærgaard", 15},
}

func employeeByID(id string) (employee, bool) {
	for _, e := range employees {
		if e.ID == id {
			return e, true
		}
	}
	return employee{}, false
}

// seat is one visitor at the desk: an employee who is signed in, with ipse's session for them.
type seat struct {
	cookie   string
	employee employee

	mu         sync.Mutex
	opened     client.Opened
	locked     bool
	level      policy.Level
	reasons    []policy.ReasonCode
	unlockedAt time.Time
	threads    map[string][]message // by customer
	colleagues map[string]*colleagueAtWork
	listeners  map[chan notice]bool
	attacked   map[string]bool // sessions of the employee's that an attacker holds
	written    int             // replies so far: which message and which hint come next
}

// message is one message of a conversation.
type message struct {
	Mine bool
	Text string
}

// notice is what the page is told as it happens.
type notice struct {
	Locked  bool                `json:"locked"`
	Level   policy.Level        `json:"level"`
	Reasons []policy.ReasonCode `json:"reasons"`
}

const seatCookie = "harbour_seat"

// take opens an ipse session for the employee and gives them a seat.
func (d *Desk) take(ctx context.Context, e employee) (*seat, error) {
	opened, err := d.ipse.Open(ctx, e.ID, observation.DeviceClass(""))
	if err != nil {
		return nil, fmt.Errorf("demo: open a session: %w", err)
	}
	s := &seat{
		cookie: rand.Text(), employee: e, opened: opened, level: policy.Low,
		threads: map[string][]message{}, colleagues: map[string]*colleagueAtWork{}, listeners: map[chan notice]bool{}, attacked: map[string]bool{},
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seats[s.cookie] = s
	return s, nil
}

// leave ends a seat and its session.
func (d *Desk) leave(ctx context.Context, s *seat) {
	d.mu.Lock()
	delete(d.seats, s.cookie)
	d.mu.Unlock()
	if err := d.ipse.Close(ctx, s.session()); err != nil {
		d.options.Logger.WarnContext(ctx, "demo: the session could not be closed", "error", err)
	}
}

// Close ends every visitor's session.
func (d *Desk) Close(ctx context.Context) {
	d.mu.Lock()
	seats := make([]*seat, 0, len(d.seats))
	for _, s := range d.seats {
		seats = append(seats, s)
	}
	d.mu.Unlock()
	for _, s := range seats {
		d.leave(ctx, s)
	}
}

func (d *Desk) seatOf(r *http.Request) *seat {
	c, err := r.Cookie(seatCookie)
	if err != nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.seats[c.Value]
}

func (d *Desk) seatOfSession(session string) *seat {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.seats {
		if s.owns(session) {
			return s
		}
	}
	return nil
}

// seated lets only visitors with a seat through; pages lead the others to the sign-in.
func (d *Desk) seated(next func(http.ResponseWriter, *http.Request, *seat)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s := d.seatOf(r)
		switch {
		case s != nil:
			next(w, r, s)
		case r.Method == http.MethodGet && (r.URL.Path == "/desk" || r.URL.Path == "/console"):
			http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
		default:
			http.Error(w, "not signed in at this desk", http.StatusUnauthorized)
		}
	}
}

func (s *seat) session() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened.Session
}

// owns reports whether a session is the seat's, in its own hands or an attacker's.
func (s *seat) owns(session string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened.Session == session || s.attacked[session]
}

func (s *seat) isLocked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.locked
}

// learn takes in a risk level that ipse told of at a moment. What was true before the last sign-in no longer matters.
func (s *seat) learn(level policy.Level, reasons []policy.ReasonCode, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !at.After(s.unlockedAt) {
		return
	}
	s.level, s.reasons = level, reasons
	s.locked = s.locked || level == policy.High // only a sign-in unlocks
	s.tell()
}

// unlock notes a sign-in.
func (s *seat) unlock(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.locked, s.level, s.reasons, s.unlockedAt = false, policy.Low, nil, at
	s.tell()
}

// tell passes the state on to every page that listens. The caller holds the lock. A page that is slow gets the newest
// state only.
func (s *seat) tell() {
	for c := range s.listeners {
		select {
		case <-c:
		default:
		}
		c <- s.notice()
	}
}

func (s *seat) notice() notice {
	reasons := s.reasons
	if reasons == nil {
		reasons = []policy.ReasonCode{}
	}
	return notice{Locked: s.locked, Level: s.level, Reasons: reasons}
}

// listen gives a channel with the state now and after each change, and a function that ends it.
func (s *seat) listen() (<-chan notice, func()) {
	c := make(chan notice, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	c <- s.notice()
	s.listeners[c] = true
	return c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.listeners, c)
	}
}
