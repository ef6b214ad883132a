package app

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"ipse.dev/ipse/internal/bus"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/internal/store"
)

const (
	checkpointEvery    = 250 * time.Millisecond
	checkpointMessages = 256
	waitingMessages    = 256              // taken from the stream ahead of the fold
	silentFor          = 15 * time.Minute // after which a session is read from the store again
	retryAtFirst       = 50 * time.Millisecond
	retryAtMost        = 5 * time.Second
	lastCheckpointIn   = 10 * time.Second
)

// partition is one run of the stream and what has been folded of it. Only its worker changes it; the lock lets others
// read. Sessions and references are values: they are put in place whole and never changed where they lie.
type partition struct {
	*fold
	number int
	target uint64 // the stream's end at the start

	mu           sync.Mutex
	sessions     map[string]*live
	references   map[string]References    // by subject
	pasts        map[string]presence.Past // by subject, of those in references
	applied      uint64                   // stream sequence of the last message folded in
	pending      uint64                   // messages behind it
	receivedAtMS int64                    // when it was received
	failing      bool
	progress     chan struct{} // closed, and put anew, when applied grows

	// The worker's own.
	stored        uint64 // the checkpoint
	messages      int    // folded since
	dirtySessions map[string]bool
	dirtySubjects map[string]bool
	dirtyPasts    map[string]bool
	cases         []store.Case
	deliveries    []store.Delivery
	tally         tally
	swept         time.Time
}

// run folds until ctx ends, then keeps what is not yet kept.
func (p *partition) run(ctx context.Context) {
	messages := make(chan bus.Message, waitingMessages)
	var consuming sync.WaitGroup
	consuming.Go(func() {
		p.retry(ctx, "the stream cannot be read", func() error {
			return p.bus.Consume(ctx, p.number, p.position(), func(m bus.Message) {
				select {
				case messages <- m:
				case <-ctx.Done():
				}
			})
		})
	})
	defer consuming.Wait()
	p.foldAll(ctx, messages)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastCheckpointIn)
	defer cancel()
	if err := p.checkpoint(last); err != nil {
		p.logger.Error("the last checkpoint failed; the next start folds again what is missing", "partition", p.number, "error", err)
	}
}

// foldAll folds messages until ctx ends. A message that could not be folded ends it too: what comes after must not be
// folded, or the checkpoint would pass over the one that is missing.
func (p *partition) foldAll(ctx context.Context, messages <-chan bus.Message) {
	ticker := time.NewTicker(p.interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-messages:
			if !p.retry(ctx, "a message cannot be folded", func() error { return p.take(ctx, m) }) {
				return
			}
			if p.messages < checkpointMessages {
				continue
			}
		case <-ticker.C:
			p.forgetSilent(time.Now())
		}
		if !p.retry(ctx, "a checkpoint failed", func() error { return p.checkpoint(ctx) }) {
			return
		}
	}
}

// retry does something until it succeeds, and tells so; it gives up when ctx ends. Another writer on the checkpoint ends
// the server: it must not fold on what is not its own any more.
func (p *partition) retry(ctx context.Context, what string, do func() error) (done bool) {
	pause := retryAtFirst
	for {
		err := do()
		if err == nil {
			p.setFailing(false)
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		if errors.Is(err, store.ErrFenced) {
			select {
			case p.failed <- err:
			default:
			}
			<-ctx.Done()
			return false
		}
		p.setFailing(true)
		p.meter.foldRetries.Inc()
		p.logger.Error(what, "partition", p.number, "error", err, "retry", pause)
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pause):
		}
		pause = min(2*pause, retryAtMost)
	}
}

func (p *partition) setFailing(failing bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failing = failing
}

// take folds one message in. It may be called again with the same message when it failed.
func (p *partition) take(ctx context.Context, m bus.Message) error {
	if m.Sequence <= p.applied {
		return nil
	}
	switch {
	case m.Err != nil:
		p.logger.Error("a message of the stream cannot be read and is passed over", "partition", p.number, "sequence", m.Sequence)
		p.meter.passedOver.Inc()
	case m.Kind == bus.Erased:
		if err := p.erase(ctx, m); err != nil {
			return err
		}
	case m.Kind == bus.Corrected:
		if err := p.correct(ctx, m); err != nil {
			return err
		}
	default:
		if err := p.takeSession(ctx, m); err != nil {
			return err
		}
	}
	p.messages++
	p.meter.folded.Inc()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.applied, p.pending, p.receivedAtMS = m.Sequence, m.Pending, m.ReceivedAtMS
	close(p.progress)
	p.progress = make(chan struct{})
	return nil
}

