package presence

import (
	"encoding/json"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/observation"
)

// rhythm is how somebody types a phrase: how long keys are held, then what passes between them, in ms.
type rhythm []float64

func drawnRhythm(seed uint64, positions int) rhythm {
	r := rand.New(rand.NewPCG(seed, 12))
	out := make(rhythm, 2*positions-1)
	for i := range out {
		usual := 90.0
		if i >= positions {
			usual = 160
		}
		out[i] = usual * math.Exp(0.35*r.NormFloat64())
	}
	return out
}

// again gives another typing in the same rhythm.
func (r rhythm) again(rng *rand.Rand) rhythm {
	out := make(rhythm, len(r))
	for i, ms := range r {
		out[i] = ms * math.Exp(0.15*rng.NormFloat64())
	}
	return out
}

// moved gives the typing as a player sends it whose every event comes up to so many ms off its time.
func (r rhythm) moved(rng *rand.Rand, mostMS float64) rhythm {
	positions := (len(r) + 1) / 2
	out := make(rhythm, len(r))
	press := make([]float64, positions)
	for i := range press {
		press[i] = mostMS * (2*rng.Float64() - 1)
		out[i] = r[i] + mostMS*(2*rng.Float64()-1) - press[i]
		if i > 0 {
			out[positions+i-1] = r[positions+i-1] + press[i] - press[i-1]
		}
	}
	return out
}

// phraseOf gives the observation of a typing of the phrase with that number.
func (r rhythm) phraseOf(number int64) observation.Observation {
	o := observation.Observation{Modality: observation.Phrase, Phrase: number, Events: (len(r) + 1) / 2}
	for _, ms := range r {
		o.Embedding = append(o.Embedding, embed.PhraseTiming(ms))
	}
	return o
}

func phrasesOf(typings ...rhythm) (out []observation.Observation) {
	for _, t := range typings {
		out = append(out, t.phraseOf(7))
	}
	return out
}

func TestAPhraseReplayedIsFoundAndItsTypistIsNot(t *testing.T) {
	for _, positions := range []int{6, 10, 24, 64} {
		rng := rand.New(rand.NewPCG(2, uint64(positions)))
		own := drawnRhythm(1, positions)
		var past Past
		var typed []rhythm
		for range 60 {
			typed = append(typed, own.again(rng))
			past = past.Add(typed[len(typed)-1].phraseOf(7))
		}
		later := func(n int, of rhythm) (out []rhythm) {
			for range n {
				out = append(out, of.again(rng))
			}
			return out
		}
		slower := make(rhythm, len(own))
		for i, ms := range typed[12] {
			slower[i] = 1.07 * ms
		}
		equal := make(rhythm, len(own))
		for i := range equal {
			equal[i] = 50
		}
		for _, c := range []struct {
			name    string
			typings []rhythm
			within  int // typings; 0 is never
		}{
			{"exact", typed[20:21], 1},
			{"moved by 1 ms", []rhythm{typed[30].moved(rng, 1), typed[31].moved(rng, 1)}, 2},
			{"moved by 3 ms", []rhythm{typed[30].moved(rng, 3), typed[31].moved(rng, 3), typed[32].moved(rng, 3)}, 3},
			{"slower", []rhythm{slower, slower}, 2},
			{"the typist", later(300, own), 0},
			{"the typist on another keyboard", later(60, drawnRhythm(9, positions)), 0},
			{"a program that types at equal distances", []rhythm{equal, equal, equal, equal}, 0},
		} {
			got := listen(past, phrasesOf(c.typings...))
			if (c.within == 0) != (got == 0) || got > c.within {
				t.Errorf("%d positions, %s: found after %d typings; want %d at most, 0 for never", positions, c.name, got, c.within)
			}
		}
	}
}

func TestATypingThatSaysNothingHasNoName(t *testing.T) {
	good := drawnRhythm(1, 10).phraseOf(7)
	changed := func(f func(*observation.Observation)) observation.Observation {
		o := good
		f(&o)
		return o
	}
	for what, o := range map[string]observation.Observation{
		"broken":               changed(func(o *observation.Observation) { o.Quality = []observation.Flag{observation.BrokenPhrase} }),
		"a coarse clock":       changed(func(o *observation.Observation) { o.Liveness.TimestampQuantumMS = 1000.0 / 60 }),
		"no number":            changed(func(o *observation.Observation) { o.Phrase = 0 }),
		"a window":             changed(func(o *observation.Observation) { o.Modality = observation.Keyboard }),
		"no timing":            changed(func(o *observation.Observation) { o.Embedding = nil }),
		"more keys than times": changed(func(o *observation.Observation) { o.Events, o.Embedding = 64, make(observation.Embedding, 3) }),
	} {
		if name, ok := PhraseNameOf(o); ok {
			t.Errorf("%s: the name %x, want none", what, name)
		}
		if past := (Past{}).Add(o); len(past) != 0 {
			t.Errorf("%s became past: %v", what, past)
		}
	}
	if _, ok := PhraseNameOf(good); !ok {
		t.Error("a typing has no name, want one")
	}
	few := Past{}
	for range leastNames - 1 {
		few = few.Add(good)
	}
	if first, third, ok := few.NearestTyping(good); ok {
		t.Errorf("of %d typings the nearest are %d and %d bits apart, want nothing said", leastNames-1, first, third)
	}
}

