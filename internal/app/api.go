package app

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"ipse.dev/ipse/internal/audit"
	"ipse.dev/ipse/internal/bus"
	"ipse.dev/ipse/internal/ingest"
	"ipse.dev/ipse/internal/problem"
	"ipse.dev/ipse/internal/store"
)

// apiStore is what the API needs of a store beyond what the fold reads.
type apiStore interface {
	OpenSession(context.Context, store.Subject, store.Session) error
	Subject(ctx context.Context, pseudonym string) (store.Subject, error)
	SubjectSessions(ctx context.Context, pseudonym string) ([]store.Session, error)
}

// api answers applications' back ends.
type api struct {
	store      apiStore
	fold       *fold
	gate       *ingest.Gate
	publish    func(context.Context, bus.Envelope) (uint64, error)
	identities *identities
	tokens     *ingest.Tokens
	audit      *audit.Log
	meter      *metrics
	logger     *slog.Logger
	account    *account
	keys       [][]byte // SHA-256 of each API key
	closedSet  bool     // the operator has switched the closed-set mode on
}

const (
	securityAPIKey    = "apiKey"
	securityCollector = "collectorToken"
	maxBackEndBody    = 16 << 10
	reportAfter       = 5.0              // seconds, of a collector that has just begun
	appliedWithin     = 2 * time.Second  // how long an answer waits for what it did to be folded in
	erasedWithin      = 60 * time.Second // how long one waits for an erasure
)

// register makes the API's operations and gives the document that describes them.
func (a *api) register(mux *http.ServeMux) *huma.OpenAPI {
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "ipse", Version: "1",
				Description: "Continuous authentication: is this still the same person? An application's back end opens a session for each sign-in and hands the collector token to its page; the collector reports observations of rhythm, never what is typed; the application asks how the session stands, or is told by the webhook.",
				License:     &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					securityAPIKey:    {Type: "http", Scheme: "bearer", Description: "The API key of an application's back end: the content of the file api-key in the server's data folder."},
					securityCollector: {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "The collector token of one session. It lives 15 minutes and is renewed in replies."},
				},
			},
		},
		Formats:       map[string]huma.Format{"application/json": strictJSON(), "json": strictJSON()},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{a.transform},
	}
	h := humago.New(mux, config)
	h.UseMiddleware(a.authenticate)
	a.registerSessions(h)
	a.registerEvidence(h)
	a.registerCandidates(h)
	a.registerSubjects(h)
	a.registerBudget(h)
	describeObservations(h.OpenAPI())
	describeWebhook(h.OpenAPI())
	describeDecisions(h.OpenAPI().Components.Schemas)
	return h.OpenAPI()
}

func init() {
	huma.ValidateStrictCasing = true // or a "userid" beside the "userID" that was looked at would be the one that is taken
	huma.DefaultArrayNullable = false
}

// errNotStrict marks what is wrong with a body that encoding/json would take. Its text is told to the caller.
var errNotStrict = errors.New("not strict JSON: ")

// strictJSON is JSON in UTF-8 without fields that come twice: two user ids must not become one, nor one of two be chosen.
func strictJSON() huma.Format {
	format := huma.DefaultJSONFormat
	decode := format.Unmarshal
	format.Unmarshal = func(data []byte, v any) error {
		if !utf8.Valid(data) {
			return fmt.Errorf("%wthe body is not in UTF-8", errNotStrict)
		}
		if p := ingest.CheckNames(data, nil); p != nil {
			return fmt.Errorf("%w%s", errNotStrict, p.Detail)
		}
		return decode(data, v)
	}
	return format
}

// authenticate lets back ends with an API key through.
func (a *api) authenticate(ctx huma.Context, next func(huma.Context)) {
	request, w := humago.Unwrap(ctx)
	key := ingest.Bearer(request.Header.Get("Authorization"))
	var refused *problem.Problem
	switch {
	case key == "":
		refused = problem.New(problem.TokenMissing, "send the API key: Authorization: Bearer KEY; it lies in the file api-key in the server's data folder")
	case !a.knows(key):
		refused = problem.New(problem.KeyInvalid, "this is no API key of this server; it lies in the file api-key in the server's data folder")
	}
	if refused != nil {
		a.meter.Refused(refused.Name)
		problem.Write(w, refused)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	next(ctx)
}

// knows compares in constant time, with every key.
func (a *api) knows(key string) bool {
	sum := sha256.Sum256([]byte(key))
	found := 0
	for _, k := range a.keys {
		found |= subtle.ConstantTimeCompare(k, sum[:])
	}
	return found == 1
}

// fail turns an error into a problem. What the caller cannot do anything about is logged and not told.
func (a *api) fail(err error) error {
	var p *problem.Problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, bus.ErrFull):
		p = problem.New(problem.QueueFull, "the server is behind with its work: try again later")
		p.RetryAfter = 5 * time.Second
		return p
	case errors.Is(err, context.Canceled):
		return problem.New(problem.Unavailable, "the caller went away")
	}
	a.logger.Error("a request failed", "error", err)
	p = problem.New(problem.Unavailable, "the server cannot do this now: try again later, and look at its log")
	p.RetryAfter = 5 * time.Second
	return p
}
