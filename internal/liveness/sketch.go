package liveness

import (
	"encoding/binary"
	"math"

	"ipse.dev/ipse/internal/observation"
)

// A sketch names stretches of behaviour, so that the server knows a recording that is played back. A stretch is found by
// what happens in it, never by where a window was cut, and is described relative to itself; so a replay that was cut and
// joined elsewhere, shifted, made slower or faster, gives nearly the same names. A bit of a name says whether two fixed
// random sums of the description have different signs (M. Charikar, Similarity estimation techniques from rounding
// algorithms, STOC 2002): the share of bits in which two names differ grows with the angle between what they describe. No bit
// says which sign it was, so that no sum of bits gives the description back.
//
// All is computed in whole numbers after one division each, so that Go and TypeScript give the same bytes.

const (
	sketchScale  = 1024 // steps of a description's entry, which lies between -1 and 1
	nameBits     = 8 * observation.SketchNameBytes
	maxNames     = observation.MaxSketchBytes / observation.SketchNameBytes
	leastNatural = 1 << 20 // sum of squares below which a description holds little but rounding
)

// stretch is one that may be named.
type stretch struct {
	weight float64 // of too many stretches the heaviest are named
	entry  []int   // at most 32, the whole description 16 times finer than its steps
}

// sketchOf names the heaviest stretches, in the order in which they came; of equally heavy ones the earlier.
func sketchOf(stretches []stretch) observation.Sketch {
	for len(stretches) > maxNames {
		lightest := 0
		for i, s := range stretches {
			if s.weight <= stretches[lightest].weight {
				lightest = i
			}
		}
		stretches = append(stretches[:lightest:lightest], stretches[lightest+1:]...)
	}
	var out observation.Sketch
	for _, s := range stretches {
		out = binary.BigEndian.AppendUint64(out, nameOf(s.entry))
	}
	return out
}

// nameOf gives the name of a description of 32 entries at most. Each sum has signs of its own, which are the bits of one
// number that Marsaglia's xorshift32 gives (Xorshift RNGs, Journal of Statistical Software 8, 2003).
func nameOf(entry []int) uint64 {
	name, signs := uint64(0), uint32(2463534242)
	positive := func() bool {
		signs ^= signs << 13
		signs ^= signs >> 17
		signs ^= signs << 5
		sum := 0
		for i, e := range entry {
			if signs>>i&1 == 1 {
				sum += e
			} else {
				sum -= e
			}
		}
		return sum > 0
	}
	for range nameBits {
		name <<= 1
		if one, other := positive(), positive(); one != other {
			name |= 1
		}
	}
	return name
}

// natural reports whether a description holds more than rounding: strokes at equal distances have no shape, and their
// names would say nothing.
func natural(entry []int) bool {
	sum := 0
	for _, e := range entry {
		sum += e * e
	}
	return sum >= leastNatural
}

// steps brings x, between -1 and 1, to whole steps.
func steps(x float64) int { return int(math.Floor(float64(x*sketchScale) + 0.5)) }

// centred gives the shares x/(x+mean) in whole steps, less their mean: what is left says which are long and which are
// short, whatever the pace, and a long one counts no more than a few times a usual one.
func centred(values []float64) []int {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	mean := sum / float64(len(values))
	out, total := make([]int, len(values)), 0
	for i, v := range values {
		if mean > 0 {
			out[i] = steps(v / (v + mean))
		}
		total += out[i]
	}
	for i := range out {
		out[i] = out[i]*len(out) - total // the mean would leave a fraction
	}
	return out
}
