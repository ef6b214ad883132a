package ingest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/problem"
)

// Report is what a collector posts.
type Report struct {
	SentAtMS     int64                     `json:"sentAtMS" doc:"The device's clock when the report was sent, Unix milliseconds; at most 15 minutes off the server's."`
	Dropped      int64                     `json:"dropped,omitempty" minimum:"0" maximum:"1000000" doc:"How many observations the collector had to drop since its last report, because its spool was full."`
	Observations []observation.Observation `json:"observations" maxItems:"64" doc:"Observations, in the order of their sequence numbers. An empty list is how a collector says hello."`
}

// wireReport and wireObservation are Report with pointers, by which a missing field is told from a zero.
type wireReport struct {
	SentAtMS     *int64             `json:"sentAtMS"`
	Dropped      int64              `json:"dropped"`
	Observations *[]wireObservation `json:"observations"`
}

type wireObservation struct {
	Sequence    *int64                   `json:"sequence"`
	Modality    *observation.Modality    `json:"modality"`
	Model       *string                  `json:"model"`
	DeviceClass *observation.DeviceClass `json:"deviceClass"`
	StartMS     *int64                   `json:"startMS"`
	DurationMS  *int64                   `json:"durationMS"`
	Events      *int                     `json:"events"`
	Embedding   *observation.Embedding   `json:"embedding"`
	FeatureList *string                  `json:"featureList"`
	Features    *[]float64               `json:"features"`
	Liveness    *wireLiveness            `json:"liveness"`
	Quality     []observation.Flag       `json:"quality"` // null, or nothing, says the same as an empty list
	Phrase      int64                    `json:"phrase"`  // nothing says the same as 0: no phrase
}

type wireLiveness struct {
	UntrustedShare     *float64 `json:"untrustedShare"`
	TimestampQuantumMS *float64 `json:"timestampQuantumMS"`
	RepeatShare        *float64 `json:"repeatShare"`
	Pastes             *int     `json:"pastes"`

	Driven      bool               `json:"driven"`
	MeasureList string             `json:"measureList"`
	Measures    []float64          `json:"measures"`
	Sketch      observation.Sketch `json:"sketch"`
}

// Decode reads one report, strictly: every field known, there and there once, nothing behind the document. It checks the
// form only; Validate checks the values.
func Decode(body []byte) (Report, *problem.Problem) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	var w *wireReport
	if err := d.Decode(&w); err != nil {
		return Report{}, decodeProblem(err, body)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Report{}, problem.New(problem.MalformedJSON, "there is more behind the JSON document: send exactly one")
	}
	if w == nil {
		return Report{}, problem.New(problem.WrongType, "the body is null, want an object with sentAtMS and observations")
	}
	if p := CheckNames(body, wireNames); p != nil {
		return Report{}, p
	}
	if w.SentAtMS == nil {
		return Report{}, missing("sentAtMS")
	}
	if w.Observations == nil {
		return Report{}, missing("observations")
	}
	r := Report{SentAtMS: *w.SentAtMS, Dropped: w.Dropped, Observations: make([]observation.Observation, len(*w.Observations))}
	for i, o := range *w.Observations {
		var p *problem.Problem
		if r.Observations[i], p = o.complete(); p != nil {
			return Report{}, p.At(fmt.Sprintf("observations[%d].%s", i, p.Field))
		}
	}
	return r, nil
}

func (w wireObservation) complete() (observation.Observation, *problem.Problem) {
	for _, f := range []struct {
		name string
		nil  bool
	}{
		{"sequence", w.Sequence == nil}, {"modality", w.Modality == nil}, {"model", w.Model == nil},
		{"deviceClass", w.DeviceClass == nil}, {"startMS", w.StartMS == nil}, {"durationMS", w.DurationMS == nil},
		{"events", w.Events == nil}, {"embedding", w.Embedding == nil}, {"featureList", w.FeatureList == nil},
		{"features", w.Features == nil}, {"liveness", w.Liveness == nil},
	} {
		if f.nil {
			return observation.Observation{}, missing(f.name)
		}
	}
	liveness, p := w.Liveness.complete()
	if p != nil {
		return observation.Observation{}, p
	}
	return observation.Observation{
		Sequence: *w.Sequence, Modality: *w.Modality, Model: *w.Model, DeviceClass: *w.DeviceClass, StartMS: *w.StartMS,
		DurationMS: *w.DurationMS, Events: *w.Events, Embedding: *w.Embedding, FeatureList: *w.FeatureList,
		Features: *w.Features, Liveness: liveness, Quality: w.Quality, Phrase: w.Phrase,
	}, nil
}

