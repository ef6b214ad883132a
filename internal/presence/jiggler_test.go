package presence

import (
	"testing"

	"ipse.dev/ipse/internal/event"
)

func TestJigglersAreFound(t *testing.T) {
	judge := Default()
	for family, least := range map[string]int{"jiggler_line": 3, "jiggler_circle": 5, "jiggler_random": 2} {
		if n := count(pointerAttack(t, judge, family, 6), Jiggler); n < least {
			t.Errorf("%s: %d of 6 are found within a minute, want %d", family, n, least)
		}
	}
	var slow []event.Pointer
	for i := range 300 {
		slow = append(slow, event.Pointer{TimeMS: 1000 * float64(i), X: 500 + 3*float64(i%2), Y: 300, Trusted: true})
	}
	if kinds := found(judge, nil, slow); !kinds[Jiggler] {
		t.Errorf("a pointer that moves 3 px to and fro each second: found %v, want a jiggler", kinds)
	}
}

func TestPathsThatLeadSomewhereAreNoJigglers(t *testing.T) {
	for _, family := range []string{"straight", "minimum_jerk", "bezier", "agent"} {
		if n := count(pointerAttack(t, Default(), family, 4), Jiggler); n > 0 {
			t.Errorf("%s: %d of 4 are taken for jigglers, want none", family, n)
		}
	}
}
