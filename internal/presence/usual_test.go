package presence

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/observation"
	keys "ipse.dev/ipse/internal/window"
)

func TestWhatIsUsualIsAMeanInWhichOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nats := rapid.SliceOfN(rapid.Float64Range(-usualMost, usualMost), 1, usualWindows).Draw(t, "nats")
		var forth, back Usual
		sum := 0.0
		for i := range nats {
			forth, back = forth.Add("a", nats[i]), back.Add("a", nats[len(nats)-1-i])
			sum += nats[i]
		}
		if want := sum / float64(len(nats)); math.Abs(forth.Nats-want) > 1e-9 || math.Abs(back.Nats-want) > 1e-9 || forth.Windows != len(nats) {
			t.Fatalf("%+v, and backwards %+v; want the mean %g of %d windows", forth, back, want, len(nats))
		}
	})
}

func TestWhatIsUsualFollowsThePersonSlowlyAndIsBounded(t *testing.T) {
	var u Usual
	for range 5000 {
		u = u.Add("a", -1)
	}
	before := u.Nats
	u = u.Add("a", 1e300)
	if u.Windows != usualWindows || u.Nats-before > 2*float64(usualMost)/usualWindows {
		t.Errorf("one window moves %g to %+v; want a small step", before, u)
	}
	for range 5000 {
		u = u.Add("a", 2)
	}
	if math.Abs(u.Nats-2) > 1e-6 {
		t.Errorf("%+v after thousands of windows of 2; want them to have taken the place of the old ones", u)
	}
	if u = u.Add("b", 3); u != (Usual{By: "b", Windows: 1, Nats: 3}) {
		t.Errorf("%+v by another network; want it to begin anew", u)
	}
}

func TestWhatIsAllowedForAPerson(t *testing.T) {
	b := UsualBounds{Mean: -1, Windows: 2, Most: 1.5}
	for _, c := range []struct {
		usual Usual
		want  float64
	}{
		{Usual{}, 0},
		{Usual{"a", 2, 0}, 0.5},
		{Usual{"a", 200, 0}, 200.0 / 202},
		{Usual{"a", 1 << 40, 0}, 200.0 / 202}, // a row that somebody has tampered with
		{Usual{"a", 200, 9}, 1.5},
		{Usual{"a", 200, -3}, 0},
		{Usual{"other", 200, 9}, 0},
		{Usual{"a", -5, 9}, 0},
		{Usual{"a", 5, math.NaN()}, 0},
	} {
		if got := b.Allowance(c.usual, "a"); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%+v is allowed %g, want %g", c.usual, got, c.want)
		}
	}
}

// shippedJudge has the signals of typing alone.
func shippedJudge() Judge { return Judge{Signals: shippedKeys().Signals()} }

// forgedWindows are windows of a program that draws from nobody's typing, at a person's pace.
func forgedWindows(t *testing.T, strokes int) []Window {
	t.Helper()
	at := slices.IndexFunc(adversary.KeyAttacks, func(a adversary.KeyAttack) bool { return a.Family == "lognormal" })
	return observed(adversary.KeyAttacks[at].Make(rand.New(rand.NewPCG(3, 3)), adversary.KeyMaterial{}, strokes))
}

func TestAWindowCountsLessForWhomItIsUsual(t *testing.T) {
	w := forgedWindows(t, keys.KeyboardStrokes)[0]
	judge := shippedKeys()[ForgedNetwork]
	signal := forgedKeys(shippedKeys())
	strange, ok := signal.LLR(w)
	if !ok {
		t.Fatal("the window says nothing")
	}
	mark := judge.Network.Mark()
	for name, c := range map[string]struct {
		usual Usual
		less  bool
	}{
		"nothing known":       {Usual{}, false},
		"like a forgery":      {Usual{mark, 100, judge.Usual.Mean + judge.Usual.Most/2}, true},
		"unlike a forgery":    {Usual{mark, 100, judge.Usual.Mean - 1}, false},
		"by another network":  {Usual{"0", 100, judge.Usual.Mean + 1}, false},
		"through the network": {Usual{mark, 100, judge.Network.Nats(w.Liveness.Measures)}, true},
	} {
		own := w
		own.Past = Past{observation.Keyboard: History{Usual: map[Kind]Usual{ForgedKeys: c.usual}}}
		if got, _ := signal.LLR(own); (got < strange) != c.less || got > strange {
			t.Errorf("%s: %g nats, and %g of a stranger; want less: %v", name, got, strange, c.less)
		}
	}
}

