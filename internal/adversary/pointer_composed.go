package adversary

import (
	"math"
	"math/rand/v2"
	"slices"

	"ipse.dev/ipse/internal/event"
)

// The parts of which Compose puts programs together. The names say what a family shares with it: whoever leaves the
// family "bezier" out leaves the part "bezier" out too.
var (
	composedPaths  = []string{"line", "arc", "bezier", "bezier", "spline", "wave", "sum", "sum", "walk", "spring", "chase", "free", "free", "free", "free"}
	composedPaces  = []string{"constant", "eased", "minimum_jerk", "skewed", "lognormal", "sprint", "uneven"}
	composedNoises = []string{"none", "none", "white", "correlated", "growing", "tremor", "rolling"}
	composedClocks = []string{"even", "even", "jittered", "drawn_out"}
)

// PointerParts names the parts that a family is made of.
var PointerParts = map[string][]string{
	"straight": {"line", "constant"}, "straight_jittered": {"line", "constant", "jittered"}, "straight_eased": {"line", "eased"}, "tween": {"line", "eased"},
	"minimum_jerk": {"minimum_jerk"}, "minimum_jerk_noise": {"minimum_jerk", "white"}, "bezier": {"bezier"}, "spline_overshoot": {"spline"},
	"sigma_lognormal": {"lognormal", "sum"}, "correlated_noise": {"correlated", "rolling"}, "markov_steps": {"walk"}, "wind_mouse": {"walk"},
	"distorted_bezier": {"bezier"}, "waypoints": {"spline"}, "function_shapes": {"line", "constant"}, "gradient_noise": {"wave", "rolling"},
	"smoothed_bridge": {"correlated"}, "mean_reverting": {"correlated"}, "controlled": {"spring"}, "damped_tremor": {"spring", "chase", "tremor"},
	"corrected": {"sum"}, "autoregressive": {"walk"},
}

// Compose gives an attack that draws a new program for every sitting: a path, a pace, a noise and a clock, none of them
// among the parts that are left out (where any is left), and habits beside them.
func Compose(without []string) func(*rand.Rand, PointerMaterial, float64) []event.Pointer {
	return func(rng *rand.Rand, m PointerMaterial, durationMS float64) []event.Pointer {
		pick := func(parts []string) string {
			for range 50 {
				p := parts[rng.IntN(len(parts))]
				left := true
				for _, w := range without {
					left = left && w != p
				}
				if left {
					return p
				}
			}
			return parts[0]
		}
		c := program{
			bell: pick(composedBells), most: 1 + rng.IntN(6), controls: 2 + rng.IntN(3), shake: math.Max(0, 0.5*rng.NormFloat64()), frequencyHZ: 6 + 8*rng.Float64(),
			path: pick(composedPaths), pace: pick(composedPaces), noise: pick(composedNoises), clock: pick(composedClocks),
			bow: 0.02 + 0.25*rng.Float64(), skew: 0.55 + 0.7*rng.Float64(), ease: easings[1+rng.IntN(len(easings)-1)], sigma: 0.2 + 0.35*rng.Float64(),
			free: newFreely(rng),
			size: 0.3 + 2*rng.Float64(), memoryMS: 15 + 60*rng.Float64(), sprint: 0.1 + 0.3*rng.Float64(), overshoot: math.Max(0, 0.06*rng.NormFloat64()),
		}
		return newHabits(rng).sit(rng, m, durationMS, c.draw)
	}
}

type program struct {
	path, pace, noise, clock, bell                      string
	most, controls                                      int
	shake, frequencyHZ                                  float64
	bow, skew, sigma, size, memoryMS, sprint, overshoot float64
	ease                                                func(float64) float64
	free                                                freely
}

