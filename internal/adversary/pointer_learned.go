package adversary

import (
	"math"
	"math/rand/v2"

	"ipse.dev/ipse/internal/event"
)

// Paths that are made from somebody's strokes and are none of them.

// strokeStepMS is the step at which strokes of material are looked at: that of a screen of 60 Hz.
const strokeStepMS = 1000.0 / 60

// samplesOf gives a stroke from its start.
func samplesOf(stroke []event.Pointer) []sample {
	out := make([]sample, len(stroke))
	for i, e := range stroke {
		out[i] = sample{e.TimeMS - stroke[0].TimeMS, e.X - stroke[0].X, e.Y - stroke[0].Y}
	}
	return out
}

// learnt turns a way of making one stroke out of somebody's into an attack. It makes nothing without strokes.
func learnt(draw func(rng *rand.Rand, m PointerMaterial, own []sample, stepMS float64) []sample) func(*rand.Rand, PointerMaterial, float64) []event.Pointer {
	return func(rng *rand.Rand, m PointerMaterial, durationMS float64) []event.Pointer {
		var usable [][]event.Pointer
		for _, s := range m.Strokes {
			if n := len(s); n >= 6 && math.Hypot(s[n-1].X-s[0].X, s[n-1].Y-s[0].Y) >= 20 {
				usable = append(usable, s)
			}
		}
		if len(usable) == 0 {
			return nil
		}
		m.Strokes = usable
		stepMS := 1000 / reports[rng.IntN(2)]
		h := newHand(rng)
		for h.nowMS < durationMS {
			h.play(draw(rng, m, samplesOf(usable[rng.IntN(len(usable))]), stepMS))
			if rng.Float64() < 0.4 {
				h.click(60+80*rng.Float64(), 60+60*rng.Float64())
			}
			h.nowMS += 250 * math.Exp(0.7*rng.NormFloat64())
		}
		return h.events
	}
}

// errandFrom is where a stroke went and how long it took.
func errandFrom(s []sample) errand {
	end := s[len(s)-1]
	return errand{end.x, end.y, math.Max(50, end.t)}
}

// aimed turns and stretches a stroke so that it ends on a target.
func aimed(s []sample, dx, dy float64) []sample {
	end := s[len(s)-1]
	if chord := end.x*end.x + end.y*end.y; chord > 1 {
		a, b := (dx*end.x+dy*end.y)/chord, (dy*end.x-dx*end.y)/chord
		for i, p := range s {
			s[i].x, s[i].y = a*p.x-b*p.y, b*p.x+a*p.y
		}
	}
	return s
}

// wayDone gives the way along a stroke at its places.
func wayDone(s []sample) []float64 {
	way := make([]float64, len(s))
	for i := 1; i < len(s); i++ {
		way[i] = way[i-1] + math.Hypot(s[i].x-s[i-1].x, s[i].y-s[i-1].y)
	}
	return way
}

// ownPace runs along a computed curve by the pace of somebody's stroke of that length.
func ownPace(rng *rand.Rand, _ PointerMaterial, own []sample, stepMS float64) []sample {
	way := wayDone(own)
	timed := make([]sample, len(own))
	for i, p := range own {
		timed[i] = sample{p.t, way[i] / way[len(way)-1], 0}
	}
	e := errandFrom(own)
	control := make([]sample, 1+rng.IntN(2))
	for i := range control {
		u, off := (float64(i)+0.5+0.8*rng.Float64())/float64(len(control)+1), 0.2*rng.NormFloat64()
		control[i] = sample{0, e.dx*u - e.dy*off, e.dy*u + e.dx*off}
	}
	return along(e, stepMS, func(u float64) (x, y float64) {
		s, _ := through(timed, u*e.durationMS)
		return bernstein(control, e, math.Max(0, math.Min(1, s)))
	})
}

