package compare

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/observation"
)

func comparator(t testing.TB, modality observation.Modality) (Comparator, int) {
	t.Helper()
	w, err := Load("open")
	if err != nil {
		t.Fatal(err)
	}
	c, err := w.For(modality, embed.Model)
	if err != nil {
		t.Fatal(err)
	}
	n, ok := embed.Dimension(modality, embed.Model)
	if !ok {
		t.Fatalf("%s has no dimension", modality)
	}
	return c, n
}

// someone gives probes around a centre of their own.
func someone(seed uint64, dim, n int, spread float64) []Probe {
	r := rand.New(rand.NewPCG(seed, 1))
	centre := make([]float64, dim)
	for d := range centre {
		centre[d] = 25 * r.NormFloat64()
	}
	out := make([]Probe, n)
	for i := range out {
		e := make(observation.Embedding, dim)
		for d := range e {
			e[d] = int8(math.Max(-127, math.Min(127, centre[d]+spread*r.NormFloat64())))
		}
		out[i] = Probe{Embedding: e, Events: 30}
	}
	return out
}

func enrolled(t testing.TB, c Comparator, probes []Probe) Reference {
	t.Helper()
	var r Reference
	var err error
	for _, p := range probes {
		if r, err = c.Enrol(r, p); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func TestBuiltInWeightsTellPeopleApart(t *testing.T) {
	for _, modality := range []observation.Modality{observation.Keyboard, observation.Pointer} {
		c, dim := comparator(t, modality)
		wrong, all := 0, 0
		for person := range uint64(20) {
			probes := someone(person, dim, 20, 10)
			r := enrolled(t, c, probes[:16])
			mated, err := c.Compare(r, probes[17:]...)
			if err != nil {
				t.Fatal(err)
			}
			other, err := c.Compare(r, someone(person+100, dim, 3, 10)...)
			if err != nil {
				t.Fatal(err)
			}
			all++
			if mated <= 0 || other >= 0 {
				wrong++
			}
		}
		if wrong > all/10 {
			t.Errorf("%s: %d of %d made-up people are on the wrong side of zero", modality, wrong, all)
		}
	}
}

func TestScoresAreFiniteForEveryReferenceAndProbe(t *testing.T) {
	c, dim := comparator(t, observation.Keyboard)
	bytes := rapid.SliceOfN(rapid.Int8(), dim, dim)
	rapid.Check(t, func(t *rapid.T) {
		var r Reference
		var err error
		for range rapid.IntRange(1, 40).Draw(t, "windows") {
			p := Probe{Embedding: bytes.Draw(t, "embedding"), Events: rapid.IntRange(-5, 1_000_000).Draw(t, "events")}
			if r, err = c.Enrol(r, p); err != nil {
				t.Fatal(err)
			}
		}
		score, err := c.Compare(r, Probe{Embedding: bytes.Draw(t, "probe"), Events: rapid.IntRange(-5, 1_000_000).Draw(t, "events")})
		if err != nil || math.IsNaN(score) || math.IsInf(score, 0) {
			t.Fatalf("score %g (%v), want a finite one", score, err)
		}
	})
}

func TestEnrolLeavesItsArgumentAsItWas(t *testing.T) {
	c, dim := comparator(t, observation.Keyboard)
	probes := someone(1, dim, 10, 10)
	r := enrolled(t, c, probes[:9])
	before, _ := json.Marshal(r)
	if _, err := c.Enrol(r, probes[9]); err != nil {
		t.Fatal(err)
	}
	if after, _ := json.Marshal(r); string(after) != string(before) {
		t.Errorf("the reference changed from %s to %s", before, after)
	}
}

func TestComparisonsThatCannotBeMade(t *testing.T) {
	c, dim := comparator(t, observation.Keyboard)
	probe := someone(1, dim, 1, 10)[0]
	if _, err := c.Compare(Reference{}, probe); !errors.Is(err, ErrEmpty) {
		t.Errorf("an empty reference gave %v, want ErrEmpty", err)
	}
	short := Probe{Embedding: probe.Embedding[:5], Events: 30}
	if _, err := c.Enrol(Reference{}, short); !errors.Is(err, ErrDimension) {
		t.Errorf("a short embedding gave %v, want ErrDimension", err)
	}
	other := Reference{Sum: []float64{1}, Weight: 1}
	if _, err := c.Compare(other, probe); !errors.Is(err, ErrDimension) {
		t.Errorf("a reference of another shape gave %v, want ErrDimension", err)
	}
	w, _ := Load("open")
	if _, err := w.For(observation.Motion, embed.Model); !errors.Is(err, ErrUnknownModel) {
		t.Errorf("a modality without comparator gave %v, want ErrUnknownModel", err)
	}
	if _, err := w.For(observation.Keyboard, "features-0"); !errors.Is(err, ErrUnknownModel) {
		t.Errorf("an unknown model gave %v, want ErrUnknownModel", err)
	}
}

func TestCardsNameWhatTheWeightsHaveSeen(t *testing.T) {
	for _, name := range []string{"open", "research"} {
		w, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if w.Name != name || w.Card.Purpose == "" || w.Card.Rebuild == "" {
			t.Errorf("%s: name %q, purpose %q, rebuild %q; want all of them", name, w.Name, w.Card.Purpose, w.Card.Rebuild)
		}
		for _, d := range w.Card.Data {
			if d.Terms == "" || d.People == 0 || d.People != len(w.Seen[d.Name]) {
				t.Errorf("%s: the card says %d people of %s (terms %q), the list has %d", name, d.People, d.Name, d.Terms, len(w.Seen[d.Name]))
			}
		}
	}
	open, _ := Load("open")
	for _, d := range open.Card.Data {
		if strings.Contains(d.Terms, "non-commercial") && !d.Facts {
			t.Errorf("the open weights have seen recordings of %s, which are for non-commercial use (%s)", d.Name, d.Terms)
		}
	}
}

func TestPreferringAModelPutsItFirst(t *testing.T) {
	w := &Weights{Name: "made up", Comparators: []*TwoCovariance{
		{Modality: "keyboard", Model: "a"}, {Modality: "keyboard", Model: "b"}, {Modality: "pointer", Model: "c"}, {Modality: "pointer", Model: "b"},
	}}
	for _, c := range []struct {
		models            []string
		keyboard, pointer string
	}{{nil, "a", "c"}, {[]string{"b"}, "b", "b"}, {[]string{"a"}, "a", "c"}} {
		got, err := w.Preferring(c.models...)
		if err != nil {
			t.Fatal(err)
		}
		for modality, want := range map[observation.Modality]string{observation.Keyboard: c.keyboard, observation.Pointer: c.pointer} {
			if first, err := got.First(modality); err != nil || first.Model != want {
				t.Errorf("preferring %v, %s is decided by %+v, %v; want %s", c.models, modality, first, err, want)
			}
		}
		if len(got.Comparators) != 4 || w.Comparators[0].Model != "a" {
			t.Errorf("preferring %v gives %d comparators, and the weights themselves begin with %s; want 4, and no change", c.models, len(got.Comparators), w.Comparators[0].Model)
		}
	}
	if _, err := w.Preferring("b", "d"); !errors.Is(err, ErrWeights) || !strings.Contains(err.Error(), "keyboard a") {
		t.Errorf("a model that is not compared gives %v, want ErrWeights with the models there are", err)
	}
	if _, err := w.First(observation.Touch); !errors.Is(err, ErrUnknownModel) {
		t.Errorf("a modality that is not compared gives %v, want ErrUnknownModel", err)
	}
}

func TestUnusableWeightsAreRefused(t *testing.T) {
	good, err := builtIn.ReadFile("weights/open.json")
	if err != nil {
		t.Fatal(err)
	}
	open, err := Load("open")
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string]string{
		"empty":           "",
		"cut":             string(good[:len(good)/2]),
		"followed":        string(good) + "{}",
		"another version": strings.Replace(string(good), `"version": 1`, `"version": 2`, 1),
		"unknown field":   strings.Replace(string(good), `"version"`, `"verzion"`, 1),
		"wrong shape":     strings.Replace(string(good), `"between": [`, `"between": [1,`, 1),
		"no scale":        strings.Replace(string(good), `"scale"`, `"offset"`, 1),
		"negative":        strings.Replace(string(good), `"between": [`, `"between": [-`, 1),
		"no comparator":   `{"version":1,"comparators":[]}`,
		"a model twice":   strings.Replace(string(good), `"model": "features-1"`, `"model": "`+open.Comparators[0].Model+`"`, 1),
		"null comparator": `{"version":1,"comparators":[null]}`,
		"not a number":    strings.Replace(string(good), `"slope": `, `"slope": NaN`, 1),
		"no slope":        strings.Replace(string(good), `"slope": `, `"slope": -`, 1),
	} {
		file := filepath.Join(t.TempDir(), "weights.json")
		if err := os.WriteFile(file, []byte(raw), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(file); !errors.Is(err, ErrWeights) {
			t.Errorf("%s: %v, want ErrWeights", name, err)
		}
	}
	if _, err := Load("no such name"); !errors.Is(err, ErrWeights) {
		t.Errorf("a name that does not exist gave %v, want ErrWeights", err)
	}
}

func FuzzParseWeights(f *testing.F) {
	good, err := builtIn.ReadFile("weights/open.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"version":1,"comparators":[{"mean":[0],"projection":[[1]],"between":[1],"stretch":[0],"degrees":5}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		w, err := parseWeights(raw)
		if err != nil {
			return
		}
		for _, c := range w.Comparators {
			p := Probe{Embedding: make(observation.Embedding, len(c.Mean)), Events: 30}
			r, err := c.Enrol(Reference{}, p)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Compare(r, p); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestProbesComparedTogether(t *testing.T) {
	m := &TwoCovariance{
		Modality: "keyboard", Model: "two", Mean: []float64{0, 0}, Projection: [][]float64{{0.1, 0}, {0, 0.1}},
		Between: []float64{4, 4}, Stretch: []float64{0.2, 0.2}, Degrees: 8, FullWindow: 30, Scale: 1,
	}
	probe := func(x, y int8) Probe { return Probe{Embedding: observation.Embedding{x, y}, Events: 30} }
	var r Reference
	for range 10 {
		var err error
		if r, err = m.Enrol(r, probe(30, -20)); err != nil {
			t.Fatal(err)
		}
	}
	score := func(probes ...Probe) float64 {
		s, err := m.Compare(r, probes...)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	own, other := probe(30, -20), probe(-10, 20)
	if one, four := score(own), score(own, own, own, own); four <= one || four >= 4*one {
		t.Errorf("four probes of the subject score %.3f, want more than one of them, %.3f, and less than four times that", four, one)
	}
	if one, four := score(other), score(other, other, other, other); four >= one {
		t.Errorf("four probes of somebody else score %.3f, want less than one of them, %.3f", four, one)
	}
	if a, b := score(own, other), score(other, own); math.Abs(a-b) > 1e-9 {
		t.Errorf("the order of probes matters: %.6f and %.6f", a, b)
	}
	long := Probe{Embedding: own.Embedding, Events: 60}
	if a, b := score(long), score(own, own); math.Abs(a-b) > 1e-9 {
		t.Errorf("a window of 60 events scores %.6f, two of 30 with the same embedding %.6f; want the same", a, b)
	}
	if _, err := m.Compare(r); !errors.Is(err, ErrNoProbe) {
		t.Errorf("no probe: %v, want %v", err, ErrNoProbe)
	}
}

func TestScoresAreNoSurerThanExperience(t *testing.T) {
	plain, m := &TwoCovariance{}, &TwoCovariance{Odd: 0.02, Alike: 0.01}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Float64Range(-1e6, 1e6).Draw(t, "a"), rapid.Float64Range(-1e6, 1e6).Draw(t, "b")
		if got := plain.sober(a); got != a {
			t.Fatalf("without odd and alike %g becomes %g", a, got)
		}
		x, y := m.sober(a), m.sober(b)
		if a < b && x > y+1e-12 || a > b && x < y-1e-12 {
			t.Fatalf("%g and %g become %g and %g: the order is lost", a, b, x, y)
		}
		if low, high := math.Log(0.02/0.99)-1e-9, math.Log(0.99/0.01)+0.02; !(x >= low && x <= high) {
			t.Fatalf("%g becomes %g, want it in [%g, %g]", a, x, low, high)
		}
	})
}
