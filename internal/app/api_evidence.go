package app

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/problem"
	"ipse.dev/ipse/internal/trust"
)

// Happening is what an application says of a moment at which somebody else may have come to the controls.
type Happening struct {
	Kind trust.Context `json:"kind" enum:"unlock,new_address,remote_desktop,virtual_machine" example:"unlock" doc:"What happened: the screen was unlocked, the device came to another network, a remote desktop began, or the session runs in a virtual machine."`
}

// SessionPath is a session's path of trust with its evidence.
type SessionPath struct {
	Session    string            `json:"session"`
	Thresholds policy.Thresholds `json:"thresholds" doc:"Natural log-odds of a takeover from which MEDIUM and HIGH hold."`
	Points     []PathPoint       `json:"points" maxItems:"240" doc:"The last 240 points at most, oldest first."`
}

// PathPoint is one point of a path: a window, a context or a sign-in.
type PathPoint struct {
	At        time.Time            `json:"at" doc:"When the server received it."`
	Trust     float64              `json:"trust" minimum:"0" maximum:"1" doc:"Trust after this point."`
	RiskLevel policy.Level         `json:"riskLevel" enum:"LOW,MEDIUM,HIGH" doc:"The level after this point."`
	Modality  observation.Modality `json:"modality,omitempty" doc:"What the window was of: keyboard, pointer, touch or phrase. Absent where the point is no window."`
	Score     *float64             `json:"score,omitempty" doc:"Comparison score: log-likelihood ratio, above 0 for the enrolled subject. Absent where nothing was compared."`
	Counted   *float64             `json:"evidence,omitempty" doc:"What the score counted for: how far it took the log-odds of a takeover down. Below 0 where it took them up. It is weighed together with the windows before it, and the hazard of the time since is in it, so that its sign may differ from the score's."`
	Reasons   []policy.ReasonCode  `json:"reasons,omitempty" doc:"Why a window was compared with nothing."`
	Event     string               `json:"event,omitempty" enum:"unlock,new_address,remote_desktop,virtual_machine,reauthenticated" doc:"What happened, where the point is no window."`
}

// signedIn names a sign-in among the events of a path.
const signedIn = "reauthenticated"

// event names what a point is, where it is no window.
func (p Point) event() string {
	switch {
	case p.Context != "":
		return string(p.Context)
	case p.Modality == "":
		return signedIn
	}
	return ""
}

func (a *api) registerEvidence(h huma.API) {
	document := h.OpenAPI()
	security := []map[string][]string{{securityAPIKey: {}}}
	auth := []problem.Name{problem.TokenMissing, problem.KeyInvalid}
	huma.Register(h, huma.Operation{
		OperationID: "read-path", Method: http.MethodGet, Path: "/v1/sessions/{id}/path",
		Summary: "Read a session's path of trust", Tags: []string{"Sessions"}, Security: security,
		Description: "What led to the session's answer: its last windows with what each of them counted for, and the moments at which somebody else may have come. It is kept in the session and bounded; there is no path of a day or of a person.",
		Responses:   refusals(document, append(slices.Clone(auth), problem.SessionUnknown, problem.WrongLength, problem.Unavailable)...),
	}, func(ctx context.Context, in *sessionPath) (*struct{ Body SessionPath }, error) {
		p, err := a.path(ctx, in.ID)
		return &struct{ Body SessionPath }{p}, err
	})
	huma.Register(h, huma.Operation{
		OperationID: "tell-context", Method: http.MethodPost, Path: "/v1/sessions/{id}/context", DefaultStatus: http.StatusOK,
		Summary: "Tell of a moment at which somebody else may have come", Tags: []string{"Sessions"}, Security: security, MaxBodyBytes: maxBackEndBody,
		Description: "The next windows are looked at more closely. A context is no evidence: however many are told of, they raise no risk level by themselves. After a remote desktop or a virtual machine the answer is cannot_tell until the subject signs in, and an alarm where the operator has made it one (--alarm-on).",
		Responses: refusals(document, append(slices.Clone(auth), problem.MalformedJSON, problem.MediaType, problem.BodyTooLarge, problem.WrongType,
			problem.UnknownField, problem.MissingField, problem.UnknownValue, problem.WrongLength, problem.SessionUnknown, problem.SessionClosed,
			problem.QueueFull, problem.Unavailable)...),
	}, func(ctx context.Context, in *struct {
		ID   string `path:"id" maxLength:"64" doc:"The session's identifier."`
		Body Happening
	}) (*struct{ Body SessionView }, error) {
		v, err := a.happened(ctx, in.ID, in.Body.Kind)
		return &struct{ Body SessionView }{v}, err
	})
}

// happened is not audited: an application tells of every unlock, and a log of those that nobody can change would be a
// log of presence. The session's own bounded path shows it.
func (a *api) happened(ctx context.Context, id string, kind trust.Context) (SessionView, error) {
	receipt, err := a.gate.Happened(ctx, id, kind)
	if err != nil {
		return SessionView{}, a.fail(err)
	}
	v, err := a.fold.after(ctx, id, receipt, appliedWithin)
	if err != nil {
		return SessionView{}, a.fail(err)
	}
	return a.sessionView(v), nil
}

func (a *api) path(ctx context.Context, id string) (SessionPath, error) {
	v, err := a.find(ctx, id)
	if err != nil {
		return SessionPath{}, err
	}
	out := SessionPath{Session: v.ID, Thresholds: thresholdsOf(a.fold.assess, v.Session), Points: make([]PathPoint, 0, len(v.Path))}
	for _, p := range v.Path {
		out.Points = append(out.Points, PathPoint{
			At: time.UnixMilli(p.AtMS).UTC(), Trust: p.Trust, RiskLevel: p.Level, Modality: p.Modality, Score: p.Score,
			Counted: p.Counted, Reasons: p.Reasons, Event: p.event(),
		})
	}
	return out, nil
}
