package compare

import (
	"encoding/json"
	"errors"
	"testing"

	"ipse.dev/ipse/internal/observation"
)

// A refit under the same model's name must not compare with references that mean something else.
func TestReferencesOfOtherWeightsAreNotRead(t *testing.T) {
	load := func() *TwoCovariance {
		w, err := Load("open")
		if err != nil {
			t.Fatal(err)
		}
		c, err := w.First(observation.Keyboard)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	a, same, other := load(), load(), load()
	other.Projection[0][0] *= 1.0001
	other.space = spaceOf(other.Mean, other.Projection)
	probe := Probe{Embedding: make(observation.Embedding, len(a.Mean)), Events: 60}
	ref, err := a.Enrol(Reference{}, probe)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(ref)
	if err != nil {
		t.Fatal(err)
	}
	var back Reference
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if _, err := same.Compare(back, probe); err != nil || !Readable(same, back) {
		t.Errorf("the same weights: %v, readable %v; want it read", err, Readable(same, back))
	}
	if _, err := other.Compare(back, probe); !errors.Is(err, ErrDimension) || Readable(other, back) {
		t.Errorf("other weights compare: %v, readable %v; want ErrDimension", err, Readable(other, back))
	}
	if _, err := other.Enrol(back, probe); !errors.Is(err, ErrDimension) {
		t.Errorf("other weights enrol: %v, want ErrDimension", err)
	}
	back.Space = "" // as an older version wrote it
	if _, err := other.Compare(back, probe); err != nil || !Readable(other, back) {
		t.Errorf("a reference that does not say where it lies: %v, want it taken", err)
	}
	if !Readable(other, Reference{}) {
		t.Error("a reference that holds nothing is not readable, want it to be")
	}
	short := ref
	short.Sum = short.Sum[1:]
	if Readable(a, short) {
		t.Error("a reference with fewer dimensions is readable, want it not to be")
	}
}
