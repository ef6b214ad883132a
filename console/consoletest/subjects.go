package consoletest

import (
	"context"
	"strings"
	"time"

	"ipse.dev/ipse/console"
	"ipse.dev/ipse/internal/observation"
)

// PutSubject sets what is told of a person.
func (s *Source) PutSubject(d console.SubjectDetail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.subjects == nil {
		s.subjects = make(map[string]console.SubjectDetail)
	}
	s.subjects[d.Subject] = d
}

// Subject implements console.Subjects.
func (s *Source) Subject(_ context.Context, pseudonym string) (console.SubjectDetail, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d, ok := s.subjects[pseudonym]; ok || s.err != nil {
		return d, s.err
	}
	return console.SubjectDetail{}, console.ErrNotFound
}

// Correct implements console.Corrections: it notes what was asked for.
func (s *Source) Correct(_ context.Context, _ string, c console.Correction) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, c)
	return s.err
}

// Asked gives the corrections that were asked for.
func (s *Source) Asked() []console.Correction {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]console.Correction(nil), s.asked...)
}

// Pseudonyms of people whom Desk puts: of every kind of reference, of nothing at all, and a long one.
const (
	KnownSubject = "k7vq2m3xw4r8"
	NewSubject   = "d6hy4k8pmw3x"
)

// LongSubject is a pseudonym as long as nobody would choose.
var LongSubject = strings.Repeat("wolpertinger-", 9) + "7"

// Known makes up a person with references of every kind.
func Known(subject string, now time.Time) console.SubjectDetail {
	kept := func(days ...int) (versions []console.KeptVersion) {
		for i, d := range days {
			versions = append(versions, console.KeptVersion{Version: 16 + 40*i, At: now.AddDate(0, 0, -d)})
		}
		return versions
	}
	row := func(m observation.Modality, d observation.DeviceClass, maturity, err float64) console.ReferenceRow {
		return console.ReferenceRow{Modality: m, DeviceClass: d, Maturity: maturity, ExpectedErrorShare: err}
	}
	drifting := row(observation.Keyboard, observation.Desktop, 1, 0.06)
	drifting.Drifts = true
	mixed := row(observation.Keyboard, observation.Tablet, 0.99, 0)
	mixed.Mixed = true
	phrase := row(observation.Phrase, observation.Desktop, 0.75, 0)
	phrase.Phrase = 2147483647
	return console.SubjectDetail{Subject: subject, References: []console.SubjectReference{
		{ReferenceRow: drifting, Model: "rhythm-2", Version: 1840, DriftedAt: now.Add(-26 * time.Hour), Kept: kept(40, 20, 9, 4, 2, 1)},
		{ReferenceRow: row(observation.Keyboard, observation.Desktop, 0.44, 0), Model: "rhythm-2", Place: 1, Version: 7},
		{ReferenceRow: row(observation.Keyboard, observation.Desktop, 1, 0.17), Model: "features-1", Version: 1840, Kept: kept(40, 1)},
		{ReferenceRow: mixed, Model: "rhythm-2", Version: 15},
		{ReferenceRow: phrase, Model: "phrase-1", Version: 6},
		{ReferenceRow: row(observation.Pointer, observation.Desktop, 1, 0.12), Model: "glide-2", Version: 902, Kept: kept(30)},
	}}
}
