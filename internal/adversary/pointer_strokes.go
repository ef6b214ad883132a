package adversary

import (
	"math"
	"math/rand/v2"

	"ipse.dev/ipse/internal/event"
)

// replayed plays strokes of the material one after another with rests between, each changed.
func replayed(rng *rand.Rand, m PointerMaterial, durationMS float64, change func(s []sample) []sample) []event.Pointer {
	if len(m.Strokes) == 0 {
		return nil
	}
	h := newHand(rng)
	for at := rng.IntN(len(m.Strokes)); h.nowMS < durationMS; at = (at + 1) % len(m.Strokes) {
		h.play(change(samplesOf(m.Strokes[at])))
		if rng.Float64() < 0.4 {
			h.click(60+80*rng.Float64(), 60+60*rng.Float64())
		}
		h.nowMS += 250 * math.Exp(0.7*rng.NormFloat64())
	}
	return h.events
}

// affine maps every stroke of one sitting by the same affine map and stretches time.
func affine(rng *rand.Rand, m PointerMaterial, durationMS float64) []event.Pointer {
	angle := math.Copysign(5+35*rng.Float64(), rng.Float64()-0.5) * math.Pi / 180
	sx, sy, shear, stretch := 0.75+0.55*rng.Float64(), 0.75+0.55*rng.Float64(), 0.4*(rng.Float64()-0.5), 0.75+0.55*rng.Float64()
	if rng.Float64() < 0.5 {
		sx = -sx
	}
	sin, cos := math.Sincos(angle)
	return replayed(rng, m, durationMS, func(s []sample) []sample {
		for i, p := range s {
			x, y := sx*p.x+shear*p.y, sy*p.y
			s[i] = sample{p.t * stretch, cos*x - sin*y, sin*x + cos*y}
		}
		return s
	})
}

func noisyStrokes(rng *rand.Rand, m PointerMaterial, durationMS float64) []event.Pointer {
	sigma, late := 0.5+1.5*rng.Float64(), 1+4*rng.Float64()
	return replayed(rng, m, durationMS, func(s []sample) []sample {
		for i := range s {
			s[i].x += sigma * rng.NormFloat64()
			s[i].y += sigma * rng.NormFloat64()
			s[i].t = math.Max(0, s[i].t+late*rng.NormFloat64())
			if i > 0 {
				s[i].t = math.Max(s[i].t, s[i-1].t)
			}
		}
		return s
	})
}

// remoteDesktop shows strokes as a remote session passes them on: one place a frame, on a coarser grid where the picture
// is scaled, late by what the network takes, several at once when it stalls.
func remoteDesktop(rng *rand.Rand, m PointerMaterial, durationMS float64) []event.Pointer {
	frameMS, gridPX := 1000/[...]float64{30, 60}[rng.IntN(2)], [...]float64{1, 1.25, 1.5, 2}[rng.IntN(4)]
	arrivedMS := 0.0
	out := replayed(rng, m, durationMS, func(s []sample) []sample {
		var seen []sample
		arrivedMS = 0
		for i, p := range s {
			if i+1 < len(s) && math.Floor(s[i+1].t/frameMS) == math.Floor(p.t/frameMS) {
				continue
			}
			lateMS := -8 * math.Log(1-rng.Float64())
			if rng.Float64() < 0.03 {
				lateMS += 60 * rng.Float64()
			}
			arrivedMS = math.Max(arrivedMS, math.Floor(p.t/frameMS)*frameMS+lateMS)
			seen = append(seen, sample{arrivedMS, gridPX * math.Floor(p.x/gridPX+0.5), gridPX * math.Floor(p.y/gridPX+0.5)})
		}
		return seen
	})
	return out
}
