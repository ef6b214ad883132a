package compare

import (
	"bytes"
	_ "embed" // the weights
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"ipse.dev/ipse/internal/compare/fixedtext"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/observation"
)

// PhraseWeights compare typings of a phrase. What they hold was learnt from people who typed some other text.
type PhraseWeights struct {
	Version int                 `json:"version"`
	Name    string              `json:"name"` // the model that they compare
	Card    Card                `json:"card"`
	Seen    map[string][]string `json:"seen"`

	Typing fixedtext.Typing `json:"typing"`
	Scale  float64          `json:"scale"` // calibration, as of TwoCovariance
	Offset float64          `json:"offset"`
	Odd    float64          `json:"odd"`
	Alike  float64          `json:"alike"`

	// Background, where people are known who typed the very same phrase, takes the place of Typing's guess of how others
	// type it. The calibration must then be that background's.
	Background *fixedtext.Background `json:"-"`
}

//go:embed phrase.json
var phraseFile []byte

var builtInPhrase = sync.OnceValues(func() (*PhraseWeights, error) { return parsePhrase(phraseFile) })

// LoadPhrase gives the built-in weights for phrases. They must not be changed.
func LoadPhrase() (*PhraseWeights, error) { return builtInPhrase() }

func parsePhrase(raw []byte) (*PhraseWeights, error) {
	var w PhraseWeights
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		return nil, fmt.Errorf("%w: for phrases: %w", ErrWeights, err)
	}
	if err := w.validate(); err != nil {
		return nil, fmt.Errorf("%w: for phrases: %w", ErrWeights, err)
	}
	return &w, nil
}

func (w *PhraseWeights) validate() error {
	if w.Version != WeightsVersion || w.Name != embed.PhraseModel {
		return fmt.Errorf("format version %d for %q; want %d for %q", w.Version, w.Name, WeightsVersion, embed.PhraseModel)
	}
	if !(w.Scale > 0) || math.IsInf(w.Scale, 0) || math.IsNaN(w.Offset) || math.IsInf(w.Offset, 0) {
		return fmt.Errorf("calibration %g, %g; want a finite scale above 0 and a finite offset", w.Scale, w.Offset)
	}
	if !(w.Odd >= 0 && w.Odd < 0.5 && w.Alike >= 0 && w.Alike < 0.5) {
		return fmt.Errorf("odd %g and alike %g; want both from 0 to below one half", w.Odd, w.Alike)
	}
	return w.Typing.Validate()
}

// Enrol takes one typing more into a reference, which keeps the last ones as they are.
func (w *PhraseWeights) Enrol(r Reference, p Probe) (Reference, error) {
	if len(p.Embedding) == 0 || len(r.Repetitions) > 0 && len(r.Repetitions[0]) != len(p.Embedding) {
		return r, fmt.Errorf("%w: %d timings", ErrDimension, len(p.Embedding))
	}
	r.Repetitions = append(slices.Clone(r.Repetitions), p.Embedding)
	r.Repetitions = r.Repetitions[max(0, len(r.Repetitions)-fixedtext.Kept):]
	r.Weight = float64(len(r.Repetitions))
	return r, nil
}

// Compare gives the calibrated log-likelihood ratio. Several typings count for no more than one, of which they are the
// mean: how far typings of one stretch repeat each other was not measured.
func (w *PhraseWeights) Compare(r Reference, probes ...Probe) (float64, error) {
	if len(r.Repetitions) == 0 {
		return 0, ErrEmpty
	}
	if len(probes) == 0 {
		return 0, ErrNoProbe
	}
	raw, err := w.Raw(r, probes)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for _, x := range raw {
		sum += Sober(w.Scale*x+w.Offset, w.Odd, w.Alike)
	}
	return sum / float64(len(raw)), nil
}

// Raw gives the scores before calibration, for fitting it.
func (w *PhraseWeights) Raw(r Reference, probes []Probe) ([]float64, error) {
	m, err := fixedtext.Learn(w.Typing, r.Repetitions)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	out := make([]float64, len(probes))
	for i, p := range probes {
		if w.Background != nil {
			out[i], err = w.Background.Score(m, p.Embedding)
		} else {
			out[i], err = m.Score(p.Embedding)
		}
		if errors.Is(err, fixedtext.ErrShape) {
			return nil, fmt.Errorf("%w: %w", ErrDimension, err)
		}
		if err != nil {
			return nil, fmt.Errorf("compare: %w", err)
		}
	}
	return out, nil
}

// ofPhrase gives the comparator for typings of a phrase, which is the same with all weights.
func ofPhrase(modality observation.Modality, model string) (Comparator, error) {
	if modality != observation.Phrase || model != embed.PhraseModel {
		return nil, fmt.Errorf("%w: %s, %q", ErrUnknownModel, modality, model)
	}
	return LoadPhrase()
}
