package app

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"ipse.dev/ipse/console"
	"ipse.dev/ipse/internal/audit"
	"ipse.dev/ipse/internal/bus"
	"ipse.dev/ipse/internal/ingest"
	"ipse.dev/ipse/internal/response/webhook"
	"ipse.dev/ipse/internal/store/sqlite"
)

// Server is one running ipse server. Its data folder is its own until Close returns.
type Server struct {
	url     string
	logger  *slog.Logger
	weights string // name, purpose and limits of use, for the start-up line
	failed  chan error
	folder  *folder
	store   *sqlite.DB
	audit   *audit.Log
	bus     *bus.Bus
	fold    *fold
	console *console.Console
	http    *http.Server

	stopWork func()          // ends the workers, who keep what they have folded
	folded   <-chan struct{} // closed when they have
	stopRest func()          // ends the janitor and the webhook's sender
	rest     sync.WaitGroup
	closing  sync.Once
	closed   error
}

// Start opens the data folder and serves until Close. It returns when the address answers. Errors that the operator can
// do something about are ErrOptions, ErrDataInUse and ErrDataOpen.
func Start(ctx context.Context, o Options) (*Server, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Server{logger: o.Logger, failed: make(chan error, 1), stopWork: func() {}, stopRest: func() {}}
	if err := s.start(ctx, o); err != nil {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		_ = s.Close(stopping) // what began is ended; the first error tells more
		return nil, err
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, o Options) (err error) {
	if o.assessor == nil {
		a, err := NewAssessor(o.Weights, o.AlertsPer1000PerDay, o.AcceptSimulated)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrOptions, err)
		}
		if o.Show != nil {
			a.DecideAs(*o.Show)
		}
		a.HoldProbes = o.SharedWorkstations
		if a.AlarmOn, err = kindsOf(o.AlarmOn); err != nil {
			return err
		}
		o.assessor = a
		s.weights = a.Weights.Name + ": " + a.Weights.Card.Statement() + " " + a.Liveness.Card
	}
	if s.folder, err = openFolder(o.Data); err != nil {
		return err
	}
	keys, err := s.folder.openKeys()
	if err != nil {
		return err
	}
	if err := s.folder.checkStore(); err != nil {
		return err
	}
	if s.store, err = sqlite.Open(ctx, s.folder.in(storeFile)); err != nil {
		return fmt.Errorf("app: %w", err)
	}
	if s.audit, err = audit.Open(s.folder.in(auditFile)); err != nil {
		return fmt.Errorf("app: %w", err)
	}
	if s.bus, err = bus.Open(ctx, bus.Options{Dir: s.folder.in(streamDir), MaxBytes: o.QueueBytes}); err != nil {
		return fmt.Errorf("app: %w", err)
	}
	apiKeys, err := s.openAPIKeys(ctx)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.Listen)
	if err != nil {
		return fmt.Errorf("app: cannot listen on %s; stop what listens there, or choose another address with --listen: %w", o.Listen, err)
	}
	s.url = addressOf(listener)
	if err := s.work(ctx, o, keys, apiKeys, listener); err != nil {
		return errors.Join(err, listener.Close())
	}
	return nil
}

