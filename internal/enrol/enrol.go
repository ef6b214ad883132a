// Package enrol owns how a reference comes to be: which observations it takes in, when it is mature, and the subject's
// usual values by which an alarm is explained. It is pure: references are values and the caller keeps them.
package enrol

import (
	"math"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/observation"
)

// Key says what one reference describes, within one subject.
type Key struct {
	Modality    observation.Modality    `json:"modality"`
	DeviceClass observation.DeviceClass `json:"deviceClass"`
	Model       string                  `json:"model"`
}

// Reference is one subject's stored biometric reference for one Key.
type Reference struct {
	Key         Key               `json:"key"`
	Version     int               `json:"version"` // grows by one with every observation taken in
	Comparison  compare.Reference `json:"comparison"`
	Usual       []Usual           `json:"usual"` // one for each feature of FeatureList
	FeatureList string            `json:"featureList"`
	Pending     []Candidate       `json:"pending,omitempty"` // trusted so far, not yet taken in
}

// Usual is a subject's usual value of one feature: running mean and sum of squared deviations (Welford 1962).
type Usual struct {
	Count float64 `json:"count"`
	Mean  float64 `json:"mean"`
	M2    float64 `json:"m2"`
}

// Candidate is an observation that waits to be taken into a mature reference.
type Candidate struct {
	Embedding observation.Embedding `json:"embedding"`
	Events    int                   `json:"events"`
	Features  []float64             `json:"features"`
}

// Weights, in full windows, at which a reference is mature, and beyond which old behaviour is slowly forgotten.
const (
	KeyboardMature = 16
	PointerMature  = 16
	ForgetBeyond   = 400
)

// Maturity is the share of what a mature reference holds, from 0 to 1.
func (r Reference) Maturity() float64 {
	need := float64(KeyboardMature)
	if r.Key.Modality == observation.Pointer {
		need = PointerMature
	}
	return math.Min(1, r.Comparison.Weight/need)
}

// Mature reports whether the reference may be compared with.
func (r Reference) Mature() bool { return r.Maturity() >= 1 }
