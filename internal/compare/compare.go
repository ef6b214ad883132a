// Package compare owns the step from a reference and a probe to a comparison score: a calibrated, finite
// log-likelihood ratio, natural log, positive in favour of the reference's subject. It has no clock and no store.
package compare

import (
	"errors"

	"ipse.dev/ipse/internal/observation"
)

// Errors by which a caller decides what to do.
var (
	ErrUnknownModel = errors.New("compare: no comparator for this modality and model")
	ErrDimension    = errors.New("compare: the embedding or the reference is not of the model's space")
	ErrEmpty        = errors.New("compare: the reference holds no observation")
	ErrNoProbe      = errors.New("compare: there is no probe to compare; want one or more")
)

// Probe is what a comparison needs of one observation.
type Probe struct {
	Embedding observation.Embedding
	Events    int // events in the window: a longer window tells more
}

// Reference is the part of a biometric reference that a comparison reads. It is a value: Enrol gives a new one.
type Reference struct {
	Sum    []float64 `json:"sum"`    // weighted sum of projected embeddings
	Weight float64   `json:"weight"` // what the sum's observations weigh together, in full windows

	Space string `json:"space,omitempty"` // in which Sum lies; empty in references of older versions

	Repetitions []observation.Embedding `json:"repetitions,omitempty"` // of a phrase, the oldest first; in place of Sum

	OwnScore  float64 `json:"ownScore"`  // sum of the raw scores that the subject's own probes had before they were taken in
	OwnScores float64 `json:"ownScores"` // number of them
}

// Comparator is one modality's and model's way to compare.
type Comparator interface {
	// Enrol takes one probe more into a reference. The zero Reference is empty and may be passed.
	Enrol(Reference, Probe) (Reference, error)
	// Compare gives the calibrated log-likelihood ratio of "these probes are the subject's" against "they are somebody
	// else's, all of the same person". That is not the sum of single comparisons: probes of one stretch repeat one
	// another, and the first already tells much of what the next will be like. It is finite for every reference that
	// holds something and one or more probes of the right length.
	Compare(Reference, ...Probe) (float64, error)
}
