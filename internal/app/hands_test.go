package app

import (
	"testing"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/presence"
)

func TestWeightsBringTheJudgeOfHandsThatTheirTermsAllow(t *testing.T) {
	for name, want := range map[string]string{"open": presence.Open().Card, "research": presence.Research().Card} {
		a, err := NewAssessor(name, looseBudget, false)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Liveness.Card; got != want || got == "" {
			t.Errorf("weights %s bring the judge %q, want %q", name, got, want)
		}
	}
	if got := handsBy(&compare.Weights{Name: "own"}).Card; got != presence.Open().Card {
		t.Errorf("an operator's own weights bring the judge %q, want the open one", got)
	}
}
