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

// What a page may have to load, gzipped: the core with the page, the worker and one installation's models later. The goal
// of the core is 12 KiB; docs/decisions/0022-capture.md says what it would take.
const (
	coreBudget  = 14 << 10
	laterBudget = 180 << 10
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
func TestTheWorkerAndTheModelsAreSmallTogether(t *testing.T) {
	worker, err := os.ReadFile(filepath.Join("dist", "ipse-worker.js"))
	if err != nil {
		t.Fatal(err)
	}
	files := embed.NetworkFiles()
	names, err := fs.Glob(files, "*.net")
	if err != nil {
		t.Fatal(err)
	}
	sizes := map[bool]int{false: gzipped(t, worker), true: gzipped(t, worker)}
	for _, name := range names {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		sizes[embed.Research(strings.TrimSuffix(name, ".net"))] += gzipped(t, content)
	}
	for research, got := range sizes {
		if got > laterBudget || got < 50<<10 {
			t.Errorf("the worker and the models (for research: %v) take %d bytes gzipped, want %d at most, and models among them", research, got, laterBudget)
		}
	}
}
