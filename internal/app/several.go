package app

import (
	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
)

// matureOf lists the subject's mature references for the same thing as key, the first place first.
func matureOf(refs References, key enrol.Key) []enrol.Key {
	var out []enrol.Key
	for _, k := range key.Places() {
		if refs[k].Mature() {
			out = append(out, k)
		}
	}
	return out
}

// comparison is what a window says beside all mature references that it may be compared with.
type comparison struct {
	key   enrol.Key // of the reference that explains the window best; what is learnt from it goes there
	score float64   // calibrated LLR, the average over the references
	ok    bool      // something could be compared
}

// compareAll compares a window with every mature reference.
func compareAll(c compare.Comparator, refs References, mature []enrol.Key, o observation.Observation) comparison {
	var scores []float64
	var keys []enrol.Key
	for _, k := range mature {
		llr, err := c.Compare(refs[k].Comparison, compare.Probe{Embedding: o.Embedding, Events: o.Events})
		if usable(llr, err) {
			scores, keys = append(scores, llr), append(keys, k)
		}
	}
	best := enrol.Best(scores)
	if best < 0 {
		return comparison{}
	}
	return comparison{key: keys[best], score: enrol.Average(scores), ok: true}
}

// read empties the places of references that other weights built.
func (refs References) read(c compare.Comparator, key enrol.Key) {
	for _, k := range key.Places() {
		if r, ok := refs[k]; ok {
			refs[k] = readable(c, r)
		}
	}
}

// distrust drops what waits to be learnt of the same thing as key, in every place.
func distrust(refs References, key enrol.Key) {
	for _, k := range key.Places() {
		if r, ok := refs[k]; ok {
			refs[k] = enrol.Distrust(r)
		}
	}
}
