package enrol

import (
	"errors"
	"fmt"
	"slices"

	"ipse.dev/ipse/internal/compare"
)

// ErrNoVersion is the error for a version that is not kept.
var ErrNoVersion = errors.New("enrol: no such version is kept")

// Kept is an earlier version of a reference, as it was when a day began.
type Kept struct {
	Version     int               `json:"version"`
	AtMS        int64             `json:"atMS"` // when it was kept, by the server's clock
	Comparison  compare.Reference `json:"comparison"`
	Usual       []Usual           `json:"usual"`
	FeatureList string            `json:"featureList"`
	Clocks      []Clock           `json:"clocks,omitempty"`
}

// MostKept bounds the kept versions of one reference.
const MostKept = 8

// beginDay keeps the reference as it is where none is kept yet, or the last one is a day old.
func (r *Reference) beginDay(atMS int64) {
	if n := len(r.Kept); n > 0 && atMS-r.Kept[n-1].AtMS < dayMS {
		return
	}
	r.keep(atMS)
}

// keep keeps the reference as it is: a day of learning begins here.
func (r *Reference) keep(atMS int64) {
	if n := len(r.Kept); n > 0 {
		atMS = max(atMS, r.Kept[n-1].AtMS) // a clock that was put back does not change the order
	}
	r.Kept = append(slices.Clone(r.Kept), Kept{Version: r.Version, AtMS: atMS, Comparison: r.Comparison, Usual: r.Usual, FeatureList: r.FeatureList, Clocks: r.Clocks})
	if len(r.Kept) > MostKept {
		i := sparest(r.Kept)
		r.Kept = slices.Delete(r.Kept, i, i+1)
	}
}

// firstKept are the kept versions that are never given up: the one at maturity and the settled one.
const firstKept = 2

// sparest gives the kept version that is missed least: of those between the first two and the last, the one whose
// neighbours lie nearest together for its age. So the days that stay lie close together lately and far apart long ago.
func sparest(kept []Kept) int {
	last := kept[len(kept)-1].AtMS
	best, least := firstKept, 0.0
	for i := firstKept; i < len(kept)-1; i++ {
		gap := float64(kept[i+1].AtMS-kept[i-1].AtMS) / float64(max(dayMS, last-kept[i].AtMS))
		if i == firstKept || gap < least {
			best, least = i, gap
		}
	}
	return best
}

// RollBack gives the reference as it was at a kept version. Later versions are gone with what was learnt in them, what
// waits is dropped, and the reference learns on from there. A version that is not kept gives ErrNoVersion.
func RollBack(r Reference, version int) (Reference, error) {
	i := slices.IndexFunc(r.Kept, func(k Kept) bool { return k.Version == version })
	if i < 0 {
		return r, fmt.Errorf("%w: version %d of the %s reference of %s; want one of %v", ErrNoVersion, version, r.Key.Modality, r.Key.Model, r.keptVersions())
	}
	k := r.Kept[i]
	return Reference{
		Key: r.Key, Version: k.Version, Comparison: k.Comparison, Usual: k.Usual, FeatureList: k.FeatureList, Clocks: k.Clocks, Kept: slices.Clone(r.Kept[:i+1]),
	}, nil
}

// Accept says that somebody has looked at where a reference has drifted to and takes it for the subject's: it learns on,
// and its distance is measured from here. One that has not drifted stays as it is.
func Accept(r Reference, atMS int64) Reference {
	if r.DriftedAtMS == 0 {
		return r
	}
	r.DriftedAtMS, r.Pending, r.Lately = 0, nil, compare.Reference{}
	r.Kept = []Kept{{Version: r.Version, AtMS: atMS, Comparison: r.Comparison, Usual: r.Usual, FeatureList: r.FeatureList, Clocks: r.Clocks}}
	return r
}

func (r Reference) keptVersions() []int {
	out := make([]int, len(r.Kept))
	for i, k := range r.Kept {
		out[i] = k.Version
	}
	return out
}

// RollBackTo gives the reference as it was at a moment, as near as versions are kept: the last one that was kept by then,
// or the oldest where none is that old. One that keeps no version yet stays as it is.
func RollBackTo(r Reference, atMS int64) Reference {
	if len(r.Kept) == 0 {
		return Distrust(r)
	}
	to := r.Kept[0].Version
	for _, k := range r.Kept {
		if k.AtMS <= atMS {
			to = k.Version
		}
	}
	back, err := RollBack(r, to)
	if err != nil { // never: the version is one of those kept
		return r
	}
	return back
}
