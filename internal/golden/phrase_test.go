package golden

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

// phraseVector is one golden file of a phrase: what was typed after the application asked for a phrase of so many
// strokes, and what became of it when the application took it. Items are those of the other golden files.
type phraseVector struct {
	Name      string                `json:"name"`
	Positions int                   `json:"positions"`
	Items     []item                `json:"items"`
	Broken    bool                  `json:"broken"`
	StartMS   float64               `json:"startMS"`
	EndMS     float64               `json:"endMS"`
	Marks     window.Marks          `json:"marks"`
	Features  []float64             `json:"features"`
	Embedding observation.Embedding `json:"embedding"`
	Liveness  observation.Liveness  `json:"liveness"`
	Quality   []observation.Flag    `json:"quality"`
}

func TestGoldenPhrases(t *testing.T) {
	for _, got := range phrases() {
		c := window.NewPhraseCutter(got.Positions)
		for _, it := range got.Items {
			switch {
			case it.Key != nil:
				k := it.Key
				c.Push(event.Key{TimeMS: k[0], Class: event.Class(k[1]), Down: k[2] == 1, Repeat: k[3] == 1, Trusted: k[4] == 1})
			case it.Mark != nil:
				c.Mark(event.Mark{TimeMS: it.Mark[0], Kind: event.MarkKind(it.Mark[1])})
			}
		}
		c.End()
		p, _ := c.Flush()
		got.Broken, got.StartMS, got.EndMS, got.Marks = p.Broken, p.StartMS, p.EndMS, p.Marks
		got.Features, got.Embedding, got.Liveness = feature.Phrase(p), embed.Phrase(p), liveness.Phrase(p)
		got.Quality = liveness.PhraseFlags(p, got.Liveness, false)
		want := kept(t, filepath.Join("phrases", got.Name), got)
		if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-9, 1e-12), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", got.Name, diff)
		}
	}
}

// phrases are made by a seeded generator of no resemblance to any person.
func phrases() []phraseVector {
	correction := typedPhrase(3, 12)
	correction = append(correction, key(9000, event.Backspace, true, false, true), key(9050, event.Backspace, false, false, true))
	pasted := append(typedPhrase(4, 12), item{Mark: []float64{9000, float64(event.Paste)}})
	enter := append(typedPhrase(5, 20), key(9000, event.Enter, true, false, true))
	held := typedPhrase(6, 12)
	return []phraseVector{
		{Name: "plain", Positions: 12, Items: typedPhrase(1, 12)},
		{Name: "longest", Positions: window.PhraseMaxStrokes, Items: typedPhrase(2, window.PhraseMaxStrokes)},
		{Name: "enter", Positions: 20, Items: enter},
		{Name: "corrected", Positions: 12, Items: correction},
		{Name: "pasted", Positions: 12, Items: pasted},
		{Name: "too-short", Positions: 16, Items: typedPhrase(7, 12)},
		{Name: "still-held", Positions: 12, Items: held[:len(held)-1]},
		{Name: "software", Positions: 12, Items: untrusted(typedPhrase(8, 12))},
		{Name: "absurd", Positions: 200, Items: absurd()},
		{Name: "nothing", Positions: 6, Items: []item{}},
	}
}

// typedPhrase types n strokes, some of them overlapping.
func typedPhrase(seed uint64, n int) []item {
	r := rand.New(rand.NewPCG(seed, 7))
	var out []item
	at := 500.0
	for range n {
		class := event.Class(r.IntN(4))
		at += math.Floor(80*math.Exp(0.6*r.NormFloat64())*10) / 10
		up := at + math.Floor(70*math.Exp(0.4*r.NormFloat64())*10)/10
		out = append(out, key(at, class, true, false, true), key(up, class, false, false, true))
	}
	for i := 1; i < len(out); i++ { // insertion sort: stable, and nearly sorted
		for j := i; j > 0 && out[j].Key[0] < out[j-1].Key[0]; j-- {
			out[j], out[j-1] = out[j-1], out[j]
		}
	}
	return out
}

func untrusted(items []item) []item {
	for _, it := range items {
		it.Key[4] = 0
	}
	return items
}