// takeSession folds a message of one session in. Messages of erased sessions are passed over.
func (p *partition) takeSession(ctx context.Context, m bus.Message) error {
	l, refs, err := p.load(ctx, m.Session)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if m.Sequence <= l.Applied {
		return nil
	}
	past, err := p.loadPast(ctx, l.Subject)
	if err != nil {
		return err
	}
	state, learnt := l.Session, refs
	var changes []Change
	switch m.Kind {
	case bus.Observations:
		if len(m.Observations) > 0 {
			state = p.beginAnewAfterShadow(state, m.ReceivedAtMS)
			state = p.assess.SeeAddress(state, m.Address, m.ReceivedAtMS)
			before := state
			state.Past = past
			state, learnt, changes = p.observe(state, refs, m.Observations, m.ReceivedAtMS)
			p.tally.observed(before, &state, m.Observations, m.ReceivedAtMS)
			p.noteShadow(&state, changes)
			p.dirtySubjects[state.Subject] = true
			if past, state.Past = state.Past, nil; slices.ContainsFunc(m.Observations, remembered) {
				p.dirtyPasts[state.Subject] = true
			}
			if l.ShadowAlarmAtMS > 0 {
				learnt = refs
			}
		}
	case bus.Reauthenticated:
		p.tally.climbed(&state, true, m.ReceivedAtMS)
		state, learnt, changes = p.assess.SignIn(state, refs, SignIn{Method: m.Method, Changed: Changed(m.Changed)}, m.ReceivedAtMS)
		p.dirtySubjects[state.Subject] = true
		state.ShadowAlarmAtMS = 0
	case bus.Happened:
		state, changes = p.assess.Tell(state, m.Context, m.ReceivedAtMS)
		p.noteShadow(&state, changes)
	case bus.Asked:
		state = p.assess.Ask(state, m.Named)
	case bus.Closed:
		p.tally.climbed(&state, true, m.ReceivedAtMS)
		state = p.assess.Close(state, m.ReceivedAtMS)
	}
	state.Applied = m.Sequence
	state.Signer, state.SignedThrough = m.Signer, m.SignedThrough
	p.consequences(&state, changes, m.Sequence)
	p.dirtySessions[state.ID] = true
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sessions[state.ID] = &live{Session: state, deviceClass: l.deviceClass, touched: time.Now()}
	p.references[state.Subject], p.pasts[state.Subject] = learnt, past
	return nil
}

// consequences opens a case where a level became HIGH or a reference drifts, and notes what the application must hear of.
func (p *partition) consequences(s *Session, changes []Change, sequence uint64) {
	for i, c := range changes {
		p.meter.levelChanged(c.To, p.shadow)
		alarm := c.To == policy.High || slices.Contains(c.Reasons, policy.ReferenceDrifts)
		if alarm && s.OpenCase == "" {
			row, err := newCase(*s, c, sequence, p.shadow)
			if err != nil {
				p.logger.Error("a case could not be opened", "error", err)
				continue
			}
			s.OpenCase = row.ID
			p.cases = append(p.cases, row)
			p.tally.alarmed(policy.ReasonCode(row.Cause), c.AtMS)
			p.meter.caseOpened(p.shadow)
		}
		if !alarm {
			s.OpenCase = ""
		}
		if p.webhook && !p.shadow {
			row, err := newDelivery(c, sequence, i)
			if err != nil {
				p.logger.Error("a change of level could not be noted for delivery", "error", err)
				continue
			}
			p.deliveries = append(p.deliveries, row)
		}
	}
}

// load gives a session and its subject's references, from memory or from the store.
func (p *partition) load(ctx context.Context, id string) (*live, References, error) {
	l := p.sessions[id] // the worker alone writes: reading needs no lock
	if l == nil {
		row, err := p.store.Session(ctx, id)
		if err != nil {
			return nil, nil, err
		}
		read, err := decodeSession(row)
		if err != nil {
			return nil, nil, err
		}
		l = &read
	}
	refs, ok := p.references[l.Subject]
	if !ok {
		var err error
		if refs, err = p.loadReferences(ctx, l.Subject); err != nil {
			return nil, nil, err
		}
	}
	return l, refs, nil
}

// peek reads a session that is in memory.
func (p *partition) peek(id string) (view, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.sessions[id]
	if l == nil {
		return view{}, false
	}
	return view{Session: l.Session, References: p.references[l.Subject], DeviceClass: l.deviceClass}, true
}

func (p *partition) position() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.applied
}

// wait returns true when the message of a stream sequence is folded in, false when ctx ends before.
func (p *partition) wait(ctx context.Context, sequence uint64) bool {
	for {
		p.mu.Lock()
		applied, progress := p.applied, p.progress
		p.mu.Unlock()
		if applied >= sequence {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-progress:
		}
	}
}

// forgetSilent drops from memory what is kept and has not been heard of for a while.
func (p *partition) forgetSilent(now time.Time) {
	if now.Sub(p.swept) < time.Minute || len(p.dirtySessions)+len(p.dirtySubjects) > 0 {
		return
	}
	p.swept = now
	p.mu.Lock()
	defer p.mu.Unlock()
	wanted := map[string]bool{}
	for id, l := range p.sessions {
		if l.Closed || now.Sub(l.touched) > silentFor {
			delete(p.sessions, id)
		} else {
			wanted[l.Subject] = true
		}
	}
	for subject := range p.references {
		if !wanted[subject] {
			delete(p.references, subject)
			delete(p.pasts, subject)
		}
	}
}
