package enrol

import (
	"math"
	"slices"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/observation"
)

// guard is how many trusted observations must follow one before a mature reference takes it in: what a takeover's first
// windows look like is known only later.
const guard = 8

// phraseGuard is the same for typings of a phrase: each is of another sign-in, and says nothing of the one before. That
// it fits well takes the place of what follows; see Key.Admits.
const phraseGuard = 0

func (k Key) guard() int {
	if k.Modality == observation.Phrase {
		return phraseGuard
	}
	return guard
}

// Bounds of adaptation. Distances are shares of how far two people drawn at random lie apart (compare.Mover). What they do
// to people's own references and to a poisoner is measured: see Adapting.
const (
	// MostPerDay bounds how far a settled reference moves from where a day began.
	MostPerDay = 0.08
	// MostPerYoungDay bounds the same for one that is mature and still settling: it holds two minutes of somebody, and a
	// longer look is worth more than the bound.
	MostPerYoungDay = 0.3

	dayMS = 24 * 3600 * 1000

	// Where a comparator knows no distances, the day's bound is a share of what the reference weighs, and this many at least.
	shareOfWeightPerDay = 0.25
	leastPerDay         = 4
)

// Weights, in full windows, from which a reference is settled: it is then what the subject is measured by later.
const (
	KeyboardSettled = 64
	PointerSettled  = 32
)

func (k Key) settled() float64 {
	if k.Modality == observation.Keyboard {
		return KeyboardSettled
	}
	return PointerSettled
}

// Offer holds an observation of a trusted stretch back until enough trusted ones have followed, and takes in the one
// whose wait is over, as far as a day's bound allows: what would carry the reference beyond it is dropped. Whether it is
// or not, it counts for what was seen lately; when that is no longer like the settled reference, the reference has
// drifted and takes nothing in any more. atMS is the server's time.
func Offer(c compare.Comparator, r Reference, key Key, o observation.Observation, atMS int64) (Reference, error) {
	if r.DriftedAtMS != 0 {
		return Distrust(r), nil
	}
	r.Pending = append(slices.Clone(r.Pending), Candidate{Embedding: o.Embedding, Events: o.Events, Features: o.Features, QuantumMS: o.Liveness.TimestampQuantumMS})
	if len(r.Pending) <= key.guard() {
		return r, nil
	}
	oldest := r.Pending[0]
	r.Pending = r.Pending[1:]
	r.beginDay(atMS)
	o.Embedding, o.Events, o.Features, o.Liveness.TimestampQuantumMS = oldest.Embedding, oldest.Events, oldest.Features, oldest.QuantumMS
	next, err := take(c, r, key, o)
	if err != nil {
		return r, err
	}
	home, settled := r.home()
	if settled {
		// How the subject's own windows score stays as it was measured: a poisoner must not lower what is asked of a window.
		next.Comparison.OwnScore, next.Comparison.OwnScores = r.Comparison.OwnScore, r.Comparison.OwnScores
	}
	if withinDay(c, r.Kept[len(r.Kept)-1], next) {
		r = next
	}
	switch {
	case settled:
		r.lookBack(c, home, oldest, atMS)
	case r.Comparison.Weight >= key.settled():
		r.keep(atMS)
	}
	return r, nil
}

// home is the first kept version that is settled: what the subject was when they were known well enough.
func (r Reference) home() (Kept, bool) {
	for _, k := range r.Kept {
		if k.Comparison.Weight >= r.Key.settled() {
			return k, true
		}
	}
	return Kept{}, false
}

// lookBack adds a trusted window to what was seen lately, and finds the reference drifted when that, whole, is more like
// somebody else than calibration people's later work ever was like their settled references.
func (r *Reference) lookBack(c compare.Comparator, home Kept, w Candidate, atMS int64) {
	mover, ok := c.(compare.Mover)
	limits, known := measuredFor(r.Key)
	if !ok || !known {
		return
	}
	lately, err := c.Enrol(r.Lately, w.probe())
	if err != nil {
		return
	}
	full := r.Key.settled()
	if lately.Weight > full {
		lately = forget(lately, full/lately.Weight)
	}
	lately.OwnScore, lately.OwnScores = 0, 0
	r.Lately = lately
	if lately.Weight < full*(1-1e-9) {
		return
	}
	if llr, err := mover.SamePerson(home.Comparison, lately); err == nil && llr < limits.Drift.Limit {
		r.DriftedAtMS, r.Pending = max(1, atMS), nil
	}
}

// Distrust drops what waits: it lies too near to a stretch that was not trusted.
func Distrust(r Reference) Reference {
	r.Pending = nil
	return r
}

// withinDay reports whether a reference is still as near as it must be to where its day began.
func withinDay(c compare.Comparator, begun Kept, next Reference) bool {
	if _, ok := c.(compare.Mover); ok {
		most := MostPerDay
		if begun.Comparison.Weight < next.Key.settled() {
			most = MostPerYoungDay
		}
		return Distance(c, begun.Comparison, next.Comparison) <= most
	}
	most := math.Max(leastPerDay, shareOfWeightPerDay*begun.Comparison.Weight)
	return float64(next.Version-begun.Version) <= most
}

// Distance is how far two states of a reference lie apart, as a share of how far two people drawn at random do. It is 0
// for a comparator that knows no distances. What cannot be compared is as far as can be.
func Distance(c compare.Comparator, a, b compare.Reference) float64 {
	mover, ok := c.(compare.Mover)
	if !ok {
		return 0
	}
	d, err := mover.Distance(a, b)
	if err != nil {
		return math.Inf(1)
	}
	return d
}
