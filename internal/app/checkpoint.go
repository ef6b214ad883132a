package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"ipse.dev/ipse/internal/bus"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/review"
	"ipse.dev/ipse/internal/store"
)

// checkpoint keeps, in one transaction, everything that changed since the last one, and the stream sequence up to which
// it is folded. So after a crash each message counts exactly once: either its effect is kept, or it is folded again.
func (p *partition) checkpoint(ctx context.Context) error {
	if p.applied <= p.stored {
		return nil
	}
	begun := time.Now()
	batch := store.Batch{Partition: p.number, Previous: p.stored, Applied: p.applied, Cases: p.cases, Deliveries: p.deliveries, Days: p.tally.days()}
	for id := range p.dirtySessions {
		l := p.sessions[id]
		row, err := encodeSession(l.Session, l.deviceClass)
		if err != nil { // a figure that JSON does not have; one session must not stop the others
			p.logger.Error("a session cannot be kept", "error", err)
			p.meter.passedOver.Inc()
			continue
		}
		batch.Sessions = append(batch.Sessions, row)
	}
	for subject := range p.dirtySubjects {
		rows, err := encodeReferences(subject, p.references[subject])
		if err != nil {
			p.logger.Error("a subject's references cannot be kept", "error", err)
			p.meter.passedOver.Inc()
			continue
		}
		batch.References = append(batch.References, rows...)
	}
	for subject := range p.dirtyPasts {
		row, err := encodePast(subject, p.pasts[subject])
		if err != nil {
			p.logger.Error("what a subject has sent cannot be kept", "error", err)
			p.meter.passedOver.Inc()
			continue
		}
		batch.Histories = append(batch.Histories, row)
	}
	if err := p.store.Apply(ctx, batch); err != nil {
		return err
	}
	p.meter.checkpointSeconds.Observe(time.Since(begun).Seconds())
	p.kept(batch)
	return nil
}

// kept notes that a batch is in the store, and tells who wants to know.
func (p *partition) kept(batch store.Batch) {
	p.mu.Lock()
	p.stored, p.messages = batch.Applied, 0
	p.mu.Unlock()
	clear(p.dirtySessions)
	clear(p.dirtySubjects)
	clear(p.dirtyPasts)
	p.cases, p.deliveries = nil, nil
	p.tally.kept()
	for _, s := range batch.Sessions {
		p.changes.tell(s.ID)
	}
	for _, c := range batch.Cases {
		p.changes.tell(c.ID)
	}
	if len(batch.Deliveries) > 0 {
		p.deliver()
	}
}

// storedThrough is the checkpoint.
func (p *partition) storedThrough() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stored
}

// erase removes everything of a subject. It may be called again when it failed half way: the request stays in the stream
// until everything else is gone.
func (p *partition) erase(ctx context.Context, m bus.Message) error {
	if err := p.checkpoint(ctx); err != nil {
		return err
	}
	rows, err := p.store.SubjectSessions(ctx, m.Subject)
	if err != nil {
		return err
	}
	sessions := slices.Clone(m.Sessions)
	for _, row := range rows {
		sessions = append(sessions, row.ID)
	}
	slices.Sort(sessions)
	sessions = slices.Compact(sessions)
	for _, id := range sessions {
		p.bar(id)
		if err := p.bus.Erase(ctx, m.Subject, id); err != nil {
			return err
		}
	}
	if p.stored < m.Sequence {
		if err := p.store.Erase(ctx, m.Subject, store.Batch{Partition: p.number, Previous: p.stored, Applied: m.Sequence}); err != nil {
			return err
		}
	}
	p.mu.Lock()
	p.stored = m.Sequence
	delete(p.references, m.Subject)
	delete(p.pasts, m.Subject)
	for _, id := range sessions {
		delete(p.sessions, id)
	}
	p.mu.Unlock()
	for _, id := range sessions {
		p.changes.tell(id)
	}
	return p.bus.EraseErasures(ctx, p.number, m.Sequence)
}

func encodeReferences(subject string, refs References) ([]store.Reference, error) {
	var rows []store.Reference
	for key, r := range refs {
		if r.Key != key { // a place that holds nothing yet
			continue
		}
		body, err := json.Marshal(r)
		if err != nil {
			return nil, fmt.Errorf("app: encode a reference: %w", err)
		}
		rows = append(rows, store.Reference{
			Subject: subject, Modality: string(key.Modality), DeviceClass: string(key.DeviceClass), Model: key.Variant(),
			Version: r.Version, Maturity: r.Maturity(), Body: body,
		})
	}
	return rows, nil
}

// newCase gives the row of a case. Its identifier follows from the message, so that folding again opens no second one.
func newCase(s Session, c Change, sequence uint64, shadow bool) (store.Case, error) {
	at := time.UnixMilli(c.AtMS).UTC()
	value := review.Case{
		ID: derived("case", s.ID, strconv.FormatUint(sequence, 10)), Session: s.ID, Subject: s.Subject, OpenedAt: at,
		Level: c.To, Trust: s.Trust.Trust(), Reasons: c.Reasons, Evidence: s.Evidence,
		Shadow: shadow,
	}
	body, err := json.Marshal(value)
	if err != nil {
		return store.Case{}, fmt.Errorf("app: encode a case: %w", err)
	}
	row := store.Case{ID: value.ID, Session: s.ID, Subject: s.Subject, OpenedAt: at, Body: body}
	if len(c.Reasons) > 0 {
		row.Cause = string(c.Reasons[0])
	}
	return row, nil
}

// decodeCase gives the case of a row.
func decodeCase(row store.Case) (review.Case, error) {
	var c review.Case
	if err := json.Unmarshal(row.Body, &c); err != nil {
		return c, fmt.Errorf("app: read a case: %w", err)
	}
	c.Verdict, c.DecidedAt = review.Verdict(row.Verdict), row.DecidedAt
	return c, nil
}

// RiskLevelChanged is what a webhook is told.
type RiskLevelChanged struct {
	Type              string              `json:"type" enum:"risk-level-changed"`
	Session           string              `json:"session" doc:"The session's identifier."`
	Subject           string              `json:"subject" doc:"The user's pseudonym."`
	RiskLevel         policy.Level        `json:"riskLevel" enum:"LOW,MEDIUM,HIGH"`
	PreviousRiskLevel policy.Level        `json:"previousRiskLevel" enum:"LOW,MEDIUM,HIGH"`
	Reasons           []policy.ReasonCode `json:"reasons" doc:"Why the level holds."`
	At                time.Time           `json:"at" doc:"When the server received what changed the level."`
}

// newDelivery gives the row of a change that a webhook must be told. Its identifier follows from the message, so that
// the receiver can tell a repetition.
func newDelivery(c Change, sequence uint64, index int) (store.Delivery, error) {
	at := time.UnixMilli(c.AtMS).UTC()
	body, err := json.Marshal(RiskLevelChanged{
		Type: "risk-level-changed", Session: c.Session, Subject: c.Subject, RiskLevel: c.To, PreviousRiskLevel: c.From,
		Reasons: orEmpty(c.Reasons), At: at,
	})
	if err != nil {
		return store.Delivery{}, fmt.Errorf("app: encode a change of level: %w", err)
	}
	id := "msg_" + derived("delivery", c.Session, strconv.FormatUint(sequence, 10), strconv.Itoa(index))
	return store.Delivery{ID: id, Session: c.Session, Subject: c.Subject, CreatedAt: at, Body: body}, nil
}

// orEmpty makes nil an empty list, for JSON.
func orEmpty[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}
