// Package problem owns the form in which the server refuses: RFC 9457 problem documents, each with a stable type. What
// comes in is what went wrong; what goes out is JSON that says what would be right. A problem never repeats personal
// data or a secret of the request.
package problem

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// Name is the stable part of a problem's type, "urn:ipse:problem:NAME".
type Name string

// The problems that a caller can meet.
const (
	MalformedJSON     Name = "malformed-json"
	WrongType         Name = "wrong-type"
	UnknownField      Name = "unknown-field"
	MissingField      Name = "missing-field"
	OutOfRange        Name = "value-out-of-range"
	WrongLength       Name = "wrong-length"
	NotFinite         Name = "not-a-finite-number"
	UnknownModel      Name = "unknown-model"
	UnknownList       Name = "unknown-feature-list"
	UnknownValue      Name = "unknown-value"
	TooOld            Name = "observation-too-old"
	ClockOff          Name = "clock-off"
	SequencePast      Name = "sequence-from-the-past"
	BodyTooLarge      Name = "body-too-large"
	MediaType         Name = "media-type"
	TokenMissing      Name = "token-missing"
	TokenInvalid      Name = "token-invalid"
	TokenExpired      Name = "token-expired"
	KeyInvalid        Name = "api-key-invalid"
	SignatureMissing  Name = "signature-missing"
	SignatureInvalid  Name = "signature-invalid"
	SignatureReplayed Name = "signature-replayed"
	SignerOther       Name = "signed-by-another-key"
	OriginForbidden   Name = "origin-not-allowed"
	MethodWeak        Name = "sign-in-too-weak"
	SessionClosed     Name = "session-closed"
	SessionUnknown    Name = "session-unknown"
	ClosedSetOff      Name = "closed-set-off"
	TooManyNamed      Name = "too-many-candidates"
	SubjectUnknown    Name = "subject-unknown"
	NoSuchPath        Name = "no-such-path"
	NoSuchMethod      Name = "method-not-allowed"
	TooManyRequests   Name = "too-many-requests"
	QueueFull         Name = "queue-full"
	Unavailable       Name = "unavailable"
	Internal          Name = "internal"
)

// kinds gives each problem its status and title.
var kinds = map[Name]struct {
	status int
	title  string
}{
	MalformedJSON:     {400, "The body is not one JSON document"},
	WrongType:         {422, "A value has the wrong type"},
	UnknownField:      {422, "A field is unknown"},
	MissingField:      {422, "A field is missing"},
	OutOfRange:        {422, "A value is out of its range"},
	WrongLength:       {422, "A list has the wrong length"},
	NotFinite:         {422, "A number is not finite"},
	UnknownModel:      {422, "The behaviour model is unknown"},
	UnknownList:       {422, "The feature list is unknown"},
	UnknownValue:      {422, "A value is none of the known ones"},
	TooOld:            {422, "An observation is too old"},
	ClockOff:          {422, "The device's clock is off"},
	SequencePast:      {409, "A sequence number is not above the last accepted one"},
	BodyTooLarge:      {413, "The body is too large"},
	MediaType:         {415, "The body is not plain application/json"},
	TokenMissing:      {401, "A bearer token is missing"},
	TokenInvalid:      {401, "The collector token is not valid"},
	TokenExpired:      {401, "The collector token has expired"},
	KeyInvalid:        {401, "The API key is not valid"},
	SignatureMissing:  {401, "The report is not signed"},
	SignatureInvalid:  {401, "The report's signature is not valid"},
	SignatureReplayed: {401, "The report's signature has been used"},
	SignerOther:       {403, "The session belongs to another key"},
	OriginForbidden:   {403, "Pages of this origin may not report here"},
	MethodWeak:        {422, "The way of signing in is too weak for this"},
	SessionClosed:     {410, "The session is closed"},
	SessionUnknown:    {404, "The session is unknown"},
	ClosedSetOff:      {403, "The closed-set mode is off"},
	TooManyNamed:      {403, "Too many people were named in this session"},
	SubjectUnknown:    {404, "The subject is unknown"},
	NoSuchPath:        {404, "There is nothing at this path"},
	NoSuchMethod:      {405, "The path does not take this method"},
	TooManyRequests:   {429, "Too many requests"},
	QueueFull:         {429, "The queue is full"},
	Unavailable:       {503, "The server cannot do this now"},
	Internal:          {500, "The server failed"},
}

// Names lists every problem, for documentation; Status and Title tell of each.
func Names() []Name {
	names := make([]Name, 0, len(kinds))
	for n := range kinds {
		names = append(names, n)
	}
	return names
}

// Type is the problem's stable URN.
func (n Name) Type() string { return "urn:ipse:problem:" + string(n) }

// Status is the HTTP status that the problem is answered with.
func (n Name) Status() int { return kinds[n].status }

// Title says in one line what kind of problem it is.
func (n Name) Title() string { return kinds[n].title }

// Problem is one refusal. It is an error, and what huma calls a status error with headers.
type Problem struct {
	Type            string `json:"type" doc:"Stable name of the problem, urn:ipse:problem:NAME."`
	Title           string `json:"title" doc:"What kind of problem this is."`
	Status          int    `json:"status" doc:"HTTP status."`
	Detail          string `json:"detail" doc:"What is wrong in this request, and what would be right."`
	Field           string `json:"field,omitempty" doc:"Where in the request, as in observations[3].features[0]."`
	AcceptedThrough *int64 `json:"acceptedThrough,omitempty" doc:"With sequence-from-the-past: the last accepted sequence number."`
	SignedThrough   *int64 `json:"signedThrough,omitempty" doc:"With signature-replayed: the highest stamp that the session's reports were signed under."`

	Name       Name          `json:"-"`
	RetryAfter time.Duration `json:"-"` // answered as Retry-After when above 0
}

// New makes a problem. Detail says what is wrong and what would be right.
func New(n Name, detail string) *Problem {
	return &Problem{Type: n.Type(), Title: n.Title(), Status: n.Status(), Detail: detail, Name: n}
}

// At says where in the request the problem lies.
func (p *Problem) At(field string) *Problem {
	p.Field = field
	return p
}

// Error is the detail with the problem's name.
func (p *Problem) Error() string { return string(p.Name) + ": " + p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders are the headers that belong to the problem.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((p.RetryAfter+time.Second-1)/time.Second)))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	return h
}

// ContentType is the media type of RFC 9457.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// Write answers a request with the problem.
func Write(w http.ResponseWriter, p *Problem) {
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the caller is gone when this fails
}
