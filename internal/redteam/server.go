package redteam

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/device"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/trust"
)

// Server attacks a running server by its HTTP API: it opens sessions of one test subject and reports in them what a
// collector would compute of the attacker's events. It is not safe for concurrent use.
type Server struct {
	API      *client.Client // over a Guard's HTTP client
	User     string         // user id of the test subject, or what test subjects' ids begin with; nobody else's
	Material Material
	Length   Length
	Seed     uint64 // the same seed makes the same events
	Learn    bool   // Run lets the server learn each test subject from Material first
	Keep     bool   // Run leaves the test subjects on the server
	// Fast reports an attack at once, as if it had ended now, instead of window by window in the attack's own time. Servers
	// take windows that ended within the hour, and judge by the windows' own times what is fast and slow.
	Fast bool
	// Progress, when set, hears of each window that was reported.
	Progress func(a Attack, atSeconds float64, level policy.Level)
	// Warn, when set, hears of a test subject that could not be erased.
	Warn func(error)
	Now  func() time.Time // time.Now when nil
}

// ErrShadow is the error for a server that tells nobody but its console what it thinks.
var ErrShadow = errors.New("redteam: the server is in shadow mode and tells levels to its console alone; attack one that runs without --shadow")

// ErrHigh is the error for a session in which nothing can be caught any more.
var ErrHigh = errors.New("redteam: the session's level is HIGH already; give a session of its own to each attack")

func (s *Server) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

// Random gives every attack numbers of its own, whichever others are made beside it.
func Random(seed uint64, attack string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(attack)) // never fails
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// In makes an attack in a session that is open, until it is caught or over. Without a session's id, as where there is no
// API key but only a collector's token, the reasons stay unknown.
func (s *Server) In(ctx context.Context, opened client.Opened, a Attack) Outcome {
	stretch := a.Make(Random(s.Seed, a.Name), s.Material, s.Length).within(s.Length)
	if stretch.Empty() {
		return Outcome{Attack: a.Name, Doc: a.Doc, Want: a.Want, Verdict: NotMade, Problem: "there is nothing to make it from: give a longer recording with --recording"}
	}
	reporter := s.API.Reporter(opened)
	hello, err := reporter.Report(ctx)
	if err != nil {
		return failed(a, err)
	}
	if hello.RiskLevel == policy.High {
		return failed(a, ErrHigh)
	}
	level, err := s.tell(ctx, opened.Session, a.Tells)
	if err != nil {
		return failed(a, err)
	}
	p := play{server: s, attack: a, reporter: reporter, session: opened.Session, started: s.now(), endMS: stretch.EndMS()}
	if level == policy.High {
		stretch = Stretch{} // caught before its first event
	}
	return p.run(ctx, stretch, hello.Models)
}

// ErrTold is the error for an attack that an application tells of, in a session of which only a collector's token is known.
var ErrTold = errors.New("redteam: what is told of a session needs an API key; give --api-key-file in place of --token")

// tell says of a session what an application knows, where the attack wants it told, and gives the level that follows.
func (s *Server) tell(ctx context.Context, session string, kind trust.Context) (policy.Level, error) {
	if kind == "" {
		return policy.Low, nil
	}
	if session == "" {
		return "", ErrTold
	}
	view, err := s.API.Happened(ctx, session, kind)
	if err != nil {
		return "", fmt.Errorf("redteam: tell of the context: %w", err)
	}
	return view.RiskLevel, nil
}

// play is one attack under way.
type play struct {
	server   *Server
	attack   Attack
	reporter *client.Reporter
	session  string // empty where nobody may ask for it
	started  time.Time
	endMS    float64

	outcome Outcome
	answer  client.Answer
}

// origin is the moment that the attack's times count from.
func (p *play) origin() time.Time {
	if p.server.Fast {
		return p.started.Add(-time.Duration(p.endMS * float64(time.Millisecond)))
	}
	return p.started
}

func (p *play) run(ctx context.Context, stretch Stretch, models map[observation.Modality][]string) Outcome {
	p.outcome = Outcome{Attack: p.attack.Name, Doc: p.attack.Doc, Want: p.attack.Want}
	collector := device.NewCollector(device.Options{OriginUnixMS: p.origin().UnixMilli(), Models: models})
	other := 0 // pastes, releases
	err := inOrder(stretch, counters{&p.outcome.Keys, &p.outcome.Events, &other}, func(atMS float64, counts *int, take func(*device.Collector) []observation.Observation) error {
		*counts++
		p.outcome.Seconds = atMS / 1000
		return p.report(ctx, take(collector), atMS, stretch.Driven)
	})
	if err == nil {
		err = p.report(ctx, collector.Flush(), p.endMS, stretch.Driven)
	}
	if err != nil && !errors.Is(err, errCaught) {
		return failed(p.attack, err)
	}
	if err := p.judge(ctx); err != nil {
		return failed(p.attack, err)
	}
	return p.outcome
}

