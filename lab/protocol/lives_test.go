package protocol

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/observation"
)

// typings gives a person's typings of a phrase of twelve keys, times around those of the person, three a day.
func typings(n int, tempo float64) []act {
	random := rand.New(rand.NewPCG(1, uint64(tempo*1000)))
	var out []act
	for i := range n {
		o := observation.Observation{Modality: observation.Phrase, Model: embed.PhraseModel, Phrase: driftPhrase, DeviceClass: observation.Desktop,
			Events: 12, Quality: []observation.Flag{}, FeatureList: feature.PhraseList.Name, Features: make([]float64, len(feature.PhraseList.Features))}
		for k := range embed.PhraseDimension(12) {
			o.Embedding = append(o.Embedding, embed.PhraseTiming(tempo*float64(80+13*k%50)*(1+0.08*random.NormFloat64())))
		}
		out = append(out, act{observation: o, opens: true, atMS: firstActMS + int64(i)*dayMS/3, day: 1 + i/3})
	}
	return out
}

func TestAFrozenReferenceLetsNothingIn(t *testing.T) {
	l := phraseLearner(frozen)
	for _, a := range typings(enrol.PhraseMature, 1) {
		if score, _ := l.sees(a); score != nil {
			t.Fatal("an immature reference gave a score")
		}
	}
	before := l.refs[l.key]
	if !before.Mature() {
		t.Fatalf("after %d typings the reference is not mature", enrol.PhraseMature)
	}
	for _, a := range typings(60, 1) {
		if score, _ := l.sees(a); score == nil {
			t.Fatal("a mature reference gave no score")
		}
	}
	if diff := cmp.Diff(before, l.refs[l.key]); diff != "" {
		t.Errorf("the reference changed:\n%s", diff)
	}
}

func TestWhatIsTakenInIsWhatTheServerTrusts(t *testing.T) {
	for _, how := range []adaptation{guarded, unguarded} {
		l := phraseLearner(how)
		own := typings(enrol.PhraseMature+20, 1)
		for _, a := range own[:enrol.PhraseMature] {
			l.sees(a)
		}
		ripe := l.refs[l.key].Version
		for _, a := range typings(30, 2.5) { // somebody else altogether
			if score, _ := l.sees(a); score == nil || *score >= 0 {
				t.Fatalf("somebody else scores %v, want below 0", score)
			}
		}
		if got := l.refs[l.key].Version; got != ripe {
			t.Errorf("way %d: %d typings of somebody else were taken in, want none", how, got-ripe)
		}
		for _, a := range own[enrol.PhraseMature:] {
			l.sees(a)
		}
		if got := l.refs[l.key].Version; got < ripe+10 {
			t.Errorf("way %d: %d of 20 own typings were taken in, want most", how, got-ripe)
		}
	}
}

func TestWhatIsVouchedForComesInWhateverItScores(t *testing.T) {
	l := phraseLearner(guarded)
	for _, a := range typings(enrol.PhraseMature, 1) {
		l.sees(a)
	}
	ripe := l.refs[l.key].Version
	for _, a := range typings(30, 2.5) {
		l.offers(a)
	}
	if got := l.refs[l.key].Version; got == ripe {
		t.Error("nothing that was vouched for was taken in")
	}
}

func TestThinnedKeepsTheFirstAndTheOrder(t *testing.T) {
	all := typings(10, 1)
	got := thinned(all, 4)
	if len(got) != 4 || got[0].atMS != all[0].atMS || got[3].atMS != all[7].atMS {
		t.Errorf("4 of 10 are %v", got)
	}
	if len(thinned(all, 10)) != 10 || len(thinned(all, 99)) != 10 {
		t.Error("fewer than the most were thinned")
	}
}
