package adversary

import (
	"math"
	"math/rand/v2"
)

// freely is a curve of no law: the speed and the direction are smooth functions of time that are drawn anew, together with
// how smooth they are, and the whole is turned and stretched onto the target. What computes a path by any smooth formula is
// near one of these.
type freely struct {
	terms             int     // of each function
	roughness         float64 // by which power a term is smaller the faster it swings
	uneven, bent      float64 // how much the logarithm of speed and the direction vary
	rise, fall        float64 // powers of the share of the duration by which the speed begins and ends; 0 is at once
	pieces            int     // one after another, each from rest to rest or not
	miss              float64 // by how much of what is left the first pieces miss
	directionFromTime bool    // the direction is a function of time, otherwise of the way done
}

func newFreely(rng *rand.Rand) freely {
	power := func() float64 {
		if rng.Float64() < 0.15 {
			return 0
		}
		return 0.3 + 3.5*rng.Float64()
	}
	return freely{
		terms: 1 + rng.IntN(7), roughness: 0.3 + 2*rng.Float64(), uneven: math.Max(0, -0.1+1.2*rng.Float64()*rng.Float64()), bent: math.Max(0, -0.05+0.9*rng.Float64()),
		rise: power(), fall: power(), pieces: [...]int{1, 1, 1, 2, 2, 3}[rng.IntN(6)], miss: 0.25 * rng.Float64(), directionFromTime: rng.Float64() < 0.5,
	}
}

// track draws one stroke over shares of its duration.
func (f freely) track(rng *rand.Rand, e errand, ticks int) []sample {
	out := []sample{{}}
	x, y, spent := 0.0, 0.0, 0.0
	for i := range f.pieces {
		toX, toY, share := e.dx-x, e.dy-y, 1-spent
		if i < f.pieces-1 {
			off, turn := 1+f.miss*rng.NormFloat64(), f.miss*rng.NormFloat64()
			toX, toY = off*(toX-turn*toY), off*(toY+turn*toX)
			share *= 0.4 + 0.4*rng.Float64()
		}
		n := max(4, int(share*float64(ticks)))
		for _, p := range f.piece(rng, toX, toY, n) {
			out = append(out, sample{spent + share*p.t, x + p.x, y + p.y})
		}
		last := out[len(out)-1]
		x, y, spent = last.x, last.y, spent+share
	}
	return out
}

// piece is one smooth run to a place, at n times.
func (f freely) piece(rng *rand.Rand, dx, dy float64, n int) []sample {
	for range 20 {
		speed, turn := f.wave(rng, f.uneven), f.wave(rng, f.bent)
		speeds := make([]float64, n)
		way := 0.0
		for i := range speeds {
			u := (float64(i) + 0.5) / float64(n)
			speeds[i] = math.Pow(u, f.rise) * math.Pow(1-u, f.fall) * math.Exp(speed(u))
			way += speeds[i]
		}
		out := make([]sample, n)
		x, y, done := 0.0, 0.0, 0.0
		for i, v := range speeds {
			u := (float64(i) + 0.5) / float64(n)
			done += v / way
			if !f.directionFromTime {
				u = done
			}
			sin, cos := math.Sincos(turn(u))
			x, y = x+v/way*cos, y+v/way*sin
			out[i] = sample{float64(i+1) / float64(n), x, y}
		}
		chord := x*x + y*y
		if chord < 0.2 {
			continue
		}
		a, b := (dx*x+dy*y)/chord, (dy*x-dx*y)/chord
		for i, p := range out {
			out[i].x, out[i].y = a*p.x-b*p.y, b*p.x+a*p.y
		}
		return out
	}
	return []sample{{1, dx, dy}}
}

// wave is a smooth function over 0 to 1, of so much spread.
func (f freely) wave(rng *rand.Rand, spread float64) func(u float64) float64 {
	sizes, phases := make([]float64, f.terms), make([]float64, f.terms)
	total := 0.0
	for k := range sizes {
		weight := math.Pow(float64(k+1), -f.roughness)
		total += weight * weight
		sizes[k], phases[k] = weight*rng.NormFloat64(), 2*math.Pi*rng.Float64()
	}
	scale := spread / math.Sqrt(total/2)
	return func(u float64) float64 {
		sum := 0.0
		for k, a := range sizes {
			sum += a * math.Cos(math.Pi*float64(k+1)*u+phases[k])
		}
		return scale * sum
	}
}
