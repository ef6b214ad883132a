package presence

import (
	"io/fs"
	"strings"
	"testing"
)

// fileOf gives a file of weights that is part of the program.
func fileOf(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := weightFiles.ReadFile("weights/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

type nobodysWeights struct{}

func (*nobodysWeights) Check() error { return nil }

func TestAFileOfWeightsThatIsMissingIsNamed(t *testing.T) {
	defer func() {
		if said, _ := recover().(string); !strings.Contains(said, "weights/nobodys.json") {
			t.Errorf("said %q, want the name of the file", said)
		}
	}()
	builtIn[nobodysWeights]("nobodys")
}

func TestEveryFileOfWeightsSaysWhatItIsMadeFrom(t *testing.T) {
	files, err := fs.Glob(weightFiles, "weights/*.json")
	if err != nil || len(files) < 6 {
		t.Fatalf("%d files (%v), want six at least", len(files), err)
	}
	for _, name := range files {
		raw, err := weightFiles.ReadFile(name)
		said := false
		for _, field := range []string{`"card"`, `"Card"`, `"sets"`} {
			said = said || strings.Contains(string(raw), field)
		}
		if err != nil || !said {
			t.Errorf("%s has neither a card nor the sets it is counted on (%v)", name, err)
		}
	}
}