// errCaught ends an attack that was caught: its session is over for the attacker.
var errCaught = errors.New("redteam: caught")

// counters are what an attack's events count into.
type counters struct{ keys, pointers, others *int }

// inOrder yields a stretch's events in the order of their times, phrases last, each with its counter and what a collector does
// about it.
func inOrder(s Stretch, c counters, yield func(atMS float64, counts *int, take func(*device.Collector) []observation.Observation) error) error {
	keys, pointers, pastes := s.Keys, s.Pointers, s.Pastes
	for len(keys) > 0 || len(pointers) > 0 {
		var err error
		switch {
		case len(pastes) > 0 && (len(keys) == 0 || pastes[0] <= keys[0].TimeMS) && (len(pointers) == 0 || pastes[0] <= pointers[0].TimeMS):
			err = yield(pastes[0], c.others, func(c *device.Collector) []observation.Observation {
				c.Mark(event.Mark{Kind: event.Paste})
				return nil
			})
			pastes = pastes[1:]
		case len(pointers) == 0 || (len(keys) > 0 && keys[0].TimeMS <= pointers[0].TimeMS):
			k, counts := keys[0], c.others
			if k.Down && !k.Repeat {
				counts = c.keys
			}
			err = yield(k.TimeMS, counts, func(c *device.Collector) []observation.Observation { return c.Key(k) })
			keys = keys[1:]
		default:
			e := pointers[0]
			err = yield(e.TimeMS, c.pointers, func(c *device.Collector) []observation.Observation { return c.Pointer(e) })
			pointers = pointers[1:]
		}
		if err != nil {
			return err
		}
	}
	for _, typed := range s.Phrases {
		for n, k := range typed {
			counts := c.others
			if k.Down && !k.Repeat {
				counts = c.keys
			}
			if err := yield(k.TimeMS, counts, func(c *device.Collector) []observation.Observation { return typePhrase(c, typed, n) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// report sends what one window has become, when its time has come, and reads the reply. The reply comes after the server
// has judged the window.
func (p *play) report(ctx context.Context, completed []observation.Observation, atMS float64, driven bool) error {
	if len(completed) == 0 {
		return nil
	}
	if !p.server.Fast {
		due := p.started.Add(time.Duration(atMS * float64(time.Millisecond)))
		if err := pause(ctx, due.Sub(p.server.now())); err != nil {
			return err
		}
	}
	for i := range completed {
		completed[i].Liveness.Driven = completed[i].Liveness.Driven || driven
	}
	p.reporter.Add(completed...)
	answer, err := p.reporter.Report(ctx)
	if err != nil {
		return fmt.Errorf("redteam: report a window: %w", err)
	}
	p.answer = answer
	p.outcome.Windows += windows(completed)
	if p.server.Progress != nil {
		p.server.Progress(p.attack, p.outcome.Seconds, answer.RiskLevel)
	}
	if answer.RiskLevel == policy.High {
		return errCaught
	}
	return nil
}

// windows counts the windows of observations: one becomes an observation for each model.
func windows(completed []observation.Observation) int {
	type window struct {
		modality observation.Modality
		startMS  int64
	}
	seen := map[window]bool{}
	for _, o := range completed {
		seen[window{o.Modality, o.StartMS}] = true
	}
	return len(seen)
}

// judge asks how the session stands and decides whether that is what was wanted.
func (p *play) judge(ctx context.Context) error {
	o := &p.outcome
	o.Level, o.Answer = p.answer.RiskLevel, p.answer.Answer
	if p.session != "" {
		view, err := p.server.API.Session(ctx, p.session)
		if err != nil {
			return fmt.Errorf("redteam: read the session: %w", err)
		}
		if err := o.Tell(view); err != nil {
			return err
		}
	}
	if o.Verdict = VerdictOf(*o); o.Verdict == NotMade {
		o.Problem = "it is shorter than one window, so a collector reports nothing; make it longer with --for"
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
