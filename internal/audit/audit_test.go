package audit

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func write(t *testing.T, path string, objects ...string) {
	t.Helper()
	l, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		if err := l.Append(Entry{At: time.Unix(1, 0), Actor: "console", Action: "verdict", Object: o, Detail: "impostor"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestGrowsOverReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	write(t, path, "a", "b")
	write(t, path, "c")
	l, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if n, hash := l.Head(); n != 3 || len(hash) != 64 {
		t.Errorf("head: got %d %q, want 3 and a SHA-256", n, hash)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %04o, want 0600", info.Mode().Perm())
	}
}

func TestTamperingBreaksTheChain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	write(t, path, "a", "b", "c")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(raw, []byte("\n"))[:3]
	for name, forged := range map[string][][]byte{
		"changed":  {lines[0], bytes.Replace(lines[1], []byte("impostor"), []byte("right_person"), 1), lines[2]},
		"removed":  {lines[0], lines[2]},
		"swapped":  {lines[1], lines[0], lines[2]},
		"repeated": {lines[0], lines[0], lines[1], lines[2]},
		"not JSON": {lines[0], []byte("hello\n"), lines[2]},
		"extended": {lines[0], bytes.Replace(lines[1], []byte("{"), []byte(`{"more":1,`), 1), lines[2]},
	} {
		if _, _, err := Verify(bytes.NewReader(slices.Concat(forged...))); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: got %v, want ErrBroken", name, err)
		}
	}
	if last, size, err := Verify(bytes.NewReader(raw)); err != nil || last.Object != "c" || size != int64(len(raw)) {
		t.Errorf("untouched: got %q, %d bytes, %v; want c, %d bytes", last.Object, size, err, len(raw))
	}
}

func TestTornLastLineIsDropped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	write(t, path, "a", "b")
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"number":3,"at":"20`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, path, "c")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if last, _, err := Verify(bytes.NewReader(raw)); err != nil || last.Object != "c" || strings.Count(string(raw), "\n") != 3 {
		t.Errorf("got %q, %v in %d lines; want c in 3 lines", last.Object, err, strings.Count(string(raw), "\n"))
	}
}
