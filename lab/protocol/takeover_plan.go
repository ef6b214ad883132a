package protocol

import (
	"cmp"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"

	"ipse.dev/ipse/internal/observation"
)

const (
	randomOthers  = 20 // people who are spliced in, drawn at random; all where there are fewer
	nearestOthers = 5  // and those whose windows score highest against the reference
)

// splicing is one takeover that is tried: who, where in the stream and from where in the other's recording.
type splicing struct {
	by      *actor
	index   int // of by among the scene's people
	splice  int // moments of the genuine run that have passed
	from    int // first moment of the other's
	nearest bool
}

// enrolment is one person of a scene after enrolment, with the takeovers that are to be tried.
type enrolment struct {
	*actor
	index   int // among the scene's people
	stand   stand
	attacks []splicing
}

// enrolments enrols people and leaves out those whose references nothing is compared with at the end of it, in any
// modality that they use.
func (r *run) enrolments(f folder, people []*actor) []*enrolment {
	found := make([]*enrolment, len(people))
	_ = r.each(r.stage+": enrol", len(people), func(i int) error { // an end of the run shows in its context
		a := people[i]
		s, compared := f.enrolled(a.enrol)
		for _, m := range uses(a) {
			if !compared[m] {
				return nil
			}
		}
		found[i] = &enrolment{actor: a, index: i, stand: s}
		return nil
	})
	return slices.DeleteFunc(found, func(e *enrolment) bool { return e == nil })
}

func uses(a *actor) []observation.Modality {
	var out []observation.Modality
	for _, m := range a.genuine[0] {
		if !slices.Contains(out, m.observation.Modality) {
			out = append(out, m.observation.Modality)
		}
	}
	return out
}

// plan chooses who takes each person's session over, when, and from where in their own recording. It depends on the seed
// and the people alone, so that thresholds are compared on the same takeovers.
func (r *run) plan(f folder, people []*enrolment, all []*actor) {
	_ = r.each(r.stage+": choose impostors", len(people), func(i int) error {
		e := people[i]
		h := fnv.New64a()
		_, _ = h.Write([]byte(e.id())) // never fails
		random := rand.New(rand.NewPCG(r.Bootstrap.Seed, h.Sum64()))
		type other struct {
			index    int
			likeness float64
		}
		var others []other
		for k, a := range all {
			if len(a.whole) > 0 && e.stranger(a) {
				others = append(others, other{index: k})
			}
		}
		splices := splicesOf(e.genuine)
		add := func(o other, nearest bool) {
			by := all[o.index]
			e.attacks = append(e.attacks, splicing{by: by, index: o.index, nearest: nearest,
				splice: splices(random.Float64()), from: random.IntN(len(by.whole))})
		}
		random.Shuffle(len(others), func(a, b int) { others[a], others[b] = others[b], others[a] })
		for _, o := range others[:min(randomOthers, len(others))] {
			add(o, false)
		}
		for k := range others {
			others[k].likeness = f.likeness(e.stand, all[others[k].index].whole)
		}
		slices.SortStableFunc(others, func(a, b other) int { return -cmp.Compare(a.likeness, b.likeness) })
		for _, o := range others[:min(nearestOthers, len(others))] {
			add(o, true)
		}
		return nil
	})
}

// splicesOf gives how many moments of a genuine run have passed after a share of its input, from the sign-in on.
func splicesOf(sessions [][]moment) func(share float64) int {
	var ends []float64
	passed := 0.0
	for _, s := range sessions {
		for _, m := range s {
			passed += m.passed.inputMS
			ends = append(ends, passed)
		}
	}
	return func(share float64) int {
		n, _ := slices.BinarySearch(ends, math.Nextafter(share*passed, math.Inf(1)))
		return min(n, len(ends)-1)
	}
}

// outcome is how one person's streams went at one threshold.
type outcome struct {
	*enrolment
	track track
	taken []taken // of each attack
}

// play runs everybody's genuine stream and the takeovers at one threshold.
func (r *run) play(f folder, people []*enrolment, attacked bool) []outcome {
	out := make([]outcome, len(people))
	_ = r.each("", len(people), func(i int) error {
		e := people[i]
		keep := map[int]bool{}
		if attacked {
			for _, a := range e.attacks {
				keep[a.splice] = true
			}
		}
		o := outcome{enrolment: e, track: f.genuine(e.stand, e.genuine, keep)}
		if attacked {
			for _, a := range e.attacks {
				o.taken = append(o.taken, f.takeover(o.track.stands[a.splice], a.by.whole, a.from))
			}
		}
		o.track.stands = nil // they are large
		out[i] = o
		return nil
	})
	return out
}
