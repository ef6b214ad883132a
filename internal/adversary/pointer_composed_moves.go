package adversary

import (
	"math"
	"math/rand/v2"
)

// composedMoves are parts that give path and pace in one: the movement comes out of a law of motion.
var composedMoves = []string{"sum", "walk", "spring", "chase", "free"}

// composedBells are the speeds of the submovements that "sum" adds.
var composedBells = []string{"lognormal", "minimum_jerk", "gaussian", "beta"}

// move draws a stroke of a law of motion: where it is at shares of its duration from 0 to 1, ending on the target.
func (c program) move(rng *rand.Rand, e errand) func(u float64) (x, y float64) {
	const ticks = 400
	var track []sample
	switch c.path {
	case "sum":
		track = c.sum(rng, e, ticks)
	case "walk":
		track = c.walk(rng, e, ticks)
	case "free":
		track = c.free.track(rng, e, ticks)
	case "spring":
		track = c.spring(rng, e, ticks)
	default:
		track = c.chase(e, ticks)
	}
	// What is missing to the target is made up for evenly, in proportion to the way done.
	end := track[len(track)-1]
	return func(u float64) (x, y float64) {
		at := u * float64(len(track)-1)
		i := min(int(at), len(track)-2)
		a, b, f := track[i], track[i+1], at-float64(i)
		x, y = a.x+f*(b.x-a.x), a.y+f*(b.y-a.y)
		done := jerkShare(u)
		return x + done*(e.dx-end.x), y + done*(e.dy-end.y)
	}
}

// sum adds submovements that overlap, each a bell of speed in a direction that may turn while it lasts.
func (c program) sum(rng *rand.Rand, e errand, ticks int) []sample {
	angle, length := math.Atan2(e.dy, e.dx), math.Hypot(e.dx, e.dy)
	n := 1 + rng.IntN(c.most)
	left := 1.0
	type part struct{ start, width, length, from, to float64 }
	var parts []part
	for i := range n {
		share := left * (0.6 + 0.35*rng.Float64())
		if i == n-1 {
			share = left
		}
		left -= share
		aim := 0.6 * c.bow * rng.NormFloat64()
		turn := 2 * c.bow * rng.NormFloat64()
		start := 0.0
		if i > 0 {
			start = math.Min(0.8, parts[i-1].start+parts[i-1].width*(0.3+0.6*rng.Float64()))
		}
		parts = append(parts, part{start, (1 - start) * (0.5 + 0.5*rng.Float64()), share * length, angle + aim - turn, angle + aim + turn})
	}
	out := make([]sample, ticks+1)
	x, y := 0.0, 0.0
	for i := range out {
		out[i] = sample{float64(i) / float64(ticks), x, y}
		for _, p := range parts {
			from, to := (out[i].t-p.start)/p.width, (out[i].t+1/float64(ticks)-p.start)/p.width
			before, after := c.bellShare(from), c.bellShare(to)
			dir := p.from + (p.to-p.from)*before
			x += p.length * (after - before) * math.Cos(dir)
			y += p.length * (after - before) * math.Sin(dir)
		}
	}
	return out
}

// bellShare is the share of the way done after a share of the time, by the bell of speed of c.
func (c program) bellShare(u float64) float64 {
	u = math.Max(0, math.Min(1, u))
	switch c.bell {
	case "lognormal":
		at := func(u float64) float64 { return (1 + math.Erf(math.Log((u+1e-6)/0.35)/(c.sigma*math.Sqrt2))) / 2 }
		return at(u) / at(1)
	case "gaussian":
		at := func(u float64) float64 { return math.Erf((u - 0.5) * 4) }
		return (at(u) - at(0)) / (at(1) - at(0))
	case "beta": // speed u²(1−u)³ or the like, by the skew
		return jerkShare(math.Pow(u, c.skew))
	}
	return jerkShare(u)
}

// walk is a velocity that remembers itself, is drawn to the target and shaken in proportion to its size.
func (c program) walk(rng *rand.Rand, e errand, ticks int) []sample {
	out := make([]sample, ticks+1)
	var x, y, vx, vy float64
	keep := math.Exp(-1 / (float64(ticks) * (0.03 + 0.3*c.sprint)))
	for i := range out {
		out[i] = sample{float64(i) / float64(ticks), x, y}
		left := math.Max(0.04, 1-out[i].t)
		wantX, wantY := 2*(e.dx-x)/left, 2*(e.dy-y)/left
		shake := c.sigma * math.Sqrt(1-keep*keep) * (math.Hypot(wantX, wantY)*0.5 + math.Hypot(vx, vy)) * 0.7
		vx = keep*vx + (1-keep)*wantX + shake*rng.NormFloat64()
		vy = keep*vy + (1-keep)*wantY + shake*rng.NormFloat64()
		x, y = x+vx/float64(ticks), y+vy/float64(ticks)
	}
	return out
}

// spring is a mass that a damped spring draws to the target, or past it, shaken or not.
func (c program) spring(rng *rand.Rand, e errand, ticks int) []sample {
	out := make([]sample, ticks+1)
	var x, y, vx, vy float64
	stiffness, damping := 6+12*c.sprint*rng.Float64()*2, 0.6+0.6*c.skew
	side := c.bow * rng.NormFloat64() * stiffness
	vx, vy = -e.dy*side, e.dx*side
	dt := 1 / float64(ticks)
	for i := range out {
		out[i] = sample{float64(i) * dt, x, y}
		force := c.shake * math.Hypot(e.dx-x, e.dy-y) * stiffness * stiffness
		vx += dt*(stiffness*stiffness*(e.dx-x)-2*damping*stiffness*vx) + math.Sqrt(dt)*0.1*force*rng.NormFloat64()
		vy += dt*(stiffness*stiffness*(e.dy-y)-2*damping*stiffness*vy) + math.Sqrt(dt)*0.1*force*rng.NormFloat64()
		x, y = x+dt*vx, y+dt*vy
	}
	return out
}

// chase goes a share of what is left towards a goal that itself walks along a bow to the target.
func (c program) chase(e errand, ticks int) []sample {
	out := make([]sample, ticks+1)
	var x, y float64
	rate := (5 + 20*c.sprint) / float64(ticks)
	for i := range out {
		u := float64(i) / float64(ticks)
		out[i] = sample{u, x, y}
		s := math.Min(1, u/0.8)
		off := c.bow * 4 * s * (1 - s)
		x += rate * (e.dx*s - e.dy*off - x)
		y += rate * (e.dy*s + e.dx*off - y)
	}
	return out
}
