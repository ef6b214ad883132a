package app

import (
	"errors"
	"strings"
	"testing"

	"ipse.dev/ipse/console"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
)

func TestReviewersSeeReferencesAndPutThemRight(t *testing.T) {
	b := newBench(t)
	d := startRunning(t, func(o *Options) { o.assessor = b.a })
	s := d.open("someone")
	d.typesThrough(b, b.typist(1), s, enrol.KeyboardMature+20)
	pages := &subjectPages{store: d.store, corrector: corrector{audit: d.audit, publish: (queue{Bus: d.bus}).Publish, fold: d.fold}}
	read := func() console.SubjectDetail {
		t.Helper()
		got, err := pages.Subject(t.Context(), s.Subject)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	before := read()
	if len(before.References) != 1 {
		t.Fatalf("got %+v, want one reference", before)
	}
	r := before.References[0]
	if r.Modality != observation.Keyboard || r.Maturity != 1 || len(r.Kept) != 1 || r.Version <= r.Kept[0].Version || r.ExpectedErrorShare == 0 {
		t.Fatalf("got %+v, want a mature reference of the keyboard that has learnt on from the one kept version", r)
	}
	back := console.Correction{Action: console.RollBack, Modality: observation.Keyboard, DeviceClass: r.DeviceClass, To: r.Kept[0].At}
	if err := pages.Correct(t.Context(), s.Subject, back); err != nil {
		t.Fatal(err)
	}
	if got := read().References[0].Version; got != r.Kept[0].Version {
		t.Errorf("rolled back to version %d, want %d", got, r.Kept[0].Version)
	}
	if err := pages.Correct(t.Context(), s.Subject, console.Correction{Action: console.EnrolAgain, Modality: observation.Keyboard, DeviceClass: r.DeviceClass}); err != nil {
		t.Fatal(err)
	}
	if got := read().References[0]; got.Maturity != 0 || len(got.Kept) != 0 {
		t.Errorf("after enrolling again: %+v, want nothing learnt", got)
	}
	log := d.audited()
	for _, want := range []string{`"console"`, "roll-back-references", "enrol-again-references"} {
		if !strings.Contains(log, want) {
			t.Errorf("the audit log lacks %s:\n%s", want, log)
		}
	}
	if strings.Contains(log, s.Subject) {
		t.Error("the audit log names the pseudonym, which erasure could not take back")
	}
	if _, err := pages.Subject(t.Context(), "nobody"); !errors.Is(err, console.ErrNotFound) {
		t.Errorf("of nobody: %v, want that it is not found", err)
	}
	if err := pages.Correct(t.Context(), "nobody", back); !errors.Is(err, console.ErrNotFound) {
		t.Errorf("putting nobody right: %v, want that it is not found", err)
	}
}

func TestPlacesAreCountedForThePageOfASession(t *testing.T) {
	b := newBench(t)
	d := startRunning(t, func(o *Options) { o.assessor = b.a })
	s := d.open("someone")
	d.typesThrough(b, b.typist(1), s, 3)
	refs, err := d.fold.referencesOf(t.Context(), s.Subject)
	if err != nil {
		t.Fatal(err)
	}
	if got := placesOf(refs, observation.Keyboard, observation.Desktop, 0); got != 1 {
		t.Errorf("%d places, want the one that is learnt", got)
	}
	two := References{}
	for key, r := range refs {
		two[key] = r
		key.Place = 1
		two[key] = r
		key.Model = "another model of the same equipment"
		two[key] = r
	}
	if got := placesOf(two, observation.Keyboard, observation.Desktop, 0); got != 2 {
		t.Errorf("%d places, want 2: models are no places", got)
	}
	if got := placesOf(two, observation.Pointer, observation.Desktop, 0); got != 0 {
		t.Errorf("%d places of a modality of which nothing is learnt", got)
	}
}
