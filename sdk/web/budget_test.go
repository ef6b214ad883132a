package web

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ipse.dev/ipse/internal/embed"
)

// What a page may have to load, in bytes gzipped: the core with the page; the session's script, the worker and one
// installation's models later.
const (
	coreBudget  = 12_000
	laterBudget = 180_000
)

func gzipped(t *testing.T, content []byte) int {
	t.Helper()
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Len()
}

func TestTheCoreIsSmall(t *testing.T) {
	for _, name := range []string{"ipse.js", "ipse.mjs"} {
		content, err := os.ReadFile(filepath.Join("dist", name))
		if err != nil {
			t.Fatal(err)
		}
		if got := gzipped(t, content); got > coreBudget {
			t.Errorf("%s takes %d bytes gzipped, want %d at most", name, got, coreBudget)
		}
	}
}

// An installation compares by open weights or by those for research, one model a modality.
func TestWhatIsLoadedLaterIsSmall(t *testing.T) {
	scripts := 0
	for _, name := range []string{"ipse-session.mjs", "ipse-worker.js"} {
		content, err := os.ReadFile(filepath.Join("dist", name))
		if err != nil {
			t.Fatal(err)
		}
		scripts += gzipped(t, content)
	}
	files := embed.NetworkFiles()
	names, err := fs.Glob(files, "*.net")
	if err != nil {
		t.Fatal(err)
	}
	sizes := map[bool]int{false: scripts, true: scripts}
	for _, name := range names {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		sizes[embed.Research(strings.TrimSuffix(name, ".net"))] += gzipped(t, content)
	}
	for research, got := range sizes {
		if got > laterBudget || got < 50<<10 {
			t.Errorf("the session's script, the worker and the models (for research: %v) take %d bytes gzipped, want %d at most, and models among them", research, got, laterBudget)
		}
	}
}
