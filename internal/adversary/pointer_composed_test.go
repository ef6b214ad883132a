package adversary

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func TestACurveOfNoLawIsSmoothAndEndsOnItsTarget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		e := errand{dx: rapid.Float64Range(-900, 900).Draw(t, "dx"), dy: rapid.Float64Range(20, 900).Draw(t, "dy"), durationMS: 600}
		f := newFreely(rng)
		track := f.track(rng, e, 400)
		end := track[len(track)-1]
		if math.Hypot(end.x-e.dx, end.y-e.dy) > 1e-6*math.Hypot(e.dx, e.dy) {
			t.Fatalf("a stroke to %g, %g ends at %g, %g", e.dx, e.dy, end.x, end.y)
		}
		for i := 1; i < len(track); i++ {
			if track[i].t <= track[i-1].t || track[i].t > 1+1e-9 {
				t.Fatalf("place %d comes at %g after one at %g; want rising shares up to 1", i, track[i].t, track[i-1].t)
			}
		}
		if f.pieces > 1 {
			return
		}
		// A function of so few terms changes little from one of 400 places to the next.
		for i := 2; i < len(track); i++ {
			ax, ay := track[i-1].x-track[i-2].x, track[i-1].y-track[i-2].y
			bx, by := track[i].x-track[i-1].x, track[i].y-track[i-1].y
			if turn := math.Abs(math.Atan2(ax*by-ay*bx, ax*bx+ay*by)); turn > 0.6 && math.Hypot(ax, ay) > 1 {
				t.Fatalf("the direction turns by %g rad at place %d of 400", turn, i)
			}
		}
	})
}

func TestNoTwoComposedProgramsHaveTheSameHabits(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	var rests, clicks, lengths []float64
	for range 40 {
		h := newHabits(rng)
		e := h.errand(rng, PointerMaterial{})
		length := math.Hypot(e.dx, e.dy)
		if length < h.leastPX-1e-9 || length > 900+1e-9 || e.durationMS < 50 {
			t.Errorf("a stroke of %g px in %g ms; want %g to 900 px in 50 ms at least", length, e.durationMS, h.leastPX)
		}
		rests, clicks, lengths = append(rests, h.restMS), append(clicks, h.clickShare), append(lengths, length)
	}
	for name, values := range map[string][]float64{"rests": rests, "clicks": clicks, "lengths": lengths} {
		low, high := math.Inf(1), math.Inf(-1)
		for _, v := range values {
			low, high = math.Min(low, v), math.Max(high, v)
		}
		if high < 3*low {
			t.Errorf("%s of forty programs lie between %g and %g; want a factor of 3 at least", name, low, high)
		}
	}
}