// Names are kept: another way to make them would lose everybody's.
func TestTheNameOfATypingStays(t *testing.T) {
	o := observation.Observation{Modality: observation.Phrase, Phrase: 1, Events: 6, Embedding: observation.Embedding{-10, 12, -31, 4, 0, 9, 40, 22, 61, 35, 18}}
	got, ok := PhraseNameOf(o)
	if want := (PhraseName{0x356fccec88ec14b6, 0x3f8ef7c6ebfe87f6}); !ok || got != want {
		t.Errorf("the name is %#x (%v), want %#x", got, ok, want)
	}
}

func TestNamesOfTypingsFollowTheirDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		timings := rapid.SliceOfN(rapid.Int8Range(-100, 100), 11, 127).Draw(t, "timings")
		at := rapid.Int8Range(-20, 20).Draw(t, "later")
		one, other := make(observation.Embedding, len(timings)), make(observation.Embedding, len(timings))
		for i, x := range timings {
			one[i], other[i] = x, x+at
		}
		if a, b := nameTimings(one), nameTimings(other); a != b {
			t.Fatalf("all timings %d steps later, the name is %x and was %x; want the same", at, b, a)
		}
		for i := range other {
			other[i] = one[i] + int8(i%2)
		}
		near := 0
		for i, word := range nameTimings(one) {
			near += bits.OnesCount64(word ^ nameTimings(other)[i])
		}
		if near > phraseNameBits/4 {
			t.Fatalf("every other timing one step off, the name is %d bits off, want %d at most", near, phraseNameBits/4)
		}
	})
}

func TestThePastOfPhrasesIsBounded(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	own := drawnRhythm(1, 10)
	var past Past
	for i := range int64(3000) {
		past = past.Add(own.again(rng).phraseOf(1))
		past = past.Add(own.again(rng).phraseOf(2 + i))
	}
	if len(past) != MaxPastPhrases {
		t.Errorf("%d phrases are kept, want %d", len(past), MaxPastPhrases)
	}
	h := past[pastOfPhrase(1)]
	if len(h.Recent) > keptTypings*phraseNameWords+oldRun || len(h.Old) > keptTypings*phraseNameWords || len(h.Old) == 0 {
		t.Errorf("%d and %d words of names are kept, want %d at most of each, and some", len(h.Recent), len(h.Old), keptTypings*phraseNameWords)
	}
	raw, err := json.Marshal(past)
	if err != nil {
		t.Fatal(err)
	}
	var read Past
	if err := json.Unmarshal(raw, &read); err != nil {
		t.Fatal(err)
	}
	o := own.phraseOf(1)
	if first, third, ok := read.NearestTyping(o); !ok {
		t.Error("what the store gave back knows no typing")
	} else if f, th, _ := past.NearestTyping(o); f != first || th != third {
		t.Errorf("through the store the nearest are %d and %d bits off, want %d and %d", first, third, f, th)
	}
}

func TestThePhraseTableIsWhole(t *testing.T) {
	w := ShippedReplayWeights()
	for row, nats := range w.Phrases {
		for column := 1; column < PhraseBins; column++ {
			if nats[column] > nats[column-1] {
				t.Errorf("row %d: %g nats at share %d, %g at one less; want nearer to say more", row, nats[column], column, nats[column-1])
			}
		}
		if nats[0] < phraseFound || nats[PhraseBins-1] > -1 {
			t.Errorf("row %d: %g nats for the same again and %g for as near as two others; want %g at least and -1 at most", row, nats[0], nats[PhraseBins-1], phraseFound)
		}
	}
	for _, c := range []struct{ positions, first, third, row, column int }{
		{6, 0, 40, 0, 0}, {7, 20, 41, 0, 12}, {8, 30, 30, 1, 24}, {9, 0, 0, 1, 24}, {10, 50, 129, 2, 9}, {64, 10, 49, 2, 5},
	} {
		if row, column := PhrasePlace(c.positions, c.first, c.third); row != c.row || column != c.column {
			t.Errorf("%d positions, %d and %d bits: row %d, column %d; want %d and %d", c.positions, c.first, c.third, row, column, c.row, c.column)
		}
	}
}
