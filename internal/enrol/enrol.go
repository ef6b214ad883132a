// Package enrol owns how a reference comes to be: which observations it takes in, when it is mature, and the subject's
// usual values by which an alarm is explained. It is pure: references are values and the caller keeps them.
package enrol

import (
	"fmt"
	"math"
	"slices"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/observation"
)

// Key says what one reference describes, within one subject.
type Key struct {
	Modality    observation.Modality    `json:"modality"`
	DeviceClass observation.DeviceClass `json:"deviceClass"`
	Model       string                  `json:"model"`
	Phrase      int64                   `json:"phrase,omitempty"` // the application's number for its text; 0 for windows
	Place       int                     `json:"place,omitempty"`  // which of the subject's references: 0 for the first, up to MaxPlaces-1
}

// Variant tells apart the references of one modality and device class: the model and, of phrases, which one; and which of
// several references for the same, where there is more than the first.
func (k Key) Variant() string {
	out := k.Model
	if k.Phrase != 0 {
		out = fmt.Sprintf("%s/%d", out, k.Phrase)
	}
	if k.Place != 0 {
		out = fmt.Sprintf("%s+%d", out, k.Place)
	}
	return out
}

// Reference is one subject's stored biometric reference for one Key.
type Reference struct {
	Key         Key               `json:"key"`
	Version     int               `json:"version"` // grows by one with every observation taken in
	Comparison  compare.Reference `json:"comparison"`
	Usual       []Usual           `json:"usual"` // one for each feature of FeatureList
	FeatureList string            `json:"featureList"`
	Pending     []Candidate       `json:"pending,omitempty"` // trusted so far, not yet taken in

	Kept        []Kept            `json:"kept,omitempty"`        // earlier versions, the oldest first; the last one is where the day began
	Lately      compare.Reference `json:"lately,omitzero"`       // the last trusted windows alone, once the reference is settled
	DriftedAtMS int64             `json:"driftedAtMS,omitempty"` // since when Lately is too unlike the settled version for the reference to learn on

	Enrolment []Candidate `json:"enrolment,omitempty"` // what an immature reference holds, one by one, without features
	Clocks    []Clock     `json:"clocks,omitempty"`    // steps of the timestamps that its windows came with
	Mixed     bool        `json:"mixed,omitempty"`     // the enrolment holds two people: the reference does not ripen
}

// Usual is a subject's usual value of one feature: running mean and sum of squared deviations (Welford 1962).
type Usual struct {
	Count float64 `json:"count"`
	Mean  float64 `json:"mean"`
	M2    float64 `json:"m2"`
}

// Candidate is an observation that waits to be taken into a mature reference, or one of an enrolment.
type Candidate struct {
	Embedding observation.Embedding `json:"embedding"`
	Events    int                   `json:"events"`
	Features  []float64             `json:"features"`
	QuantumMS float64               `json:"quantumMS,omitempty"` // step of the timestamps
}

func (c Candidate) probe() compare.Probe {
	return compare.Probe{Embedding: c.Embedding, Events: c.Events}
}

// Weights, in full windows, at which a reference is mature, and beyond which old behaviour is slowly forgotten.
const (
	KeyboardMature = 16
	PointerMature  = 16
	ForgetBeyond   = 400
)

// PhraseMature is the number of typings from which a phrase is compared. On the CMU password five typings give an error
// of 5.2 %, ten 4.9 %, twenty 4.8 % and the last 64 of two hundred 4.4 % (39 people whom lab/fit.RoleOf does not keep
// unseen).
const PhraseMature = 8

// MaxPhrases bounds the phrases of one subject and device class, whatever numbers a page makes up.
const MaxPhrases = 16

// Maturity is the share of what a mature reference holds, from 0 to 1. What mixes two people is worth nothing.
func (r Reference) Maturity() float64 {
	if r.Mixed {
		return 0
	}
	need := float64(KeyboardMature)
	switch r.Key.Modality {
	case observation.Pointer:
		need = PointerMature
	case observation.Phrase:
		need = PhraseMature
	}
	return math.Min(1, r.Comparison.Weight/need)
}

// Mature reports whether the reference may be compared with. One that mixes two people never is.
func (r Reference) Mature() bool { return r.Maturity() >= 1 }

// Take takes an observation into a reference at once: for references that are still immature. The observation that would
// make it mature decides whether the enrolment is one person's (see Mixed).
func Take(c compare.Comparator, r Reference, key Key, o observation.Observation) (Reference, error) {
	if r.Mixed {
		return r, nil
	}
	next, err := take(c, r, key, o)
	if err != nil {
		return r, err
	}
	next.Enrolment = append(slices.Clone(r.Enrolment), Candidate{Embedding: o.Embedding, Events: o.Events})
	next.Enrolment = next.Enrolment[max(0, len(next.Enrolment)-enrolmentKept):]
	if next.Maturity() >= 1 {
		next.Mixed, next.Enrolment = Mixed(c, key, next.Enrolment), nil
	}
	return next, nil
}

// take takes an observation in, whatever the reference holds.
func take(c compare.Comparator, r Reference, key Key, o observation.Observation) (Reference, error) {
	next, err := c.Enrol(r.Comparison, compare.Probe{Embedding: o.Embedding, Events: o.Events})
	if err != nil {
		return r, fmt.Errorf("enrol: %w", err)
	}
	if next.Weight > ForgetBeyond {
		next = forget(next, ForgetBeyond/next.Weight)
	}
	r.Key, r.Comparison, r.Version = key, next, r.Version+1
	r.learnUsual(o.FeatureList, o.Features)
	r.learnClock(o.Liveness.TimestampQuantumMS)
	return r, nil
}

func forget(r compare.Reference, factor float64) compare.Reference {
	out := r
	out.Sum, out.Weight = slices.Clone(r.Sum), r.Weight*factor
	out.OwnScore, out.OwnScores = r.OwnScore*factor, r.OwnScores*factor
	for i := range out.Sum {
		out.Sum[i] *= factor
	}
	return out
}

// learnUsual updates the subject's usual values. A value of 0 is a measure for which the window held nothing.
func (r *Reference) learnUsual(list string, features []float64) {
	if r.FeatureList != list || len(r.Usual) != len(features) {
		r.FeatureList, r.Usual = list, make([]Usual, len(features))
	} else {
		r.Usual = slices.Clone(r.Usual)
	}
	for i, v := range features {
		if v != 0 {
			r.Usual[i] = r.Usual[i].with(v)
		}
	}
}

func (u Usual) with(v float64) Usual {
	u.Count++
	delta := v - u.Mean
	u.Mean += delta / u.Count
	u.M2 += delta * (v - u.Mean)
	return u
}
