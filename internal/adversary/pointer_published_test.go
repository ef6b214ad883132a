package adversary

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func TestEveryDrawnStrokeBeginsWhereThePointerIsAndEndsOnItsTarget(t *testing.T) {
	for name, draw := range map[string]func(*rand.Rand, errand, float64) []sample{
		"distorted_bezier": distortedBezier, "waypoints": waypoints, "function_shapes": functionShapes, "gradient_noise": gradientNoise,
		"smoothed_bridge": smoothedBridge, "controlled": controlled, "damped_tremor": dampedTremor, "mean_reverting": meanReverting,
	} {
		rapid.Check(t, func(t *rapid.T) {
			rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
			e := errand{rapid.Float64Range(-800, 800).Draw(t, "dx"), rapid.Float64Range(25, 500).Draw(t, "dy"), rapid.Float64Range(80, 1500).Draw(t, "ms")}
			stepMS := 1000 / reports[rapid.IntRange(0, len(reports)-1).Draw(t, "rate")]
			s := draw(rng, e, stepMS)
			if first := s[0]; first.t != 0 || math.Hypot(first.x, first.y) > 8 { // some shake from the first place on
				t.Fatalf("%s: a stroke begins at %+v, want 0, 0 at once", name, first)
			}
			end := s[len(s)-1]
			if off := math.Hypot(end.x-e.dx, end.y-e.dy); off > 3 {
				t.Fatalf("%s: a stroke to %.0f, %.0f ends %.1f px beside it", name, e.dx, e.dy, off)
			}
			for i, p := range s {
				if i > 0 && p.t <= s[i-1].t || math.IsNaN(p.x+p.y) || math.Hypot(p.x, p.y) > 20_000 {
					t.Fatalf("%s: place %d is %+v after %+v", name, i, p, s[max(0, i-1)])
				}
			}
		})
	}
}

func TestACorrectedStrokeComesNearItsTarget(t *testing.T) {
	for seed := range uint64(50) {
		s := corrected(rand.New(rand.NewPCG(seed, 1)), errand{300, 400, 600}, 8)
		if end := s[len(s)-1]; math.Hypot(end.x-300, end.y-400) > 10 {
			t.Errorf("seed %d: it ends at %.0f, %.0f; want 300, 400 within 10 px", seed, end.x, end.y)
		}
	}
}

func TestABSplineStaysWithinItsPointsAndBeginsAndEndsOnThem(t *testing.T) {
	k := []sample{{0, 0, 0}, {0.3, 10, 40}, {0.7, 60, -20}, {1, 100, 0}}
	for u := 0.0; u <= 1; u += 0.01 {
		x, y := bSpline(k, u)
		if x < -1e-9 || x > 100+1e-9 || y < -20-1e-9 || y > 40+1e-9 {
			t.Fatalf("at %.2f the curve is at %g, %g, outside of its points", u, x, y)
		}
	}
	for u, want := range map[float64]float64{0: 0, 1: 100} {
		if x, y := bSpline(k, u); math.Abs(x-want) > 1e-6 || math.Abs(y) > 1e-6 {
			t.Errorf("at %g the curve is at %g, %g; want %g, 0", u, x, y, want)
		}
	}
}

func TestALinearModelFindsWhatMadeASeries(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	var series [][]float64
	for range 20 {
		s := []float64{0, 0}
		for range 200 {
			n := len(s)
			s = append(s, 1.2*s[n-1]-0.5*s[n-2]+rng.NormFloat64())
		}
		series = append(series, s)
	}
	m, ok := linearModelOf(series, 2)
	if !ok || math.Abs(m.weights[0]-1.2) > 0.05 || math.Abs(m.weights[1]+0.5) > 0.05 {
		t.Errorf("weights %v, want 1.2 and -0.5", m.weights)
	}
	if _, ok := linearModelOf([][]float64{{1, 2, 3}}, 2); ok {
		t.Error("three values fit a model; want too little")
	}
}

func TestAnAimedStrokeEndsOnItsTarget(t *testing.T) {
	s := aimed([]sample{{0, 0, 0}, {10, 5, 9}, {20, 30, 40}}, -40, 30)
	if end := s[2]; math.Hypot(end.x+40, end.y-30) > 1e-9 || end.t != 20 {
		t.Errorf("it ends at %+v, want -40, 30 after 20 ms", end)
	}
}
