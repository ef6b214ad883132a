package app

import (
	"context"
	"log/slog"
	"time"

	"ipse.dev/ipse/internal/budget"
	"ipse.dev/ipse/internal/bus"
	"ipse.dev/ipse/internal/ingest"
	"ipse.dev/ipse/internal/store"
)

// keepSessions is how long a closed session's summary stays, with its cases.
const keepSessions = 90 * 24 * time.Hour

// janitorStore is what the janitor needs of a store.
type janitorStore interface {
	OverdueSessions(ctx context.Context, openedBefore time.Time, limit int) ([]store.Session, error)
	ForgetSessions(ctx context.Context, openedBefore time.Time) error
	SealDays(ctx context.Context, before int64, enough int, within int64) error
	ForgetDays(ctx context.Context, before int64) error
}

// janitor keeps what is stored within its bounds.
type janitor struct {
	store     janitorStore
	bus       *bus.Bus
	fold      *fold
	gate      *ingest.Gate
	meter     *metrics
	logger    *slog.Logger
	retention time.Duration // of applied messages in the stream
	account   *account
	full      chan struct{} // hears that the stream has no room
}

const (
	tidyEvery   = time.Minute
	crowdedFrom = 0.8 // share of the stream's bound from which applied messages go, however young
	closedAtOne = 100 // overdue sessions closed in one go
)

func (j *janitor) run(ctx context.Context) {
	ticker := time.NewTicker(min(tidyEvery, j.retention))
	defer ticker.Stop()
	for {
		j.tidy(ctx, time.Now())
		select {
		case <-ctx.Done():
			return
		case <-j.full:
		case <-ticker.C:
		}
	}
}

// outOfRoom asks for room at once.
func (j *janitor) outOfRoom() {
	select {
	case j.full <- struct{}{}:
	default:
	}
}

func (j *janitor) tidy(ctx context.Context, now time.Time) {
	for what, err := range map[string]error{
		"the stream could not be trimmed":         j.trim(ctx, now),
		"overdue sessions could not be closed":    j.closeOverdue(ctx, now),
		"old sessions could not be forgotten":     j.store.ForgetSessions(ctx, now.Add(-keepSessions)),
		"the stream's state could not be counted": j.measure(ctx, now),
		"the sums of days could not be sealed":    j.seal(ctx, now),
	} {
		if err != nil && ctx.Err() == nil {
			j.logger.Error(what, "error", err)
		}
	}
}

// trim removes what is applied and older than the retention; when the stream is crowded, all that is applied.
func (j *janitor) trim(ctx context.Context, now time.Time) error {
	usage, err := j.bus.Usage(ctx)
	if err != nil {
		return err
	}
	before := now.Add(-j.retention)
	if float64(usage.Bytes) > crowdedFrom*float64(usage.MaxBytes) {
		before = now.Add(time.Hour)
	}
	for n, p := range j.fold.partitions {
		if err := j.bus.Trim(ctx, n, p.storedThrough(), before); err != nil {
			return err
		}
	}
	return nil
}

// closeOverdue ends sessions that have lived as long as one may.
func (j *janitor) closeOverdue(ctx context.Context, now time.Time) error {
	rows, err := j.store.OverdueSessions(ctx, now.Add(-ingest.SessionLifetime), closedAtOne)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if _, err := j.gate.Close(ctx, row.ID); err != nil {
			return err
		}
	}
	return nil
}

// seal ends the days that are over: those of enough people stand alone from then on. Then it tells what they say.
func (j *janitor) seal(ctx context.Context, now time.Time) error {
	today := now.UnixMilli() / dayMS
	if err := j.store.SealDays(ctx, today, budget.Enough, factDays); err != nil {
		return err
	}
	if err := j.store.ForgetDays(ctx, today-daysKept); err != nil {
		return err
	}
	s, err := j.account.state(ctx, now)
	if err != nil {
		return err
	}
	j.meter.state(s)
	return nil
}

func (j *janitor) measure(ctx context.Context, now time.Time) error {
	usage, err := j.bus.Usage(ctx)
	if err != nil {
		return err
	}
	behind, _ := j.fold.lag(now)
	j.meter.streamBytes.Set(float64(usage.Bytes))
	j.meter.behindSeconds.Set(behind.Seconds())
	return nil
}