// work sets the stages to work and lets requests in.
func (s *Server) work(ctx context.Context, o Options, k keys, apiKeys [][]byte, listener net.Listener) error {
	background := context.WithoutCancel(ctx) // Close ends it, in its order
	meter := newMetrics()
	sender := s.sender(o, meter)
	s.fold = &fold{
		assess: o.assessor, store: s.store, bus: s.bus, meter: meter, changes: &changes{}, logger: o.Logger, failed: s.failed,
		webhook: sender != nil, shadow: o.Shadow, deliver: func() {}, interval: checkpointEvery, patience: o.Patience,
	}
	var err error
	if s.fold.rule, err = s.ruleOf(ctx, o); err != nil {
		return err
	}
	if o.Shadow {
		meter.shadow.Set(1)
		if err := s.dropDeliveries(ctx); err != nil {
			return fmt.Errorf("app: empty the outbox for shadow mode: %w", err)
		}
	}
	if sender != nil {
		s.fold.deliver = sender.Wake
	}
	janitor := &janitor{store: s.store, bus: s.bus, fold: s.fold, meter: meter, logger: o.Logger, retention: o.Retention, full: make(chan struct{}, 1),
		account: &account{store: s.store, rule: s.fold.rule}}
	queue := queue{Bus: s.bus, outOfRoom: janitor.outOfRoom, broken: s.fail}
	gate := ingest.NewGate(s.fold, queue, time.Now)
	gate.RequireSignatures = o.RequireSignatures
	s.fold.bar, janitor.gate = gate.Bar, gate

	handler, err := s.routes(o, k, apiKeys, queue, gate, meter)
	if err != nil {
		return err
	}
	working, stopWork := context.WithCancel(background)
	folded, err := s.fold.start(working)
	if err != nil {
		stopWork()
		return err
	}
	s.stopWork, s.folded = stopWork, folded
	resting, stopRest := context.WithCancel(background)
	s.stopRest = stopRest
	s.rest.Go(func() { janitor.run(resting) })
	if sender != nil {
		s.rest.Go(func() { sender.Run(resting) })
	}
	s.http = newHTTPServer(handler)
	s.rest.Go(func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.fail(fmt.Errorf("app: serve: %w", err))
		}
	})
	s.awaitCatchUp(ctx)
	return nil
}

// ruleOf gives how alarms are raised, and lets the assessor raise them so where its thresholds follow the fact.
func (s *Server) ruleOf(ctx context.Context, o Options) (rule, error) {
	r := rule{promise: o.AlertsPer1000PerDay, threshold: thresholds(o.assessor).High, shadow: o.Shadow, shown: o.Show != nil}
	a, ok := o.assessor.(*Assessor)
	if ok && a.Unkept != nil {
		r.unkept = a.Unkept
		s.warnUnkept(r)
	}
	if !ok || !o.FollowFact {
		return r, nil
	}
	var err error
	if r.shift, err = followed(ctx, s.store, r, time.Now()); err != nil {
		return r, err
	}
	r.shift = a.Shift(r.shift)
	if r.shift != 0 {
		s.logger.Info("thresholds follow the fact", "nats", r.shift)
	}
	return r, nil
}

// warnUnkept tells the operator of a budget that cannot be kept, and what would be right.
func (s *Server) warnUnkept(r rule) {
	s.logger.Warn("the false-alarm budget cannot be promised: at the threshold that it asks for hardly any takeover would be noticed. A lower one holds, and false alarms may come more often; allow more alerts, or watch \"Promise and fact\" in the console",
		"alertsPer1000PerDay", r.promise, "leastThatCanBePromised", significant(r.unkept.Least), "thresholdAskedFor", hundredths(r.unkept.Wanted), "threshold", hundredths(r.threshold))
}

// awaitCatchUp gives the fold a moment to apply what a crash left unapplied, so that the first answers are of today.
// A long queue is waited for by /readyz only.
func (s *Server) awaitCatchUp(ctx context.Context) {
	waiting, cancel := context.WithTimeout(ctx, max(catchUpWithin, s.fold.patience))
	defer cancel()
	for _, p := range s.fold.partitions {
		p.wait(waiting, p.target)
	}
}

const catchUpWithin = 5 * time.Second

func (s *Server) sender(o Options, meter *metrics) *webhook.Sender {
	if o.WebhookURL == "" || o.Shadow {
		return nil
	}
	return webhook.New(webhook.Sender{
		URL: o.WebhookURL, Secret: o.WebhookSecret, Outbox: s.store, Logger: o.Logger,
		Counted: func(outcome webhook.Outcome) { meter.deliveries.WithLabelValues(string(outcome)).Inc() },
	})
}

// queue is the bus for those who publish; it asks for room when there is none, and ends the server when only another
// start helps.
type queue struct {
	*bus.Bus
	outOfRoom func()
	broken    func(error)
}

