package app

import (
	"context"
	"maps"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"ipse.dev/ipse/internal/audit"
	"ipse.dev/ipse/internal/bus"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/problem"
)

// What an operator may do to a subject's references.
const (
	rollBack   = "roll-back"
	accept     = "accept"
	enrolAgain = "enrol-again"
)

// Correction says which of a subject's references an operator means.
type Correction struct {
	Modality    observation.Modality    `json:"modality,omitempty" enum:"keyboard,pointer,touch,phrase" doc:"Only references of this modality."`
	DeviceClass observation.DeviceClass `json:"deviceClass,omitempty" enum:"desktop,tablet,phone" doc:"Only references of this device class."`
}

// RollBack says which references go back, and to when.
type RollBack struct {
	Correction
	To time.Time `json:"to" doc:"References become what they were at this moment, as near as versions are kept: the last one that was kept by then; the oldest where none is that old."`
}

func (a *api) registerCorrections(h huma.API) {
	security := []map[string][]string{{securityAPIKey: {}}}
	refused := refusals(h.OpenAPI(), problem.TokenMissing, problem.KeyInvalid, problem.MalformedJSON, problem.MediaType, problem.BodyTooLarge, problem.WrongType,
		problem.UnknownField, problem.MissingField, problem.UnknownValue, problem.WrongLength, problem.OutOfRange, problem.SubjectUnknown, problem.QueueFull, problem.Unavailable)
	operation := func(action, summary, text string) huma.Operation {
		return huma.Operation{OperationID: action + "-references", Method: http.MethodPost, Path: "/v1/subjects/{id}/references/" + action,
			DefaultStatus: http.StatusOK, Summary: summary, Description: text, Tags: []string{"Subjects"}, Security: security, MaxBodyBytes: maxBackEndBody, Responses: refused}
	}
	huma.Register(h, operation(rollBack, "Roll references back", "For when somebody else is known to have worked in the subject's place: what was learnt since is gone. It is audited."),
		func(ctx context.Context, in *struct {
			ID   string `path:"id" maxLength:"64" doc:"The subject's pseudonym, as opening a session told it."`
			Body RollBack
		}) (*struct{ Body SubjectView }, error) {
			v, err := a.correct(ctx, in.ID, bus.Correction{Action: rollBack, ToMS: in.Body.To.UnixMilli(), Modality: string(in.Body.Modality), DeviceClass: string(in.Body.DeviceClass)})
			return &struct{ Body SubjectView }{v}, err
		})
	for action, text := range map[string][2]string{
		accept:     {"Accept references that have drifted", "Somebody has made sure that the references are still the subject's: they learn on from where they are. Without a body all of them are meant. It is audited."},
		enrolAgain: {"Enrol again", "References are emptied and learnt anew, those of enrolments that mixed two people among them. Without a body all of them are meant. It is audited."},
	} {
		huma.Register(h, operation(action, text[0], text[1]), func(ctx context.Context, in *struct {
			ID   string      `path:"id" maxLength:"64" doc:"The subject's pseudonym, as opening a session told it."`
			Body *Correction // without one, all references are meant
		}) (*struct{ Body SubjectView }, error) {
			c := bus.Correction{Action: action}
			if in.Body != nil {
				c.Modality, c.DeviceClass = string(in.Body.Modality), string(in.Body.DeviceClass)
			}
			v, err := a.correct(ctx, in.ID, c)
			return &struct{ Body SubjectView }{v}, err
		})
	}
}

// correct lets an application put a subject's references right.
func (a *api) correct(ctx context.Context, pseudonym string, c bus.Correction) (SubjectView, error) {
	if err := a.knownSubject(ctx, pseudonym); err != nil {
		return SubjectView{}, a.fail(err)
	}
	if err := (corrector{audit: a.audit, publish: a.publish, fold: a.fold}).correct(ctx, "api", pseudonym, c); err != nil {
		return SubjectView{}, a.fail(err)
	}
	return a.subject(ctx, pseudonym)
}

// corrector puts references right, for applications and for reviewers.
type corrector struct {
	audit   *audit.Log
	publish func(context.Context, bus.Envelope) (uint64, error)
	fold    *fold
}

// correct puts a correction into the stream, behind everything that was acknowledged, after the audit log has who asked for
// it, and waits until it is done.
func (c corrector) correct(ctx context.Context, actor, pseudonym string, what bus.Correction) error {
	detail := what.Modality + " " + what.DeviceClass
	if what.Action == rollBack {
		detail += " to " + time.UnixMilli(what.ToMS).UTC().Format(time.RFC3339)
	}
	err := c.audit.Append(audit.Entry{At: time.Now(), Actor: actor, Action: what.Action + "-references", Object: hashOf(pseudonym), Detail: detail})
	if err != nil {
		return err
	}
	sequence, err := c.publish(ctx, bus.Envelope{Kind: bus.Corrected, Subject: pseudonym, ReceivedAtMS: time.Now().UnixMilli(), Correction: &what})
	if err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, max(appliedWithin, c.fold.patience))
	defer cancel()
	c.fold.partitions[bus.PartitionOf(pseudonym)].wait(waiting, sequence)
	return nil
}

// correct folds an operator's correction in. A subject who is not there any more has nothing to correct.
func (p *partition) correct(ctx context.Context, m bus.Message) error {
	if m.Correction == nil {
		return nil
	}
	refs, ok := p.references[m.Subject]
	if !ok {
		var err error
		if refs, err = p.loadReferences(ctx, m.Subject); err != nil {
			return err
		}
	}
	corrected := Correct(refs, *m.Correction, m.ReceivedAtMS)
	p.dirtySubjects[m.Subject] = true
	p.mu.Lock()
	defer p.mu.Unlock()
	p.references[m.Subject] = corrected
	return nil
}

// Correct does to references what a correction says. The argument stays as it was.
func Correct(refs References, c bus.Correction, atMS int64) References {
	out := maps.Clone(refs)
	for key, r := range refs {
		if c.Modality != "" && c.Modality != string(key.Modality) || c.DeviceClass != "" && c.DeviceClass != string(key.DeviceClass) {
			continue
		}
		switch c.Action {
		case rollBack:
			out[key] = enrol.RollBackTo(r, c.ToMS)
		case accept:
			out[key] = enrol.Accept(r, atMS)
		case enrolAgain:
			out[key] = enrol.Reference{Key: key}
		}
	}
	return out
}
