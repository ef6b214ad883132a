package adversary

import (
	"math"
	"math/rand/v2"
)

// Paths that come out of a model of motor control: something is driven to the target.

// tickMS is how finely motion is simulated.
const tickMS = 1

// driven simulates from rest until the target is reached and the pointer rests, or for too long. Step gives the
// acceleration in pixels a squared millisecond from place and velocity; shake is how much of the speed is noise, and forMS
// how long it remembers itself.
func driven(rng *rand.Rand, e errand, stepMS, shake, forMS float64, step func(t, x, y, vx, vy float64) (ax, ay float64)) []sample {
	var x, y, vx, vy, nx, ny, next float64
	keep := math.Exp(-tickMS / forMS)
	spill := math.Sqrt(1 - keep*keep)
	var out []sample
	for t := 0.0; t < 4*e.durationMS+500; t += tickMS {
		if t >= next {
			out = append(out, sample{t, x, y})
			next += stepMS
		}
		ax, ay := step(t, x, y, vx, vy)
		vx, vy = vx+tickMS*ax, vy+tickMS*ay
		nx, ny = keep*nx+spill*rng.NormFloat64(), keep*ny+spill*rng.NormFloat64()
		v := shake * math.Hypot(vx, vy)
		x, y = x+tickMS*(vx+v*nx), y+tickMS*(vy+v*ny)
		if math.Hypot(e.dx-x, e.dy-y) < 1.5 && math.Hypot(vx, vy) < 0.02 {
			break
		}
	}
	return append(out, sample{out[len(out)-1].t + stepMS, e.dx, e.dy})
}

// controlled drives a mass to the target by a controller of three terms that sees it late.
func controlled(rng *rand.Rand, e errand, stepMS float64) []sample {
	pull := (2.5 + 2*rng.Float64()) / (0.5 * e.durationMS)
	damping, sum := 2*(0.6+0.5*rng.Float64())*pull, 0.02*rng.Float64()*pull*pull*pull
	lateMS := 0.05 * e.durationMS * rng.Float64() // seen much later, it would swing up
	type seen struct{ x, y, vx, vy float64 }
	var past []seen
	var ix, iy float64
	return driven(rng, e, stepMS, 0.05+0.25*rng.Float64(), 10+50*rng.Float64(), func(_, x, y, vx, vy float64) (ax, ay float64) {
		past = append(past, seen{x, y, vx, vy})
		s := past[max(0, len(past)-1-int(lateMS))]
		dx, dy := e.dx-s.x, e.dy-s.y
		ix, iy = ix+dx*tickMS, iy+dy*tickMS
		return pull*pull*dx - damping*s.vx + sum*ix, pull*pull*dy - damping*s.vy + sum*iy
	})
}

// dampedTremor follows a goal that glides to the target, or past it and back, as a critically damped spring does, and
// trembles by 8 to 12 Hz.
func dampedTremor(rng *rand.Rand, e errand, stepMS float64) []sample {
	pull := (4 + 4*rng.Float64()) / e.durationMS
	glideMS, miss, backMS := (0.2+0.5*rng.Float64())*e.durationMS, 0.08*rng.NormFloat64(), (0.5+0.3*rng.Float64())*e.durationMS
	bow := 0.15 * rng.NormFloat64()
	out := driven(rng, e, stepMS, 0.04+0.1*rng.Float64(), 20+60*rng.Float64(), func(t, x, y, vx, vy float64) (ax, ay float64) {
		s := math.Min(1, t/glideMS)
		off := 4 * bow * s * (1 - s)
		if t < backMS {
			s *= 1 + miss
		}
		return pull*pull*(e.dx*s-e.dy*off-x) - 2*pull*vx, pull*pull*(e.dy*s+e.dx*off-y) - 2*pull*vy
	})
	size, hz := 0.3+1.2*rng.Float64(), 8+4*rng.Float64()
	phase, twist := 2*math.Pi*rng.Float64(), 2*math.Pi*rng.Float64()
	for i := range out[:len(out)-1] {
		phase += 2 * math.Pi * hz * stepMS / 1000 * (1 + 0.1*rng.NormFloat64())
		out[i].x += size * math.Sin(phase)
		out[i].y += 0.7 * size * math.Sin(phase+twist)
	}
	return out
}

