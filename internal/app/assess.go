package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/ingest"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/review"
	"ipse.dev/ipse/internal/trust"
)

// Session is everything that the server knows of one session: a fold of what was acknowledged. It is kept as a summary
// and bounded in size.
type Session struct {
	ID           string            `json:"id"`
	Subject      string            `json:"subject"` // pseudonym
	OpenedAtMS   int64             `json:"openedAtMS"`
	Closed       bool              `json:"closed"`
	LastSequence int64             `json:"lastSequence"` // of the last observation applied
	Applied      uint64            `json:"applied"`      // stream sequence of the last message applied
	Trust        trust.State       `json:"trust"`
	Decision     policy.Decision   `json:"decision"`
	Compared     bool              `json:"compared"` // a mature reference has been compared with since the last sign-in
	Path         []Point           `json:"path"`     // the last PathPoints points, oldest first
	Evidence     []review.Evidence `json:"evidence"` // of the last comparison of each modality
	OpenCase     string            `json:"openCase,omitempty"`

	Scored map[observation.Modality]Scored `json:"scored,omitempty"` // the last window of each modality that was compared
}

// Scored names a window that was compared and the model that did so. While models change, a window comes once for each of
// them: it is evidence once.
type Scored struct {
	StartMS int64  `json:"startMS"` // by the device's clock
	Model   string `json:"model"`
}

// PathPoints bounds Session.Path.
const PathPoints = 240

// Point is trust after one observation.
type Point struct {
	AtMS     int64                `json:"atMS"`
	Trust    float64              `json:"trust"`
	Level    policy.Level         `json:"level"`
	Modality observation.Modality `json:"modality"`
	Score    *float64             `json:"score,omitempty"` // calibrated LLR; absent where nothing was compared
}

// References are the references of one subject.
type References map[enrol.Key]enrol.Reference

// Change is a change of risk level that somebody must hear of.
type Change struct {
	Session, Subject string
	AtMS             int64
	From, To         policy.Level
	Reasons          []policy.ReasonCode
}

// untrustedLimit is the share of events made by software from which a window is taken for injected.
const untrustedLimit = 0.05

