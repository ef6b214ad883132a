package app

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"ipse.dev/ipse/internal/audit"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/ingest"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/problem"
	"ipse.dev/ipse/internal/review"
	"ipse.dev/ipse/internal/store"
)

// OpenSession is what an application says of a sign-in.
type OpenSession struct {
	UserID      string `json:"userID" minLength:"1" maxLength:"256" example:"agent-17" doc:"The application's own name of the user. It becomes a keyed pseudonym on arrival; the id itself is kept encrypted only."`
	DeviceClass string `json:"deviceClass,omitempty" enum:"desktop,tablet,phone" doc:"The kind of device, where the application knows it."`
}

// OpenedSession is a session that has just been opened.
type OpenedSession struct {
	Session                 string    `json:"session" doc:"The session's identifier."`
	Subject                 string    `json:"subject" doc:"The user's pseudonym."`
	CollectorToken          string    `json:"collectorToken" doc:"What the collector of this session reports with. Hand it to the page or the agent of this user alone."`
	CollectorTokenExpiresAt time.Time `json:"collectorTokenExpiresAt"`
	ReportAfterSeconds      float64   `json:"reportAfterSeconds" doc:"When the collector should report first."`
}

// CollectorToken is another token of a session that is open.
type CollectorToken struct {
	CollectorToken          string    `json:"collectorToken" doc:"What a collector of this session reports with. Hand it to the page or the agent of this user alone."`
	CollectorTokenExpiresAt time.Time `json:"collectorTokenExpiresAt"`
}

// SessionView is a session as an application sees it.
type SessionView struct {
	Session    string                     `json:"session"`
	Subject    string                     `json:"subject" doc:"The user's pseudonym."`
	Closed     bool                       `json:"closed"`
	Trust      float64                    `json:"trust" minimum:"0" maximum:"1" doc:"Probability that the enrolled subject is at the controls."`
	RiskLevel  policy.Level               `json:"riskLevel" enum:"LOW,MEDIUM,HIGH"`
	Answer     policy.Answer              `json:"answer" enum:"same_person,someone_else,cannot_tell"`
	Reasons    []policy.ReasonCode        `json:"reasons" doc:"Why the level holds, or why nothing can be told."`
	Evidence   []review.Evidence          `json:"evidence" doc:"The last comparison of each modality, with the features that moved most."`
	References []ingest.ReferenceMaturity `json:"references" doc:"How far ipse has come in learning the subject."`
	Liveness   []LivenessDoubt            `json:"liveness" doc:"What speaks against a human hand at the moment, the strongest first. Empty when nothing does."`
}

// LivenessDoubt is how far the evidence for one kind of attack has come.
type LivenessDoubt struct {
	Kind  policy.ReasonCode `json:"kind" doc:"What it would be."`
	Share float64           `json:"share" minimum:"0" maximum:"1" doc:"Of the evidence from which it is found; found at 1."`
}

// Reauthentication is what an application says when a user has proved who they are.
type Reauthentication struct {
	Method  string `json:"method" minLength:"1" maxLength:"64" pattern:"^[a-z0-9_.-]+$" example:"password" doc:"By what: password, webauthn, otp, …"`
	Changed string `json:"changed,omitempty" enum:"new_hardware,injury,other" doc:"What the user says has changed about how they type or point. For an hour, and for some minutes of input at most, what the references do not explain is learnt instead of held against them. Takes a strong method: webauthn, passkey, fido2, smartcard, otp, totp, mfa, or of RFC 8176 sc, hwk, swk, pop, face, fpt or iris."`
}

type sessionPath struct {
	ID string `path:"id" maxLength:"64" doc:"The session's identifier."`
}

