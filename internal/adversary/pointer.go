package adversary

import (
	"math"
	"math/rand/v2"

	"ipse.dev/ipse/internal/event"
)

// PointerMaterial is what an attacker has to make pointer events from: strokes that somebody made, each the movements of
// one go from rest to rest, times in milliseconds from any origin. Generators take from it only where strokes go and how
// long they last; attacks that replay take all of it.
type PointerMaterial struct{ Strokes [][]event.Pointer }

// PointerAttack makes pointer events as one kind of attacker does. Make gives events in order of time, from 0 to about
// durationMS, positions in whole pixels of a screen of 1920 × 1080; it gives none where the attack needs material and has
// none. It is the same for the same rng.
type PointerAttack struct {
	Family, Doc string
	Kind        PointerKind
	Make        func(rng *rand.Rand, m PointerMaterial, durationMS float64) []event.Pointer
}

// Composed is the family of programs that Compose draws: what a program could be of which no file is at hand.
const Composed = "composed"

// PointerKind says what an attack is after, and so which signal of package presence answers it.
type PointerKind int

// The kinds.
const (
	Generated   PointerKind = iota // paths that a program drew
	Transformed                    // somebody's own strokes, changed so that they are no longer the same
	Jiggled                        // movement for the sake of movement
	Remote                         // a person's hand, seen through a remote session: context, not an attack by itself
)

// PointerAttacks lists every attack on the pointer.
var PointerAttacks = []PointerAttack{
	{"straight", "straight lines at constant speed, evenly timed", Generated, strokesOf(straight)},
	{"straight_jittered", "straight lines at constant speed, every interval drawn anew", Generated, strokesOf(straightJittered)},
	{"straight_eased", "straight lines that speed up and slow down by an easing curve", Generated, strokesOf(straightEased)},
	{"minimum_jerk", "straight lines with the minimum-jerk speed profile of Flash and Hogan (1985)", Generated, strokesOf(minimumJerk)},
	{"minimum_jerk_noise", "minimum-jerk lines with normal noise on every position", Generated, strokesOf(minimumJerkNoise)},
	{"bezier", "cubic Bézier curves with random control points, as ghost-cursor draws them", Generated, strokesOf(bezier)},
	{"wind_mouse", "WindMouse: gravity to the target and a wind that blows the pointer about (Land 2005)", Generated, strokesOf(windMouse)},
	{"spline_overshoot", "a smooth curve through random points that overshoots its target and comes back", Generated, strokesOf(splineOvershoot)},
	{"sigma_lognormal", "sums of lognormal submovements with turning directions (Plamondon's kinematic theory)", Generated, strokesOf(sigmaLognormal)},
	{"correlated_noise", "bowed lines with a skewed bell of speed and slowly changing noise on place and pace", Generated, strokesOf(correlatedNoise)},
	{"markov_steps", "velocities that a second-order random walk carries to the target", Generated, strokesOf(markovSteps)},
	{Composed, "any path with any pace, any noise and any clock: another program for every sitting", Generated, Compose(nil)},
	{"tween", "few even steps by one of the tweening functions of a desktop automation library", Generated, strokesOf(tween)},
	{"teleport", "the pointer is set onto the target, in none or a few interpolated steps, and clicks at once", Generated, teleport},
	{"agent", "an agent that looks at a screenshot for seconds, sets the pointer onto a target and clicks", Generated, agent},
	{"affine", "somebody's strokes rotated, scaled, sheared, mirrored and stretched in time, rounded to pixels again", Transformed, affine},
	{"noisy_strokes", "somebody's strokes with noise on every position and time", Transformed, noisyStrokes},
	{"distorted_bezier", "Bézier curves over knots in a box, points shaken across, by an easing, as pyclick and HumanCursor draw them", Generated, strokesOf(distortedBezier)},
	{"waypoints", "B-splines, Hermite and Catmull–Rom curves over waypoints beside the line, by a smooth pace", Generated, strokesOf(waypoints)},
	{"function_shapes", "linear, quadratic and exponential shapes at constant, logarithmic and exponential speed, as BeCAPTCHA-Mouse makes them", Generated, strokesOf(functionShapes)},
	{"gradient_noise", "eased lines carried on gradient noise of a few octaves, as OxyMouse's Perlin paths", Generated, strokesOf(gradientNoise)},
	{"smoothed_bridge", "Brownian bridges filtered until they are smooth, along a skewed bell of speed", Generated, strokesOf(smoothedBridge)},
	{"controlled", "a mass that a controller of three terms drives to the target, seeing late, with noise of the muscles", Generated, strokesOf(controlled)},
	{"damped_tremor", "a critically damped spring behind a gliding goal, and tremor of 8 to 12 Hz", Generated, strokesOf(dampedTremor)},
	{"mean_reverting", "a skewed bell of speed and Ornstein–Uhlenbeck noise on the velocity, bound to the target", Generated, strokesOf(meanReverting)},
	{"corrected", "a quick submovement that misses and one or two corrections, with noise in proportion to speed", Generated, strokesOf(corrected)},
	{"autoregressive", "velocities by a linear model of those before, fitted to somebody's strokes", Generated, autoregressive},
	{"own_pace", "computed curves by the pace of somebody's strokes", Transformed, learnt(ownPace)},
	{"own_way", "the ways of somebody's strokes by a computed pace", Transformed, learnt(ownWay)},
	{"warped", "somebody's strokes aimed at other targets, their time bent smoothly", Transformed, learnt(warped)},
	{"stitched", "pieces of several of somebody's strokes joined where speed and direction fit", Transformed, learnt(stitched)},
	{"jiggler_line", "a pixel or a few to and fro in equal intervals", Jiggled, jiggleLine},
	{"jiggler_circle", "small circles, over and over", Jiggled, jiggleCircle},
	{"jiggler_random", "small random moves in random intervals", Jiggled, jiggleRandom},
	{"remote_desktop", "a hand's strokes at 30 or 60 frames a second, delayed by a network, in batches", Remote, remoteDesktop},
}

