package trust_test

import (
	"testing"

	"ipse.dev/ipse/internal/trust"
)

func TestReachOfPlainTakeoverIsWhereOddsLevelOff(t *testing.T) {
	m := trust.Default()
	reach := m.ReachOfPlainTakeover()
	takenOver := func(score float64, windows int) float64 {
		s := m.Begin(0)
		for i := range windows {
			s = m.Update(s, "keyboard", score, int64(i+1)*10_000)
		}
		return s.LogOdds
	}
	for windows, least := range map[int]float64{8: 0.2, 32: 0.7, 64: 0.999} {
		if got := takenOver(m.Scores.Others, windows); got > reach || got < least*reach {
			t.Errorf("%d windows as other people's in the mean give odds of %.1f, want %g of %.1f at least and no more than it", windows, got, least, reach)
		}
	}
	if got := takenOver(m.Scores.Others, 10*m.Reach); got > reach+1 {
		t.Errorf("an hour and a half of them gives odds of %.1f, want them level off at %.1f", got, reach)
	}
	if got := takenOver(m.Scores.Least, m.Reach); got < reach {
		t.Errorf("the lowest scores give odds of %.1f, want those of plain takeovers, %.1f, below", got, reach)
	}
}