func (a *api) registerSessions(h huma.API) {
	document := h.OpenAPI()
	security := []map[string][]string{{securityAPIKey: {}}}
	auth := []problem.Name{problem.TokenMissing, problem.KeyInvalid}
	body := append(slices.Clone(auth), problem.MalformedJSON, problem.MediaType, problem.BodyTooLarge, problem.WrongType,
		problem.UnknownField, problem.MissingField, problem.UnknownValue, problem.WrongLength)

	huma.Register(h, huma.Operation{
		OperationID: "open-session", Method: http.MethodPost, Path: "/v1/sessions", DefaultStatus: http.StatusCreated,
		Summary: "Open a session", Description: "Call this when a user has signed in. The collector token in the answer goes to that user's page or agent.",
		Tags: []string{"Sessions"}, Security: security, MaxBodyBytes: maxBackEndBody,
		Responses: refusals(document, append(body, problem.Unavailable)...),
	}, func(ctx context.Context, in *struct{ Body OpenSession }) (*struct{ Body OpenedSession }, error) {
		opened, err := a.openSession(ctx, in.Body)
		return &struct{ Body OpenedSession }{opened}, err
	})
	huma.Register(h, huma.Operation{
		OperationID: "read-session", Method: http.MethodGet, Path: "/v1/sessions/{id}",
		Summary: "Read how a session stands", Tags: []string{"Sessions"}, Security: security,
		Responses: refusals(document, append(auth, problem.SessionUnknown, problem.WrongLength, problem.Unavailable)...),
	}, func(ctx context.Context, in *sessionPath) (*struct{ Body SessionView }, error) {
		v, err := a.session(ctx, in.ID)
		return &struct{ Body SessionView }{v}, err
	})
	huma.Register(h, huma.Operation{
		OperationID: "reauthenticated", Method: http.MethodPost, Path: "/v1/sessions/{id}/reauthenticated", DefaultStatus: http.StatusOK,
		Summary: "Say that the user has proved who they are", Description: "Trust begins anew, and a HIGH level ends. The session is no longer bound to the key that signed its reports: the next signed report binds it, so that a browser whose data was cleared can go on. After a strong method an enrolment that was found to mix two people begins anew, and a change that the user declares is learnt beside what is known of them.",
		Tags: []string{"Sessions"}, Security: security, MaxBodyBytes: maxBackEndBody,
		Responses: refusals(document, append(body, problem.OutOfRange, problem.MethodWeak, problem.SessionUnknown, problem.SessionClosed, problem.QueueFull, problem.Unavailable)...),
	}, func(ctx context.Context, in *struct {
		ID   string `path:"id" maxLength:"64" doc:"The session's identifier."`
		Body Reauthentication
	}) (*struct{ Body SessionView }, error) {
		v, err := a.reauthenticated(ctx, in.ID, in.Body)
		return &struct{ Body SessionView }{v}, err
	})
	huma.Register(h, huma.Operation{
		OperationID: "renew-collector-token", Method: http.MethodPost, Path: "/v1/sessions/{id}/collector-token", DefaultStatus: http.StatusCreated,
		Summary: "Make another collector token for a session", Description: "Call this where a page of the same user needs a token and the one that opening the session gave has expired: a new page, a laptop that slept. Tokens given before stay good until they expire. The session stays bound to the key that signs its reports.",
		Tags: []string{"Sessions"}, Security: security,
		Responses: refusals(document, append(auth, problem.SessionUnknown, problem.SessionClosed, problem.WrongLength, problem.Unavailable)...),
	}, func(ctx context.Context, in *sessionPath) (*struct{ Body CollectorToken }, error) {
		token, err := a.collectorToken(ctx, in.ID)
		return &struct{ Body CollectorToken }{token}, err
	})
	huma.Register(h, huma.Operation{
		OperationID: "close-session", Method: http.MethodDelete, Path: "/v1/sessions/{id}", DefaultStatus: http.StatusNoContent,
		Summary: "Close a session", Description: "Call this when the user signs out. Closing a closed session changes nothing.",
		Tags: []string{"Sessions"}, Security: security,
		Responses: refusals(document, append(auth, problem.SessionUnknown, problem.WrongLength, problem.QueueFull, problem.Unavailable)...),
	}, func(ctx context.Context, in *sessionPath) (*struct{}, error) {
		return nil, a.closeSession(ctx, in.ID)
	})
}

func (a *api) openSession(ctx context.Context, in OpenSession) (OpenedSession, error) {
	// JSON's lone surrogates decode to U+FFFD: two different ids would become one person.
	if strings.ContainsRune(in.UserID, '\uFFFD') {
		return OpenedSession{}, problem.New(problem.UnknownValue, "userID holds a character that is no Unicode text (a lone surrogate or U+FFFD); send the id as your application stores it")
	}
	now := time.Now()
	subject := a.identities.pseudonym(in.UserID)
	state := a.fold.assess.Open(newSessionID(), subject, now.UnixMilli())
	row, err := encodeSession(state, in.DeviceClass)
	if err != nil {
		return OpenedSession{}, a.fail(err)
	}
	token, expires, err := a.tokens.Mint(state.ID, now)
	if err != nil {
		return OpenedSession{}, a.fail(err)
	}
	sealed := a.identities.seal(in.UserID, subject)
	if err := a.store.OpenSession(ctx, store.Subject{Pseudonym: subject, SealedID: sealed}, row); err != nil {
		return OpenedSession{}, a.fail(err)
	}
	a.fold.changes.tell(state.ID)
	return OpenedSession{
		Session: state.ID, Subject: subject, CollectorToken: token, CollectorTokenExpiresAt: expires, ReportAfterSeconds: reportAfter,
	}, nil
}

