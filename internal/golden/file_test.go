package golden

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// kept gives what the named file of testdata/golden holds, after writing got there if -update is given.
func kept[V any](t *testing.T, name string, got V) (want V) {
	t.Helper()
	file := filepath.Join("..", "..", "testdata", "golden", name+".json")
	if *update {
		raw, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(raw, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run go test ./internal/golden -update", err)
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return want
}
