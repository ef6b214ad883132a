package enrol

import (
	"bytes"
	_ "embed" // what was measured
	"encoding/json"
	"math"
	"sync"

	"ipse.dev/ipse/internal/observation"
)

// Measured is what "ipse fit enrolment" measured on calibration people about references of one modality and model.
type Measured struct {
	Modality observation.Modality `json:"modality"`
	Model    string               `json:"model"`
	Source   string               `json:"source"` // the data sets
	People   int                  `json:"people"` // calibration people behind Expected
	Expected []Expected           `json:"expected"`
	Mixed    MixedLimits          `json:"mixed"`
	Drift    DriftLimit           `json:"drift"`
	Adapting Adapting             `json:"adapting"`
}

// Expected is the error that is still to be expected of a reference that weighs so much.
type Expected struct {
	Weight float64 `json:"weight"` // in full windows
	Share  float64 `json:"share"`  // equal error rate of four windows compared together, 0 to 0.5
}

// MixedLimits are thresholds of Seams below which an enrolment counts as two people's, and how they do.
type MixedLimits struct {
	Turn             float64 `json:"turn"`
	Mingled          float64 `json:"mingled"`
	Enrolments       int     `json:"enrolments"`       // of one person each, behind the thresholds
	FalseAlarms      float64 `json:"falseAlarms"`      // share of these that count as mixed
	NoticedHalf      float64 `json:"noticedHalf"`      // share noticed when the second half is somebody else's
	NoticedAlternate float64 `json:"noticedAlternate"` // share noticed when two people's windows alternate
}

// DriftLimit is the threshold below which what was seen lately is not the settled reference's person any more, as
// compare.Mover tells, and how it does.
type DriftLimit struct {
	Limit       float64 `json:"limit"`
	People      int     `json:"people"`      // calibration people behind it
	Runs        int     `json:"runs"`        // of their own later windows, of which none lies below it; runs overlap
	Noticed     float64 `json:"noticed"`     // share of other people's runs that lie below it
	Comparisons int     `json:"comparisons"` // with other people's runs
}

// Adapting is what the bounds of adaptation (MostPerDay, DriftLimit) do, on calibration people. Distances are those of
// compare.Mover. The poisoner is somebody else whose every window is taken for trusted, 60 of them a day.
type Adapting struct {
	People      int     `json:"people"`
	MovedMedian float64 `json:"movedMedian"` // distance from a settled reference to one of everything that the person did
	MovedMost   float64 `json:"movedMost"`
	RefusedMean float64 `json:"refusedMean"` // share of a person's own windows that the bound of the first day refuses
	Poisoned    int     `json:"poisoned"`    // pairs of people
	DaysUnbound float64 `json:"daysUnbound"` // median days until the poisoner is accepted: without a bound,
	DaysBound   float64 `json:"daysBound"`   // with it and nobody heeding the alarm,
	DaysTold    float64 `json:"daysTold"`    // and until the alarm
	ToldBefore  float64 `json:"toldBefore"`  // share of pairs in which the alarm comes before the poisoner is accepted
}

//go:embed measured.json
var measuredFile []byte

var measured = sync.OnceValue(func() []Measured {
	var all []Measured
	d := json.NewDecoder(bytes.NewReader(measuredFile))
	d.DisallowUnknownFields()
	if err := d.Decode(&all); err != nil {
		panic("enrol: measured.json is part of the binary and cannot be read: " + err.Error())
	}
	return all
})

func measuredFor(k Key) (Measured, bool) {
	for _, m := range measured() {
		if m.Modality == k.Modality && m.Model == k.Model {
			return m, true
		}
	}
	return Measured{}, false
}

// ExpectedErrorShare is the equal error rate, 0 to 0.5, that was measured on calibration people with references that weigh
// as much as this one, four windows compared together: what an application can expect of it by now. Between the measured
// weights it is read along the logarithm of the weight. ok is false for a model that nothing was measured for.
func (r Reference) ExpectedErrorShare() (share float64, ok bool) {
	m, ok := measuredFor(r.Key)
	if !ok || len(m.Expected) == 0 {
		return 0, false
	}
	w := r.Comparison.Weight
	before := Expected{Weight: 0, Share: 0.5} // who holds nothing guesses
	for _, e := range m.Expected {
		if w < e.Weight {
			along := math.Log1p(w-before.Weight) / math.Log1p(e.Weight-before.Weight)
			return before.Share + along*(e.Share-before.Share), true
		}
		before = e
	}
	return before.Share, true
}
