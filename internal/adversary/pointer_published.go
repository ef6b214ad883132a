package adversary

import (
	"math"
	"math/rand/v2"
)

// Paths as published tools and papers draw them, beside those of pointer_curves.go.

// distortedBezier draws a Bézier over a few knots from the box around start and target, shakes some of its points across
// and runs through the points by an easing, as pyclick and HumanCursor do.
func distortedBezier(rng *rand.Rand, e errand, stepMS float64) []sample {
	box := 20 + 80*rng.Float64()
	knots := make([]sample, 1+rng.IntN(4))
	within := func(d float64) float64 {
		low, high := math.Min(0, d)-box, math.Max(0, d)+box
		return low + (high-low)*rng.Float64()
	}
	for i := range knots {
		knots[i] = sample{0, within(e.dx), within(e.dy)}
	}
	points := make([]sample, 2+int(math.Max(math.Abs(e.dx), math.Abs(e.dy))))
	mean, spread, often := rng.Float64(), 0.6+0.5*rng.Float64(), 0.25+0.45*rng.Float64()
	for i := range points {
		points[i].x, points[i].y = bernstein(knots, e, float64(i)/float64(len(points)-1))
		if i > 0 && i < len(points)-1 && rng.Float64() < often {
			points[i].y += math.Round(mean + spread*rng.NormFloat64())
		}
	}
	ease := easings[1+rng.IntN(len(easings)-1)]
	return along(e, stepMS, func(u float64) (x, y float64) {
		p := points[int(ease(u)*float64(len(points)-1))]
		return p.x, p.y
	})
}

// waypoints draws a uniform B-spline, a Hermite or a Catmull–Rom curve over a few places beside the line, by a smooth pace.
func waypoints(rng *rand.Rand, e errand, stepMS float64) []sample {
	n := 3 + rng.IntN(4)
	wide := 0.03 + 0.1*rng.Float64()
	places := []sample{{}}
	for i := 1; i < n; i++ {
		u := (float64(i) + 0.5*(rng.Float64()-0.5)) / float64(n)
		off := wide * rng.NormFloat64()
		places = append(places, sample{u, e.dx*u - e.dy*off, e.dy*u + e.dx*off})
	}
	places = append(places, sample{1, e.dx, e.dy})
	curve := through
	switch rng.IntN(3) {
	case 0:
		curve = bSpline
	case 1:
		tangents := make([]sample, len(places))
		for i := range tangents {
			a := 0.5 * rng.NormFloat64()
			sin, cos := math.Sincos(a)
			tangents[i] = sample{0, cos*e.dx - sin*e.dy, sin*e.dx + cos*e.dy}
		}
		curve = func(k []sample, t float64) (x, y float64) { return hermite(k, tangents, t) }
	}
	skew, ease, shake := 0.6+0.5*rng.Float64(), easings[rng.IntN(len(easings))], math.Max(0, 0.8*rng.NormFloat64())
	bell := rng.Float64() < 0.6
	return along(e, stepMS, func(u float64) (x, y float64) {
		s := ease(u)
		if bell {
			s = jerkShare(math.Pow(u, skew))
		}
		x, y = curve(places, s)
		if u < 1 {
			x, y = x+shake*rng.NormFloat64(), y+shake*rng.NormFloat64()
		}
		return x, y
	})
}

// bSpline gives the place at t on the clamped uniform cubic B-spline over points.
func bSpline(k []sample, t float64) (x, y float64) {
	at := func(i int) sample { return k[max(0, min(len(k)-1, i))] }
	pieces := float64(len(k) + 1)
	v := math.Min(t*pieces, pieces-1e-9)
	i := int(v)
	u := v - float64(i)
	for j, w := range [...]float64{(1 - u) * (1 - u) * (1 - u) / 6, (3*u*u*u - 6*u*u + 4) / 6, (1 + 3*u + 3*u*u - 3*u*u*u) / 6, u * u * u / 6} {
		p := at(i - 2 + j)
		x, y = x+w*p.x, y+w*p.y
	}
	return x, y
}

// hermite gives the place at t on the curve that goes through points in the directions of tangents.
func hermite(k, tangents []sample, t float64) (x, y float64) {
	i := 0
	for i < len(k)-2 && k[i+1].t <= t {
		i++
	}
	a, b, m, n := k[i], k[i+1], tangents[i], tangents[i+1]
	h := math.Max(1e-9, b.t-a.t)
	u := math.Max(0, math.Min(1, (t-a.t)/h))
	p, q, r, s := 2*u*u*u-3*u*u+1, 3*u*u-2*u*u*u, h*(u*u*u-2*u*u+u), h*(u*u*u-u*u)
	return p*a.x + q*b.x + r*m.x + s*n.x, p*a.y + q*b.y + r*m.y + s*n.y
}