func (c program) draw(rng *rand.Rand, e errand, stepMS float64) []sample {
	side := c.bow * rng.NormFloat64()
	knots := []sample{{}}
	for u := 0.2; u < 0.9; u += 0.2 {
		o := 0.3 * c.bow * rng.NormFloat64()
		knots = append(knots, sample{u, e.dx*u - e.dy*o, e.dy*u + e.dx*o})
	}
	knots = append(knots, sample{1, e.dx, e.dy})
	control := make([]sample, c.controls)
	for i := range control {
		s, o := (float64(i)+0.3+1.4*rng.Float64())/float64(c.controls+1), 2*c.bow*rng.NormFloat64()
		control[i] = sample{0, e.dx*s - e.dy*o, e.dy*s + e.dx*o}
	}
	var law func(u float64) (x, y float64)
	if slices.Contains(composedMoves, c.path) {
		law = c.move(rng, e)
	}
	swing := 0.9 * rng.Float64()
	waves, phase := 1+2*rng.Float64(), rng.Float64()*2*math.Pi
	middle := (0.35 + 0.1*rng.Float64())
	share := func(u float64) float64 {
		switch c.pace {
		case "eased":
			return c.ease(u)
		case "minimum_jerk":
			return jerkShare(u)
		case "skewed":
			return jerkShare(math.Pow(u, c.skew))
		case "lognormal":
			at := func(u float64) float64 { return (1 + math.Erf(math.Log((u+1e-6)/middle)/(c.sigma*math.Sqrt2))) / 2 }
			return at(u) / at(1)
		case "sprint": // most of the way at once, the rest slowly
			if u < 0.5 {
				return (1 - c.sprint) * jerkShare(2*u)
			}
			return 1 - c.sprint + c.sprint*jerkShare(2*u-1)
		case "uneven": // faster and slower by turns
			return u + swing/(2*math.Pi*waves)*(math.Sin(2*math.Pi*waves*u+phase)-math.Sin(phase)-u*(math.Sin(2*math.Pi*waves+phase)-math.Sin(phase)))
		}
		return u
	}
	place := func(s float64) (x, y float64) {
		off := 0.0
		switch c.path {
		case "spline":
			return through(knots, s)
		case "arc":
			off = side * 4 * s * (1 - s)
		case "bezier":
			return bernstein(control, e, s)
		case "wave":
			off = 0.4 * side * math.Sin(waves*math.Pi*s+phase) * 4 * s * (1 - s)
		}
		return e.dx*s - e.dy*off, e.dy*s + e.dx*off
	}
	keep := math.Exp(-stepMS / c.memoryMS)
	spill := math.Sqrt(1 - keep*keep)
	var nx, ny, lastX, lastY float64
	out := along(e, stepMS, func(u float64) (x, y float64) {
		if law != nil {
			x, y = law(u)
		} else {
			x, y = place(share(u) * (1 + c.overshoot*math.Sin(math.Pi*u)*u))
		}
		size := c.size
		switch c.noise {
		case "none":
			return x, y
		case "white":
			nx, ny = rng.NormFloat64(), rng.NormFloat64()
		case "growing": // with the speed
			nx, ny = rng.NormFloat64(), rng.NormFloat64()
			size *= 0.05 * math.Hypot(x-lastX, y-lastY)
			lastX, lastY = x, y
		case "tremor":
			a := 2 * math.Pi * c.frequencyHZ * u * e.durationMS / 1000
			nx, ny = 0.4*math.Sin(a+phase), 0.4*math.Sin(1.1*a)
		case "rolling":
			a := 2 * math.Pi * u * e.durationMS / (4 * c.memoryMS)
			nx, ny = math.Sin(a+phase)+0.5*math.Sin(2.3*a), math.Sin(1.3*a)+0.5*math.Sin(2.9*a+phase)
		default:
			nx, ny = keep*nx+spill*rng.NormFloat64(), keep*ny+spill*rng.NormFloat64()
		}
		return x + size*nx, y + size*ny
	})
	t := 0.0
	for i := range out {
		switch c.clock {
		case "jittered":
			out[i].t = t
			t += stepMS * (0.5 + rng.Float64())
		case "drawn_out":
			out[i].t *= 1 + 0.5*float64(i)/float64(len(out))
		}
	}
	return out
}

// bernstein is the place at s on the Bézier curve from the start over some control points to the target.
func bernstein(control []sample, e errand, s float64) (x, y float64) {
	points := append(append([]sample{{}}, control...), sample{0, e.dx, e.dy})
	for n := len(points) - 1; n > 0; n-- {
		for i := range n {
			points[i].x += s * (points[i+1].x - points[i].x)
			points[i].y += s * (points[i+1].y - points[i].y)
		}
	}
	return points[0].x, points[0].y
}
