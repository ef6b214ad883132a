package fit

import (
	"context"
	"io"
	"math/rand/v2"
	"testing"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/dataset"
)

func TestTypingsOfAPhraseCanBeReplayed(t *testing.T) {
	people, err := ReadRecorded(dataset.Freihaut, passwordFolder(t, 3), dataset.Options{}, func(string, string) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range people {
		typings := p.Phrase()
		if len(typings) != 30 {
			t.Fatalf("%d typings, want 30", len(typings))
		}
		var past presence.Past
		for _, typing := range typings {
			if typing.Modality != observation.Phrase || typing.Events != 10 {
				t.Fatalf("a typing of ten keys became %+v", typing.Observation)
			}
			past = past.Add(typing.Observation)
		}
		rng := rand.New(rand.NewPCG(1, 1))
		for family, most := range map[string]float64{"exact": 0.1, "scaled": 0.6} {
			o, ok := typings[20].Replayed(family, rng)
			if x, _, _, known := share(past, o); !ok || !known || x > most {
				t.Errorf("%s: at a share of %g of the third nearest, want %g at most", family, x, most)
			}
		}
		if _, ok := typings[0].Replayed("nobody's", rng); ok {
			t.Error("a family that there is not was played")
		}
	}
}

func TestATypingsFirstPositions(t *testing.T) {
	o := observation.Observation{Events: 4, Embedding: observation.Embedding{1, 2, 3, 4, 5, 6, 7}}
	got := shorter(o, 2)
	if want := (observation.Embedding{1, 2, 5}); got.Events != 2 || string(raw(got.Embedding)) != string(raw(want)) {
		t.Errorf("the first two positions are %v of %d, want %v", got.Embedding, got.Events, want)
	}
	if got := shorter(o, 9); got.Events != 4 || len(got.Embedding) != 7 {
		t.Errorf("a shorter typing was cut to %d positions with %d timings", got.Events, len(got.Embedding))
	}
}

func raw(e observation.Embedding) (out []byte) {
	for _, x := range e {
		out = append(out, byte(x))
	}
	return out
}

func TestTheTableOfPhrasesLearnsWhatRepeatsItself(t *testing.T) {
	counts, err := CountReplays(context.Background(), io.Discard, passwordFolder(t, 70))
	if err != nil {
		t.Fatal(err)
	}
	whole, without := counts.Weights(), counts.Weights("phrase.exact")
	if whole.Typings < 500 || len(without.Families) != len(whole.Families)-1 {
		t.Errorf("%d typings and %d families, %d without one; want 500 at least and one fewer", whole.Typings, len(whole.Families), len(without.Families))
	}
	for row, nats := range whole.Phrases {
		if nats[0] < 5 || nats[presence.PhraseBins-1] > 0 {
			t.Errorf("row %d runs from %g to %g nats, want from 5 at least to below 0", row, nats[0], nats[presence.PhraseBins-1])
		}
	}
}
