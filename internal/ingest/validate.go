package ingest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/problem"
	"ipse.dev/ipse/internal/window"
)

// What a report may hold.
const (
	MaxBodyBytes    = 256 << 10
	MaxObservations = 64
	maxDropped      = 1_000_000
	maxEvents       = 1000
	maxPastes       = 1000
	maxQuantumMS    = 1000
	maxMagnitude    = 1e7     // of a feature
	maxInteger      = 1 << 53 // above it, a browser's numbers skip integers
	maxDuration     = time.Hour
	maxAge          = time.Hour
	maxClockOff     = 15 * time.Minute
	maxAhead        = time.Minute // by which a window may end after the report was sent: a clock's step
)

// Dimension gives the length of a model's embeddings for a modality; ok is false for what does not exist.
type Dimension func(modality observation.Modality, model string) (length int, ok bool)

// Validate checks every value of a report. A report is taken whole or not at all.
func Validate(r Report, dimension Dimension, now time.Time) *problem.Problem {
	if p := within("sentAtMS", r.SentAtMS, 0, maxInteger); p != nil {
		return p
	}
	if off := time.UnixMilli(r.SentAtMS).Sub(now); off > maxClockOff || off < -maxClockOff {
		return problem.New(problem.ClockOff, fmt.Sprintf("sentAtMS is %s off the server's clock, at most %s is taken: set the device's clock", off.Round(time.Second), maxClockOff)).At("sentAtMS")
	}
	if p := within("dropped", r.Dropped, 0, maxDropped); p != nil {
		return p
	}
	if n := len(r.Observations); n > MaxObservations {
		return problem.New(problem.WrongLength, fmt.Sprintf("%d observations in one report, at most %d are taken: send the rest in the next", n, MaxObservations)).At("observations")
	}
	var last int64
	for i, o := range r.Observations {
		p := validate(o, dimension, r.SentAtMS)
		if p == nil && o.Sequence <= last {
			p = problem.New(problem.OutOfRange, fmt.Sprintf("sequence %d does not lie above the one before it, %d: sequence numbers grow strictly", o.Sequence, last)).At("sequence")
		}
		if p != nil {
			return p.At(fmt.Sprintf("observations[%d].%s", i, p.Field))
		}
		last = o.Sequence
	}
	return nil
}

func validate(o observation.Observation, dimension Dimension, sentAtMS int64) *problem.Problem {
	for _, check := range []func() *problem.Problem{
		func() *problem.Problem { return within("sequence", o.Sequence, 1, maxInteger) },
		func() *problem.Problem { return validateKind(o, dimension) },
		func() *problem.Problem { return validateTime(o, sentAtMS) },
		func() *problem.Problem { return within("events", int64(o.Events), 1, maxEvents) },
		func() *problem.Problem { return validateFeatures(o) },
		func() *problem.Problem { return validateLiveness(o) },
		func() *problem.Problem { return validateQuality(o.Quality) },
	} {
		if p := check(); p != nil {
			return p
		}
	}
	return nil
}

var (
	modalities    = []observation.Modality{observation.Keyboard, observation.Pointer, observation.Touch, observation.Motion, observation.Phrase}
	deviceClasses = []observation.DeviceClass{observation.Desktop, observation.Tablet, observation.Phone}
)

func validateKind(o observation.Observation, dimension Dimension) *problem.Problem {
	if p := oneOf("modality", o.Modality, modalities); p != nil {
		return p
	}
	if p := oneOf("deviceClass", o.DeviceClass, deviceClasses); p != nil {
		return p
	}
	if p := validatePhrase(o); p != nil || o.Modality == observation.Phrase {
		return p
	}
	length, ok := dimension(o.Modality, o.Model)
	if !ok {
		return problem.New(problem.UnknownModel, fmt.Sprintf("this server knows no model %q for the modality %s: load the SDK or agent that belongs to the server", clip(o.Model), o.Modality)).At("model")
	}
	if len(o.Embedding) != length {
		return problem.New(problem.WrongLength, fmt.Sprintf("the embedding has %d bytes, %s has %d for the modality %s", len(o.Embedding), o.Model, length, o.Modality)).At("embedding")
	}
	return nil
}

// validatePhrase checks what only typings of a phrase have, and that windows do not have it.
func validatePhrase(o observation.Observation) *problem.Problem {
	if o.Modality != observation.Phrase {
		return within("phrase", o.Phrase, 0, 0)
	}
	if p := within("phrase", o.Phrase, 1, observation.MaxPhrase); p != nil {
		return p
	}
	if o.Model != embed.PhraseModel {
		return problem.New(problem.UnknownModel, fmt.Sprintf("this server knows no model %q for the modality phrase, want %s", clip(o.Model), embed.PhraseModel)).At("model")
	}
	if p := within("events", int64(o.Events), window.PhraseMinStrokes, window.PhraseMaxStrokes); p != nil {
		return p
	}
	if want := embed.PhraseDimension(o.Events); len(o.Embedding) != want {
		return problem.New(problem.WrongLength, fmt.Sprintf("the embedding has %d timings, a phrase of %d positions has %d", len(o.Embedding), o.Events, want)).At("embedding")
	}
	return nil
}

