// Package client speaks ipse's HTTP API: as an application's back end does, with an API key, and as a collector does,
// with a collector token. The demonstration, the replay and tests use it.
//
// In: user ids, session ids and observations. Out: what the server answers, or a *Problem.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/signature"
	"ipse.dev/ipse/internal/trust"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 20

// Client is an application's back end toward one server. It is safe for concurrent use.
type Client struct {
	server string
	key    string
	http   *http.Client
}

// New gives a client of the server at an address such as "http://127.0.0.1:7473".
func New(server, apiKey string) *Client {
	return &Client{
		server: strings.TrimRight(server, "/"),
		key:    apiKey,
		http:   &http.Client{Timeout: 20 * time.Second},
	}
}

// Over gives a client that sends its requests by h, which decides what may be reached.
func Over(h *http.Client, server, apiKey string) *Client {
	c := New(server, apiKey)
	c.http = h
	return c
}

// Problem is an answer that refuses (RFC 9457).
type Problem struct {
	Type            string        `json:"type"`
	Title           string        `json:"title"`
	Status          int           `json:"status"`
	Detail          string        `json:"detail"`
	AcceptedThrough int64         `json:"acceptedThrough"` // with SequencePast only
	SignedThrough   int64         `json:"signedThrough"`   // with SignatureReplayed only
	RetryAfter      time.Duration `json:"-"`               // with status 429 and 503, where the server says so
}

// Types of refusals by which a caller decides.
const (
	SequencePast      = "urn:ipse:problem:sequence-from-the-past" // the server already has the observations
	SessionUnknown    = "urn:ipse:problem:session-unknown"
	SubjectUnknown    = "urn:ipse:problem:subject-unknown"
	KeyInvalid        = "urn:ipse:problem:api-key-invalid"
	TokenMissing      = "urn:ipse:problem:token-missing"
	SignatureReplayed = "urn:ipse:problem:signature-replayed"
	SignatureMissing  = "urn:ipse:problem:signature-missing"
	SignerOther       = "urn:ipse:problem:signed-by-another-key" // another reporter has signed for the session
	NoProblem         = "about:blank"                            // the answer is not one of ipse's: something else is at the address
)

// Error says what was wrong, as the server tells it.
func (p *Problem) Error() string {
	return fmt.Sprintf("client: the server refuses (%d %s): %s", p.Status, p.Title, p.Detail)
}

// Opened is a session that has just been opened.
type Opened struct {
	Session                 string    `json:"session"`
	Subject                 string    `json:"subject"`
	CollectorToken          string    `json:"collectorToken"`
	CollectorTokenExpiresAt time.Time `json:"collectorTokenExpiresAt"`
	ReportAfterSeconds      float64   `json:"reportAfterSeconds"`
}

// Reference is how far one of a subject's references has come.
type Reference struct {
	Modality    observation.Modality    `json:"modality"`
	DeviceClass observation.DeviceClass `json:"deviceClass"`
	Model       string                  `json:"model"`
	Phrase      int64                   `json:"phrase"`   // the application's number for the text, of phrases; 0 for windows
	Maturity    float64                 `json:"maturity"` // 0 to 1
	Mature      bool                    `json:"mature"`

	ExpectedErrorShare float64    `json:"expectedErrorShare"` // equal error rate to expect by now; 0 where nothing was measured
	Place              int        `json:"place"`              // which of several for the same; of a subject's references only, as are the next
	Version            int        `json:"version"`
	Mixed              bool       `json:"mixed"`     // the enrolment holds two people
	DriftedAt          *time.Time `json:"driftedAt"` // since when it learns no more
	Kept               []Kept     `json:"kept"`
}

// View is a session as the application may see it.
type View struct {
	Session    string              `json:"session"`
	Subject    string              `json:"subject"`
	Closed     bool                `json:"closed"`
	Trust      float64             `json:"trust"`
	RiskLevel  policy.Level        `json:"riskLevel"`
	Answer     policy.Answer       `json:"answer"`
	Reasons    []policy.ReasonCode `json:"reasons"`
	Evidence   []Evidence          `json:"evidence"`
	References []Reference         `json:"references"`
	Liveness   []Doubt             `json:"liveness"`
}

// Doubt is how far the evidence for one kind of attack without a human hand has come: found at 1.
type Doubt struct {
	Kind  policy.ReasonCode `json:"kind"`
	Share float64           `json:"share"`
}

// Evidence is what the last comparison of one modality said.
type Evidence struct {
	Modality   observation.Modality `json:"modality"`
	Score      float64              `json:"score"`
	Deviations []enrol.Deviation    `json:"deviations"`
}

