// Package embed owns the step from a window to its embedding: the fixed-length vector that a behaviour model gives. The
// plain model is "features-1": robust statistics of a window, each standardised by what is usual among people, one
// signed byte a dimension. A learned model is a network with a name of its own.
// Which models are computed is the server's choice, by the weights that it compares with.
package embed

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

// Model is the name of the model that Keyboard, Pointer and Touch run.
const Model = "features-1"

// PerSigma is how many steps of an embedding's byte make one standard deviation. Values beyond ±127 steps are cut.
const PerSigma = 31

// Standard is what is usual among people, for one dimension.
type Standard struct {
	Name  string  `json:"name"`
	Mean  float64 `json:"mean"`  // of the statistic
	Sigma float64 `json:"sigma"` // of the statistic's shrunken distance from Mean
}

//go:embed features-1.json
var standardsJSON []byte

// Those of touch lie in a file of their own: pages that only type and point need not load them.
//
//go:embed features-1-touch.json
var touchStandardsJSON []byte

var standards = mustStandards(standardsJSON, touchStandardsJSON)

type standardSet struct {
	Keyboard []Standard `json:"keyboard"`
	Pointer  []Standard `json:"pointer"`
	Touch    []Standard `json:"touch"`
}

func mustStandards(files ...[]byte) standardSet {
	var s standardSet
	for _, raw := range files {
		if err := json.Unmarshal(raw, &s); err != nil {
			panic(fmt.Sprintf("embed: the built-in standards do not parse: %v", err))
		}
	}
	return s
}

// Statistic is one raw dimension: its value and how many samples stand behind it. With none the value is without
// meaning and the dimension says nothing: it takes the usual value.
type Statistic struct {
	Name    string
	Value   float64
	Samples float64
	Caution float64 // samples of the usual value that are mixed in
}

// Shrunken gives the statistic's distance from the usual mean, drawn toward zero the fewer its samples are.
func (s Statistic) Shrunken(mean float64) float64 {
	if s.Samples <= 0 {
		return 0
	}
	return (s.Value - mean) * s.Samples / (s.Samples + s.Caution)
}

// Keyboard gives the embedding of a window of typing.
func Keyboard(w window.Keyboard) observation.Embedding {
	return quantise(KeyboardStatistics(w), standards.Keyboard)
}

// Pointer gives the embedding of a window of pointer use.
func Pointer(w window.Pointer) observation.Embedding {
	return quantise(PointerStatistics(w), standards.Pointer)
}

// Dimension gives the length of a model's embeddings; ok is false for a model or modality that does not exist.
func Dimension(modality observation.Modality, model string) (length int, ok bool) {
	if l, learned := learnedModels[model]; learned {
		return l.network.Header().Dimensions(), l.network.Header().Kind == string(modality)
	}
	switch {
	case model != Model:
		return 0, false
	case modality == observation.Keyboard:
		return len(standards.Keyboard), true
	case modality == observation.Pointer:
		return len(standards.Pointer), true
	case modality == observation.Touch:
		return len(standards.Touch), true
	}
	return 0, false
}

func quantise(statistics []Statistic, standards []Standard) observation.Embedding {
	e := make(observation.Embedding, len(statistics))
	for i, s := range statistics {
		z := math.Floor(s.Shrunken(standards[i].Mean)/standards[i].Sigma*PerSigma + 0.5)
		if !(z > -127) { // NaN too
			z = -127
		}
		e[i] = int8(math.Min(127, z))
	}
	return e
}
