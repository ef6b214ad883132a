package app

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"ipse.dev/ipse/internal/ingest"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/problem"
)

const observationsPath = "/v1/observations"

func statusText(status int) string { return strconv.Itoa(status) }

// describeObservations documents what package ingest answers. Its decoder is stricter than huma's, so it is not one of
// huma's operations.
func describeObservations(document *huma.OpenAPI) {
	registry := document.Components.Schemas
	report := registry.Schema(reflect.TypeFor[ingest.Report](), true, "Report")
	reply := registry.Schema(reflect.TypeFor[ingest.Reply](), true, "Reply")
	describeObservation(registry)
	for _, unused := range []string{"ErrorModel", "ErrorDetail"} { // huma's own, in place of which problems are sent
		delete(registry.Map(), unused)
	}
	responses := refusals(document, problem.TokenMissing, problem.TokenInvalid, problem.TokenExpired, problem.SignatureMissing,
		problem.SignatureInvalid, problem.SignatureReplayed, problem.SignerOther, problem.OriginForbidden,
		problem.SequencePast, problem.SessionClosed, problem.BodyTooLarge, problem.MediaType, problem.MalformedJSON,
		problem.WrongType, problem.UnknownField, problem.MissingField, problem.OutOfRange, problem.WrongLength, problem.NotFinite,
		problem.UnknownModel, problem.UnknownList, problem.UnknownValue, problem.TooOld, problem.ClockOff,
		problem.TooManyRequests, problem.QueueFull, problem.Unavailable)
	responses["200"] = &huma.Response{
		Description: "The observations are safe: they survive a crash, and each counts once.",
		Content:     map[string]*huma.MediaType{"application/json": {Schema: reply}},
	}
	document.AddOperation(&huma.Operation{
		OperationID: "report-observations", Method: http.MethodPost, Path: observationsPath,
		Summary:     "Report observations",
		Description: "Collectors call this. A report is taken whole or not at all; its sequence numbers lie above the last accepted one. An empty list asks how the session stands. Pages of any origin may call it, unless the operator has named some.",
		Tags:        []string{"Collectors"}, Security: []map[string][]string{{securityCollector: {}}},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: report}}},
		Responses:   responses,
	})
}

// describeObservation puts ingest's bounds into the schema of observations.
func describeObservation(registry huma.Registry) {
	schema := registry.Map()["Observation"]
	number := func(x float64) *float64 { return &x }
	for name, d := range map[string]struct {
		text     string
		min, max *float64
	}{
		"sequence":    {"Grows strictly within a session, from 1.", number(1), number(1 << 53)},
		"startMS":     {"When the window began, by the device's clock, Unix milliseconds. The window ended at most an hour before the report.", number(0), nil},
		"durationMS":  {"How long the window lasted, in milliseconds.", number(0), number(3_600_000)},
		"events":      {"Events in the window.", number(1), number(1000)},
		"model":       {"The behaviour model that made the embedding, for example features-1.", nil, nil},
		"featureList": {"The versioned list that names the features, for example keyboard-1.", nil, nil},
		"phrase":      {"Of a typing of a phrase: the application's own number for the text that it asked for. Windows have none.", number(1), number(observation.MaxPhrase)},
		"features":    {"The list's features, in its order; finite, at most 1e7 on either side of 0.", nil, nil},
	} {
		if p := schema.Properties[name]; p != nil {
			p.Description, p.Minimum, p.Maximum = d.text, d.min, d.max
		}
	}
	schema.Properties["embedding"] = &huma.Schema{Type: "string", ContentEncoding: "base64",
		Description: "The embedding: one signed byte a dimension, in standard base64 with padding. Its length is the model's."}
	enumerate(schema.Properties["modality"], observation.Keyboard, observation.Pointer, observation.Touch, observation.Phrase)
	enumerate(schema.Properties["deviceClass"], observation.Desktop, observation.Tablet, observation.Phone)
	quality := schema.Properties["quality"] // the one list that may be left out
	quality.Nullable = true
	enumerate(quality.Items, observation.Flags...)
	schema.Required = slices.DeleteFunc(schema.Required, func(name string) bool { return name == "quality" })
}

// describeDecisions names the words that a decision can hold.
func describeDecisions(registry huma.Registry) {
	reasons := []policy.ReasonCode{
		policy.Mismatch, policy.InjectedEvents, policy.Reauthenticated, policy.ShadowMode, policy.Immature, policy.NoInput, policy.ClockBlurred,
		policy.ComposedText, policy.PastedText, policy.PhraseBroken, policy.ModelUnknown, policy.DeviceChanged, policy.NotComparable,
		policy.TooAlike, policy.EnrolmentMixed, policy.ReferenceDrifts, policy.NewHardware, policy.Relearning,
		policy.InjectedKeys, policy.ForgedKeys, policy.Automation, policy.Replayed, policy.GeneratedPath, policy.Jiggler,
		policy.RemoteControl, policy.VirtualMachine, policy.TurnedPath, policy.KeyTimesHidden, policy.TwoPeople, policy.MediatedInput,
	}
	enumerate(registry.Map()["LivenessDoubt"].Properties["kind"], reasons[slices.Index(reasons, policy.InjectedKeys):]...)
	for _, schema := range []string{"SessionView", "RiskLevelChanged", "PathPoint", "WhichOfThese"} {
		enumerate(registry.Map()[schema].Properties["reasons"].Items, reasons...)
	}
	enumerate(registry.Map()["Reply"].Properties["directives"].Items, policy.StepUp, policy.Lock, policy.Stop)
}

func enumerate[T ~string](s *huma.Schema, values ...T) {
	for _, v := range values {
		s.Enum = append(s.Enum, string(v))
	}
}

// describeWebhook documents what package webhook posts.
func describeWebhook(document *huma.OpenAPI) {
	change := document.Components.Schemas.Schema(reflect.TypeFor[RiskLevelChanged](), true, "RiskLevelChanged")
	header := func(name, text string) *huma.Param {
		return &huma.Param{Name: name, In: "header", Required: true, Description: text, Schema: &huma.Schema{Type: "string"}}
	}
	document.Webhooks = map[string]*huma.PathItem{"risk-level-changed": {Post: &huma.Operation{
		OperationID: "risk-level-changed", Method: http.MethodPost,
		Summary:     "A session's risk level changed",
		Description: "Posted to --webhook-url after the Standard Webhooks specification, in order within a session, until an answer of 200 to 299 comes. The same id may come twice.",
		Tags:        []string{"Webhook"},
		Parameters: []*huma.Param{
			header("webhook-id", "Identifier of this change; the same when it is posted again."),
			header("webhook-timestamp", "When it was posted, Unix seconds."),
			header("webhook-signature", "v1, and the base64 of HMAC-SHA256 over id.timestamp.body; the key is --webhook-secret, of one that begins with whsec_ what the base64 behind it stands for."),
		},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: change}}},
		Responses:   map[string]*huma.Response{"2XX": {Description: "Taken."}},
	}}}
}
