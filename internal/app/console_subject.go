package app

import (
	"context"
	"fmt"

	"ipse.dev/ipse/console"
	"ipse.dev/ipse/internal/bus"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/store"
)

// subjectStore is what the console's page of a person needs of a store.
type subjectStore interface {
	Subject(ctx context.Context, pseudonym string) (store.Subject, error)
}

// subjectPages tells the console what is learnt of a person, and lets reviewers put it right. It implements
// console.Subjects and console.Corrections.
type subjectPages struct {
	store     subjectStore
	corrector corrector
}

// Subject tells of one person's references as they are now.
func (p *subjectPages) Subject(ctx context.Context, pseudonym string) (console.SubjectDetail, error) {
	if _, err := p.store.Subject(ctx, pseudonym); err != nil {
		return console.SubjectDetail{}, notFoundToConsole(err)
	}
	refs, err := p.corrector.fold.referencesOf(ctx, pseudonym)
	if err != nil {
		return console.SubjectDetail{}, fmt.Errorf("app: read references: %w", err)
	}
	d := console.SubjectDetail{Subject: pseudonym}
	for _, r := range subjectView(pseudonym, refs).References {
		one := console.SubjectReference{
			ReferenceRow: console.ReferenceRow{
				Modality: r.Modality, DeviceClass: r.DeviceClass, Phrase: r.Phrase, Maturity: r.Maturity, ExpectedErrorShare: r.ExpectedErrorShare,
				Mixed: r.Mixed, Drifts: r.DriftedAt != nil,
			},
			Model: r.Model, Place: r.Place, Version: r.Version,
		}
		if r.DriftedAt != nil {
			one.DriftedAt = *r.DriftedAt
		}
		for _, k := range r.Kept {
			one.Kept = append(one.Kept, console.KeptVersion(k))
		}
		d.References = append(d.References, one)
	}
	return d, nil
}

// Correct does what a reviewer asks for, after the audit log has it.
func (p *subjectPages) Correct(ctx context.Context, pseudonym string, c console.Correction) error {
	if _, err := p.store.Subject(ctx, pseudonym); err != nil {
		return notFoundToConsole(err)
	}
	what := bus.Correction{Action: c.Action, Modality: string(c.Modality), DeviceClass: string(c.DeviceClass)}
	if c.Action == rollBack {
		what.ToMS = c.To.UnixMilli()
	}
	return p.corrector.correct(ctx, "console", pseudonym, what)
}

// placesOf counts a subject's references of one kind that hold something, each for other equipment.
func placesOf(refs References, modality observation.Modality, device observation.DeviceClass, phrase int64) int {
	places := map[int]bool{}
	for key, r := range refs {
		if key.Modality == modality && key.DeviceClass == device && key.Phrase == phrase && r.Maturity() > 0 {
			places[key.Place] = true
		}
	}
	return len(places)
}