// Publish appends an envelope.
func (q queue) Publish(ctx context.Context, e bus.Envelope) (uint64, error) {
	sequence, err := q.Bus.Publish(ctx, e)
	if errors.Is(err, bus.ErrFull) {
		q.outOfRoom()
	}
	if errors.Is(err, bus.ErrBroken) {
		q.broken(fmt.Errorf("app: nothing can be stored (is the disk full?); make room and start again: %w", err))
	}
	return sequence, err
}

// openAPIKeys gives the hashes of the API keys, and makes the first key at the first start.
func (s *Server) openAPIKeys(ctx context.Context) ([][]byte, error) {
	sums, err := s.store.APIKeys(ctx)
	if err != nil || len(sums) > 0 {
		return sums, err
	}
	key := "ipse_" + base64.RawURLEncoding.EncodeToString(randomKey())
	if err := s.folder.write(apiKeyFile, []byte(key+"\n")); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(key))
	if err := s.store.AddAPIKey(ctx, sum[:], time.Now()); err != nil {
		return nil, fmt.Errorf("app: keep the API key: %w", err)
	}
	s.logger.Info("an API key for applications' back ends was made; it is shown nowhere else", "file", s.folder.in(apiKeyFile))
	return [][]byte{sum[:]}, nil
}

// URL is the address to open, without a slash at its end: "http://127.0.0.1:7473".
func (s *Server) URL() string { return s.url }

// APIKey is the key for applications' back ends, read from DATA/api-key; "" when an operator has moved the file away.
func (s *Server) APIKey() string {
	raw, err := os.ReadFile(s.folder.in(apiKeyFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.logger.Warn("the API key's file cannot be read", "error", err)
	}
	return strings.TrimSpace(string(raw))
}

// ConsoleLink is a fresh link that signs one browser in to the console, once and soon.
func (s *Server) ConsoleLink() string { return s.console.OneTimeLink() }

// Failed gives the error that made the server unable to go on, if one does.
func (s *Server) Failed() <-chan error { return s.failed }

func (s *Server) fail(err error) {
	select {
	case s.failed <- err:
	default: // the first error is the one to tell
	}
}

// Close stops accepting, applies and stores everything acknowledged, and gives the data folder back. What ctx leaves no
// time for is applied at the next start.
func (s *Server) Close(ctx context.Context) error {
	s.closing.Do(func() { s.closed = s.close(ctx) })
	return s.closed
}

func (s *Server) close(ctx context.Context) error {
	var errs []error
	if s.console != nil {
		s.console.Close() // ends the pages' streams of events, which would hold up the rest
	}
	if s.http != nil {
		errs = append(errs, s.http.Shutdown(ctx))
	}
	s.stopRest()
	if s.folded != nil {
		errs = append(errs, s.fold.drain(ctx))
		s.stopWork()
		<-s.folded
	}
	s.rest.Wait()
	if s.bus != nil {
		s.bus.Close()
	}
	if s.audit != nil {
		errs = append(errs, s.audit.Close())
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	if s.folder != nil {
		errs = append(errs, s.folder.close())
	}
	return errors.Join(errs...)
}

// addressOf gives an address that a browser on this machine can open.
func addressOf(l net.Listener) string {
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "http://" + l.Addr().String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// stopWithin bounds the time that Run takes to stop.
const stopWithin = 20 * time.Second

// Run serves until ctx ends, then stops in good order.
func Run(ctx context.Context, o Options) error {
	s, err := Start(ctx, o)
	if err != nil {
		return err
	}
	s.logger.Info("ipse is serving", "url", s.URL(), "documentation", s.URL()+"/docs", "weights", s.weights)
	if o.Shadow {
		s.logger.Info("shadow mode: levels are computed and shown by the console; collectors, applications and webhooks are told of none")
	}
	s.logger.Info("open the console once with this link", "link", s.ConsoleLink())
	var failure error
	select {
	case <-ctx.Done():
	case failure = <-s.Failed():
	}
	s.logger.Info("ipse is stopping")
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := s.Close(stopping); err != nil && failure == nil {
		failure = fmt.Errorf("app: stop: %w", err)
	}
	return failure
}
