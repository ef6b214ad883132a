package presence

import "testing"

func TestHiddenKeyTimesAreFoundAndAccuseNobody(t *testing.T) {
	if effect, ok := KeyTimesHidden.Effect(); !ok || effect != Silence {
		t.Fatalf("the effect is %v, want silence", effect)
	}
	judge := Default()
	for family, least := range map[string]int{"batched": 4, "tap-hold": 4, "kloak": 1} {
		kinds := keyAttack(t, judge, family, 6)
		if n := count(kinds, KeyTimesHidden); n < least {
			t.Errorf("%s: %d of 6 are found, want %d", family, n, least)
		}
		if n := count(kinds, ForgedKeys) + count(kinds, InjectedKeys); n > 2 {
			t.Errorf("%s: %d of 6 are taken for an attack, want 2 at most", family, n)
		}
	}
}
