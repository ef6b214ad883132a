package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"time"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/problem"
	"ipse.dev/ipse/internal/signature"
)

// How soon a collector is asked to report again, in seconds.
const (
	reportAfterSeconds     = 5
	reportSoonAfterSeconds = 2 // while the risk level is raised
)

// ReferenceMaturity is how far one reference of the session's subject has come.
type ReferenceMaturity struct {
	Modality    observation.Modality    `json:"modality"`
	DeviceClass observation.DeviceClass `json:"deviceClass"`
	Phrase      int64                   `json:"phrase,omitempty" doc:"The application's number for the text, of phrases."`
	Maturity    float64                 `json:"maturity" minimum:"0" maximum:"1" doc:"Share of what a mature reference holds."`

	ExpectedErrorShare float64 `json:"expectedErrorShare,omitempty" minimum:"0" maximum:"0.5" doc:"Equal error rate, measured on other people with references that held as much, four windows compared together: what to expect by now. Absent where nothing was measured."`
	Mixed              bool    `json:"mixed,omitempty" doc:"What was learnt so far comes from two people: let the user sign in by a strong method, or enrol again."`
	Drifts             bool    `json:"drifts,omitempty" doc:"The reference is so far from the user's enrolment that it learns no more until somebody rolls it back or accepts it."`
}

// Standing is how a session stands.
type Standing struct {
	RiskLevel  policy.Level
	Answer     policy.Answer
	Directives []policy.Directive
	References []ReferenceMaturity
}

// Standings tells how a session stands once an envelope is folded in; it waits a little for that and no longer.
type Standings interface {
	StandingAfter(ctx context.Context, session string, receipt Receipt) (Standing, error)
}

// Reply is what a collector gets back.
type Reply struct {
	RiskLevel               policy.Level        `json:"riskLevel" enum:"LOW,MEDIUM,HIGH"`
	Answer                  policy.Answer       `json:"answer" enum:"same_person,someone_else,cannot_tell"`
	Directives              []policy.Directive  `json:"directives" doc:"What the collector's page is asked to do: step_up, lock or stop."`
	ReportAfterSeconds      float64             `json:"reportAfterSeconds" doc:"When to report next, in seconds from now."`
	AcceptedThrough         int64               `json:"acceptedThrough" doc:"The last accepted sequence number."`
	References              []ReferenceMaturity `json:"references"`
	Models                  Models              `json:"models,omitempty" doc:"The behaviour models by which windows are to be embedded, by modality. A window becomes one observation for each of them that the collector has, in this order. Where the collector has none, and for modalities that are not named, it computes features-1."`
	CollectorToken          string              `json:"collectorToken,omitempty" doc:"A new token, when the old one is about to expire."`
	CollectorTokenExpiresAt *time.Time          `json:"collectorTokenExpiresAt,omitempty" doc:"With collectorToken: when the new token expires."`
}

// Models names the behaviour models that are wanted of each modality.
type Models map[observation.Modality][]string

// Meter hears what was taken and what was refused. Names and numbers only; nothing of a person.
type Meter interface {
	Accepted(observations []observation.Observation, dropped int64, signed bool)
	Refused(problem.Name)
}

// Networks tags the network of a caller's address (host:port), so that a session can tell one from another. A tag tells
// nothing of the address, and is "" where none can be had. It may be nil: then networks are not told apart.
type Networks interface {
	Tag(session, remote string) string
}

// Handler answers POST /v1/observations.
type Handler struct {
	Tokens    *Tokens
	Gate      *Gate
	Standings Standings
	Dimension Dimension
	Models    Models // what collectors are asked to compute; may be nil
	Networks  Networks
	Meter     Meter
	Logger    *slog.Logger
	Now       func() time.Time
}

// ServeHTTP takes one report.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	reply, err := h.take(w, r)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(reply) // the collector is gone when this fails
}