// reports are the rates at which mice report, a second.
var reports = [...]float64{60, 125, 250, 1000}

const screenWidthPX, screenHeightPX = 1920, 1080

// sample is a place at a time, both relative to a stroke's start.
type sample struct{ t, x, y float64 }

// errand is where a stroke shall go, relative to its start, and how long it shall take.
type errand struct{ dx, dy, durationMS float64 }

// errandOf takes an errand from the material, or makes one whose duration follows Fitts's law.
func errandOf(rng *rand.Rand, m PointerMaterial) errand {
	for range min(len(m.Strokes), 8) {
		s := m.Strokes[rng.IntN(len(m.Strokes))]
		if len(s) < 2 {
			continue
		}
		a, b := s[0], s[len(s)-1]
		if math.Hypot(b.X-a.X, b.Y-a.Y) >= 20 && b.TimeMS-a.TimeMS >= 60 {
			return errand{b.X - a.X, b.Y - a.Y, b.TimeMS - a.TimeMS}
		}
	}
	angle, length := rng.Float64()*2*math.Pi, 40*math.Exp(rng.Float64()*3)
	return errand{length * math.Cos(angle), length * math.Sin(angle), (150 + 120*math.Log2(1+length/30)) * math.Exp(0.3*rng.NormFloat64())}
}

// strokesOf turns a way of drawing one stroke into an attack: strokes, rests and now and then a click. The rate of reports is
// drawn once: it tells nothing about the family.
func strokesOf(draw func(rng *rand.Rand, e errand, stepMS float64) []sample) func(*rand.Rand, PointerMaterial, float64) []event.Pointer {
	return func(rng *rand.Rand, m PointerMaterial, durationMS float64) []event.Pointer {
		stepMS := 1000 / reports[rng.IntN(len(reports))]
		h := newHand(rng)
		for h.nowMS < durationMS {
			h.play(draw(rng, errandOf(rng, m), stepMS))
			if rng.Float64() < 0.4 {
				h.click(60+80*rng.Float64(), 60+60*rng.Float64())
			}
			h.nowMS += 250 * math.Exp(0.7*rng.NormFloat64())
		}
		return h.events
	}
}

// hand writes events to a screen, as a device's driver would.
type hand struct {
	nowMS, x, y float64
	events      []event.Pointer
	placed      bool
}

func newHand(rng *rand.Rand) *hand {
	return &hand{x: 300 + math.Floor(rng.Float64()*1300), y: 200 + math.Floor(rng.Float64()*680)}
}

// move reports a place in whole pixels; where nothing changes nothing is reported.
func (h *hand) move(x, y float64) {
	x, y = math.Floor(x+0.5), math.Floor(y+0.5)
	if h.placed && x == h.x && y == h.y {
		return
	}
	h.x, h.y, h.placed = x, y, true
	h.events = append(h.events, event.Pointer{TimeMS: math.Floor(h.nowMS*10+0.5) / 10, Kind: event.Move, X: x, Y: y, Trusted: true})
}

// play moves along a stroke. One that would leave the screen is mirrored.
func (h *hand) play(s []sample) {
	if len(s) == 0 {
		return
	}
	end := s[len(s)-1]
	flipX, flipY := 1.0, 1.0
	if x := h.x + end.x; x < 0 || x > screenWidthPX {
		flipX = -1
	}
	if y := h.y + end.y; y < 0 || y > screenHeightPX {
		flipY = -1
	}
	x0, y0, t0 := h.x, h.y, h.nowMS
	for _, p := range s {
		h.nowMS = math.Max(h.nowMS, t0+p.t)
		h.move(x0+flipX*p.x, y0+flipY*p.y)
	}
}

func (h *hand) click(settleMS, dwellMS float64) {
	for _, k := range [...]struct {
		kind event.PointerKind
		wait float64
	}{{event.Press, settleMS}, {event.Release, dwellMS}} {
		h.nowMS += k.wait
		h.events = append(h.events, event.Pointer{TimeMS: math.Floor(h.nowMS*10+0.5) / 10, Kind: k.kind, X: h.x, Y: h.y, Trusted: true})
	}
}
