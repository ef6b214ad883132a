// Package sqlite keeps package store's rows in one SQLite file. There is one writer and a few readers; what is deleted is
// overwritten.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"ipse.dev/ipse/internal/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

const readers = 4

// DB is the open store. Its methods are safe for concurrent use.
type DB struct {
	write *sql.DB // one connection: SQLite has one writer anyhow, and waiting here is fair
	read  *sql.DB
}

// Open opens the file, makes it when it does not exist, and brings its tables up to date.
func Open(ctx context.Context, path string) (*DB, error) {
	if err := ownOnly(path); err != nil {
		return nil, err
	}
	write, err := connect(path, "_txlock=immediate")
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	db := &DB{write: write}
	if err := db.migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if db.read, err = connect(path, "_pragma=query_only(1)"); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	db.read.SetMaxOpenConns(readers)
	return db, nil
}

// ownOnly makes the file readable by its owner alone; SQLite gives the files beside it the same mode.
func ownOnly(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		err = errors.Join(file.Chmod(0o600), file.Close())
	}
	if err != nil {
		return fmt.Errorf("sqlite: make the file: %w", err)
	}
	return nil
}

// connect writes through at every commit (synchronous FULL): messages are dropped from the stream because a checkpoint
// says that they are applied, so the checkpoint must not be lost with the power.
func connect(path, more string) (*sql.DB, error) {
	name := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)" +
		"&_pragma=busy_timeout(10000)&_pragma=secure_delete(1)&" + more
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, fmt.Errorf("sqlite: open: %w", err)
	}
	return db, nil
}

func (db *DB) migrate(ctx context.Context) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("sqlite: read the migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db.write, dir)
	if err != nil {
		return fmt.Errorf("sqlite: read the migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("sqlite: bring the tables up to date: %w", err)
	}
	return nil
}

// Close closes the file.
func (db *DB) Close() error {
	var errs []error
	for _, d := range []*sql.DB{db.read, db.write} {
		if d != nil {
			errs = append(errs, d.Close())
		}
	}
	return errors.Join(errs...)
}

// Ping reports whether the store can be read.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	if err := db.read.QueryRowContext(ctx, `SELECT count(*) FROM checkpoints`).Scan(&one); err != nil {
		return fmt.Errorf("sqlite: ping: %w", err)
	}
	return nil
}

// transact runs f in one transaction.
func (db *DB) transact(ctx context.Context, what string, f func(*sql.Tx) error) error {
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("sqlite: %s: %w", what, err)
	}
	defer func() { _ = tx.Rollback() }() // without effect after a commit
	if err := f(tx); err != nil {
		return fmt.Errorf("sqlite: %s: %w", what, err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("sqlite: %s: %w", what, err)
	}
	return nil
}

// query collects the rows of a query.
func query[T any](ctx context.Context, db *sql.DB, what string, scan func(*sql.Rows) (T, error), text string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %s: %w", what, err)
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("sqlite: %s: %w", what, err)
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("sqlite: %s: %w", what, err)
	}
	return all, nil
}

// one gives the only row, or store.ErrNotFound.
func one[T any](all []T, err error) (T, error) {
	var none T
	if err != nil {
		return none, err
	}
	if len(all) == 0 {
		return none, store.ErrNotFound
	}
	return all[0], nil
}

// affected turns "no row changed" into an error.
func affected(r sql.Result, err, none error) error {
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, none)
	}
	return nil
}

func fromMS(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func toMS(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