func (h *Handler) take(w http.ResponseWriter, r *http.Request) (Reply, error) {
	token := Bearer(r.Header.Get("Authorization"))
	if token == "" {
		return Reply{}, problem.New(problem.TokenMissing, "send the collector token: Authorization: Bearer TOKEN")
	}
	now := h.Now()
	session, expires, refused := h.Tokens.Verify(token, now)
	if refused != nil {
		return Reply{}, refused
	}
	signed, refused := signatureOf(r)
	if refused != nil {
		return Reply{}, refused
	}
	if err := h.Gate.Admit(r.Context(), session, signed.Signer); err != nil {
		return Reply{}, foreign(err)
	}
	body, err := h.read(w, r)
	if err != nil {
		return Reply{}, err
	}
	if signed.Signer != "" && !signed.Holds(token, body) {
		return Reply{}, problem.New(problem.SignatureInvalid, "the signature does not hold for this body, token and stamp: sign what is sent, as it is sent")
	}
	report, err := h.decode(body)
	if err != nil {
		return Reply{}, err
	}
	sender := Sender{Address: h.address(session, r), Signer: signed.Signer, Stamp: signed.Stamp}
	receipt, err := h.Gate.Accept(r.Context(), session, sender, report.Observations)
	if err != nil {
		return Reply{}, foreign(err)
	}
	h.Meter.Accepted(report.Observations, report.Dropped, signed.Signer != "")
	standing, err := h.Standings.StandingAfter(r.Context(), session, receipt)
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{
		RiskLevel: standing.RiskLevel, Answer: standing.Answer, Directives: list(standing.Directives),
		References: list(standing.References), Models: h.Models, ReportAfterSeconds: reportAfterSeconds, AcceptedThrough: receipt.Through,
	}
	if standing.RiskLevel != policy.Low {
		reply.ReportAfterSeconds = reportSoonAfterSeconds
	}
	if expires.Sub(now) < RenewWithin {
		fresh, until, err := h.Tokens.Mint(session, now)
		if err != nil {
			return Reply{}, err
		}
		reply.CollectorToken, reply.CollectorTokenExpiresAt = fresh, &until
	}
	return reply, nil
}

// foreign answers a good token of a session that is not there as the token's fault: it belongs to an erased one.
func foreign(err error) error {
	var p *problem.Problem
	if errors.As(err, &p) && p.Name == problem.SessionUnknown {
		return problem.New(problem.TokenInvalid, "the collector token's session is not there any more: ask the application to open a new one")
	}
	return err
}

// address tags the network that a report comes from.
func (h *Handler) address(session string, r *http.Request) string {
	if h.Networks == nil {
		return ""
	}
	return h.Networks.Tag(session, r.RemoteAddr)
}

// signatureOf reads the signature of a report; its zero value where there is none.
func signatureOf(r *http.Request) (signature.Signature, *problem.Problem) {
	headers := r.Header.Values(signature.Header)
	if len(headers) == 0 {
		return signature.Signature{}, nil
	}
	signed, err := signature.Parse(headers[0])
	if err != nil || len(headers) > 1 {
		return signature.Signature{}, problem.New(problem.SignatureInvalid, "the header "+signature.Header+" is none, or there are several: send one v1.STAMP.KEY.SIGNATURE with an uncompressed P-256 point, in base64url without padding")
	}
	return signed, nil
}

// read gives the body.
func (h *Handler) read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return nil, problem.New(problem.MediaType, "send the report as application/json")
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, problem.New(problem.MediaType, "send the report as it is, without a Content-Encoding: reports are small")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBodyBytes))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, problem.New(problem.BodyTooLarge, "the body is over 256 KiB: send fewer observations at once")
	}
	if err != nil {
		return nil, problem.New(problem.MalformedJSON, "the body broke off before its end")
	}
	return body, nil
}

// decode decodes and validates the body.
func (h *Handler) decode(body []byte) (Report, error) {
	report, refused := Decode(body)
	if refused == nil {
		refused = Validate(report, h.Dimension, h.Now())
	}
	if refused != nil {
		return Report{}, refused
	}
	return report, nil
}

func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var p *problem.Problem
	if !errors.As(err, &p) {
		p = problem.New(problem.Unavailable, "the server cannot take the report now: keep the observations and send them later")
		p.RetryAfter = fullRetryAfter
		if r.Context().Err() == nil {
			h.Logger.Error("a report could not be taken", "error", err)
		}
	}
	h.Meter.Refused(p.Name)
	problem.Write(w, p)
}

// list makes nil an empty list, for JSON.
func list[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}
