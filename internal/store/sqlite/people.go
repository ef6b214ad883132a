package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"ipse.dev/ipse/internal/store"
)

// OpenSession keeps a new session, and its subject if that is new too.
func (db *DB) OpenSession(ctx context.Context, subject store.Subject, s store.Session) error {
	return db.transact(ctx, "open a session", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO subjects (pseudonym, sealed_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, subject.Pseudonym, subject.SealedID)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO sessions (id, subject, device_class, opened_at_ms, closed, trust, level, answer, summary) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			s.ID, s.Subject, s.DeviceClass, toMS(s.OpenedAt), s.Closed, s.Trust, s.Level, s.Answer, s.Summary)
		return err
	})
}

// Subject finds a subject by pseudonym, or store.ErrNotFound.
func (db *DB) Subject(ctx context.Context, pseudonym string) (store.Subject, error) {
	return one(query(ctx, db.read, "read a subject", func(r *sql.Rows) (s store.Subject, err error) {
		return s, r.Scan(&s.Pseudonym, &s.SealedID)
	}, `SELECT pseudonym, sealed_id FROM subjects WHERE pseudonym = ?`, pseudonym))
}

const sessionColumns = `id, subject, device_class, opened_at_ms, closed, trust, level, answer,
	NOT EXISTS (SELECT 1 FROM references_ WHERE references_.subject = sessions.subject AND maturity >= 1)`

func scanSession(s *store.Session, openedAtMS *int64, more ...any) []any {
	return append([]any{&s.ID, &s.Subject, &s.DeviceClass, openedAtMS, &s.Closed, &s.Trust, &s.Level, &s.Answer, &s.Learning}, more...)
}

// Session finds a session, or store.ErrNotFound.
func (db *DB) Session(ctx context.Context, id string) (store.Session, error) {
	return one(query(ctx, db.read, "read a session", func(r *sql.Rows) (s store.Session, err error) {
		var at int64
		err = r.Scan(scanSession(&s, &at, &s.Summary)...)
		s.OpenedAt = fromMS(at)
		return s, err
	}, `SELECT `+sessionColumns+`, summary FROM sessions WHERE id = ?`, id))
}

// Sessions lists sessions without their summaries: open ones first, then the newest first.
func (db *DB) Sessions(ctx context.Context, limit int) ([]store.Session, error) {
	return query(ctx, db.read, "list sessions", scanRow, `SELECT `+sessionColumns+` FROM sessions ORDER BY closed, opened_at_ms DESC, id LIMIT ?`, limit)
}

// OverdueSessions lists open sessions that were opened before a time.
func (db *DB) OverdueSessions(ctx context.Context, openedBefore time.Time, limit int) ([]store.Session, error) {
	return query(ctx, db.read, "list overdue sessions", scanRow, `SELECT `+sessionColumns+` FROM sessions WHERE closed = 0 AND opened_at_ms < ? ORDER BY opened_at_ms LIMIT ?`, toMS(openedBefore), limit)
}

// SubjectSessions lists the sessions of one subject, without their summaries.
func (db *DB) SubjectSessions(ctx context.Context, pseudonym string) ([]store.Session, error) {
	return query(ctx, db.read, "list a subject's sessions", scanRow, `SELECT `+sessionColumns+` FROM sessions WHERE subject = ?`, pseudonym)
}

func scanRow(r *sql.Rows) (s store.Session, err error) {
	var at int64
	err = r.Scan(scanSession(&s, &at)...)
	s.OpenedAt = fromMS(at)
	return s, err
}

// ForgetSessions removes closed sessions that were opened before a time, and their cases.
func (db *DB) ForgetSessions(ctx context.Context, openedBefore time.Time) error {
	return db.transact(ctx, "forget old sessions", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE closed = 1 AND opened_at_ms < ?`, toMS(openedBefore))
		return err
	})
}

// References lists a subject's references.
func (db *DB) References(ctx context.Context, subject string) ([]store.Reference, error) {
	return query(ctx, db.read, "read references", func(r *sql.Rows) (f store.Reference, err error) {
		return f, r.Scan(&f.Subject, &f.Modality, &f.DeviceClass, &f.Model, &f.Version, &f.Maturity, &f.Body)
	}, `SELECT subject, modality, device_class, model, version, maturity, body FROM references_ WHERE subject = ? ORDER BY modality, device_class, model`, subject)
}

// History gives what tells whether a subject's behaviour has been seen before; store.ErrNotFound when nothing does.
func (db *DB) History(ctx context.Context, subject string) (store.History, error) {
	return one(query(ctx, db.read, "read a history", func(r *sql.Rows) (h store.History, err error) {
		return h, r.Scan(&h.Subject, &h.Body)
	}, `SELECT subject, body FROM histories WHERE subject = ?`, subject))
}

// Erase removes everything of a subject in one transaction with the checkpoint, then cuts the write-ahead log so that no
// earlier copy of a page stays behind. An unknown subject only moves the checkpoint.
func (db *DB) Erase(ctx context.Context, pseudonym string, b store.Batch) error {
	err := db.transact(ctx, "erase a subject", func(tx *sql.Tx) error {
		// Sessions, references, histories, cases and deliveries go with their owners by foreign key.
		if _, err := tx.ExecContext(ctx, `DELETE FROM subjects WHERE pseudonym = ?`, pseudonym); err != nil {
			return err
		}
		return moveCheckpoint(ctx, tx, b)
	})
	if err != nil {
		return err
	}
	return db.truncateLog(ctx)
}

func (db *DB) truncateLog(ctx context.Context) error {
	const attempts, pause = 50, 20 * time.Millisecond
	for range attempts {
		var busy, pages, moved int
		err := db.write.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved)
		if err == nil && busy == 0 {
			return nil
		}
		if err != nil && ctx.Err() != nil {
			return err
		}
		time.Sleep(pause) // a reader still looks at an older page
	}
	return errors.New("sqlite: cut the write-ahead log: readers kept it busy")
}

// AddAPIKey keeps the SHA-256 of an API key.
func (db *DB) AddAPIKey(ctx context.Context, sum []byte, at time.Time) error {
	return db.transact(ctx, "keep an API key", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO api_keys (sha256, created_at_ms) VALUES (?, ?) ON CONFLICT DO NOTHING`, sum, toMS(at))
		return err
	})
}

// APIKeys lists the SHA-256 of every API key.
func (db *DB) APIKeys(ctx context.Context) ([][]byte, error) {
	return query(ctx, db.read, "read API keys", func(r *sql.Rows) (sum []byte, err error) {
		return sum, r.Scan(&sum)
	}, `SELECT sha256 FROM api_keys`)
}
