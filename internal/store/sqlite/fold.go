package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"ipse.dev/ipse/internal/store"
)

// Checkpoint gives the stream sequence of the last message of a partition that is folded in, 0 when none is.
func (db *DB) Checkpoint(ctx context.Context, partition int) (uint64, error) {
	applied, err := one(query(ctx, db.read, "read a checkpoint", func(r *sql.Rows) (applied int64, err error) {
		return applied, r.Scan(&applied)
	}, `SELECT applied FROM checkpoints WHERE stream_partition = ?`, partition))
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	return uint64(applied), err
}

// moveCheckpoint is a compare-and-set: whoever read another checkpoint than the one that is there has been overtaken.
func moveCheckpoint(ctx context.Context, tx *sql.Tx, b store.Batch) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO checkpoints (stream_partition, applied) VALUES (?, 0) ON CONFLICT DO NOTHING`, b.Partition); err != nil {
		return err
	}
	r, err := tx.ExecContext(ctx, `UPDATE checkpoints SET applied = ? WHERE stream_partition = ? AND applied = ?`, int64(b.Applied), b.Partition, int64(b.Previous))
	return affected(r, err, store.ErrFenced)
}

// Apply keeps a batch and moves its partition's checkpoint, in one transaction. It answers store.ErrFenced, and keeps
// nothing, when the checkpoint is not where the batch began. Sessions that are not there are passed over, with all that
// belongs to them: they were erased.
func (db *DB) Apply(ctx context.Context, b store.Batch) error {
	return db.transact(ctx, "apply a batch", func(tx *sql.Tx) error {
		if err := moveCheckpoint(ctx, tx, b); err != nil {
			return err
		}
		for _, s := range b.Sessions {
			if _, err := tx.ExecContext(ctx, `UPDATE sessions SET closed = ?, trust = ?, level = ?, answer = ?, summary = ? WHERE id = ?`,
				s.Closed, s.Trust, s.Level, s.Answer, s.Summary, s.ID); err != nil {
				return err
			}
		}
		for _, f := range b.References {
			if _, err := tx.ExecContext(ctx, `INSERT INTO references_ (subject, modality, device_class, model, version, maturity, body)
				SELECT ?, ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM subjects WHERE pseudonym = ?)
				ON CONFLICT (subject, modality, device_class, model) DO UPDATE SET version = excluded.version, maturity = excluded.maturity, body = excluded.body`,
				f.Subject, f.Modality, f.DeviceClass, f.Model, f.Version, f.Maturity, f.Body, f.Subject); err != nil {
				return err
			}
		}
		for _, h := range b.Histories {
			if _, err := tx.ExecContext(ctx, `INSERT INTO histories (subject, body)
				SELECT ?, ? WHERE EXISTS (SELECT 1 FROM subjects WHERE pseudonym = ?)
				ON CONFLICT (subject) DO UPDATE SET body = excluded.body`, h.Subject, h.Body, h.Subject); err != nil {
				return err
			}
		}
		if err := addDays(ctx, tx, b.Days); err != nil {
			return err
		}
		return insertConsequences(ctx, tx, b)
	})
}

func insertConsequences(ctx context.Context, tx *sql.Tx, b store.Batch) error {
	for _, c := range b.Cases {
		if _, err := tx.ExecContext(ctx, `INSERT INTO cases (id, session, subject, opened_at_ms, cause, body)
			SELECT ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM sessions WHERE id = ?) ON CONFLICT (id) DO NOTHING`,
			c.ID, c.Session, c.Subject, toMS(c.OpenedAt), c.Cause, c.Body, c.Session); err != nil {
			return err
		}
	}
	for _, d := range b.Deliveries {
		if _, err := tx.ExecContext(ctx, `INSERT INTO deliveries (id, session, subject, created_at_ms, body)
			SELECT ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM sessions WHERE id = ?) ON CONFLICT (id) DO NOTHING`,
			d.ID, d.Session, d.Subject, toMS(d.CreatedAt), d.Body, d.Session); err != nil {
			return err
		}
	}
	return nil
}

const caseColumns = `id, session, subject, opened_at_ms, cause, body, verdict, decided_at_ms`

func scanCase(r *sql.Rows) (c store.Case, err error) {
	var opened, decided int64
	err = r.Scan(&c.ID, &c.Session, &c.Subject, &opened, &c.Cause, &c.Body, &c.Verdict, &decided)
	c.OpenedAt, c.DecidedAt = fromMS(opened), fromMS(decided)
	return c, err
}

// Cases lists cases, the newest first.
func (db *DB) Cases(ctx context.Context, limit int) ([]store.Case, error) {
	return query(ctx, db.read, "list cases", scanCase, `SELECT `+caseColumns+` FROM cases ORDER BY opened_at_ms DESC, id LIMIT ?`, limit)
}

// SessionCases lists the cases of one session, the newest first.
func (db *DB) SessionCases(ctx context.Context, session string) ([]store.Case, error) {
	return query(ctx, db.read, "list a session's cases", scanCase, `SELECT `+caseColumns+` FROM cases WHERE session = ? ORDER BY opened_at_ms DESC, id`, session)
}

// Case finds a case, or store.ErrNotFound.
func (db *DB) Case(ctx context.Context, id string) (store.Case, error) {
	return one(query(ctx, db.read, "read a case", scanCase, `SELECT `+caseColumns+` FROM cases WHERE id = ?`, id))
}

// Decide keeps a verdict, in place of an earlier one. It answers store.ErrNotFound for a case that is not there.
func (db *DB) Decide(ctx context.Context, id, verdict string, at time.Time) error {
	return db.transact(ctx, "keep a verdict", func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `UPDATE cases SET verdict = ?, decided_at_ms = ? WHERE id = ?`, verdict, toMS(at), id)
		return affected(r, err, store.ErrNotFound)
	})
}

// NextDeliveries lists the oldest waiting delivery of each session, oldest first.
func (db *DB) NextDeliveries(ctx context.Context, limit int) ([]store.Delivery, error) {
	return query(ctx, db.read, "list deliveries", func(r *sql.Rows) (d store.Delivery, err error) {
		var at int64
		err = r.Scan(&d.ID, &d.Session, &d.Subject, &d.Position, &at, &d.Body)
		d.CreatedAt = fromMS(at)
		return d, err
	}, `SELECT id, session, subject, position, created_at_ms, body FROM deliveries
		WHERE position IN (SELECT min(position) FROM deliveries GROUP BY session) ORDER BY position LIMIT ?`, limit)
}

// DropDelivery removes a delivery that was made or given up.
func (db *DB) DropDelivery(ctx context.Context, id string) error {
	return db.transact(ctx, "drop a delivery", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM deliveries WHERE id = ?`, id)
		return err
	})
}