// Assessor folds what arrives into sessions and references. It is pure: no clock, no store, no bus.
type Assessor struct {
	Trust           trust.Model
	Thresholds      policy.Thresholds
	AcceptSimulated bool // events that no hand made are taken for behaviour: demonstrations only
	Weights         *compare.Weights
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
	thresholds, err := policy.ThresholdsFor(alertsPer1000PerDay, tailOf(w))
	if err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	a := AssessorFor(w)
	a.Thresholds, a.AcceptSimulated = thresholds, acceptSimulated
	return a, nil
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
func (a *Assessor) DecideAs(s Show) { a.Thresholds, a.Trust.Temper = s.Thresholds, 1 }

func tailOf(w *compare.Weights) policy.Tail {
	t := policy.Tail{Slope: w.Tail.Slope}
	for _, r := range w.Tail.Rungs {
		t.Rungs = append(t.Rungs, policy.Rung(r))
	}
	return t
}

// AssessorFor gives an assessor with these weights; the caller sets its thresholds.
func AssessorFor(w *compare.Weights) *Assessor {
	model := trust.Default()
	model.Temper = w.Temper
	return &Assessor{Trust: model, Weights: w}
}

// Open gives the state of a new session.
func (a *Assessor) Open(id, subject string, atMS int64) Session {
	s := Session{ID: id, Subject: subject, OpenedAtMS: atMS, Trust: a.Trust.Begin(atMS)}
	s.Decision = policy.Decide(a.Thresholds, policy.Input{
		LogOdds: s.Trust.LogOdds, Unanswered: []policy.ReasonCode{policy.NoInput},
	})
	return s
}

// Observe folds observations, in the order of their sequence numbers, into the session and the subject's references,
// which it returns changed (the arguments stay as they were). Observations at or below LastSequence are passed over, and
// so is everything after the session's end.
func (a *Assessor) Observe(s Session, refs References, obs []observation.Observation, atMS int64) (Session, References, []Change) {
	refs = maps.Clone(refs)
	if refs == nil {
		refs = References{}
	}
	s.Path, s.Evidence, s.Scored = slices.Clone(s.Path), slices.Clone(s.Evidence), maps.Clone(s.Scored)
	var changes []Change
	for _, o := range obs {
		if o.Sequence <= s.LastSequence || s.Closed {
			continue
		}
		s.LastSequence = o.Sequence
		changes = append(changes, a.observe(&s, refs, o, atMS)...)
	}
	return s, refs, changes
}

// observe folds one observation in. Time is the server's: devices' clocks are not believed.
func (a *Assessor) observe(s *Session, refs References, o observation.Observation, atMS int64) []Change {
	key := enrol.Key{Modality: o.Modality, DeviceClass: o.DeviceClass, Model: o.Model, Phrase: o.Phrase}
	in := policy.Input{Previous: s.Decision, Injected: a.injected(o), Unanswered: unanswerable(o)}
	var score *float64
	comparator, err := a.Weights.For(o.Modality, o.Model)
	ref := refs[key]
	if last := s.Scored[o.Modality]; last.Model != "" && last.Model != o.Model && last.StartMS == o.StartMS {
		if err == nil {
			refs[key] = a.ripen(s, comparator, ref, key, o)
		}
		return nil
	}
	switch {
	case err != nil:
		in.Unanswered = append(in.Unanswered, policy.ModelUnknown)
	case o.Modality == observation.Phrase && ref.Version == 0 && phrasesOf(refs, o.DeviceClass) >= enrol.MaxPhrases:
		in.Unanswered = append(in.Unanswered, policy.Immature) // and it stays so: no page makes up phrases without end
	case slices.Contains(in.Unanswered, policy.PhraseBroken): // anybody mistypes: nothing speaks against what waits
	case in.Injected || len(in.Unanswered) > 0:
		refs[key] = enrol.Distrust(ref)
	case !ref.Mature():
		in.Unanswered = append(in.Unanswered, policy.Immature)
		if s.Decision.Level == policy.Low {
			refs[key] = ignoreError(enrol.Take(comparator, ref, key, o))
		}
	default:
		score = a.compare(s, comparator, ref, o, atMS)
	}
	s.Trust = a.Trust.Wait(s.Trust, atMS)
	in.LogOdds, in.Comparable = s.Trust.LogOdds, s.Compared
	if s.Compared && len(in.Unanswered) > 0 && in.Unanswered[0] == policy.Immature {
		in.Unanswered = nil // another modality answers
	}
	changes := a.decide(s, in, atMS)
	if score != nil {
		refs[key] = a.adapt(s, comparator, ref, key, o)
	}
	s.Path = append(s.Path, Point{AtMS: atMS, Trust: s.Trust.Trust(), Level: s.Decision.Level, Modality: o.Modality, Score: score})
	s.Path = s.Path[max(0, len(s.Path)-PathPoints):]
	return changes
}

func (a *Assessor) compare(s *Session, c compare.Comparator, ref enrol.Reference, o observation.Observation, atMS int64) *float64 {
	llr, err := c.Compare(ref.Comparison, compare.Probe{Embedding: o.Embedding, Events: o.Events})
	if err != nil { // the reference was built by weights of another shape: no evidence
		return nil
	}
	s.Trust = a.Trust.Update(s.Trust, llr, atMS)
	s.Compared = true
	if s.Scored == nil {
		s.Scored = map[observation.Modality]Scored{}
	}
	s.Scored[o.Modality] = Scored{StartMS: o.StartMS, Model: o.Model}
	e := review.Evidence{Modality: o.Modality, Score: llr, Deviations: enrol.Explain(ref, o)}
	if i := slices.IndexFunc(s.Evidence, func(x review.Evidence) bool { return x.Modality == o.Modality }); i >= 0 {
		s.Evidence[i] = e
	} else {
		s.Evidence = append(s.Evidence, e)
	}
	return &llr
}

// adapt lets a mature reference learn on, from stretches in which trust stands above where a session begins.
func (a *Assessor) adapt(s *Session, c compare.Comparator, ref enrol.Reference, key enrol.Key, o observation.Observation) enrol.Reference {
	if s.Decision.Level != policy.Low || s.Trust.LogOdds > a.Trust.Begin(0).LogOdds {
		return enrol.Distrust(ref)
	}
	return ignoreError(enrol.Offer(c, ref, key, o))
}

// ripen lets a reference learn from a window that another model has compared already.
func (a *Assessor) ripen(s *Session, c compare.Comparator, ref enrol.Reference, key enrol.Key, o observation.Observation) enrol.Reference {
	switch {
	case a.injected(o) || len(unanswerable(o)) > 0:
		return enrol.Distrust(ref)
	case ref.Mature():
		return a.adapt(s, c, ref, key, o)
	case s.Decision.Level == policy.Low:
		return ignoreError(enrol.Take(c, ref, key, o))
	}
	return ref
}

// ignoreError keeps the reference as it was where an observation does not fit it.
func ignoreError(r enrol.Reference, _ error) enrol.Reference { return r }

func (a *Assessor) decide(s *Session, in policy.Input, atMS int64) []Change {
	from := s.Decision.Level
	s.Decision = policy.Decide(a.Thresholds, in)
	if s.Decision.Level == from {
		return nil
	}
	return []Change{{
		Session: s.ID, Subject: s.Subject, AtMS: atMS, From: from, To: s.Decision.Level, Reasons: s.Decision.Reasons,
	}}
}

func (a *Assessor) injected(o observation.Observation) bool {
	if a.AcceptSimulated {
		return false
	}
	if o.Modality == observation.Phrase { // password managers type phrases too, which breaks them and is no attack
		return slices.Contains(o.Quality, observation.Simulated)
	}
	return o.Liveness.UntrustedShare > untrustedLimit || slices.Contains(o.Quality, observation.Simulated)
}

// phrasesOf counts the phrases that something was learnt of.
func phrasesOf(refs References, class observation.DeviceClass) int {
	n := 0
	for key, r := range refs {
		if key.Modality == observation.Phrase && key.DeviceClass == class && r.Version > 0 {
			n++
		}
	}
	return n
}

// unanswerable gives the reasons for which a window says nothing about who is there.
func unanswerable(o observation.Observation) []policy.ReasonCode {
	var out []policy.ReasonCode
	for _, f := range o.Quality {
		switch f {
		case observation.BlurredClock:
			out = append(out, policy.ClockBlurred)
		case observation.InputMethod:
			out = append(out, policy.ComposedText)
		case observation.PasteHeavy:
			out = append(out, policy.PastedText)
		case observation.BrokenPhrase:
			out = append(out, policy.PhraseBroken)
		}
	}
	return out
}

// Reauthenticate starts the session's trust anew after the subject has proved who they are.
func (a *Assessor) Reauthenticate(s Session, atMS int64) (Session, []Change) {
	if s.Closed {
		return s, nil
	}
	from := s.Decision.Level
	s.Trust, s.Compared, s.OpenCase = a.Trust.Begin(atMS), false, ""
	s.Evidence = nil
	s.Decision = policy.Decision{Level: policy.Low, Answer: policy.SamePerson, Reasons: []policy.ReasonCode{policy.Reauthenticated}}
	s.Path = append(slices.Clone(s.Path), Point{AtMS: atMS, Trust: s.Trust.Trust(), Level: policy.Low})
	s.Path = s.Path[max(0, len(s.Path)-PathPoints):]
	if from == policy.Low {
		return s, nil
	}
	return s, []Change{{Session: s.ID, Subject: s.Subject, AtMS: atMS, From: from, To: policy.Low, Reasons: s.Decision.Reasons}}
}

// Close ends the session.
func (a *Assessor) Close(s Session, atMS int64) Session {
	s.Closed = true
	s.Trust = a.Trust.Wait(s.Trust, atMS)
	s.Decision = policy.Decide(a.Thresholds, policy.Input{Previous: s.Decision, Closed: true})
	return s
}
