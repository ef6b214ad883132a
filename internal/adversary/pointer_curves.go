package adversary

import (
	"math"
	"math/rand/v2"
)

// bezier draws a cubic Bézier with both control points on one side, eased in time or not.
func bezier(rng *rand.Rand, e errand, stepMS float64) []sample {
	length := math.Hypot(e.dx, e.dy)
	side := math.Copysign(math.Min(200, math.Max(2, length*(0.05+0.3*rng.Float64()))), rng.Float64()-0.5)
	nx, ny := -e.dy/length*side, e.dx/length*side
	a, b := rng.Float64(), rng.Float64()
	if a > b {
		a, b = b, a
	}
	k1, k2 := rng.Float64(), rng.Float64()
	ease := easings[rng.IntN(len(easings))]
	return along(e, stepMS, func(u float64) (x, y float64) {
		u = ease(u)
		p, q, r := 3*u*(1-u)*(1-u), 3*u*u*(1-u), u*u*u
		return p*(a*e.dx+k1*nx) + q*(b*e.dx+k2*nx) + r*e.dx, p*(a*e.dy+k1*ny) + q*(b*e.dy+k2*ny) + r*e.dy
	})
}

// windMouse simulates a pointer that gravity draws to its target while wind blows (B. Land, 2005).
func windMouse(rng *rand.Rand, e errand, stepMS float64) []sample {
	gravity, wind := 7+4*rng.Float64(), 2+3*rng.Float64()
	maxStep, near := 8+10*rng.Float64(), 10+6*rng.Float64()
	var x, y, vx, vy, wx, wy, t float64
	out := []sample{{}}
	for range 2000 {
		d := math.Hypot(e.dx-x, e.dy-y)
		if d < 1 {
			break
		}
		w := math.Min(wind, d)
		if d >= near {
			wx = wx/math.Sqrt(3) + (2*rng.Float64()-1)*w/math.Sqrt(5)
			wy = wy/math.Sqrt(3) + (2*rng.Float64()-1)*w/math.Sqrt(5)
		} else {
			wx, wy = wx/math.Sqrt(3), wy/math.Sqrt(3)
			if maxStep < 3 {
				maxStep = 3 + 3*rng.Float64()
			} else {
				maxStep /= math.Sqrt(5)
			}
		}
		vx += wx + gravity*(e.dx-x)/d
		vy += wy + gravity*(e.dy-y)/d
		if v := math.Hypot(vx, vy); v > maxStep {
			c := (maxStep/2 + rng.Float64()*maxStep/2) / v
			vx, vy = vx*c, vy*c
		}
		x, y, t = x+vx, y+vy, t+math.Max(stepMS, 5+5*rng.Float64())
		out = append(out, sample{t, x, y})
	}
	return append(out, sample{t + stepMS, e.dx, e.dy})
}

// splineOvershoot draws a Catmull–Rom curve through random points beside the line, past the target and back to it.
func splineOvershoot(rng *rand.Rand, e errand, stepMS float64) []sample {
	length := math.Hypot(e.dx, e.dy)
	over := 1 + math.Min(0.3, (5+25*rng.Float64())/length)
	off := func(scale float64) float64 { return scale * rng.NormFloat64() }
	knots := []sample{{0, 0, 0}}
	for _, u := range []float64{0.25, 0.5, 0.75} {
		o := off(0.05)
		knots = append(knots, sample{0.8 * u, e.dx*u*over - e.dy*o, e.dy*u*over + e.dx*o})
	}
	o := off(0.02)
	knots = append(knots, sample{0.8, e.dx*over - e.dy*o, e.dy*over + e.dx*o}, sample{1, e.dx, e.dy})
	ease := easings[3+rng.IntN(2)]
	return along(e, stepMS, func(u float64) (x, y float64) {
		return through(knots, 0.8*ease(math.Min(1, u/0.8))+0.2*ease(math.Max(0, (u-0.8)/0.2)))
	})
}