func (w wireLiveness) complete() (observation.Liveness, *problem.Problem) {
	switch {
	case w.UntrustedShare == nil:
		return observation.Liveness{}, missing("liveness.untrustedShare")
	case w.TimestampQuantumMS == nil:
		return observation.Liveness{}, missing("liveness.timestampQuantumMS")
	case w.RepeatShare == nil:
		return observation.Liveness{}, missing("liveness.repeatShare")
	case w.Pastes == nil:
		return observation.Liveness{}, missing("liveness.pastes")
	}
	return observation.Liveness{
		UntrustedShare: *w.UntrustedShare, TimestampQuantumMS: *w.TimestampQuantumMS, RepeatShare: *w.RepeatShare, Pastes: *w.Pastes,
		Driven: w.Driven, MeasureList: w.MeasureList, Measures: w.Measures, Sketch: w.Sketch,
	}, nil
}

func missing(field string) *problem.Problem {
	return problem.New(problem.MissingField, field+" is missing or null: every field of the format must be there").At(field)
}

const echoed = 64 // bytes of a caller's own word that a problem repeats

func decodeProblem(err error, body []byte) *problem.Problem {
	var syntax *json.SyntaxError
	var mistyped *json.UnmarshalTypeError
	var corrupt base64.CorruptInputError
	switch {
	case errors.As(err, &syntax):
		if notFinite(body, syntax.Offset) {
			return problem.New(problem.NotFinite, fmt.Sprintf("byte %d: JSON has no NaN and no infinity; send finite numbers, or leave the observation out", syntax.Offset))
		}
		return problem.New(problem.MalformedJSON, fmt.Sprintf("byte %d: not JSON; want one object with sentAtMS and observations", syntax.Offset))
	case errors.As(err, &mistyped):
		kind := problem.WrongType
		if number, ok := strings.CutPrefix(mistyped.Value, "number "); ok && (mistyped.Type.Kind().String() == "float64" || !strings.ContainsAny(number, ".eE")) {
			kind = problem.OutOfRange // a number where one belongs, but too large for any computer
		}
		return problem.New(kind, fmt.Sprintf("byte %d: got %s, want %s", mistyped.Offset, clip(mistyped.Value), wanted(mistyped.Type))).At(clip(mistyped.Field))
	case errors.As(err, &corrupt):
		return problem.New(problem.WrongType, "an embedding is not standard base64 with padding: one signed byte a dimension").At("embedding")
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return problem.New(problem.UnknownField, "the format has no field "+clip(strings.TrimPrefix(err.Error(), "json: unknown field "))+": send the fields that /openapi.json lists, and no others")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return problem.New(problem.MalformedJSON, "the body is empty or breaks off; want one object with sentAtMS and observations")
	}
	return problem.New(problem.MalformedJSON, "the body is not a report; want one object with sentAtMS and observations")
}

// wanted says in JSON's words what belongs where a Go type stands.
func wanted(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[observation.Embedding]():
		return "a string of base64"
	case t.Kind() == reflect.Struct:
		return "an object"
	case t.Kind() == reflect.Slice:
		return "an array"
	case t.Kind() == reflect.String:
		return "a string"
	case t.Kind() == reflect.Float64:
		return "a number of at most 64 bits"
	}
	return "an integer of at most 64 bits"
}

// notFinite reports whether the byte at which JSON broke off begins a number that JSON does not have.
func notFinite(body []byte, offset int64) bool {
	i := int(offset) - 1
	if i < 0 || i >= len(body) {
		return false
	}
	rest := string(body[i:min(len(body), i+len("-Infinity"))])
	for _, word := range []string{"NaN", "Infinity", "+Infinity", "-Infinity"} {
		if strings.HasPrefix(rest, word) {
			return true
		}
	}
	return i > 0 && body[i-1] == '-' && strings.HasPrefix(rest, "Infinity"[:min(len(rest), 8)])
}

func clip(s string) string {
	if len(s) > echoed {
		return strings.ToValidUTF8(s[:echoed], "") + "…"
	}
	return s
}
