package compare

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"ipse.dev/ipse/internal/extreme"
	"ipse.dev/ipse/internal/observation"
)

// ErrWeights is the error for a weights file that cannot be used.
var ErrWeights = errors.New("compare: unusable weights")

// WeightsVersion is the version of the weights file's format that this package reads.
const WeightsVersion = 1

//go:embed weights/*.json
var builtIn embed.FS

// Weights are everything that comparing needs and that was learnt from background people.
type Weights struct {
	Version     int                 `json:"version"`
	Name        string              `json:"name"`
	Card        Card                `json:"card"`
	Seen        map[string][]string `json:"seen"`        // data set → its own identifiers of the people whom fitting or calibration has seen
	Comparators []*TwoCovariance    `json:"comparators"` // of each modality the first decides as soon as its reference is mature
	Tail        Tail                `json:"tail"`
}

// Card says what weights were made from and what they may be used for.
type Card struct {
	Purpose string     `json:"purpose"`
	Data    []CardData `json:"data"`
	Rebuild string     `json:"rebuild"`
}

// NonCommercial says which data keep the weights from commercial use, with their terms; nothing when none do.
func (c Card) NonCommercial() string {
	var out []string
	for _, d := range c.Data {
		if d.Facts {
			continue
		}
		if terms := strings.ToLower(d.Terms); strings.Contains(terms, "non-commercial") || strings.Contains(terms, "noncommercial") {
			out = append(out, d.Name+" is "+d.Terms)
		}
	}
	return strings.Join(out, "; ")
}

// Statement is the purpose, and whatever keeps the weights from commercial use: what to say wherever weights are named.
func (c Card) Statement() string {
	if terms := c.NonCommercial(); terms != "" {
		return strings.TrimSpace(c.Purpose + " NON-COMMERCIAL USE ONLY: " + terms + ".")
	}
	return c.Purpose
}

// CardData is one data set's part in weights.
type CardData struct {
	Name   string `json:"name"`
	People int    `json:"people"`
	Terms  string `json:"terms"`

	// Facts says that only statistics over all these people were taken, such as means and covariances, and nothing of a
	// recording. They are facts about people, which the set's terms do not bind.
	Facts bool `json:"facts,omitempty"`
}

// Tail is how often genuine streams reach high odds of a takeover, measured on calibration people.
type Tail struct {
	Rungs       []Rung  `json:"rungs"` // odds growing, rates not growing
	Slope       float64 `json:"slope"` // beyond the last rung the rate falls as exp(-Slope·odds): an extrapolation
	HoursOfData float64 `json:"hoursOfData"`
	People      int     `json:"people"`

	// Beyond is the cautious end of the tail beyond the last rung, in place of the slope; nothing where there were too few
	// climbs to fit one.
	Beyond *extreme.Tail `json:"beyond,omitempty"`

	// Strata are tails of their own, for sessions of some kinds. The tail itself is for all others.
	Strata []StratumTail `json:"strata,omitempty"`
}

// Stratum says of which sessions a tail is.
type Stratum struct {
	Ripe     bool `json:"ripe"` // the references hold well beyond what makes them mature
	Keyboard bool `json:"keyboard"`
	Pointer  bool `json:"pointer"`
}

// StratumTail is the tail of the sessions of one kind. It has no strata of its own.
type StratumTail struct {
	Stratum Stratum `json:"stratum"`
	Tail
}

// Rung is one threshold and the alarms an hour of genuine input that it gave.
type Rung struct {
	LogOdds float64 `json:"logOdds"`
	PerHour float64 `json:"perHour"`
}

// BuiltIn names the weights that Load knows without a file, in alphabetical order.
func BuiltIn() []string {
	entries, err := builtIn.ReadDir("weights")
	if err != nil {
		return nil // the folder is part of the binary
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".json"))
	}
	return names
}

// Load gives the built-in weights of that name ("open", "research"), or reads a file.
func Load(nameOrFile string) (*Weights, error) {
	raw, err := builtIn.ReadFile("weights/" + nameOrFile + ".json")
	if err != nil {
		if raw, err = os.ReadFile(nameOrFile); err != nil {
			return nil, fmt.Errorf("%w: %q is neither built in (open, research) nor a readable file: %w", ErrWeights, nameOrFile, err)
		}
	}
	w, err := parseWeights(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrWeights, nameOrFile, err)
	}
	return w, nil
}

