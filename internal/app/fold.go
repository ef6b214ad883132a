package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"ipse.dev/ipse/internal/bus"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/ingest"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/internal/store"
)

// foldStore is what the fold needs of a store.
type foldStore interface {
	Session(ctx context.Context, id string) (store.Session, error)
	References(ctx context.Context, subject string) ([]store.Reference, error)
	History(ctx context.Context, subject string) (store.History, error)
	SubjectSessions(ctx context.Context, pseudonym string) ([]store.Session, error)
	Checkpoint(ctx context.Context, partition int) (uint64, error)
	Apply(context.Context, store.Batch) error
	Erase(ctx context.Context, pseudonym string, b store.Batch) error
}

// fold applies the stream's messages to sessions and references, in memory, and checkpoints them. Each partition is
// folded by one worker; whoever reads sees what is in memory, which may be a moment ahead of the store.
type fold struct {
	assess   assessor
	store    foldStore
	bus      *bus.Bus
	bar      func(session string) // lets nothing more of a session into the queue
	meter    *metrics
	changes  *changes
	logger   *slog.Logger
	webhook  bool          // changes of level are kept for delivery
	shadow   bool          // nobody but the console is told of levels
	rule     rule          // the thresholds in force, for the sums of days
	deliver  func()        // says that there is something to deliver
	failed   chan<- error  // hears what no retry helps against
	interval time.Duration // between checkpoints, while there is something to keep
	patience time.Duration // for which whoever waits for the fold waits at least

	partitions [bus.Partitions]*partition
}

// live is a session in memory.
type live struct {
	Session
	deviceClass string
	touched     time.Time
}

// start reads the checkpoints and begins to fold. done is closed when the last worker has ended, after ctx has.
func (f *fold) start(ctx context.Context) (done <-chan struct{}, err error) {
	var applied uint64
	for n := range f.partitions {
		p := &partition{
			fold: f, number: n, sessions: map[string]*live{}, references: map[string]References{}, pasts: map[string]presence.Past{},
			dirtySessions: map[string]bool{}, dirtySubjects: map[string]bool{}, dirtyPasts: map[string]bool{}, progress: make(chan struct{}),
			tally: tally{threshold: f.rule.threshold, shift: f.rule.shift, shadow: f.shadow},
		}
		if p.stored, err = f.store.Checkpoint(ctx, n); err != nil {
			return nil, fmt.Errorf("app: read the checkpoints: %w", err)
		}
		p.applied, applied = p.stored, max(applied, p.stored)
		f.partitions[n] = p
	}
	skipped, err := f.bus.SkipTo(ctx, applied)
	if err != nil {
		return nil, fmt.Errorf("app: line the stream up with the checkpoints: %w", err)
	}
	if skipped {
		f.logger.Warn("the stream was lost or cut short since the last start: what it held and was not yet applied is lost", "applied", applied)
	}
	for n, p := range f.partitions {
		if p.target, err = f.bus.End(ctx, n); err != nil {
			return nil, fmt.Errorf("app: read the stream's end: %w", err)
		}
		// A crash may have come between an erasure and the removal of the request for it.
		if err := f.bus.EraseErasures(ctx, n, p.stored); err != nil {
			return nil, fmt.Errorf("app: finish an erasure: %w", err)
		}
	}
	var workers sync.WaitGroup
	for _, p := range f.partitions {
		workers.Go(func() { p.run(ctx) })
	}
	closed := make(chan struct{})
	go func() {
		workers.Wait()
		close(closed)
	}()
	return closed, nil
}

// drain waits until everything that is in the stream now has been folded.
func (f *fold) drain(ctx context.Context) error {
	for n, p := range f.partitions {
		end, err := f.bus.End(ctx, n)
		if err != nil {
			return fmt.Errorf("app: drain: %w", err)
		}
		if !p.wait(ctx, end) {
			return fmt.Errorf("app: drain: %w", ctx.Err())
		}
	}
	return nil
}

// caughtUp reports whether everything that was in the stream at the start has been folded.
func (f *fold) caughtUp() bool {
	for _, p := range f.partitions {
		if p.position() < p.target {
			return false
		}
	}
	return true
}

// lag is how far the slowest partition is behind, and whether one cannot keep what it folds.
func (f *fold) lag(now time.Time) (behind time.Duration, failing bool) {
	for _, p := range f.partitions {
		p.mu.Lock()
		if p.pending > 0 {
			behind = max(behind, now.Sub(time.UnixMilli(p.receivedAtMS)))
		}
		failing = failing || p.failing
		p.mu.Unlock()
	}
	return behind, failing
}

// view is a session with its subject's references, as of now.
type view struct {
	Session
	References  References
	DeviceClass string
}

// find gives a session; store.ErrNotFound when there is none. It looks into memory first, which is ahead of the store.
func (f *fold) find(ctx context.Context, id string) (view, error) {
	for _, p := range f.partitions {
		if v, ok := p.peek(id); ok {
			return v, nil
		}
	}
	row, err := f.store.Session(ctx, id)
	if err != nil {
		return view{}, fmt.Errorf("app: find a session: %w", err)
	}
	l, err := decodeSession(row)
	if err != nil {
		return view{}, err
	}
	refs, err := f.referencesOf(ctx, row.Subject)
	return view{Session: l.Session, References: refs, DeviceClass: l.deviceClass}, err
}

// referencesOf gives a subject's references, from memory where they are.
func (f *fold) referencesOf(ctx context.Context, subject string) (References, error) {
	p := f.partitions[bus.PartitionOf(subject)]
	p.mu.Lock()
	refs, ok := p.references[subject]
	p.mu.Unlock()
	if ok {
		return refs, nil
	}
	return f.loadReferences(ctx, subject)
}

