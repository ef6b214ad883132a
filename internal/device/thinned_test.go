package device

import (
	"math"
	"testing"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
)

// curve gives half a minute of strokes between places, with rests and clicks, as a mouse of a rate reports it: in whole
// pixels, and where the pointer has moved.
func curve(rateHZ float64) []event.Pointer {
	var out []event.Pointer
	x, y, atMS := 400.0, 300.0, 0.0
	for i := range 30 {
		toX, toY := 640+500*math.Sin(2.4*float64(i)), 400+300*math.Cos(1.7*float64(i))
		lengthMS := 350 + 1.2*math.Hypot(toX-x, toY-y)
		bow := 0.15 * math.Sin(float64(i))
		last := [2]float64{math.NaN()}
		for t := 0.0; t <= lengthMS; t += 1000 / rateHZ {
			u := t / lengthMS
			s := u * u * u * (10 - 15*u + 6*u*u)
			off := bow * 4 * s * (1 - s)
			here := [2]float64{math.Floor(x + s*(toX-x) - off*(toY-y)), math.Floor(y + s*(toY-y) + off*(toX-x))}
			if here != last {
				out = append(out, event.Pointer{TimeMS: atMS + t, X: here[0], Y: here[1], Trusted: true})
			}
			last = here
		}
		atMS += lengthMS + 120
		for _, kind := range []event.PointerKind{event.Press, event.Release} {
			out = append(out, event.Pointer{TimeMS: atMS, Kind: kind, X: last[0], Y: last[1], Trusted: true})
			atMS += 90
		}
		x, y, atMS = toX, toY, 8*math.Ceil((atMS+200)/8)
	}
	return out
}

func TestTheRateOfAMouseIsNoCue(t *testing.T) {
	observe := func(rateHZ float64) []observation.Observation {
		c := NewCollector(Options{Models: map[observation.Modality][]string{observation.Pointer: embed.LearnedModels(observation.Pointer)[:1]}})
		return append(c.Play(nil, curve(rateHZ)), c.Flush()...)
	}
	want := observe(125)
	for _, rateHZ := range []float64{250, 500, 1000, 8000} {
		got := observe(rateHZ)
		if math.Abs(float64(len(got)-len(want))) > 0.15*float64(len(want)) {
			t.Errorf("%g Hz: %d observations, want about %d as of 125 Hz", rateHZ, len(got), len(want))
		}
		if g, w := meanMS(got), meanMS(want); math.Abs(g-w) > 0.1*w {
			t.Errorf("%g Hz: a window lasts %.0f ms, want about %.0f as of 125 Hz", rateHZ, g, w)
		}
		if c := cosine(meanOf(got), meanOf(want)); c < 0.97 {
			t.Errorf("%g Hz: the cosine of the mean embedding and that of 125 Hz is %.3f, want 0.97", rateHZ, c)
		}
		if step := got[0].Liveness.TimestampQuantumMS; step != 1000/rateHZ && rateHZ <= 1000 {
			t.Errorf("%g Hz: the clock's step is %g ms, want %g", rateHZ, step, 1000/rateHZ)
		}
	}
}

func meanMS(all []observation.Observation) float64 {
	sum := 0.0
	for _, o := range all {
		sum += float64(o.DurationMS)
	}
	return sum / float64(len(all))
}

func meanOf(all []observation.Observation) []float64 {
	out := make([]float64, len(all[0].Embedding))
	for _, o := range all {
		for i, b := range o.Embedding {
			out[i] += float64(b)
		}
	}
	return out
}

func cosine(a, b []float64) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab, aa, bb = ab+a[i]*b[i], aa+a[i]*a[i], bb+b[i]*b[i]
	}
	return ab / math.Sqrt(aa*bb)
}
