package attack_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/lab/attack"
)

var phrases = []string{
	"the red fox ran", "my dog is old", "we eat at noon", "blue sky above", "cold tea again", "six men row on",
	"jazz clubs open", "quiet voices hum", "pack your vivid kit", "who knows why", "buy milk today", "fix every lamp",
}

// world makes windows of people who copy phrases; see says what an attacker sees of one.
func world(people, from int, random *rand.Rand, see func(phrase int) []float64) []attack.Example {
	var out []attack.Example
	for person := range people {
		var inputs [][]float64
		var chosen []int
		for range 12 {
			chosen = append(chosen, random.IntN(len(phrases)))
			inputs = append(inputs, see(chosen[len(chosen)-1]))
		}
		for i, x := range attack.AgainstOwn(inputs) {
			out = append(out, attack.Example{Person: from + person, Inputs: x, Events: 15, Sentence: chosen[i], Text: textOf(phrases[chosen[i]])})
		}
	}
	return out
}

// attacked gives what a trained attack and one without an observation get, on average over windows of new people.
func attacked(t *testing.T, see func(random *rand.Rand) func(int) []float64) (got, without attack.Recovered, trained *attack.Attack) {
	t.Helper()
	random := rand.New(rand.NewPCG(7, 7))
	train, choose, test := world(40, 0, random, see(random)), world(15, 40, random, see(random)), world(40, 55, random, see(random))
	targets, err := attack.NewTargets(train)
	if err != nil {
		t.Fatal(err)
	}
	opt := attack.DefaultOptions
	opt.Perceptron.Rounds = 60
	trained, err = attack.Train(context.Background(), targets, train, choose, opt)
	if err != nil {
		t.Fatal(err)
	}
	for a, into := range map[*attack.Attack]*attack.Recovered{
		trained: &got, attack.Only(targets, attack.Ignorant(targets), choose): &without,
	} {
		windows, err := a.Recover(context.Background(), test, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range windows {
			n := float64(len(windows))
			into.Characters += w.Characters / n
			into.OfLength += w.OfLength / n
			into.Lengths += w.Lengths / n
			into.Words += w.Words / n
		}
	}
	return got, without, trained
}

func TestAnObservationThatLeaksTheTextIsRead(t *testing.T) {
	got, without, trained := attacked(t, func(random *rand.Rand) func(int) []float64 {
		return func(phrase int) []float64 { // every letter's count, with noise
			x := make([]float64, 26)
			for i := range x {
				x[i] = float64(strings.Count(phrases[phrase], string(rune('a'+i)))) + 0.15*random.NormFloat64()
			}
			return x
		}
	})
	if got.Characters < 0.95 || got.Words < 0.9 || got.Lengths < 0.85 {
		t.Errorf("recovered %+v, want at least 0.95 of characters, 0.9 of words and 0.85 of lengths", got)
	}
	if got.Characters < without.Characters+0.2 {
		t.Errorf("recovered %.3f of characters, want far more than the %.3f without an observation", got.Characters, without.Characters)
	}
	if trained.Sentences == nil {
		t.Error("no attacker tells sentences apart, want one")
	}
}

func TestNoiseTellsNothing(t *testing.T) {
	got, without, _ := attacked(t, func(random *rand.Rand) func(int) []float64 {
		return func(int) []float64 {
			return []float64{random.NormFloat64(), random.NormFloat64(), random.NormFloat64(), random.NormFloat64()}
		}
	})
	for name, d := range map[string]float64{
		"characters": got.Characters - without.Characters, "lengths": got.Lengths - without.Lengths, "words": got.Words - without.Words,
	} {
		if d > 0.02 || d < -0.05 {
			t.Errorf("noise recovers %.4f more %s than no observation does, want about nothing", d, name)
		}
	}
}

func TestTheSameSeedGivesTheSameAttack(t *testing.T) {
	see := func(random *rand.Rand) func(int) []float64 {
		return func(phrase int) []float64 {
			return []float64{float64(phrase) + random.NormFloat64(), random.NormFloat64()}
		}
	}
	first, _, _ := attacked(t, see)
	second, _, _ := attacked(t, see)
	if first != second {
		t.Errorf("two runs recovered %+v and %+v, want the same", first, second)
	}
}

func TestTheSentenceIsNamed(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	see := func(phrase int) []float64 {
		return []float64{float64(phrase % 4), float64(phrase / 4), 0.05 * random.NormFloat64()}
	}
	train, test := world(30, 0, random, see), world(10, 30, random, see)
	targets, err := attack.NewTargets(train)
	if err != nil {
		t.Fatal(err)
	}
	s, err := attack.NewSentences(targets, train, test)
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for _, e := range test {
		if s.Rank(e)[0].Sentence == e.Sentence {
			right++
		}
	}
	if right < len(test)*9/10 {
		t.Errorf("%d of %d sentences are named, want nearly all", right, len(test))
	}
}

func TestCommonestSentencesComeFirst(t *testing.T) {
	common := attack.Commonest([]attack.Example{{Sentence: 4}, {Sentence: 9}, {Sentence: 9}, {Sentence: 4, Position: 1}})
	var got []int
	for _, r := range common(0) {
		got = append(got, r.Sentence)
	}
	if diff := cmp.Diff([]int{9, 4}, got); diff != "" {
		t.Errorf("at the first position (-want +got):\n%s", diff)
	}
	if got := common(1); len(got) != 1 || got[0].Sentence != 4 {
		t.Errorf("at the second position: %v, want sentence 4 alone", got)
	}
}

func TestCountingKnowsOnlyTheNumberOfStrokes(t *testing.T) {
	var examples []attack.Example
	for range 100 {
		examples = append(examples, attack.Example{Events: 15, Text: textOf("aaa")}, attack.Example{Events: 30, Text: textOf("bbbbbb")})
	}
	targets, err := attack.NewTargets(examples)
	if err != nil {
		t.Fatal(err)
	}
	counting := attack.Counting(targets, examples)
	for events, want := range map[int]string{15: "aaa", 30: "bbbbbb"} {
		got, truth := targets.Guess(counting.Beliefs(attack.Example{Events: events}), attack.WordRule{Likely: 0.5}), textOf(want)
		if s := attack.ShareOfCharacters(&got, &truth); s < 0.99 || !slices.Equal(got.Words, []string{want}) {
			t.Errorf("%d strokes: guessed %v, want %q", events, got, want)
		}
	}
	unknown := counting.Beliefs(attack.Example{Events: 22})
	if diff := cmp.Diff(targets.Base, unknown); diff != "" {
		t.Errorf("a number of strokes never seen (-usual +got):\n%s", diff)
	}
}

func TestTrainingNeedsExamples(t *testing.T) {
	if _, err := attack.NewTargets(nil); !errors.Is(err, attack.ErrTooFew) {
		t.Errorf("targets of nothing: %v, want %v", err, attack.ErrTooFew)
	}
	examples := []attack.Example{{Text: textOf("a b")}}
	targets, err := attack.NewTargets(examples)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := attack.Train(context.Background(), targets, examples, nil, attack.DefaultOptions); !errors.Is(err, attack.ErrTooFew) {
		t.Errorf("nobody to choose by: %v, want %v", err, attack.ErrTooFew)
	}
}

func TestInputsShowOnlyTheirFields(t *testing.T) {
	o := observation.Observation{Events: 30, DurationMS: 6000, Features: []float64{100, 0}, Embedding: observation.Embedding{1, 2, 3},
		Quality: []observation.Flag{observation.ShortWindow}}
	all := len(attack.Inputs(o, 0, attack.AllFields))
	sum := 0
	for _, f := range []attack.Fields{attack.Counts, attack.Duration, attack.Features, attack.Liveness, attack.Embedding, attack.Sketch} {
		sum += len(attack.Inputs(o, 0, f))
	}
	if all != sum || len(attack.Inputs(o, 0, 0)) != 0 {
		t.Errorf("%d inputs of all fields, %d of each by itself, %d of none; want as many and 0", all, sum, len(attack.Inputs(o, 0, 0)))
	}
	for f, change := range map[attack.Fields]func(*observation.Observation){
		attack.Counts:    func(o *observation.Observation) { o.Events++ },
		attack.Duration:  func(o *observation.Observation) { o.DurationMS++ },
		attack.Features:  func(o *observation.Observation) { o.Features = []float64{100, 1} },
		attack.Liveness:  func(o *observation.Observation) { o.Quality = nil },
		attack.Embedding: func(o *observation.Observation) { o.Embedding = observation.Embedding{1, 2, 4} },
		attack.Sketch:    func(o *observation.Observation) { o.Liveness.Sketch = []byte{1, 2, 3, 4, 5, 6, 7, 8} },
	} {
		changed := o
		change(&changed)
		if cmp.Equal(attack.Inputs(o, 0, f), attack.Inputs(changed, 0, f)) {
			t.Errorf("field %b does not show its change", f)
		}
		if f&attack.Duration == 0 && f&attack.Counts == 0 && !cmp.Equal(attack.Inputs(o, 0, attack.AllFields&^f), attack.Inputs(changed, 0, attack.AllFields&^f)) {
			t.Errorf("a change of field %b shows in others", f)
		}
	}
}
