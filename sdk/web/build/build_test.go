package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDistIsWhatTheSourcesGive(t *testing.T) {
	if err := run("..", true); err != nil {
		t.Error(err)
	}
}

func TestBundlingTwiceGivesTheSameBytes(t *testing.T) {
	first, err := bundle("..")
	if err != nil {
		t.Fatal(err)
	}
	second, err := bundle("..")
	if err != nil {
		t.Fatal(err)
	}
	for name := range first {
		if !bytes.Equal(first[name], second[name]) {
			t.Errorf("%s differs between two runs", name)
		}
	}
}

func TestBundlesNameNoFolderOfThisMachine(t *testing.T) {
	here, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	outputs, err := bundle("..")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range outputs {
		if bytes.Contains(content, []byte(here)) {
			t.Errorf("%s holds the path %s", name, here)
		}
	}
}

func TestCompareFindsEveryDifference(t *testing.T) {
	outputs := map[string][]byte{"a.js": []byte("1"), "b.js": []byte("2")}
	for name, c := range map[string]struct {
		spoil func(dist string) error
		want  string
	}{
		"equal":   {func(string) error { return nil }, ""},
		"changed": {func(dist string) error { return os.WriteFile(filepath.Join(dist, "b.js"), []byte("3"), 0o600) }, "dist/b.js is not what"},
		"missing": {func(dist string) error { return os.Remove(filepath.Join(dist, "a.js")) }, "a.js"},
		"extra":   {func(dist string) error { return os.WriteFile(filepath.Join(dist, "c.js"), nil, 0o600) }, "dist/c.js comes from no source"},
	} {
		t.Run(name, func(t *testing.T) {
			dist := t.TempDir()
			if err := write(dist, outputs); err != nil {
				t.Fatal(err)
			}
			if err := c.spoil(dist); err != nil {
				t.Fatal(err)
			}
			err := compare(dist, outputs)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("compare = %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestWriteRemovesWhatDoesNotBelong(t *testing.T) {
	dist := t.TempDir()
	if err := os.WriteFile(filepath.Join(dist, "old.js"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := write(dist, map[string][]byte{"new.js": nil}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dist, "old.js")); !os.IsNotExist(err) {
		t.Errorf("old.js is still there (%v)", err)
	}
}
