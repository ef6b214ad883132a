package presence

import "testing"

func TestDrawnPathsAreFound(t *testing.T) {
	judges := map[string]Judge{OpenWeights: Open(), ResearchWeights: Research()}
	for name, judge := range judges {
		for _, family := range []string{
			"straight", "straight_jittered", "straight_eased", "minimum_jerk", "minimum_jerk_noise", "bezier", "wind_mouse", "spline_overshoot",
			"sigma_lognormal", "correlated_noise", "markov_steps", "teleport",
		} {
			kinds := pointerAttack(t, judge, family, 4)
			if n := count(kinds, GeneratedPath); n < 3 {
				t.Errorf("%s: %s: %d of 4 are found within a minute, want 3", name, family, n)
			}
		}
	}
}

func TestStrokesThatSomebodyShookAreFound(t *testing.T) {
	if n := count(pointerAttack(t, Open(), "noisy_strokes", 12), GeneratedPath); n < 4 {
		t.Errorf("%d of 12 are found within a minute, want 4", n)
	}
}
