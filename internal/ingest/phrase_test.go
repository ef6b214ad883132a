package ingest

import (
	"slices"
	"strings"
	"testing"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/problem"
)

// typedPhrase is one typing of a phrase of twelve positions.
func typedPhrase(sequence int64) observation.Observation {
	o := valid(sequence)
	o.Modality, o.Model, o.Phrase, o.Events = observation.Phrase, embed.PhraseModel, 7, 12
	o.Embedding = slices.Repeat(observation.Embedding{-128, 0, 127}, 8)[:embed.PhraseDimension(12)]
	o.FeatureList, o.Features = feature.PhraseList.Name, make([]float64, len(feature.PhraseList.Features))
	o.Quality = []observation.Flag{observation.BrokenPhrase}
	return o
}

func TestPhrasesAreTaken(t *testing.T) {
	shortest, longest := typedPhrase(1), typedPhrase(2)
	shortest.Events, shortest.Embedding, shortest.Phrase = 6, make(observation.Embedding, 11), 1
	longest.Events, longest.Embedding, longest.Phrase = 64, make(observation.Embedding, 127), observation.MaxPhrase
	got, p := check(encode(t, report(shortest, longest, valid(3), typedPhrase(4))))
	if p != nil || got.Observations[1].Phrase != observation.MaxPhrase || got.Observations[2].Phrase != 0 {
		t.Errorf("got %+v, %v; want all taken with their numbers", got, p)
	}
}

func TestPhrasesThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*observation.Observation)
		want   problem.Name
		field  string
	}{
		"no number":             {func(o *observation.Observation) { o.Phrase = 0 }, problem.OutOfRange, "phrase"},
		"a negative number":     {func(o *observation.Observation) { o.Phrase = -1 }, problem.OutOfRange, "phrase"},
		"a number of 32 bits":   {func(o *observation.Observation) { o.Phrase = 1 << 31 }, problem.OutOfRange, "phrase"},
		"five positions":        {func(o *observation.Observation) { o.Events, o.Embedding = 5, o.Embedding[:9] }, problem.OutOfRange, "events"},
		"65 positions":          {func(o *observation.Observation) { o.Events, o.Embedding = 65, make([]int8, 129) }, problem.OutOfRange, "events"},
		"a timing too few":      {func(o *observation.Observation) { o.Embedding = o.Embedding[1:] }, problem.WrongLength, "embedding"},
		"the model of a window": {func(o *observation.Observation) { o.Model = "features-1" }, problem.UnknownModel, "model"},
		"the list of a window": {func(o *observation.Observation) {
			o.FeatureList, o.Features = feature.KeyboardList.Name, make([]float64, len(feature.KeyboardList.Features))
		}, problem.UnknownList, "featureList"},
		"a window with a number": {func(o *observation.Observation) { *o = valid(1); o.Phrase = 7 }, problem.OutOfRange, "phrase"},
	} {
		o := typedPhrase(1)
		c.change(&o)
		_, p := check(encode(t, report(o)))
		if p == nil || p.Name != c.want || p.Field != "observations[0]."+c.field {
			t.Errorf("%s: got %v, want %s at %s", name, p, c.want, c.field)
		}
	}
	good := encode(t, report(typedPhrase(1)))
	for name, number := range map[string]string{"a word": `"sign-in"`, "a fraction": "1.5", "a list": "[115,101]"} {
		if _, p := check(strings.Replace(good, `"phrase":7`, `"phrase":`+number, 1)); p == nil || p.Name != problem.WrongType {
			t.Errorf("%s for a number: got %v, want %s", name, p, problem.WrongType)
		}
	}
}