// ownWay runs along somebody's way by a computed pace.
func ownWay(rng *rand.Rand, _ PointerMaterial, own []sample, stepMS float64) []sample {
	way := wayDone(own)
	var placed []sample
	for i, p := range own {
		if n := len(placed); n == 0 || way[i] > placed[n-1].t {
			placed = append(placed, sample{way[i], p.x, p.y})
		}
	}
	total := way[len(way)-1]
	skew, sigma := 0.6+0.6*rng.Float64(), 0.25+0.25*rng.Float64()
	lognormal := rng.Float64() < 0.5
	at := func(u float64) float64 { return (1 + math.Erf(math.Log((u+1e-6)/0.4)/(sigma*math.Sqrt2))) / 2 }
	return along(errandFrom(own), stepMS, func(u float64) (x, y float64) {
		s := jerkShare(math.Pow(u, skew))
		if lognormal {
			s = at(u) / at(1)
		}
		return through(placed, s*total)
	})
}

// warped plays somebody's stroke at times that a smooth function bends, aimed at another target.
func warped(rng *rand.Rand, _ PointerMaterial, own []sample, stepMS float64) []sample {
	e := errandFrom(own)
	power, swing, waves, slower := math.Exp(0.25*rng.NormFloat64()), 0.12*rng.NormFloat64(), 1+float64(rng.IntN(2)), math.Exp(0.2*rng.NormFloat64())
	length, turn := math.Exp(0.2*rng.NormFloat64()), 2*math.Pi*rng.Float64()
	sin, cos := math.Sincos(turn)
	own = aimed(own, length*(cos*e.dx-sin*e.dy), length*(sin*e.dx+cos*e.dy))
	fromMS := e.durationMS
	e.durationMS *= slower
	return along(e, stepMS, func(u float64) (x, y float64) {
		v := math.Pow(u, power)
		v += swing / waves * math.Sin(math.Pi*waves*v) * math.Sin(math.Pi*v)
		return through(own, math.Max(0, math.Min(1, v))*fromMS)
	})
}

// stitched joins pieces of several strokes, each turned and stretched so that direction and speed go on, and aims the
// whole: the next piece is the one of some tried at random that begins most as the last one ended.
func stitched(rng *rand.Rand, m PointerMaterial, own []sample, _ float64) []sample {
	e := errandFrom(own)
	cut := 4 + rng.IntN(max(1, len(own)-5))
	out := append([]sample{}, own[:min(len(own), cut)]...)
	for range 1 + rng.IntN(3) {
		n := len(out)
		a, b := out[n-2], out[n-1]
		speed, angle := math.Hypot(b.x-a.x, b.y-a.y)/math.Max(1, b.t-a.t), math.Atan2(b.y-a.y, b.x-a.x)
		var best []sample
		nearest, bestTurn, bestScale := math.Inf(1), 0.0, 1.0
		for range 30 {
			s := samplesOf(m.Strokes[rng.IntN(len(m.Strokes))])
			from := 1 + rng.IntN(len(s)-4)
			p, q := s[from-1], s[from]
			v := math.Hypot(q.x-p.x, q.y-p.y) / math.Max(1, q.t-p.t)
			off := math.Abs(math.Log((v + 0.01) / (speed + 0.01)))
			if off < nearest {
				to := len(s)
				if rng.Float64() < 0.5 {
					to = min(len(s), from+4+rng.IntN(8))
				}
				nearest, best, bestTurn = off, s[from-1:to], angle-math.Atan2(q.y-p.y, q.x-p.x)
				bestScale = math.Max(0.7, math.Min(1.4, (speed+0.01)/(v+0.01)))
			}
		}
		sin, cos := math.Sincos(bestTurn)
		for _, p := range best[1:] {
			x, y := bestScale*(p.x-best[0].x), bestScale*(p.y-best[0].y)
			out = append(out, sample{b.t + p.t - best[0].t, b.x + cos*x - sin*y, b.y + sin*x + cos*y})
		}
	}
	return aimed(out, e.dx, e.dy)
}