func (a *api) session(ctx context.Context, id string) (SessionView, error) {
	v, err := a.find(ctx, id)
	if err != nil {
		return SessionView{}, err
	}
	return a.sessionView(v), nil
}

// find gives a session as it is now, or the problem to answer with.
func (a *api) find(ctx context.Context, id string) (view, error) {
	v, err := a.fold.find(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return view{}, problem.New(problem.SessionUnknown, "no such session: it was never opened here, or it was erased")
	}
	if err != nil {
		return view{}, a.fail(err)
	}
	return a.fold.outward(v), nil
}

func (a *api) reauthenticated(ctx context.Context, id string, in Reauthentication) (SessionView, error) {
	if in.Changed != "" {
		if !Strong(in.Method) {
			return SessionView{}, problem.New(problem.MethodWeak, "a change is learnt after a strong sign-in only: ask the user for one of "+strings.Join(strongMethods, ", ")).At("method")
		}
		before, err := a.session(ctx, id)
		if err != nil {
			return SessionView{}, err
		}
		entry := audit.Entry{At: time.Now(), Actor: "api", Action: "declare-change", Object: hashOf(before.Subject), Detail: in.Changed + " after " + in.Method}
		if err := a.audit.Append(entry); err != nil {
			return SessionView{}, a.fail(err)
		}
	}
	receipt, err := a.gate.Reauthenticated(ctx, id, in.Method, in.Changed)
	if err != nil {
		return SessionView{}, a.fail(err)
	}
	v, err := a.fold.after(ctx, id, receipt, appliedWithin)
	if err != nil {
		return SessionView{}, a.fail(err)
	}
	return a.sessionView(v), nil
}

func (a *api) collectorToken(ctx context.Context, id string) (CollectorToken, error) {
	v, err := a.find(ctx, id)
	if err != nil {
		return CollectorToken{}, err
	}
	now := time.Now()
	if v.Closed || now.Sub(time.UnixMilli(v.OpenedAtMS)) > ingest.SessionLifetime {
		return CollectorToken{}, problem.New(problem.SessionClosed, "the session is over: open a new one")
	}
	token, expires, err := a.tokens.Mint(id, now)
	if err != nil {
		return CollectorToken{}, a.fail(err)
	}
	return CollectorToken{token, expires}, nil
}

func (a *api) closeSession(ctx context.Context, id string) error {
	receipt, err := a.gate.Close(ctx, id)
	if err != nil {
		return a.fail(err)
	}
	if _, err := a.fold.after(ctx, id, receipt, appliedWithin); err != nil && !errors.Is(err, store.ErrNotFound) {
		return a.fail(err)
	}
	return nil
}

func (a *api) sessionView(v view) SessionView {
	v = a.fold.outward(v)
	return SessionView{
		Session: v.ID, Subject: v.Subject, Closed: v.Closed, Trust: v.Trust.Trust(), RiskLevel: v.Decision.Level,
		Answer: v.Decision.Answer, Reasons: orEmpty(v.Decision.Reasons), Evidence: orEmpty(v.Evidence),
		References: orEmpty(a.fold.maturities(v)), Liveness: orEmpty(doubtsOf(a.fold.assess, v.Session)),
	}
}

// sortedReferences lists references in a fixed order; of one device class only, when one is named.
func sortedReferences(refs References, deviceClass string) []enrol.Reference {
	var out []enrol.Reference
	for key, r := range refs {
		if deviceClass != "" && key.DeviceClass != observation.DeviceClass(deviceClass) {
			continue
		}
		r.Key = key // a place that holds nothing yet has no key of its own
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b enrol.Reference) int {
		return cmp.Or(cmp.Compare(a.Key.Modality, b.Key.Modality), cmp.Compare(a.Key.DeviceClass, b.Key.DeviceClass), cmp.Compare(a.Key.Model, b.Key.Model), cmp.Compare(a.Key.Phrase, b.Key.Phrase), cmp.Compare(a.Key.Place, b.Key.Place))
	})
	return out
}
