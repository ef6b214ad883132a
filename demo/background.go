package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/device"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/sim"
)

// Background are simulated employees who work at desks of their own, through the same HTTP API and the same device side
// as everybody, so that the console is alive. Now and then somebody takes over one of their desks.
type Background struct {
	Server  string
	APIKey  string
	People  int           // how many work; 8 when 0
	Logger  *slog.Logger  // slog.Default when nil
	FirstIn time.Duration // time to the first takeover; 2 min when 0
	Every   time.Duration // mean time between takeovers; 10 min when 0
}

// Times of the background colleagues.
const (
	enrolFor   = 14 * time.Minute // work that a colleague without mature references does before the doors open
	stretchFor = 70 * time.Second // work that is laid out at once
	reportGap  = 5 * time.Second
	intrudeFor = 4 * time.Minute // an intruder whom nobody notices leaves
	returnGap  = 40 * time.Second
	retryGap   = 15 * time.Second
)

// Run works until ctx ends, then closes the sessions.
func (b Background) Run(ctx context.Context) {
	if b.People == 0 {
		b.People = 8
	}
	if b.Logger == nil {
		b.Logger = slog.Default()
	}
	if b.FirstIn == 0 {
		b.FirstIn = 2 * time.Minute
	}
	if b.Every == 0 {
		b.Every = 10 * time.Minute
	}
	workers := make([]*worker, b.People)
	var group sync.WaitGroup
	for i := range workers {
		w := &worker{
			number: i, api: client.New(b.Server, b.APIKey), self: sim.NewPerson(9_000 + uint64(i)),
			intruder: make(chan sim.Person, 1), log: b.Logger,
		}
		workers[i] = w
		group.Go(func() { w.run(ctx) })
	}
	group.Go(func() { b.intrude(ctx, workers) })
	group.Wait()
}

// intrude lets one of the colleagues sit down at another's desk, rarely.
func (b Background) intrude(ctx context.Context, workers []*worker) {
	wait := b.FirstIn
	for sleep(ctx, wait) {
		victim := rand.IntN(len(workers))
		other := (victim + 1 + rand.IntN(max(1, len(workers)-1))) % len(workers)
		select {
		case workers[victim].intruder <- workers[other].self:
		default: // the desk is taken over already
		}
		wait = time.Duration((0.6 + 0.8*rand.Float64()) * float64(b.Every))
	}
}

// worker is one background colleague.
type worker struct {
	number   int
	api      *client.Client
	self     sim.Person
	intruder chan sim.Person
	log      *slog.Logger

	session   client.Opened
	reporter  *client.Reporter
	collector *device.Collector
	origin    time.Time // of the events' times
	nowMS     float64   // how far work has been laid out

	models map[observation.Modality][]string // that the server asked for last
}

func (w *worker) newCollector(origin time.Time) *device.Collector {
	return device.NewCollector(device.Options{OriginUnixMS: origin.UnixMilli(), Simulated: true, Models: w.models})
}

func (w *worker) run(ctx context.Context) {
	for ctx.Err() == nil {
		err := w.sitting(ctx)
		if ctx.Err() == nil {
			w.log.WarnContext(ctx, "demo: a background colleague starts again", "colleague", w.number, "error", err)
			sleep(ctx, retryGap)
		}
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if w.session.Session != "" {
		// The session ends by itself if the server has gone first.
		_ = w.api.Close(closing, w.session.Session)
	}
}

// sitting is one session, until it ends.
func (w *worker) sitting(ctx context.Context) error {
	opened, err := w.api.Open(ctx, fmt.Sprintf("back-office-%02d", w.number+1), observation.Desktop)
	if err != nil {
		return err
	}
	w.session, w.reporter = opened, w.api.Reporter(opened)
	hello, err := w.reporter.Report(ctx)
	if err != nil {
		return err
	}
	w.models = hello.Models
	if err := w.enrol(ctx); err != nil {
		return err
	}
	w.origin, w.nowMS = time.Now(), 0
	w.collector = w.newCollector(w.origin)
	hands := w.self.Session(rand.Uint64())
	intruding := false
	var until time.Time
	for {
		answer, err := w.stretch(ctx, hands)
		if err != nil {
			return err
		}
		locked := answer.RiskLevel == policy.High
		switch {
		case locked:
			if !sleep(ctx, returnGap) {
				return ctx.Err()
			}
			if _, err := w.api.Reauthenticated(ctx, w.session.Session, "password"); err != nil {
				return err
			}
			hands, intruding = w.self.Session(rand.Uint64()), false
		case intruding && time.Now().After(until):
			hands, intruding = w.self.Session(rand.Uint64()), false
		case !intruding:
			select {
			case other := <-w.intruder:
				hands, intruding, until = other.Session(rand.Uint64()), true, time.Now().Add(intrudeFor)
			default:
			}
		}
	}
}

// enrol lets ipse learn the colleague from work of the last minutes, unless it knows them from an earlier start.
func (w *worker) enrol(ctx context.Context) error {
	subject, err := w.api.Subject(ctx, w.session.Subject)
	var p *client.Problem
	if err != nil && !(errors.As(err, &p) && p.Status == http.StatusNotFound) {
		return err
	}
	mature := map[observation.Modality]bool{}
	for _, r := range subject.References {
		mature[r.Modality] = mature[r.Modality] || r.Mature
	}
	if mature[observation.Keyboard] && mature[observation.Pointer] {
		return nil
	}
	origin := time.Now().Add(-enrolFor - time.Minute)
	work := w.self.Session(rand.Uint64()).Work(w.language(), 0, float64(enrolFor.Milliseconds()))
	w.reporter.Add(w.newCollector(origin).Play(work.Keys, work.Pointers)...)
	_, err = w.reporter.Report(ctx)
	return err
}

// stretch lays out a minute of work and reports it as it comes to pass, in real time. It ends early when the desk locks.
func (w *worker) stretch(ctx context.Context, hands *sim.Session) (client.Answer, error) {
	w.nowMS = max(w.nowMS, float64(time.Since(w.origin).Milliseconds()))
	work := hands.Work(w.language(), w.nowMS, w.nowMS+float64(stretchFor.Milliseconds()))
	w.nowMS = work.EndMS + 4_000 + 16_000*rand.ExpFloat64()
	due := w.collector.Play(work.Keys, work.Pointers)
	end := w.origin.Add(time.Duration(w.nowMS) * time.Millisecond)
	var answer client.Answer
	for time.Now().Before(end) {
		if !sleep(ctx, reportGap) {
			return answer, ctx.Err()
		}
		n := 0
		for n < len(due) && device.EndMS(due[n]) <= time.Now().UnixMilli() {
			n++
		}
		w.reporter.Add(due[:n]...)
		due = due[n:]
		var err error
		if answer, err = w.reporter.Report(ctx); err != nil {
			return answer, err
		}
		w.models = answer.Models
		w.collector.Want(w.models)
		if answer.RiskLevel == policy.High {
			w.nowMS = float64(time.Since(w.origin).Milliseconds())
			w.collector = w.newCollector(w.origin)
			return answer, nil
		}
	}
	return answer, nil
}

// language of the colleague's customers: every fourth works in French.
func (w *worker) language() string {
	if w.number%4 == 3 {
		return "fr"
	}
	return "en"
}

// sleep waits and reports whether ctx still stands.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