// Open opens a session for one of the application's users.
func (c *Client) Open(ctx context.Context, userID string, device observation.DeviceClass) (Opened, error) {
	var out Opened
	in := map[string]string{"userID": userID}
	if device != "" {
		in["deviceClass"] = string(device)
	}
	return out, c.do(ctx, http.MethodPost, "/v1/sessions", c.key, in, &out)
}

// Session reads a session.
func (c *Client) Session(ctx context.Context, id string) (View, error) {
	var out View
	return out, c.do(ctx, http.MethodGet, "/v1/sessions/"+url.PathEscape(id), c.key, nil, &out)
}

// Reauthenticated says that the session's user has just proved who they are, and by what ("password").
func (c *Client) Reauthenticated(ctx context.Context, id, method string) (View, error) {
	var out View
	in := map[string]string{"method": method}
	return out, c.do(ctx, http.MethodPost, "/v1/sessions/"+url.PathEscape(id)+"/reauthenticated", c.key, in, &out)
}

// Happened tells of a moment at which somebody else may have come to the controls.
func (c *Client) Happened(ctx context.Context, id string, kind trust.Context) (View, error) {
	var out View
	in := map[string]trust.Context{"kind": kind}
	return out, c.do(ctx, http.MethodPost, "/v1/sessions/"+url.PathEscape(id)+"/context", c.key, in, &out)
}

// Point is trust after one window, one context or one sign-in.
type Point struct {
	At        time.Time            `json:"at"`
	Trust     float64              `json:"trust"`
	RiskLevel policy.Level         `json:"riskLevel"`
	Modality  observation.Modality `json:"modality"` // of a window; empty otherwise
	Score     *float64             `json:"score"`    // nil where nothing was compared
	Counted   *float64             `json:"evidence"` // what the score took off the log-odds of a takeover
	Reasons   []policy.ReasonCode  `json:"reasons"`  // why the window was compared with nothing
	Event     string               `json:"event"`    // a context, or "reauthenticated"; empty for a window
}

// Path is a session's path of trust, the oldest point first.
type Path struct {
	Session    string            `json:"session"`
	Thresholds policy.Thresholds `json:"thresholds"` // log-odds of a takeover from which levels hold
	Points     []Point           `json:"points"`
}

// Path reads a session's path of trust with its evidence.
func (c *Client) Path(ctx context.Context, id string) (Path, error) {
	var out Path
	return out, c.do(ctx, http.MethodGet, "/v1/sessions/"+url.PathEscape(id)+"/path", c.key, nil, &out)
}

// Close ends a session.
func (c *Client) Close(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "/v1/sessions/"+url.PathEscape(id), c.key, nil, nil)
}

// Subject is what the server holds of one person: references, no activity.
type Subject struct {
	Subject    string      `json:"subject"`
	References []Reference `json:"references"`
}

// Subject reads a subject by pseudonym.
func (c *Client) Subject(ctx context.Context, pseudonym string) (Subject, error) {
	var out Subject
	return out, c.do(ctx, http.MethodGet, "/v1/subjects/"+url.PathEscape(pseudonym), c.key, nil, &out)
}

// Erase erases a subject with everything that belongs to them.
func (c *Client) Erase(ctx context.Context, pseudonym string) error {
	return c.do(ctx, http.MethodDelete, "/v1/subjects/"+url.PathEscape(pseudonym), c.key, nil, nil)
}

// do sends one request with a bearer and reads the answer into out, unless that is nil.
func (c *Client) do(ctx context.Context, method, path, bearer string, in, out any) error {
	return c.send(ctx, method, path, bearer, nil, in, out)
}

// send is do with a signature, unless signer is nil.
func (c *Client) send(ctx context.Context, method, path, bearer string, signer *signature.Signer, in, out any) error {
	var body io.Reader
	var signed string
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("client: encode the request: %w", err)
		}
		if signer != nil {
			if signed, err = signer.Sign(bearer, raw, time.Now()); err != nil {
				return fmt.Errorf("client: %w", err)
			}
		}
		body = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.server+path, body)
	if err != nil {
		return fmt.Errorf("client: build the request: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+bearer)
	if signed != "" {
		request.Header.Set(signature.Header, signed)
	}
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("client: reach the server: %w", err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("client: read the answer: %w", err)
	}
	if response.StatusCode >= 300 {
		return refusal(response, raw)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("client: decode the answer: %w", err)
	}
	return nil
}

func refusal(response *http.Response, raw []byte) *Problem {
	p := &Problem{}
	if json.Unmarshal(raw, p) != nil || p.Title == "" {
		p = &Problem{Type: NoProblem, Title: http.StatusText(response.StatusCode), Detail: "the answer is no problem document"}
	}
	p.Status = response.StatusCode
	if after, err := time.ParseDuration(response.Header.Get("Retry-After") + "s"); err == nil && after > 0 {
		p.RetryAfter = after
	}
	return p
}