func (f *fold) loadReferences(ctx context.Context, subject string) (References, error) {
	rows, err := f.store.References(ctx, subject)
	if err != nil {
		return nil, fmt.Errorf("app: read references: %w", err)
	}
	refs := References{}
	for _, row := range rows {
		var r enrol.Reference
		if err := json.Unmarshal(row.Body, &r); err != nil {
			return nil, fmt.Errorf("app: read a reference: %w", err)
		}
		refs[r.Key] = r
	}
	return refs, nil
}

// FindSession tells the gate what has been folded of a session.
func (f *fold) FindSession(ctx context.Context, id string) (ingest.Session, error) {
	v, err := f.find(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return ingest.Session{}, ingest.ErrUnknownSession
	}
	return ingest.Session{Subject: v.Subject, OpenedAt: time.UnixMilli(v.OpenedAtMS), Closed: v.Closed, LastSequence: v.LastSequence,
		Signer: v.Signer, SignedThrough: v.SignedThrough}, err
}

// indicatorWithin bounds how long a collector's reply waits for the collector's own observations to be folded in.
const indicatorWithin = 300 * time.Millisecond

// StandingAfter tells a collector how its session stands.
func (f *fold) StandingAfter(ctx context.Context, session string, receipt ingest.Receipt) (ingest.Standing, error) {
	v, err := f.after(ctx, session, receipt, indicatorWithin)
	if err != nil {
		return ingest.Standing{}, err
	}
	v = f.outward(v)
	return ingest.Standing{
		RiskLevel: v.Decision.Level, Answer: v.Decision.Answer, Directives: v.Decision.Directives, References: f.maturities(v),
	}, nil
}

// maturities tells how far ipse has come in learning a session's subject. Several models have references of their own for
// one modality and device class; the furthest of those that are compared is the one that counts.
func (f *fold) maturities(v view) []ingest.ReferenceMaturity {
	var out []ingest.ReferenceMaturity
	models := modelsOf(f.assess)
	for _, r := range sortedReferences(v.References, v.DeviceClass) {
		if asked := models[r.Key.Modality]; len(asked) > 0 && !slices.Contains(asked, r.Key.Model) {
			continue
		}
		m := ingest.ReferenceMaturity{Modality: r.Key.Modality, DeviceClass: r.Key.DeviceClass, Phrase: r.Key.Phrase, Maturity: r.Maturity()}
		m.Mixed, m.Drifts = r.Mixed, r.DriftedAtMS != 0
		if share, ok := r.ExpectedErrorShare(); ok {
			m.ExpectedErrorShare = share
		}
		n := len(out)
		if n == 0 || out[n-1].Modality != m.Modality || out[n-1].DeviceClass != m.DeviceClass || out[n-1].Phrase != m.Phrase {
			out = append(out, m)
			continue
		}
		m.Mixed, m.Drifts = m.Mixed || out[n-1].Mixed, m.Drifts || out[n-1].Drifts
		if better := out[n-1]; better.Maturity > m.Maturity || better.Maturity == m.Maturity && !lessError(m, better) {
			m.Maturity, m.ExpectedErrorShare = better.Maturity, better.ExpectedErrorShare
		}
		out[n-1] = m
	}
	return out
}

// lessError reports whether a is expected to err less than b.
func lessError(a, b ingest.ReferenceMaturity) bool {
	return a.ExpectedErrorShare > 0 && (b.ExpectedErrorShare == 0 || a.ExpectedErrorShare < b.ExpectedErrorShare)
}

// after gives the session once a receipt's envelope is folded in, or as it is when that takes longer than a bound.
func (f *fold) after(ctx context.Context, session string, r ingest.Receipt, within time.Duration) (view, error) {
	waiting, cancel := context.WithTimeout(ctx, max(within, f.patience))
	defer cancel()
	f.partitions[bus.PartitionOf(r.Subject)].wait(waiting, r.Sequence)
	return f.find(ctx, session)
}

// observe runs the assessor. One message that makes it panic must not stop everybody else's: it is passed over.
func (f *fold) observe(s Session, refs References, obs []observation.Observation, atMS int64) (after Session, learnt References, changes []Change) {
	defer func() {
		if r := recover(); r != nil {
			f.logger.Error("observations could not be folded in and are passed over", "panic", fmt.Sprint(r))
			f.meter.passedOver.Inc()
			after, learnt, changes = s, refs, nil
			after.LastSequence = max(s.LastSequence, obs[len(obs)-1].Sequence)
		}
	}()
	return f.assess.Observe(s, refs, obs, atMS)
}

func decodeSession(row store.Session) (live, error) {
	l := live{deviceClass: row.DeviceClass}
	if err := json.Unmarshal(row.Summary, &l.Session); err != nil {
		return live{}, fmt.Errorf("app: read a session: %w", err)
	}
	return l, nil
}

// encodeSession gives the row of a session.
func encodeSession(s Session, deviceClass string) (store.Session, error) {
	summary, err := json.Marshal(s)
	if err != nil {
		return store.Session{}, fmt.Errorf("app: encode a session: %w", err)
	}
	return store.Session{
		ID: s.ID, Subject: s.Subject, DeviceClass: deviceClass, OpenedAt: time.UnixMilli(s.OpenedAtMS), Closed: s.Closed,
		Trust: s.Trust.Trust(), Level: string(s.Decision.Level), Answer: string(s.Decision.Answer), Summary: summary,
	}, nil
}
