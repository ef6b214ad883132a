package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"ipse.dev/ipse/internal/audit"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/problem"
)

// Candidates are the people of whom the application asks which one is there.
type Candidates struct {
	UserIDs []string `json:"userIDs" minItems:"2" maxItems:"8" doc:"Two to eight of the application's own user ids: those who share the workstation. In one session no more than eight people can be named, however often it is asked."`
}

// WhichOfThese is what the session's recent windows say of the people named.
type WhichOfThese struct {
	Session     string              `json:"session"`
	Answer      string              `json:"answer" enum:"one_of_these,none_of_these,cannot_tell" doc:"Given from a probability of 0.95 on; cannot_tell below it."`
	Subject     string              `json:"subject,omitempty" doc:"With one_of_these: the pseudonym of the one."`
	Reasons     []policy.ReasonCode `json:"reasons" doc:"With cannot_tell: why."`
	Candidates  []Candidate         `json:"candidates" doc:"In the order in which they were named."`
	NoneOfThese float64             `json:"noneOfThese" minimum:"0" maximum:"1" doc:"Probability that it is somebody else."`
}

// Candidate is one of the people named.
type Candidate struct {
	Subject     string  `json:"subject" doc:"The pseudonym."`
	Probability float64 `json:"probability" minimum:"0" maximum:"1" doc:"Probability that it is this person; with noneOfThese they add up to 1."`
	Comparable  bool    `json:"comparable" doc:"Whether there is a mature reference to compare with. Where there is none the probability says nothing."`
}

// The answers of the closed-set mode.
const (
	oneOfThese  = "one_of_these"
	noneOfThese = "none_of_these"
)

func (a *api) registerCandidates(h huma.API) {
	document := h.OpenAPI()
	huma.Register(h, huma.Operation{
		OperationID: "which-of-these", Method: http.MethodPost, Path: "/v1/sessions/{id}/candidates", DefaultStatus: http.StatusOK,
		Summary: "Ask which of a few people it might be", Tags: []string{"Sessions"}, MaxBodyBytes: maxBackEndBody,
		Description: "For workstations that several people share, where the operator has switched it on (--shared-workstations). The session's recent windows are compared with the references of the people named and with nobody else's; there is no search. Every question is audited.",
		Security:    []map[string][]string{{securityAPIKey: {}}},
		Responses: refusals(document, problem.TokenMissing, problem.KeyInvalid, problem.MalformedJSON, problem.MediaType, problem.BodyTooLarge,
			problem.WrongType, problem.UnknownField, problem.MissingField, problem.UnknownValue, problem.WrongLength, problem.ClosedSetOff,
			problem.TooManyNamed, problem.SessionUnknown, problem.SessionClosed, problem.QueueFull, problem.Unavailable),
	}, func(ctx context.Context, in *struct {
		ID   string `path:"id" maxLength:"64" doc:"The session's identifier."`
		Body Candidates
	}) (*struct{ Body WhichOfThese }, error) {
		w, err := a.whichOf(ctx, in.ID, in.Body.UserIDs)
		return &struct{ Body WhichOfThese }{w}, err
	})
}

func (a *api) whichOf(ctx context.Context, session string, userIDs []string) (WhichOfThese, error) {
	assess, ok := a.fold.assess.(*Assessor)
	if !a.closedSet || !ok {
		return WhichOfThese{}, problem.New(problem.ClosedSetOff, "this server does not answer which of several people is there; its operator can switch that on for shared workstations with --shared-workstations")
	}
	if a.fold.shadow {
		return WhichOfThese{}, problem.New(problem.ClosedSetOff, "this server is in shadow mode, in which it answers nothing that depends on behaviour")
	}
	if err := checkNamed(userIDs); err != nil {
		return WhichOfThese{}, err
	}
	subjects, tags := make([]string, len(userIDs)), make([]string, len(userIDs))
	for i, id := range userIDs {
		subjects[i] = a.identities.pseudonym(id)
		tags[i] = derived("candidate", session, subjects[i])
	}
	v, err := a.ask(ctx, session, tags)
	if err != nil {
		return WhichOfThese{}, err
	}
	people := make([]References, len(subjects))
	for i, subject := range subjects {
		if people[i], err = a.fold.referencesOf(ctx, subject); err != nil {
			return WhichOfThese{}, a.fail(err)
		}
	}
	c := assess.Among(v.Session, people)
	out := WhichOfThese{Session: session, Answer: string(policy.CannotTell), Reasons: orEmpty(c.Reasons), NoneOfThese: c.None}
	for i, subject := range subjects {
		out.Candidates = append(out.Candidates, Candidate{Subject: subject, Probability: c.Each[i], Comparable: c.Comparable[i]})
	}
	switch {
	case c.Sure >= 0:
		out.Answer, out.Subject = oneOfThese, subjects[c.Sure]
	case len(c.Reasons) == 0:
		out.Answer = noneOfThese
	}
	return out, nil
}

// ask notes in the audit log and in the session that people were named, in that order, and gives the session. The session
// decides whether they are too many; the log keeps neither pseudonym nor session, as erasures must leave nothing.
func (a *api) ask(ctx context.Context, session string, tags []string) (view, error) {
	err := a.audit.Append(audit.Entry{
		At: time.Now(), Actor: "api", Action: "which-of-these", Object: "session:" + derived("audit", session), Detail: fmt.Sprintf("%d people named", len(tags)),
	})
	if err != nil {
		return view{}, a.fail(err)
	}
	receipt, err := a.gate.Asked(ctx, session, tags)
	if err != nil {
		return view{}, a.fail(err)
	}
	v, err := a.fold.after(ctx, session, receipt, appliedWithin)
	if err != nil {
		return view{}, a.fail(err)
	}
	if v.Applied < receipt.Sequence {
		return view{}, a.fail(errors.New("app: a question is taken but not folded in yet"))
	}
	for _, tag := range tags {
		if !slices.Contains(v.Named, tag) {
			return view{}, problem.New(problem.TooManyNamed, fmt.Sprintf("with these, more than %d people would have been named in this session; name those who share the workstation, and no others", MostCandidates)).At("userIDs")
		}
	}
	return v, nil
}

// checkNamed refuses ids that cannot be one person's each. It repeats none of them.
func checkNamed(userIDs []string) error {
	if n := len(userIDs); n < FewestCandidates || n > MostCandidates {
		return problem.New(problem.WrongLength, fmt.Sprintf("%d people are named; want %d to %d: there is no search among everybody", n, FewestCandidates, MostCandidates)).At("userIDs")
	}
	for i, id := range userIDs {
		at := fmt.Sprintf("userIDs[%d]", i)
		switch {
		case id == "" || len(id) > 4*maxUserID || len([]rune(id)) > maxUserID:
			return problem.New(problem.WrongLength, fmt.Sprintf("%s: want 1 to %d characters", at, maxUserID)).At(at)
		case strings.ContainsRune(id, '\uFFFD'):
			return problem.New(problem.UnknownValue, at+" holds a character that is no Unicode text; send the id as your application stores it").At(at)
		case slices.Contains(userIDs[:i], id):
			return problem.New(problem.UnknownValue, at+" names somebody who is named before; name each once").At(at)
		}
	}
	return nil
}

const maxUserID = 256 // characters, as in OpenSession
