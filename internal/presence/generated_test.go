package presence

import (
	"math"
	"testing"

	"ipse.dev/ipse/internal/liveness"
)

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

func TestACreepingPointerShowsNoShape(t *testing.T) {
	measures := make([]float64, len(liveness.PointerMeasures.Measures))
	for _, c := range []struct{ units, want float64 }{{0, 1}, {0.05, 1}, {0.15, 0.5}, {0.25, 0}, {1, 0}} {
		measures[unitSteps] = c.units
		if got := shapeShown(measures); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("where %g of the steps are of one pixel, %g of the shape shows; want %g", c.units, got, c.want)
		}
	}
}

func TestAMixtureLeansToWhatSpeaksLouder(t *testing.T) {
	if got, want := mixed(3, -50, 0.125), 3+math.Log(0.875); math.Abs(got-want) > 1e-9 {
		t.Errorf("3 nats for the first kind and nothing for the second come to %g, want %g", got, want)
	}
	if got, want := mixed(-50, 4, 0.125), 4+math.Log(0.125); math.Abs(got-want) > 1e-9 {
		t.Errorf("4 nats for the second kind alone come to %g, want %g", got, want)
	}
	if got := mixed(2, 2, 0.125); math.Abs(got-2) > 1e-9 {
		t.Errorf("2 nats for either kind come to %g, want 2", got)
	}
}