// functionShapes draws a linear, quadratic or exponential curve at constant, logarithmic or exponential speed, as the
// function-based mouse trajectories of BeCAPTCHA-Mouse (Acien et al., Pattern Recognition 127, 2022) are made.
func functionShapes(rng *rand.Rand, e errand, stepMS float64) []sample {
	bend, rate := 0.3*rng.NormFloat64(), 1+3*rng.Float64()
	shape := [...]func(s float64) float64{
		func(float64) float64 { return 0 },
		func(s float64) float64 { return bend * s * (1 - s) },
		func(s float64) float64 { return bend * ((math.Exp(rate*s)-1)/(math.Exp(rate)-1) - s) },
	}[rng.IntN(3)]
	pace := [...]func(u float64) float64{
		func(u float64) float64 { return u },
		func(u float64) float64 { return math.Log1p(rate*u) / math.Log1p(rate) },
		func(u float64) float64 { return (math.Exp(rate*u) - 1) / (math.Exp(rate) - 1) },
	}[rng.IntN(3)]
	return along(e, stepMS, func(u float64) (x, y float64) {
		s := pace(u)
		off := shape(s)
		return e.dx*s - e.dy*off, e.dy*s + e.dx*off
	})
}

// gradientNoise carries an eased line on noise of a few octaves that vanishes at both ends, as Perlin's does.
func gradientNoise(rng *rand.Rand, e errand, stepMS float64) []sample {
	octaves, waves, size := 1+rng.IntN(4), 1+3*rng.Float64(), (0.02+0.1*rng.Float64())*math.Hypot(e.dx, e.dy)
	var slopes [2][64]float64
	for i := range slopes {
		for j := range slopes[i] {
			slopes[i][j] = 2*rng.Float64() - 1
		}
	}
	noise := func(axis int, v float64) float64 {
		i := int(v)
		u := v - float64(i)
		a, b := slopes[axis][i%64]*u, slopes[axis][(i+1)%64]*(u-1)
		return a + jerkShare(u)*(b-a)
	}
	ease := easings[rng.IntN(len(easings))]
	return along(e, stepMS, func(u float64) (x, y float64) {
		s, fade := ease(u), 4*u*(1-u)
		nx, ny := 0.0, 0.0
		for o := range octaves {
			f := math.Pow(2, float64(o))
			nx, ny = nx+noise(0, waves*f*u+7*float64(o))/f, ny+noise(1, waves*f*u+7*float64(o))/f
		}
		return e.dx*s + size*fade*nx, e.dy*s + size*fade*ny
	})
}

// smoothedBridge draws a Brownian bridge beside the line and smooths it, by a window of Gaussian shape, as tools do that
// filter random points until they look like a hand's.
func smoothedBridge(rng *rand.Rand, e errand, stepMS float64) []sample {
	n := max(8, int(e.durationMS/stepMS))
	length := math.Hypot(e.dx, e.dy)
	walk := func(size float64) []float64 {
		raw := make([]float64, n+1)
		for i := 1; i <= n; i++ {
			raw[i] = raw[i-1] + size*rng.NormFloat64()/math.Sqrt(float64(n))
		}
		for i := range raw {
			raw[i] -= raw[n] * float64(i) / float64(n)
		}
		return raw
	}
	width := math.Max(1, (15+45*rng.Float64())/stepMS)
	smooth := func(raw []float64) []float64 {
		out := make([]float64, len(raw))
		for i := range raw {
			sum, weight := 0.0, 0.0
			for j := max(0, i-int(3*width)); j <= min(n, i+int(3*width)); j++ {
				w := math.Exp(-float64((i-j)*(i-j)) / (2 * width * width))
				sum, weight = sum+w*raw[j], weight+w
			}
			out[i] = sum / weight
		}
		for i := range out { // the smoothed ends go back to where they were
			u := float64(i) / float64(n)
			out[i] += (1-u)*(raw[0]-out[0]) + u*(raw[n]-out[n])
		}
		return out
	}
	aside, ahead := smooth(walk((0.05+0.15*rng.Float64())*length)), smooth(walk((0.05+0.1*rng.Float64())*length))
	skew := 0.6 + 0.5*rng.Float64()
	out := make([]sample, n+1)
	for i := range out {
		u := float64(i) / float64(n)
		s, o := jerkShare(math.Pow(u, skew))+ahead[i]/length, aside[i]/length
		out[i] = sample{u * e.durationMS, e.dx*s - e.dy*o, e.dy*s + e.dx*o}
	}
	return out
}