// autoregressive draws velocities by a linear model of two to five that went before, along the way and across it, fitted to
// somebody's strokes by least squares, its noise drawn from what it left over; the whole is aimed at a target. It is a
// learnt generator without a network: what it has of a hand is how its velocities follow from one another.
func autoregressive(rng *rand.Rand, m PointerMaterial, durationMS float64) []event.Pointer {
	order := 2 + rng.IntN(4)
	var models [2]linearModel
	strokes := m.Strokes
	if len(strokes) > 200 {
		from := rng.IntN(len(strokes) - 200)
		strokes = strokes[from : from+200]
	}
	var series [2][][]float64
	for _, stroke := range strokes {
		if ahead, aside, ok := velocities(stroke); ok {
			series[0], series[1] = append(series[0], ahead), append(series[1], aside)
		}
	}
	for i := range models {
		var ok bool
		if models[i], ok = linearModelOf(series[i], order); !ok {
			return nil
		}
	}
	return learnt(func(rng *rand.Rand, _ PointerMaterial, own []sample, _ float64) []sample {
		e := errandFrom(own)
		n := max(order+2, int(e.durationMS/strokeStepMS))
		for range 20 {
			ahead, aside := models[0].run(rng, n), models[1].run(rng, n)
			out := []sample{{}}
			x, y := 0.0, 0.0
			for i := range n {
				u := (float64(i) + 0.5) / float64(n)
				bell := 30 * u * u * (1 - u) * (1 - u) // the mean that the model varies about
				x, y = x+math.Max(0, bell+ahead[i]), y+aside[i]
				out = append(out, sample{float64(i+1) * strokeStepMS, x, y})
			}
			if x > 0.4*float64(n) {
				return aimed(out, e.dx, e.dy)
			}
		}
		return nil
	})(rng, m, durationMS)
}

// velocities gives a stroke's velocities along its chord and across it at strokeStepMS, by its mean speed, the bell of
// minimum jerk taken off the first.
func velocities(stroke []event.Pointer) (ahead, aside []float64, ok bool) {
	if len(stroke) < 8 {
		return nil, nil, false
	}
	s := samplesOf(stroke)
	e := errandFrom(s)
	length := math.Hypot(e.dx, e.dy)
	n := int(e.durationMS / strokeStepMS)
	if length < 20 || n < 8 {
		return nil, nil, false
	}
	lastX, lastY := 0.0, 0.0
	for i := range n {
		x, y := through(s, float64(i+1)*strokeStepMS)
		u := (float64(i) + 0.5) / float64(n)
		by := float64(n) / (length * length)
		ahead = append(ahead, by*((x-lastX)*e.dx+(y-lastY)*e.dy)-30*u*u*(1-u)*(1-u))
		aside = append(aside, by*((y-lastY)*e.dx-(x-lastX)*e.dy))
		lastX, lastY = x, y
	}
	return ahead, aside, true
}

// linearModel gives a value from those before it, the latest first, and what is left over.
type linearModel struct{ weights, left []float64 }

// linearModelOf fits one by least squares; ok is false where there is too little to fit.
func linearModelOf(series [][]float64, order int) (m linearModel, ok bool) {
	a := make([][]float64, order)
	for i := range a {
		a[i] = make([]float64, order+1)
		a[i][i] = 1e-6
	}
	count := 0
	for _, s := range series {
		for t := order; t < len(s); t++ {
			count++
			for i := range order {
				for j := range order {
					a[i][j] += s[t-1-i] * s[t-1-j]
				}
				a[i][order] += s[t-1-i] * s[t]
			}
		}
	}
	if count < 20*order {
		return m, false
	}
	for i := range order { // the matrix is positive definite: no pivots are needed
		for j := i + 1; j < order; j++ {
			f := a[j][i] / a[i][i]
			for k := i; k <= order; k++ {
				a[j][k] -= f * a[i][k]
			}
		}
	}
	m.weights = make([]float64, order)
	for i := order - 1; i >= 0; i-- {
		v := a[i][order]
		for j := i + 1; j < order; j++ {
			v -= a[i][j] * m.weights[j]
		}
		m.weights[i] = v / a[i][i]
	}
	for _, s := range series {
		for t := order; t < len(s); t++ {
			m.left = append(m.left, s[t]-m.next(s[:t]))
		}
	}
	return m, true
}

func (m linearModel) next(past []float64) float64 {
	v := 0.0
	for i, w := range m.weights {
		if at := len(past) - 1 - i; at >= 0 {
			v += w * past[at]
		}
	}
	return v
}

// run draws n values from rest.
func (m linearModel) run(rng *rand.Rand, n int) []float64 {
	var out []float64
	for range n {
		v := m.next(out) + m.left[rng.IntN(len(m.left))]
		out = append(out, math.Max(-20, math.Min(20, v)))
	}
	return out
}
