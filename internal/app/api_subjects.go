package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"ipse.dev/ipse/internal/audit"
	"ipse.dev/ipse/internal/bus"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/problem"
	"ipse.dev/ipse/internal/store"
)

// SubjectView is what can be read of a subject: how far ipse has learnt them, and nothing of what they do.
type SubjectView struct {
	Subject    string             `json:"subject" doc:"The pseudonym."`
	References []SubjectReference `json:"references"`
}

// SubjectReference is one reference of a subject.
type SubjectReference struct {
	Modality    observation.Modality    `json:"modality"`
	DeviceClass observation.DeviceClass `json:"deviceClass"`
	Model       string                  `json:"model" doc:"The behaviour model that the reference was built by."`
	Phrase      int64                   `json:"phrase,omitempty" doc:"The application's number for the text, of phrases."`
	Place       int                     `json:"place" minimum:"0" maximum:"3" doc:"Which of the subject's references for the same modality, device class and model; 0 is the first. There is a second where a change was declared after a strong sign-in: another keyboard, an injury."`
	Maturity    float64                 `json:"maturity" minimum:"0" maximum:"1" doc:"Share of what a mature reference holds."`
	Mature      bool                    `json:"mature" doc:"Whether the reference is compared with."`
	Version     int                     `json:"version" doc:"Grows whenever the reference changes, and goes back when the reference does."`

	ExpectedErrorShare float64       `json:"expectedErrorShare,omitempty" minimum:"0" maximum:"0.5" doc:"Equal error rate, measured on other people with references that held as much, four windows compared together: what to expect by now."`
	Mixed              bool          `json:"mixed" doc:"What was learnt so far comes from two people. The reference does not ripen: let the subject sign in by a strong method, or enrol again."`
	DriftedAt          *time.Time    `json:"driftedAt,omitempty" doc:"Since when the reference is so far from the subject's enrolment that it learns no more: roll back, or accept it."`
	Kept               []KeptVersion `json:"kept" doc:"Earlier versions that the reference can be rolled back to, the oldest first."`
}

// KeptVersion is an earlier version of a reference.
type KeptVersion struct {
	Version int       `json:"version"`
	At      time.Time `json:"at" doc:"When a day of learning began with this version: the moment to roll back to."`
}

type subjectPath struct {
	ID string `path:"id" maxLength:"64" doc:"The subject's pseudonym, as opening a session told it."`
}

func (a *api) registerSubjects(h huma.API) {
	document := h.OpenAPI()
	security := []map[string][]string{{securityAPIKey: {}}}
	refused := refusals(document, problem.TokenMissing, problem.KeyInvalid, problem.SubjectUnknown, problem.WrongLength, problem.Unavailable)
	huma.Register(h, huma.Operation{
		OperationID: "read-subject", Method: http.MethodGet, Path: "/v1/subjects/{id}",
		Summary: "Read how far a subject has been learnt", Tags: []string{"Subjects"}, Security: security, Responses: refused,
	}, func(ctx context.Context, in *subjectPath) (*struct{ Body SubjectView }, error) {
		v, err := a.subject(ctx, in.ID)
		return &struct{ Body SubjectView }{v}, err
	})
	huma.Register(h, huma.Operation{
		OperationID: "erase-subject", Method: http.MethodDelete, Path: "/v1/subjects/{id}", DefaultStatus: http.StatusNoContent,
		Summary: "Erase a subject", Description: "Sessions, references, cases, the encrypted user id and whatever the queue still holds are gone when the answer comes.",
		Tags: []string{"Subjects"}, Security: security,
		Responses: refusals(document, problem.TokenMissing, problem.KeyInvalid, problem.SubjectUnknown, problem.WrongLength, problem.QueueFull, problem.Unavailable),
	}, func(ctx context.Context, in *subjectPath) (*struct{}, error) {
		return nil, a.eraseSubject(ctx, in.ID)
	})
	a.registerCorrections(h)
}

func (a *api) knownSubject(ctx context.Context, pseudonym string) error {
	_, err := a.store.Subject(ctx, pseudonym)
	if errors.Is(err, store.ErrNotFound) {
		return problem.New(problem.SubjectUnknown, "no such subject: send the pseudonym that opening a session told, not the user id")
	}
	return err
}

func (a *api) subject(ctx context.Context, pseudonym string) (SubjectView, error) {
	if err := a.knownSubject(ctx, pseudonym); err != nil {
		return SubjectView{}, a.fail(err)
	}
	refs, err := a.fold.referencesOf(ctx, pseudonym)
	if err != nil {
		return SubjectView{}, a.fail(err)
	}
	return subjectView(pseudonym, refs), nil
}

func subjectView(pseudonym string, refs References) SubjectView {
	v := SubjectView{Subject: pseudonym, References: []SubjectReference{}}
	for _, r := range sortedReferences(refs, "") {
		one := SubjectReference{
			Modality: r.Key.Modality, DeviceClass: r.Key.DeviceClass, Model: r.Key.Model, Phrase: r.Key.Phrase, Place: r.Key.Place,
			Maturity: r.Maturity(), Mature: r.Mature(), Version: r.Version, Mixed: r.Mixed, Kept: []KeptVersion{},
		}
		if share, ok := r.ExpectedErrorShare(); ok {
			one.ExpectedErrorShare = share
		}
		if r.DriftedAtMS != 0 {
			at := time.UnixMilli(r.DriftedAtMS).UTC()
			one.DriftedAt = &at
		}
		for _, k := range r.Kept {
			one.Kept = append(one.Kept, KeptVersion{Version: k.Version, At: time.UnixMilli(k.AtMS).UTC()})
		}
		v.References = append(v.References, one)
	}
	return v
}

// hashOf names a subject in the audit log, which outlives erasure and must not keep the pseudonym. Whoever has the keys
// and the user id can tell from it what was done.
func hashOf(pseudonym string) string {
	hash := sha256.Sum256([]byte(pseudonym))
	return "sha256:" + hex.EncodeToString(hash[:])
}

// eraseSubject puts the request into the stream, behind everything that was acknowledged, and waits until it is done.
func (a *api) eraseSubject(ctx context.Context, pseudonym string) error {
	if err := a.knownSubject(ctx, pseudonym); err != nil {
		return a.fail(err)
	}
	rows, err := a.store.SubjectSessions(ctx, pseudonym)
	if err != nil {
		return a.fail(err)
	}
	err = a.audit.Append(audit.Entry{At: time.Now(), Actor: "api", Action: "erase-subject", Object: hashOf(pseudonym)})
	if err != nil {
		return a.fail(err)
	}
	request := bus.Envelope{Kind: bus.Erased, Subject: pseudonym, ReceivedAtMS: time.Now().UnixMilli()}
	for _, row := range rows {
		request.Sessions = append(request.Sessions, row.ID)
	}
	sequence, err := a.publish(ctx, request)
	if err != nil {
		return a.fail(err)
	}
	waiting, cancel := context.WithTimeout(ctx, erasedWithin)
	defer cancel()
	if !a.fold.partitions[bus.PartitionOf(pseudonym)].wait(waiting, sequence) {
		return a.fail(fmt.Errorf("app: an erasure is taken but not done after %s; it will be", erasedWithin))
	}
	return nil
}