func TestOnlyWindowsThatCanTellAreRemembered(t *testing.T) {
	w := forgedWindows(t, keys.KeyboardStrokes)[0]
	judge := shippedJudge()
	for name, c := range map[string]struct {
		spoil func(*observation.Observation)
		want  int
	}{
		"whole":      {func(*observation.Observation) {}, 1},
		"a pointer":  {func(o *observation.Observation) { o.Modality = observation.Pointer }, 0},
		"pasted":     {func(o *observation.Observation) { o.Quality = append(o.Quality, observation.PasteHeavy) }, 0},
		"short":      {func(o *observation.Observation) { o.Quality = append(o.Quality, observation.ShortWindow) }, 0},
		"an old one": {func(o *observation.Observation) { o.Liveness.MeasureList = "" }, 0},
	} {
		o := w.Observation
		o.Quality = slices.Clone(o.Quality)
		c.spoil(&o)
		past := judge.Remember(nil, o)
		if got := past[o.Modality].Usual[ForgedKeys].Windows; got != c.want {
			t.Errorf("%s: %d windows are remembered, want %d: %+v", name, got, c.want, past)
		}
	}
}

func TestWhatIsUsualIsAValueAndSurvivesTheStore(t *testing.T) {
	judge := shippedJudge()
	past := Past{}.Add(sketched(1, 2))
	for i, w := range forgedWindows(t, 40*keys.KeyboardStrokes) {
		before, err := json.Marshal(past)
		if err != nil {
			t.Fatal(err)
		}
		next := judge.Remember(past, w.Observation)
		if after, _ := json.Marshal(past); string(after) != string(before) {
			t.Fatalf("window %d changed what it was added to", i)
		}
		past = next
	}
	raw, err := json.Marshal(past)
	if err != nil {
		t.Fatal(err)
	}
	var read Past
	if err := json.Unmarshal(raw, &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(past[observation.Keyboard].Usual, read[observation.Keyboard].Usual); diff != "" {
		t.Errorf("through the store (-kept +stored):\n%s", diff)
	}
	if read[observation.Keyboard].Usual[ForgedKeys].Windows < 30 {
		t.Errorf("%s holds fewer windows than were remembered", raw)
	}
	usual, err := json.Marshal(past[observation.Keyboard].Usual)
	if most := 120; err != nil || len(usual) > most {
		t.Errorf("%s takes %d bytes, want %d at most (%v)", usual, len(usual), most, err)
	}
	var old History
	if err := json.Unmarshal([]byte(`{"recent":"AAAAAAAAAAE="}`), &old); err != nil || old.Usual != nil {
		t.Errorf("a row from before: %+v, %v; want nothing usual", old, err)
	}
}

func TestAMarkNamesWhatANetworkComputes(t *testing.T) {
	raw := func() *Network { return shippedKeys()[ForgedNetwork].Network }
	one, other := raw(), raw()
	if one.Mark() != other.Mark() || len(one.Mark()) != 16 {
		t.Errorf("marks %q and %q of the same network", one.Mark(), other.Mark())
	}
	other.Layers[0].Rows[0][0]++
	if one.Mark() == other.Mark() {
		t.Error("another weight, and the same mark")
	}
	other = raw()
	other.People++
	if one.Mark() != other.Mark() {
		t.Error("a count that nothing computes with changes the mark")
	}
	if fmt.Sprintf("%016x", 0) == one.Mark() {
		t.Error("an empty mark")
	}
}