// through gives the place at t on the Catmull–Rom curve through points that are in order of time.
func through(k []sample, t float64) (x, y float64) {
	i := 0
	for i < len(k)-2 && k[i+1].t <= t {
		i++
	}
	b, c := k[i], k[i+1]
	a, d := k[max(0, i-1)], k[min(len(k)-1, i+2)]
	h := math.Max(1e-9, c.t-b.t)
	u := math.Max(0, math.Min(1, (t-b.t)/h))
	hermite := func(p, q, before, after float64) float64 {
		m, n := (q-before)/math.Max(1e-9, c.t-a.t)*h, (after-p)/math.Max(1e-9, d.t-b.t)*h
		return p*(2*u*u*u-3*u*u+1) + m*(u*u*u-2*u*u+u) + q*(3*u*u-2*u*u*u) + n*(u*u*u-u*u)
	}
	return hermite(b.x, c.x, a.x, d.x), hermite(b.y, c.y, a.y, d.y)
}

// sigmaLognormal adds two or three submovements, each with a lognormal speed and a direction that turns evenly.
func sigmaLognormal(rng *rand.Rand, e errand, stepMS float64) []sample {
	type stroke struct{ start, mu, sigma, length, from, to float64 }
	angle, length := math.Atan2(e.dy, e.dx), math.Hypot(e.dx, e.dy)
	n := 1 + rng.IntN(3)
	var parts []stroke
	for i := range n {
		share := [...][3]float64{{1}, {0.9, 0.1}, {0.85, 0.2, -0.05}}[n-1][i]
		bow := 0.25 * rng.NormFloat64()
		parts = append(parts, stroke{
			start: (0.35*float64(i) - 0.02) * e.durationMS, mu: math.Log(e.durationMS * (0.28 + 0.08*rng.Float64())), sigma: 0.25 + 0.15*rng.Float64(),
			length: share * length, from: angle - bow, to: angle + bow,
		})
	}
	var x, y float64
	var out []sample
	const fineMS = 1
	next := 0.0
	for t := 0.0; t < 1.6*e.durationMS; t += fineMS {
		if t >= next {
			out = append(out, sample{t, x, y})
			next += stepMS
		}
		for _, p := range parts {
			if t <= p.start+1 {
				continue
			}
			z := (math.Log(t-p.start) - p.mu) / p.sigma
			done := (1 + math.Erf(z/math.Sqrt2)) / 2
			v := p.length / (p.sigma * math.Sqrt(2*math.Pi) * (t - p.start)) * math.Exp(-z*z/2)
			dir := p.from + (p.to-p.from)*done
			x += v * math.Cos(dir) * fineMS
			y += v * math.Sin(dir) * fineMS
		}
	}
	return out
}

// correlatedNoise draws a bowed line whose speed is a skewed bell, with Ornstein–Uhlenbeck noise on place and pace that
// grows with speed: a careful imitation of a hand.
func correlatedNoise(rng *rand.Rand, e errand, stepMS float64) []sample {
	bow, skew := 0.08*rng.NormFloat64(), 0.6+0.3*rng.Float64()
	keep := math.Exp(-stepMS / (20 + 40*rng.Float64()))
	spill := math.Sqrt(1 - keep*keep)
	size := 0.5 + 2*rng.Float64()
	var nx, ny, np float64
	out := along(e, stepMS, func(u float64) (x, y float64) {
		nx, ny, np = keep*nx+spill*rng.NormFloat64(), keep*ny+spill*rng.NormFloat64(), keep*np+spill*rng.NormFloat64()
		g := 4 * u * (1 - u)
		s := jerkShare(math.Pow(u, skew)) + 0.02*g*np
		b := bow * 4 * s * (1 - s)
		return e.dx*s - e.dy*b + size*g*nx, e.dy*s + e.dx*b + size*g*ny
	})
	return out
}

// markovSteps lets a second-order random walk of the velocity run to the target: each velocity follows from the last two.
func markovSteps(rng *rand.Rand, e errand, stepMS float64) []sample {
	var x, y, vx, vy, ux, uy, t float64
	out := []sample{{}}
	for range 2000 {
		dx, dy := e.dx-x, e.dy-y
		left := math.Max(3*stepMS, e.durationMS-t)
		d := math.Hypot(dx, dy)
		if d < 2 || t > 2*e.durationMS {
			break
		}
		noise := 0.12 * (0.1 + math.Hypot(vx, vy))
		nvx := 1.5*vx - 0.6*ux + 0.1*2*dx/left + noise*rng.NormFloat64()
		nvy := 1.5*vy - 0.6*uy + 0.1*2*dy/left + noise*rng.NormFloat64()
		ux, uy, vx, vy = vx, vy, nvx, nvy
		x, y, t = x+vx*stepMS, y+vy*stepMS, t+stepMS
		out = append(out, sample{t, x, y})
	}
	return out
}
