package adversary

import (
	"math"
	"math/rand/v2"

	"ipse.dev/ipse/internal/event"
)

// PointerReplay is a way to play a recording of pointer use back. Play gives events whose times count from about zero, and
// leaves the recording, which holds one event at least, as it is.
type PointerReplay struct {
	Family, Doc string
	Play        func(rng *rand.Rand, recorded []event.Pointer) []event.Pointer
}

// PointerReplays are the ways to replay pointer use.
var PointerReplays = []PointerReplay{
	{"exact", "the recording as it is", func(_ *rand.Rand, r []event.Pointer) []event.Pointer { return shifted(r, PointerTime) }},
	{"jitter_5ms", "every time moved by up to 5 ms", placeJitter(5)},
	{"jitter_10ms", "every time moved by up to 10 ms", placeJitter(10)},
	{"jitter_20ms", "every time moved by up to 20 ms", placeJitter(20)},
	{"scaled", "2 to 20 % slower or faster", func(rng *rand.Rand, r []event.Pointer) []event.Pointer {
		return scale(shifted(r, PointerTime), PointerTime, scaleOf(rng))
	}},
	{"cut", "cut at rests into pieces of 5 to 15 s and joined in another order", func(rng *rand.Rand, r []event.Pointer) []event.Pointer {
		return cutPlaces(rng, r, 5000+10_000*rng.Float64())
	}},
	{"rotated", "turned by any angle, size changed by up to two fifths, strokes in another order", func(rng *rand.Rand, r []event.Pointer) []event.Pointer {
		return transformed(cutPlaces(rng, r, 1), turned(2*math.Pi*rng.Float64(), 0.7+0.7*rng.Float64()))
	}},
	{"affine", "turned, stretched differently along and across, sheared, half of them mirrored; strokes in another order, times moved by up to 2 ms", func(rng *rand.Rand, r []event.Pointer) []event.Pointer {
		return jitter(rng, transformed(cutPlaces(rng, r, 1), skewed(rng)), PointerTime, 2)
	}},
}

// cutRestMS is a rest at which a recording of pointer use can be cut unseen.
const cutRestMS = 150

func placeJitter(mostMS float64) func(*rand.Rand, []event.Pointer) []event.Pointer {
	return func(rng *rand.Rand, r []event.Pointer) []event.Pointer {
		return jitter(rng, shifted(r, PointerTime), PointerTime, mostMS)
	}
}

// cutPlaces cuts at rests into pieces of at least so long, and plays them in another order with rests of other lengths
// between them.
func cutPlaces(rng *rand.Rand, r []event.Pointer, leastMS float64) []event.Pointer {
	var pieces [][]event.Pointer
	from := 0
	for i := 1; i < len(r); i++ {
		if r[i].TimeMS-r[i-1].TimeMS > cutRestMS && r[i-1].TimeMS-r[from].TimeMS >= leastMS {
			pieces = append(pieces, r[from:i])
			from = i
		}
	}
	pieces = append(pieces, r[from:])
	return shuffled(rng, pieces, PointerTime, func() float64 { return 200 * math.Exp(0.6*math.Abs(rng.NormFloat64())) })
}

// turned is a rotation with a change of size, as the rows of a matrix.
func turned(angle, size float64) [4]float64 {
	sin, cos := math.Sincos(angle)
	return [4]float64{size * cos, -size * sin, size * sin, size * cos}
}

// skewed is a stretch by another factor along than across, with shear, every other time mirrored, and then a rotation.
func skewed(rng *rand.Rand) [4]float64 {
	along, across, shear := 0.75+0.55*rng.Float64(), 0.75+0.55*rng.Float64(), 0.4*(rng.Float64()-0.5)
	if rng.IntN(2) == 0 {
		along = -along
	}
	a := turned(2*math.Pi*rng.Float64(), 1)
	return [4]float64{a[0] * along, a[0]*shear + a[1]*across, a[2] * along, a[2]*shear + a[3]*across}
}

// transformed maps every place by the matrix, and onto whole pixels of a page.
func transformed(r []event.Pointer, a [4]float64) []event.Pointer {
	leftX, topY := math.Inf(1), math.Inf(1)
	for i, e := range r {
		r[i].X, r[i].Y = a[0]*e.X+a[1]*e.Y, a[2]*e.X+a[3]*e.Y
		leftX, topY = math.Min(leftX, r[i].X), math.Min(topY, r[i].Y)
	}
	for i := range r {
		r[i].X, r[i].Y = math.Round(r[i].X-leftX), math.Round(r[i].Y-topY)
	}
	return r
}