// meanReverting adds to a skewed bell of speed the integral of an Ornstein–Uhlenbeck process, bound to the target.
func meanReverting(rng *rand.Rand, e errand, stepMS float64) []sample {
	n := max(4, int(e.durationMS/stepMS))
	keep := math.Exp(-stepMS / (30 + 120*rng.Float64()))
	spill := math.Sqrt(1 - keep*keep)
	size := (0.1 + 0.4*rng.Float64()) * math.Hypot(e.dx, e.dy) / float64(n)
	skew, grows := 0.55+0.5*rng.Float64(), rng.Float64() < 0.6
	var vx, vy, x, y float64
	out := make([]sample, n+1)
	for i := range out {
		u := float64(i) / float64(n)
		s := jerkShare(math.Pow(u, skew))
		out[i] = sample{u * e.durationMS, e.dx*s + x, e.dy*s + y}
		vx, vy = keep*vx+spill*rng.NormFloat64(), keep*vy+spill*rng.NormFloat64()
		v := size
		if grows {
			v *= 6 * u * (1 - u)
		}
		x, y = x+v*vx, y+v*vy
	}
	for i := range out {
		s := jerkShare(float64(i) / float64(n))
		out[i].x += s * (e.dx - out[n].x)
		out[i].y += s * (e.dy - out[n].y)
	}
	out[n].x, out[n].y = e.dx, e.dy
	return out
}

// corrected is a quick submovement that misses by its length, and one or two corrections that begin before it ends, each
// with noise in proportion to its speed, by the optimised submovements of Meyer et al. (Psychological Review 95, 1988).
func corrected(rng *rand.Rand, e errand, stepMS float64) []sample {
	type part struct{ at, ms, dx, dy, bow float64 }
	var parts []part
	x, y, at, ms := 0.0, 0.0, 0.0, e.durationMS*(0.5+0.2*rng.Float64())
	n := 1 + rng.IntN(3)
	for i := range n {
		p := part{at, ms, e.dx - x, e.dy - y, 0.1 * rng.NormFloat64()}
		if i < n-1 {
			ahead, aside := 0.95+0.08*rng.NormFloat64(), 0.05*rng.NormFloat64()
			p.dx, p.dy = ahead*p.dx-aside*p.dy, ahead*p.dy+aside*p.dx
		}
		parts = append(parts, p)
		x, y = x+p.dx, y+p.dy
		at += ms * (0.7 + 0.4*rng.Float64())
		ms = 100 + 120*rng.Float64()
	}
	last := parts[n-1]
	e.durationMS = last.at + last.ms
	skew, shake := 0.65+0.4*rng.Float64(), 0.02+0.1*rng.Float64()
	keep := math.Exp(-stepMS / (15 + 45*rng.Float64()))
	spill := math.Sqrt(1 - keep*keep)
	var nx, ny, wasX, wasY float64
	return along(e, stepMS, func(u float64) (x, y float64) {
		for _, p := range parts {
			s := jerkShare(math.Pow(math.Max(0, math.Min(1, (u*e.durationMS-p.at)/p.ms)), skew))
			off := p.bow * 4 * s * (1 - s)
			x, y = x+p.dx*s-p.dy*off, y+p.dy*s+p.dx*off
		}
		v := shake * math.Hypot(x-wasX, y-wasY) * 16 / stepMS
		wasX, wasY = x, y
		nx, ny = keep*nx+spill*rng.NormFloat64(), keep*ny+spill*rng.NormFloat64()
		return x + v*nx, y + v*ny
	})
}
