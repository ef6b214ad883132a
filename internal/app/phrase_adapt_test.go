package app

import (
	"testing"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
)

// TestOthersTriesDoNotKeepAPhraseFromFollowingItsTypist has somebody else fail at the subject's phrase after every sign-in
// of the subject.
func TestOthersTriesDoNotKeepAPhraseFromFollowingItsTypist(t *testing.T) {
	a := newAssessor(t)
	owner, other := newPhraseTypist(1), newPhraseTypist(2)
	_, refs := learnt(t, a, owner)
	key := enrol.Key{Modality: observation.Phrase, DeviceClass: observation.Desktop, Model: embed.PhraseModel, Phrase: 7}
	ripe := refs[key].Version
	atMS := int64(1_000_000)
	signIn := func(p *phraseTypist) *float64 {
		atMS += 12 * 3_600_000
		s := a.Open("s", "subject", atMS)
		s, refs, _ = a.Observe(s, refs, []observation.Observation{p.types(t, 7, 1, nil)}, atMS)
		return s.Path[len(s.Path)-1].Score
	}
	admitted := 0
	for range 20 {
		before := refs[key].Version
		score := signIn(owner)
		if score == nil {
			t.Fatal("a mature phrase was not compared")
		}
		if took := refs[key].Version > before; took != key.Admits(*score) {
			t.Errorf("a typing that scores %.2f was taken in: %v; want what Admits says", *score, took)
		}
		if key.Admits(*score) {
			admitted++
		}
		if score := signIn(other); score == nil || *score > 0 {
			t.Fatalf("somebody else scores %v, want below 0", score)
		}
	}
	if got := refs[key].Version - ripe; got != admitted || admitted < 10 {
		t.Errorf("%d typings were taken in and %d admitted; want the same number, at least half of 20", got, admitted)
	}
}
