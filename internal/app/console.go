package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ipse.dev/ipse/console"
	"ipse.dev/ipse/internal/audit"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/review"
	"ipse.dev/ipse/internal/store"
)

// consoleStore is what the console's pages need of a store.
type consoleStore interface {
	Sessions(ctx context.Context, limit int) ([]store.Session, error)
	Cases(ctx context.Context, limit int) ([]store.Case, error)
	SessionCases(ctx context.Context, session string) ([]store.Case, error)
	Case(ctx context.Context, id string) (store.Case, error)
	Decide(ctx context.Context, id, verdict string, at time.Time) error
}

// pages tells the console what its pages show. It implements console.Sessions and console.Cases.
type pages struct {
	store consoleStore
	fold  *fold
	audit *audit.Log
	meter *metrics
}

const listedRows = 500

// Sessions lists sessions as they were checkpointed last.
func (p *pages) Sessions(ctx context.Context) ([]console.SessionRow, error) {
	rows, err := p.store.Sessions(ctx, listedRows)
	if err != nil {
		return nil, fmt.Errorf("app: list sessions: %w", err)
	}
	out := make([]console.SessionRow, len(rows))
	for i, row := range rows {
		out[i] = console.SessionRow{
			ID: row.ID, Subject: row.Subject, OpenedAt: row.OpenedAt, Closed: row.Closed, Trust: row.Trust,
			Level: policy.Level(row.Level), Answer: policy.Answer(row.Answer), Learning: row.Learning,
		}
	}
	return out, nil
}

// Session tells of one session as it is now.
func (p *pages) Session(ctx context.Context, id string) (console.SessionDetail, error) {
	v, err := p.fold.find(ctx, id)
	if err != nil {
		return console.SessionDetail{}, notFoundToConsole(err)
	}
	rows, err := p.store.SessionCases(ctx, id)
	if err != nil {
		return console.SessionDetail{}, fmt.Errorf("app: list a session's cases: %w", err)
	}
	cases, err := decodeCases(rows)
	if err != nil {
		return console.SessionDetail{}, err
	}
	d := console.SessionDetail{
		SessionRow: console.SessionRow{
			ID: v.ID, Subject: v.Subject, OpenedAt: time.UnixMilli(v.OpenedAtMS), Closed: v.Closed, Trust: v.Trust.Trust(),
			Level: v.Decision.Level, Answer: v.Decision.Answer, Learning: true,
		},
		Reasons: v.Decision.Reasons, Evidence: v.Evidence, Cases: cases, Thresholds: thresholdsOf(p.fold.assess, v.Session),
	}
	for _, doubt := range doubtsOf(p.fold.assess, v.Session) {
		d.Doubts = append(d.Doubts, console.HandDoubt(doubt))
	}
	for _, point := range v.Path {
		d.Path = append(d.Path, console.PathPoint{
			At: time.UnixMilli(point.AtMS), Trust: point.Trust, Level: point.Level, Modality: point.Modality, Score: point.Score,
			Counted: point.Counted, Reasons: point.Reasons, Event: point.event(),
		})
	}
	for _, r := range p.fold.maturities(v) {
		d.References = append(d.References, console.ReferenceRow{
			Modality: r.Modality, DeviceClass: r.DeviceClass, Phrase: r.Phrase, Maturity: r.Maturity, ExpectedErrorShare: r.ExpectedErrorShare,
			Mixed: r.Mixed, Drifts: r.Drifts, Places: placesOf(v.References, r.Modality, r.DeviceClass, r.Phrase),
		})
	}
	for _, r := range v.References {
		d.Learning = d.Learning && !r.Mature()
	}
	return d, nil
}

// Changes tells which session or case may look different now.
func (p *pages) Changes(ctx context.Context) <-chan string { return p.fold.changes.listen(ctx) }

// Cases lists alarms, the newest first.
func (p *pages) Cases(ctx context.Context) ([]review.Case, error) {
	rows, err := p.store.Cases(ctx, listedRows)
	if err != nil {
		return nil, fmt.Errorf("app: list cases: %w", err)
	}
	return decodeCases(rows)
}

// Case tells of one alarm.
func (p *pages) Case(ctx context.Context, id string) (review.Case, error) {
	row, err := p.store.Case(ctx, id)
	if err != nil {
		return review.Case{}, notFoundToConsole(err)
	}
	return decodeCase(row)
}

// Decide keeps a verdict, after the audit log has it.
func (p *pages) Decide(ctx context.Context, id string, verdict review.Verdict, at time.Time) error {
	if _, err := review.ParseVerdict(string(verdict)); err != nil {
		return err
	}
	if _, err := p.store.Case(ctx, id); err != nil {
		return notFoundToConsole(err)
	}
	if err := p.audit.Append(audit.Entry{At: at, Actor: "console", Action: "verdict", Object: "case:" + id, Detail: string(verdict)}); err != nil {
		return err
	}
	if err := p.store.Decide(ctx, id, string(verdict), at); err != nil {
		return notFoundToConsole(err)
	}
	p.meter.verdicts.WithLabelValues(string(verdict)).Inc()
	p.fold.changes.tell(id)
	return nil
}

func decodeCases(rows []store.Case) ([]review.Case, error) {
	out := make([]review.Case, len(rows))
	for i, row := range rows {
		var err error
		if out[i], err = decodeCase(row); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func notFoundToConsole(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return console.ErrNotFound
	}
	return err
}