func parseWeights(raw []byte) (*Weights, error) {
	var w Weights
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		return nil, fmt.Errorf("not a weights file: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the weights; want one JSON object")
	}
	if w.Version != WeightsVersion {
		return nil, fmt.Errorf("format version %d; want %d", w.Version, WeightsVersion)
	}
	if len(w.Comparators) == 0 {
		return nil, errors.New("no comparator; want at least one")
	}
	for i, c := range w.Comparators {
		if c == nil {
			return nil, errors.New("a comparator is null")
		}
		if slices.ContainsFunc(w.Comparators[:i], func(o *TwoCovariance) bool { return o.Modality == c.Modality && o.Model == c.Model }) {
			return nil, fmt.Errorf("comparator %s/%s is there twice; want one for each model", c.Modality, c.Model)
		}
		if err := c.validate(); err != nil {
			return nil, fmt.Errorf("comparator %s/%s: %w", c.Modality, c.Model, err)
		}
		c.space = spaceOf(c.Mean, c.Projection)
	}
	if err := w.Tail.validate(); err != nil {
		return nil, fmt.Errorf("the tail of genuine streams: %w", err)
	}
	return &w, nil
}

func (t Tail) validate() error {
	if !(t.Slope > 0) || len(t.Rungs) == 0 {
		return fmt.Errorf("has slope %g and %d rungs; want a slope above 0 and at least one rung", t.Slope, len(t.Rungs))
	}
	for i, r := range t.Rungs {
		if !(r.PerHour > 0) || (i > 0 && !(r.LogOdds > t.Rungs[i-1].LogOdds && r.PerHour <= t.Rungs[i-1].PerHour)) {
			return fmt.Errorf("rung %d (%g, %g an hour) is out of order; want growing odds and rates above 0 that do not grow", i, r.LogOdds, r.PerHour)
		}
	}
	if t.Beyond != nil {
		if err := t.Beyond.Validate(); err != nil {
			return err
		}
	}
	for i, c := range t.Strata {
		if len(c.Strata) > 0 {
			return fmt.Errorf("stratum %+v has strata of its own; want none", c.Stratum)
		}
		if slices.ContainsFunc(t.Strata[:i], func(o StratumTail) bool { return o.Stratum == c.Stratum }) {
			return fmt.Errorf("stratum %+v is there twice; want each once", c.Stratum)
		}
		if err := c.validate(); err != nil {
			return fmt.Errorf("stratum %+v: %w", c.Stratum, err)
		}
	}
	return nil
}

// For gives the comparator for a modality and a model, or ErrUnknownModel.
func (w *Weights) For(modality observation.Modality, model string) (Comparator, error) {
	for _, c := range w.Comparators {
		if c.Modality == string(modality) && c.Model == model {
			return c, nil
		}
	}
	return ofPhrase(modality, model)
}

// Preferring gives the same weights with the comparators of these models first, so that they decide for their modalities.
// A model that the weights do not compare gives an error that wraps ErrWeights. The tail stays that of the first model
// that the weights were made with.
func (w *Weights) Preferring(models ...string) (*Weights, error) {
	out := *w
	out.Comparators = slices.Clone(w.Comparators)
	for _, model := range models {
		if !slices.ContainsFunc(w.Comparators, func(c *TwoCovariance) bool { return c.Model == model }) {
			var have []string
			for _, c := range w.Comparators {
				have = append(have, c.Modality+" "+c.Model)
			}
			return nil, fmt.Errorf("%w: %q compare nothing by the model %q; they hold %s", ErrWeights, w.Name, model, strings.Join(have, ", "))
		}
	}
	slices.SortStableFunc(out.Comparators, func(a, b *TwoCovariance) int {
		rank := func(c *TwoCovariance) int {
			if slices.Contains(models, c.Model) {
				return 0
			}
			return 1
		}
		return cmp.Compare(rank(a), rank(b))
	})
	return &out, nil
}

// First gives the comparator that decides for a modality, or ErrUnknownModel.
func (w *Weights) First(modality observation.Modality) (*TwoCovariance, error) {
	for _, c := range w.Comparators {
		if c.Modality == string(modality) {
			return c, nil
		}
	}
	return nil, fmt.Errorf("%w: %s, whatever the model", ErrUnknownModel, modality)
}