func validateTime(o observation.Observation, sentAtMS int64) *problem.Problem {
	if p := within("startMS", o.StartMS, 0, maxInteger); p != nil {
		return p
	}
	if p := within("durationMS", o.DurationMS, 0, maxDuration.Milliseconds()); p != nil {
		return p
	}
	// Both are the device's times, so that a clock that is a little off does no harm.
	switch ageMS := sentAtMS - o.StartMS - o.DurationMS; {
	case ageMS > maxAge.Milliseconds():
		return problem.New(problem.TooOld, fmt.Sprintf("the window ended %s before the report was sent, at most %s is taken: drop it", time.Duration(ageMS)*time.Millisecond, maxAge)).At("startMS")
	case ageMS < -maxAhead.Milliseconds():
		return problem.New(problem.OutOfRange, "the window ends after the report was sent: both times come from one clock").At("startMS")
	}
	return nil
}

func validateFeatures(o observation.Observation) *problem.Problem {
	list, ok := feature.ByName(o.FeatureList)
	if !ok || !strings.HasPrefix(list.Name, string(o.Modality)+"-") {
		return problem.New(problem.UnknownList, fmt.Sprintf("this server knows no feature list %q for the modality %s", clip(o.FeatureList), o.Modality)).At("featureList")
	}
	if len(o.Features) != len(list.Features) {
		return problem.New(problem.WrongLength, fmt.Sprintf("%d features, the list %s has %d", len(o.Features), list.Name, len(list.Features))).At("features")
	}
	for i, x := range o.Features {
		if p := between(fmt.Sprintf("features[%d]", i), x, -maxMagnitude, maxMagnitude); p != nil {
			return p
		}
	}
	return nil
}

func validateLiveness(o observation.Observation) *problem.Problem {
	l := o.Liveness
	for _, check := range []*problem.Problem{
		between("liveness.untrustedShare", l.UntrustedShare, 0, 1),
		between("liveness.timestampQuantumMS", l.TimestampQuantumMS, 0, maxQuantumMS),
		between("liveness.repeatShare", l.RepeatShare, 0, 1),
		within("liveness.pastes", int64(l.Pastes), 0, maxPastes),
		validateMeasures(o),
		validateSketch(l.Sketch),
	} {
		if check != nil {
			return check
		}
	}
	return nil
}

// validateMeasures checks that measures belong to a list that is known and to the observation's modality.
func validateMeasures(o observation.Observation) *problem.Problem {
	l := o.Liveness
	if l.MeasureList == "" {
		if len(l.Measures) > 0 {
			return problem.New(problem.MissingField, "liveness.measures are there without liveness.measureList, which names them").At("liveness.measureList")
		}
		return nil
	}
	list, ok := liveness.ByName(l.MeasureList)
	if !ok || list.Modality != o.Modality {
		return problem.New(problem.UnknownList, fmt.Sprintf("this server knows no list of liveness measures %q for the modality %s", clip(l.MeasureList), o.Modality)).At("liveness.measureList")
	}
	if len(l.Measures) != len(list.Measures) {
		return problem.New(problem.WrongLength, fmt.Sprintf("%d liveness measures, the list %s has %d", len(l.Measures), list.Name, len(list.Measures))).At("liveness.measures")
	}
	for i, x := range l.Measures {
		if p := between(fmt.Sprintf("liveness.measures[%d]", i), x, -liveness.MaxMagnitude, liveness.MaxMagnitude); p != nil {
			return p
		}
	}
	return nil
}

func validateSketch(s observation.Sketch) *problem.Problem {
	if n := len(s); n > observation.MaxSketchBytes || n%observation.SketchNameBytes != 0 {
		return problem.New(problem.WrongLength, fmt.Sprintf("the sketch has %d bytes, want none, %d or %d", n, observation.SketchNameBytes, observation.MaxSketchBytes)).At("liveness.sketch")
	}
	return nil
}

func validateQuality(flags []observation.Flag) *problem.Problem {
	for i, f := range flags {
		at := fmt.Sprintf("quality[%d]", i)
		if p := oneOf(at, f, observation.Flags); p != nil {
			return p
		}
		if slices.Contains(flags[:i], f) {
			return problem.New(problem.UnknownValue, "the same quality flag twice: each is there or not").At(at)
		}
	}
	return nil
}

func within(field string, x, low, high int64) *problem.Problem {
	if x < low || x > high {
		return problem.New(problem.OutOfRange, fmt.Sprintf("%s is %d, want %d to %d", field, x, low, high)).At(field)
	}
	return nil
}

func between(field string, x, low, high float64) *problem.Problem {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return problem.New(problem.NotFinite, field+" is not a finite number").At(field)
	}
	if x < low || x > high {
		return problem.New(problem.OutOfRange, fmt.Sprintf("%s is %g, want %g to %g", field, x, low, high)).At(field)
	}
	return nil
}

func oneOf[T ~string](field string, x T, known []T) *problem.Problem {
	if slices.Contains(known, x) {
		return nil
	}
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = string(k)
	}
	return problem.New(problem.UnknownValue, fmt.Sprintf("%s is %q, want one of %s", field, clip(string(x)), strings.Join(names, ", "))).At(field)
}
