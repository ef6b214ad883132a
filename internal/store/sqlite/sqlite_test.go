package sqlite

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"ipse.dev/ipse/internal/store"
	"ipse.dev/ipse/internal/store/storetest"
)

func open(t *testing.T) *DB {
	t.Helper()
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "with ? and %.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store { return open(t) })
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), filepath.Join(dir, "ipse.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 2 {
		t.Fatalf("got %d files, %v; want the database and its log", len(entries), err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v; want 0600", e.Name(), info.Mode(), err)
		}
	}
}

func TestPragmas(t *testing.T) {
	db := open(t)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1"} {
		var got string
		if err := db.write.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", pragma, got, err, want)
		}
	}
	if _, err := db.read.ExecContext(t.Context(), "DELETE FROM subjects"); err == nil {
		t.Error("a reader may write, want an error")
	}
}

// allowed are the columns that may exist, by table: a new column is a decision about what is kept of people, and is made
// here.
var allowed = map[string]string{
	"subjects":    "pseudonym sealed_id",
	"sessions":    "id subject device_class opened_at_ms closed trust level answer summary",
	"histories":   "subject body",
	"references_": "subject modality device_class model version maturity body",
	"cases":       "id session subject opened_at_ms body verdict decided_at_ms cause",
	"deliveries":  "position id session subject created_at_ms body",
	"checkpoints": "stream_partition applied",
	"api_keys":    "sha256 created_at_ms",

	// Sums over everybody; none is of a person. A day stands alone only when twenty people are in it.
	"budget_days":  "day since input_ms shadow_ms alerts shadow_alerts injected threshold shift mixed crowd",
	"budget_peaks": "day bin cut n",
	"budget_marks": "day mark",
}

// forbidden matches names of columns that could hold what was typed, where, by whom, or how much.
var forbidden = regexp.MustCompile(`(?i)text|key|char|word|url|title|clip|screen|name|mail|user|count|total|minutes|active|idle|presence|productiv|address|_ip|agent`)

func TestSchemaHoldsNothingToSpyWith(t *testing.T) {
	db := open(t)
	rows, err := db.read.QueryContext(t.Context(), `SELECT m.name, p.name FROM sqlite_master m, pragma_table_info(m.name) p
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%' ORDER BY m.name, p.cid`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	got := map[string]string{}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		if forbidden.MatchString(column) {
			t.Errorf("column %s.%s has a name that could hold text, keys or activity", table, column)
		}
		if got[table] != "" {
			column = " " + column
		}
		got[table] += column
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for table, columns := range got {
		if columns != allowed[table] {
			t.Errorf("table %s: got columns %q, want %q", table, columns, allowed[table])
		}
	}
	if len(got) != len(allowed) {
		t.Errorf("got %d tables, want %d", len(got), len(allowed))
	}
}

func TestErasureLeavesNoBytesBehind(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), filepath.Join(dir, "ipse.db"))
	if err != nil {
		t.Fatal(err)
	}
	const marked = "pseudonym-to-be-erased"
	for i := range 20 {
		s := store.Session{ID: string(rune('a' + i)), Subject: marked, OpenedAt: time.Now(), Summary: bytes.Repeat([]byte(marked), 300)}
		if err := db.OpenSession(t.Context(), store.Subject{Pseudonym: marked, SealedID: []byte("x")}, s); err != nil {
			t.Fatal(err)
		}
	}
	if !holds(t, dir, marked) {
		t.Fatal("the files do not hold the mark before erasure: the test looks at the wrong place")
	}
	if err := db.Erase(context.Background(), marked, store.Batch{Applied: 1}); err != nil {
		t.Fatal(err)
	}
	if holds(t, dir, marked) {
		t.Error("the files still hold the mark while the store is open")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if holds(t, dir, marked) {
		t.Error("the files still hold the mark")
	}
}

func holds(t *testing.T, dir, needle string) bool {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte(needle)) {
			return true
		}
	}
	return false
}
