package enrol

import (
	"math"

	"ipse.dev/ipse/internal/compare"
)

// enrolmentKept bounds what an immature reference keeps one by one: more than KeyboardMature, for windows that are short.
const enrolmentKept = 64

// leastGroup is how many windows the smaller of two supposed people must have in an enrolment.
const leastGroup = 4

// Mixed reports whether the windows of an enrolment come from two people rather than from one, by thresholds that were
// measured for the key's model. Of a model that nothing was measured for, no enrolment is mixed.
func Mixed(c compare.Comparator, key Key, windows []Candidate) bool {
	limits, ok := measuredFor(key)
	if !ok {
		return false
	}
	probes := make([]compare.Probe, len(windows))
	for i, w := range windows {
		probes[i] = w.probe()
	}
	turn, mingled := Seams(c, probes)
	return turn < limits.Mixed.Turn || mingled < limits.Mixed.Mingled
}

// Seams gives how well an enrolment's windows, in their order, still agree with one person where they agree least: turn
// is the least log-likelihood ratio of "the same person" between what came before and after any moment, mingled that
// between the two groups into which the windows fall most naturally, whenever they came. One person's windows fall apart,
// too, when they are parted on purpose: the figures mean something only beside those of other enrolments. Too few windows
// give +Inf for both. See seamsOfTypings for a comparator that knows no distances.
func Seams(c compare.Comparator, windows []compare.Probe) (turn, mingled float64) {
	turn, mingled = math.Inf(1), math.Inf(1)
	if len(windows) < 2*leastGroup {
		return turn, mingled
	}
	mover, ok := c.(compare.Mover)
	if !ok {
		return seamsOfTypings(c, windows)
	}
	first := make([]bool, len(windows))
	for i := range windows {
		first[i] = true
		turn = math.Min(turn, agreement(c, mover, windows, first))
	}
	return turn, agreement(c, mover, windows, twoGroups(c, mover, windows))
}

// agreement is the log-likelihood ratio of one person between the windows that are in and those that are not; +Inf when
// either are too few.
func agreement(c compare.Comparator, mover compare.Mover, windows []compare.Probe, in []bool) float64 {
	groups := groupsOf(c, windows, in)
	if groups[0].n < leastGroup || groups[1].n < leastGroup {
		return math.Inf(1)
	}
	llr, err := mover.SamePerson(groups[0].Reference, groups[1].Reference)
	if err != nil || math.IsNaN(llr) {
		return math.Inf(1)
	}
	return llr
}

type group struct {
	compare.Reference
	n int
}

func groupsOf(c compare.Comparator, windows []compare.Probe, in []bool) (out [2]group) {
	for i, w := range windows {
		g := &out[0]
		if in[i] {
			g = &out[1]
		}
		if next, err := c.Enrol(g.Reference, w); err == nil {
			g.Reference, g.n = next, g.n+1
		}
	}
	return out
}

// twoGroups parts windows by two-means (Lloyd, "Least squares quantization in PCM", 1982), beginning with the two that
// lie farthest apart.
func twoGroups(c compare.Comparator, mover compare.Mover, windows []compare.Probe) []bool {
	alone := make([]compare.Reference, len(windows))
	for i, w := range windows {
		alone[i], _ = c.Enrol(compare.Reference{}, w) // a window that does not fit lies nowhere, and its distance is an error
	}
	apart := func(a, b compare.Reference) float64 {
		d, err := mover.Distance(a, b)
		if err != nil {
			return 0
		}
		return d
	}
	var centres [2]compare.Reference
	farthest := -1.0
	for i := range alone {
		for j := range i {
			if d := apart(alone[i], alone[j]); d > farthest {
				farthest, centres = d, [2]compare.Reference{alone[j], alone[i]}
			}
		}
	}
	in := make([]bool, len(windows))
	for range 10 {
		changed := false
		for i := range alone {
			second := apart(alone[i], centres[1]) < apart(alone[i], centres[0])
			changed = changed || second != in[i]
			in[i] = second
		}
		groups := groupsOf(c, windows, in)
		if !changed || groups[0].n == 0 || groups[1].n == 0 {
			break
		}
		centres = [2]compare.Reference{groups[0].Reference, groups[1].Reference}
	}
	return in
}
