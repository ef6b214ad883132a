package enrol

import (
	"math"
	"math/bits"

	"ipse.dev/ipse/internal/compare"
)

// mostParted bounds how many typings are parted in every way: the ways double with each.
const mostParted = 2 * leastGroup

// seamsOfTypings is Seams for a comparator that knows no distances, as that of phrases, whose enrolments are short enough to
// be parted in every way: turn is how well the two halves agree, mingled how well those two equal groups do that agree least.
func seamsOfTypings(c compare.Comparator, typings []compare.Probe) (turn, mingled float64) {
	typings = typings[max(0, len(typings)-mostParted):]
	half := len(typings) / 2
	turn, mingled = math.Inf(1), math.Inf(1)
	for first := range uint(1) << (len(typings) - 1) { // the last typing is always in the second group
		if bits.OnesCount(first) != half {
			continue
		}
		llr := oneByOne(c, typings, first)
		mingled = math.Min(mingled, llr)
		if first == 1<<half-1 {
			turn = llr
		}
	}
	return turn, mingled
}

// oneByOne is the mean log-likelihood ratio of the typings of either group under a reference of the other; +Inf where they
// cannot be compared.
func oneByOne(c compare.Comparator, typings []compare.Probe, first uint) float64 {
	var references [2]compare.Reference
	group := func(i int) int { return int(first >> i & 1) }
	for i, p := range typings {
		next, err := c.Enrol(references[group(i)], p)
		if err != nil {
			return math.Inf(1)
		}
		references[group(i)] = next
	}
	sum := 0.0
	for i, p := range typings {
		llr, err := c.Compare(references[1-group(i)], p)
		if err != nil || math.IsNaN(llr) {
			return math.Inf(1)
		}
		sum += llr
	}
	return sum / float64(len(typings))
}
