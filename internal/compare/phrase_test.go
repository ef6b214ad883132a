package compare

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/compare/fixedtext"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/observation"
)

func phraseComparator(t testing.TB) Comparator {
	t.Helper()
	w, err := Load("open")
	if err != nil {
		t.Fatal(err)
	}
	c, err := w.For(observation.Phrase, embed.PhraseModel)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// typings gives n typings of a phrase whose times in ms are around the given ones, each a little off in its own way.
func typings(n int, ms ...float64) []Probe {
	out := make([]Probe, n)
	for i := range out {
		for p, t := range ms {
			off := 1 + 0.08*math.Sin(float64(7*i+3*p))
			out[i].Embedding = append(out[i].Embedding, embed.PhraseTiming(t*off))
		}
	}
	return out
}

var (
	ownMS   = []float64{90, 110, 70, 120, 85, 95, 180, 260, 140, 210, 160}
	otherMS = []float64{130, 80, 120, 70, 140, 60, 320, 120, 260, 110, 400}
)

func TestPhrasesOfTheSubjectScoreAboveOthers(t *testing.T) {
	c := phraseComparator(t)
	r := enrolled(t, c, typings(8, ownMS...))
	own, err1 := c.Compare(r, typings(9, ownMS...)[8])
	other, err2 := c.Compare(r, typings(1, otherMS...)[0])
	if err := errors.Join(err1, err2); err != nil || own < 1 || other > -1 {
		t.Errorf("own %v, another's %v (%v); want one clearly above and the other clearly below 0", own, other, err)
	}
	together, err := c.Compare(r, append(typings(9, ownMS...)[8:], typings(1, otherMS...)...)...)
	if err != nil || math.Abs(together-(own+other)/2) > 1e-9 {
		t.Errorf("both together give %v (%v), want their mean %v", together, err, (own+other)/2)
	}
}

func TestAPhrasesReferenceKeepsTheLastTypings(t *testing.T) {
	c := phraseComparator(t)
	first := enrolled(t, c, typings(3, ownMS...))
	r, err := c.Enrol(first, typings(1, otherMS...)[0])
	if err != nil || len(first.Repetitions) != 3 || len(r.Repetitions) != 4 || r.Weight != 4 {
		t.Errorf("%d typings before and %d after (%v), of weight %g; want 3 and 4", len(first.Repetitions), len(r.Repetitions), err, r.Weight)
	}
	r = enrolled(t, c, append(typings(5, otherMS...), typings(fixedtext.Kept, ownMS...)...))
	if len(r.Repetitions) != fixedtext.Kept || !slices.Equal(r.Repetitions[0], typings(1, ownMS...)[0].Embedding) {
		t.Errorf("%d typings are kept, want the last %d", len(r.Repetitions), fixedtext.Kept)
	}
	raw, err := json.Marshal(r)
	if err != nil || len(raw) > 4000 {
		t.Fatalf("the reference takes %d bytes (%v), want 4,000 at most", len(raw), err)
	}
	var back Reference
	if err := json.Unmarshal(raw, &back); err != nil || len(back.Repetitions) != len(r.Repetitions) {
		t.Errorf("read again it holds %d typings (%v), want %d", len(back.Repetitions), err, len(r.Repetitions))
	}
}

func TestPhrasesThatDoNotFit(t *testing.T) {
	c := phraseComparator(t)
	r := enrolled(t, c, typings(8, ownMS...))
	short := typings(1, ownMS[:9]...)[0]
	_, another := c.Enrol(r, short)
	_, nothing := c.Enrol(r, Probe{})
	_, probe := c.Compare(r, short)
	_, none := c.Compare(r)
	_, empty := c.Compare(Reference{}, short)
	for name, tt := range map[string]struct{ got, want error }{
		"enrol another length": {another, ErrDimension}, "enrol nothing": {nothing, ErrDimension}, "probe of another length": {probe, ErrDimension},
		"no probe": {none, ErrNoProbe}, "empty reference": {empty, ErrEmpty},
	} {
		if !errors.Is(tt.got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, tt.got, tt.want)
		}
	}
	w, err := Load("open")
	if err != nil {
		t.Fatal(err)
	}
	for _, model := range []string{"", embed.Model, "timings-2"} {
		if _, err := w.For(observation.Phrase, model); !errors.Is(err, ErrUnknownModel) {
			t.Errorf("model %q for phrases: %v, want ErrUnknownModel", model, err)
		}
	}
	if _, err := w.For(observation.Keyboard, embed.PhraseModel); !errors.Is(err, ErrUnknownModel) {
		t.Errorf("the phrases' model for windows: %v, want ErrUnknownModel", err)
	}
}

func TestScoresOfPhrasesAreFiniteAndBounded(t *testing.T) {
	c := phraseComparator(t)
	timings := rapid.SliceOfN(rapid.Int8(), 127, 127)
	rapid.Check(t, func(t *rapid.T) {
		var r Reference
		var err error
		for range rapid.IntRange(1, 70).Draw(t, "enrolled") {
			if r, err = c.Enrol(r, Probe{Embedding: timings.Draw(t, "own")}); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := c.Compare(r, Probe{Embedding: timings.Draw(t, "probe")}); err != nil || math.IsNaN(got) || math.Abs(got) > 20 {
			t.Fatalf("got %v (%v), want a finite score within 20", got, err)
		}
	})
}

func TestBuiltInWeightsForPhrasesAreWhole(t *testing.T) {
	w, err := LoadPhrase()
	if err != nil {
		t.Fatal(err)
	}
	if w.Card.Purpose == "" || len(w.Card.Data) == 0 || len(w.Seen) == 0 || len(w.Seen["cmu"]) > 0 {
		t.Errorf("card %+v, seen %d sets; want a card, its people, and none of the CMU set", w.Card, len(w.Seen))
	}
}

func TestDamagedWeightsForPhrasesAreRefused(t *testing.T) {
	for name, change := range map[string][2]string{
		"cut": {`"version"`, ``}, "another version": {`"version": 1`, `"version": 2`}, "another model": {`"timings-1"`, `"timings-2"`},
		"an unknown field": {`"scale"`, `"skale"`}, "no scale": {`"scale": 0`, `"scale": -0`}, "a share of two": {`"odd": 0`, `"odd": 2`},
		"no spread": {`"spread": 0`, `"spread": -0`},
	} {
		raw := strings.Replace(string(phraseFile), change[0], change[1], 1)
		if _, err := parsePhrase([]byte(raw)); raw == string(phraseFile) || !errors.Is(err, ErrWeights) {
			t.Errorf("%s (changed: %v): got %v, want ErrWeights", name, raw != string(phraseFile), err)
		}
	}
}
