package enrol

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/observation"
)

// count is a comparator that only counts.
type count struct{}

func (count) Enrol(r compare.Reference, p compare.Probe) (compare.Reference, error) {
	sum := append([]float64{}, r.Sum...)
	if len(sum) == 0 {
		sum = []float64{0}
	}
	sum[0] += float64(p.Embedding[0])
	return compare.Reference{Sum: sum, Weight: r.Weight + 1}, nil
}

func (count) Compare(compare.Reference, ...compare.Probe) (float64, error) { return 0, nil }

var key = Key{Modality: observation.Keyboard, DeviceClass: observation.Desktop, Model: "m"}

func seen(value int8, features ...float64) observation.Observation {
	all := make([]float64, len(feature.KeyboardList.Features))
	copy(all, features)
	return observation.Observation{Embedding: observation.Embedding{value}, Events: 30, FeatureList: feature.KeyboardList.Name, Features: all}
}

func TestReferencesRipen(t *testing.T) {
	var r Reference
	var err error
	for i := range KeyboardMature {
		if r.Mature() {
			t.Fatalf("mature after %d windows, want %d", i, KeyboardMature)
		}
		if r, err = Take(count{}, r, key, seen(1, 100)); err != nil {
			t.Fatal(err)
		}
	}
	if !r.Mature() || r.Maturity() != 1 || r.Version != KeyboardMature || r.Key != key {
		t.Errorf("after %d windows: maturity %g, version %d, key %+v", KeyboardMature, r.Maturity(), r.Version, r.Key)
	}
}

func TestPhrasesRipenEachForItself(t *testing.T) {
	phrase := Key{Modality: observation.Phrase, DeviceClass: observation.Desktop, Model: "timings-1", Phrase: 7}
	var r Reference
	for i := range PhraseMature {
		if r.Mature() {
			t.Fatalf("mature after %d typings, want %d", i, PhraseMature)
		}
		r, _ = Take(count{}, r, phrase, seen(1))
	}
	for range phraseGuard + 1 {
		r, _ = Offer(count{}, r, phrase, seen(1), 1)
	}
	if !r.Mature() || r.Version != PhraseMature+1 || len(r.Pending) != phraseGuard {
		t.Errorf("mature: %v, version %d, %d waiting; want the one that was offered taken in at once", r.Mature(), r.Version, len(r.Pending))
	}
	other := phrase
	other.Phrase = 8
	if phrase.Variant() == other.Variant() || key.Variant() != "m" {
		t.Errorf("variants %q, %q and %q; want two phrases apart and a window's model alone", phrase.Variant(), other.Variant(), key.Variant())
	}
}

func TestATypingMustFitWellToBeTakenIn(t *testing.T) {
	phrase := Key{Modality: observation.Phrase}
	for score, want := range map[float64]bool{-3: false, 0: false, 1.4: false, 1.5: true, 9: true} {
		if got := phrase.Admits(score); got != want {
			t.Errorf("a typing that scores %g is admitted: %v, want %v", score, got, want)
		}
		if !key.Admits(score) {
			t.Errorf("a window that scores %g is kept out of a trusted session's reference", score)
		}
	}
}

func TestTrustedObservationsWaitForThoseThatFollow(t *testing.T) {
	var r Reference
	for i := range guard {
		r, _ = Offer(count{}, r, key, seen(int8(i+1)), 1)
		if r.Version != 0 {
			t.Fatalf("an observation was taken in after %d others, want after %d", i, guard)
		}
	}
	r, _ = Offer(count{}, r, key, seen(99), 1)
	if r.Version != 1 || r.Comparison.Sum[0] != 1 || len(r.Pending) != guard {
		t.Errorf("version %d, sum %v, %d waiting; want the first taken in and %d waiting", r.Version, r.Comparison.Sum, len(r.Pending), guard)
	}
	if r = Distrust(r); len(r.Pending) != 0 || r.Version != 1 {
		t.Errorf("after distrust %d wait at version %d, want none at 1", len(r.Pending), r.Version)
	}
}

func TestOldBehaviourIsForgotten(t *testing.T) {
	var r Reference
	for range 2 * ForgetBeyond {
		r, _ = Take(count{}, r, key, seen(1))
	}
	if r.Comparison.Weight > ForgetBeyond+1e-9 {
		t.Errorf("the reference weighs %g, want at most %d", r.Comparison.Weight, ForgetBeyond)
	}
}

func TestExplainNamesWhatMovedMost(t *testing.T) {
	var r Reference
	for i := range 20 {
		r, _ = Take(count{}, r, key, seen(0, 100+float64(i%2), 20, 90))
	}
	got := Explain(r, seen(0, 131, 20, 0))
	if len(got) != 1 || got[0].Feature != feature.KeyboardList.Features[0].Name || got[0].Unit != "ms" {
		t.Fatalf("got %+v; want the dwell alone: the spread is as usual and the window holds no space", got)
	}
	if d := got[0]; math.Abs(d.Usual-100.5) > 1e-9 || d.Value != 131 || d.Sigmas < 10 {
		t.Errorf("got %+v; want 131 against a usual 100.5, far out", d)
	}
	if got := Explain(Reference{}, seen(0, 131)); len(got) != 0 {
		t.Errorf("an empty reference explains %+v, want nothing", got)
	}
}

func TestUsualValuesAreTheMeanAndVariance(t *testing.T) {
	var u Usual
	for _, v := range []float64{2, 4, 4, 4, 5, 5, 7, 9} {
		u = u.with(v)
	}
	if u.Mean != 5 || math.Abs(u.M2-32) > 1e-9 || u.Count != 8 {
		t.Errorf("got %+v, want mean 5, squares 32 of 8", u)
	}
}

func TestReferencesRoundTripThroughStorage(t *testing.T) {
	var r Reference
	for i := range 30 {
		r, _ = Offer(count{}, r, key, seen(int8(i), float64(i)), 1)
	}
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Reference
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, back); diff != "" {
		t.Errorf("(-kept +read):\n%s", diff)
	}
}
