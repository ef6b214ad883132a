package app

import (
	"fmt"
	"math"
	"strings"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/ingest"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/internal/trust"
)

// untrustedLimit is the share of events made by software from which a window is taken for injected. The browser itself marks
// them, so the sign is definite; it errs where an extension of the person's own dispatches some, as those do that expand an
// abbreviation or fill a form, which is a few events among many.
const untrustedLimit = 0.05

// Assessor folds what arrives into sessions and references. It is pure: no clock, no store, no bus.
type Assessor struct {
	Trust           trust.Model
	Thresholds      policy.Thresholds
	Strata          map[policy.Stratum]policy.Thresholds // in place of Thresholds for sessions of these kinds; may be nil
	AcceptSimulated bool                                 // events that no hand made are taken for behaviour: demonstrations only
	HoldProbes      bool                                 // keep recent windows for the closed-set mode
	Liveness        presence.Judge                       // tells whether a human hand is there
	AlarmOn         map[presence.Kind]bool               // kinds that may be an alarm and are one here; may be nil
	Weights         *compare.Weights
	Unkept          *Unkept // a budget that cannot be kept; nil where it can
}

// Unkept says why a budget cannot be kept: its threshold lies where hardly any takeover comes. Thresholds then lie at what
// plain takeovers reach, and false alarms may come more often than promised.
type Unkept struct {
	Wanted float64 // natural log-odds of HIGH that the budget asks for
	Least  float64 // the smallest budget that can be kept, in alerts per 1,000 people and working day
}

// NewAssessor loads weights by name or file and derives the thresholds from the false-alarm budget. Weights that collectors
// cannot feed are refused.
func NewAssessor(weights string, alertsPer1000PerDay float64, acceptSimulated bool) (*Assessor, error) {
	w, err := compare.Load(weights)
	if err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	if err := fed(w); err != nil {
		return nil, fmt.Errorf("app: %w: %q: %w", compare.ErrWeights, w.Name, err)
	}
	a, err := ForBudget(w, alertsPer1000PerDay)
	if err != nil {
		return nil, err
	}
	a.AcceptSimulated, a.Liveness = acceptSimulated, handsBy(w)
	return a, nil
}

// handsBy gives the judge of hands that belongs to weights: those that hold data for non-commercial use only bring the one
// for research, all others the one that holds no recording.
func handsBy(w *compare.Weights) presence.Judge {
	if w.Card.NonCommercial() != "" {
		return presence.Research()
	}
	return presence.Open()
}

// compared are the modalities of which weights must compare a model.
var compared = []observation.Modality{observation.Keyboard, observation.Pointer}

// fed reports why collectors cannot feed weights: every comparator's model must be built in, with embeddings as long as
// the comparator takes them, and there must be one for typing and one for the pointer. Nothing else would tell the
// operator: observations would all be answered "cannot tell".
func fed(w *compare.Weights) error {
	for _, c := range w.Comparators {
		modality := observation.Modality(c.Modality)
		length, known := embed.Dimension(modality, c.Model)
		switch built := append([]string{embed.Model}, embed.LearnedModels(modality)...); {
		case !known:
			return fmt.Errorf("they compare %s observations of the model %q, which collectors of this version cannot compute; want one of %s", c.Modality, c.Model, strings.Join(built, ", "))
		case length != len(c.Mean):
			return fmt.Errorf("they compare %d dimensions of the %s model %s, which has %d here; fit them again with this version", len(c.Mean), c.Modality, c.Model, length)
		}
	}
	for _, modality := range compared {
		if _, err := w.First(modality); err != nil {
			return fmt.Errorf("they compare no %s observations; want a comparator for the keyboard and one for the pointer", modality)
		}
	}
	return nil
}

// Models names what collectors are asked to compute: for each modality every model that the weights compare, in the
// weights' order. The first whose reference is mature decides; another model's references ripen beside it, so that a new
// model, put first, takes over from the old one subject by subject, and so that a collector which cannot load a learned
// model is compared by the plain one.
func (a *Assessor) Models() ingest.Models {
	models := ingest.Models{}
	for _, c := range a.Weights.Comparators {
		modality := observation.Modality(c.Modality)
		models[modality] = append(models[modality], c.Model)
	}
	return models
}

// DecideAs makes the assessor decide as a demonstration does.
func (a *Assessor) DecideAs(s Show) { a.Thresholds, a.Strata, a.Unkept = s.Thresholds, nil, nil }

// Shift moves the thresholds by so many nats, as far as takeovers still reach them, and gives by how many they moved.
func (a *Assessor) Shift(nats float64) float64 {
	reach := a.Trust.ReachOfPlainTakeover()
	nats = math.Min(nats, math.Max(0, reach-a.Thresholds.High))
	a.Thresholds = a.Thresholds.Shifted(nats)
	for c, t := range a.Strata {
		a.Strata[c] = t.Shifted(nats).AtMost(reach)
	}
	return nats
}

func tailOf(tail compare.Tail) policy.Tail {
	t := policy.Tail{Slope: tail.Slope, Beyond: tail.Beyond}
	for _, r := range tail.Rungs {
		t.Rungs = append(t.Rungs, policy.Rung(r))
	}
	return t
}

// AssessorFor gives an assessor with these weights that tells who is there alone; the caller sets its thresholds, and a
// judge of whether a hand is there where that is asked.
func AssessorFor(w *compare.Weights) *Assessor {
	return &Assessor{Trust: trust.Default(), Weights: w}
}

// ForBudget gives an assessor with these weights that keeps a false-alarm budget, as NewAssessor does, or the next best
// where no threshold that takeovers reach keeps it.
func ForBudget(w *compare.Weights, alertsPer1000PerDay float64) (*Assessor, error) {
	thresholds, err := policy.ThresholdsFor(alertsPer1000PerDay, tailOf(w.Tail))
	if err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	a := AssessorFor(w)
	reach := a.Trust.ReachOfPlainTakeover()
	a.Thresholds = thresholds.AtMost(reach)
	if thresholds.High > reach {
		a.Unkept = &Unkept{Wanted: thresholds.High, Least: policy.LeastBudget(tailOf(w.Tail), reach)}
	}
	for _, c := range w.Tail.Strata {
		if a.Strata == nil {
			a.Strata = map[policy.Stratum]policy.Thresholds{}
		}
		own, err := policy.ThresholdsFor(alertsPer1000PerDay, tailOf(c.Tail))
		if err != nil {
			return nil, fmt.Errorf("app: %w", err)
		}
		a.Strata[policy.Stratum(c.Stratum)] = policy.InStratum(thresholds, own).AtMost(reach)
	}
	return a, nil
}
