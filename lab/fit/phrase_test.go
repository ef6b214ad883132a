package fit

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/observation"
)

// passwordFolder writes a set in which each of n people types ten keys thirty times, in a rhythm of their own.
func passwordFolder(t *testing.T, n int) string {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 1))
	type keyEvent struct {
		Code string  `json:"code"`
		Type string  `json:"eventType"`
		Time float64 `json:"time"`
	}
	all := map[string]any{}
	for p := range n {
		tempo := math.Exp(0.3 * random.NormFloat64())
		var interval, dwell [10]float64
		for i := range interval {
			interval[i], dwell[i] = 150*tempo*math.Exp(0.3*random.NormFloat64()), 70*tempo*math.Exp(0.2*random.NormFloat64())
		}
		entries := map[string]any{}
		for r := range 30 {
			typing := map[string]keyEvent{}
			at := 0.0
			for i := range interval {
				code := []string{"KeyA", "KeyP", "Digit1"}[i%3]
				at += interval[i] * math.Exp(0.15*random.NormFloat64())
				typing[fmt.Sprint(2*i)] = keyEvent{code, "KeyDown", math.Round(at)}
				typing[fmt.Sprint(2*i+1)] = keyEvent{code, "KeyUp", math.Round(at + math.Min(100, dwell[i]*math.Exp(0.1*random.NormFloat64())))}
				at = math.Max(at, typing[fmt.Sprint(2*i+1)].Time)
			}
			entries[fmt.Sprint(r)] = map[string]any{"grabbedData": map[string]any{"time": r, "typingData": typing}}
		}
		all[fmt.Sprintf("p%d", p)] = entries
	}
	raw, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Long_Keyboard_Raw_Dataset.json.gz"), packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestPhraseWeights(t *testing.T) {
	dir := passwordFolder(t, 30)
	w, err := Phrase(io.Discard, dir, "none")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Typing.Validate(); err != nil {
		t.Error(err)
	}
	if d := w.Typing.Dwell; d.Spread < 0.05 || d.Spread > 0.2 || d.Width < d.Spread || w.Scale <= 0 {
		t.Errorf("got %+v with scale %g; want a spread of about a tenth, a larger width, a scale above 0", d, w.Scale)
	}
	for _, id := range w.Seen["freihaut"] {
		if RoleOf("freihaut", id) == Unseen {
			t.Errorf("%s is unseen and yet in the weights", id)
		}
	}
	again, err := Phrase(io.Discard, dir, "none")
	if err != nil || again.Typing != w.Typing || again.Scale != w.Scale {
		t.Errorf("the same data gave %+v and %+v (%v)", w.Typing, again.Typing, err)
	}
	if _, err := Phrase(io.Discard, passwordFolder(t, 3), "none"); err == nil {
		t.Error("three people gave weights, want an error")
	}
	if _, err := Phrase(io.Discard, t.TempDir(), "none"); err == nil {
		t.Error("an empty folder gave weights, want an error")
	}
}

func TestABackgroundIsCalibratedOnItsOwnPeople(t *testing.T) {
	people, err := passwordTypists(passwordFolder(t, 30))
	if err != nil {
		t.Fatal(err)
	}
	var typed [][]observation.Embedding
	for _, p := range people {
		if len(p.repetitions) != 30 || len(p.repetitions[0]) != embed.PhraseDimension(10) {
			t.Fatalf("%s has %d repetitions, want 30 of ten positions", p.id, len(p.repetitions))
		}
		typed = append(typed, p.repetitions)
	}
	weights, err := compare.LoadPhrase()
	if err != nil {
		t.Fatal(err)
	}
	tested, background := typed[:4], typed[4:]
	c, err := CalibrateBackground(weights, background)
	if err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for i, p := range tested {
		r := compare.Reference{Repetitions: p[:15]}
		for j, other := range tested {
			for _, e := range other[15:] {
				llr, err := c.Compare(r, compare.Probe{Embedding: e})
				if err != nil {
					t.Fatal(err)
				}
				if (llr > 0) != (i == j) {
					wrong++
				}
			}
		}
	}
	if wrong > 12 { // of 240
		t.Errorf("%d of 240 comparisons have the wrong sign, want 12 at most", wrong)
	}
	if c, err := CalibrateBackground(weights, background[:2]); err != nil || c.Background == nil || c.Scale != weights.Scale {
		t.Errorf("two background people: %v, want them taken with the calibration as it was", err)
	}
	if _, err := CalibrateBackground(weights, background[:1]); err == nil {
		t.Error("one background person was taken, want an error")
	}
}
