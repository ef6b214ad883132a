package console

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"ipse.dev/ipse/console/internal/locale"
	"ipse.dev/ipse/internal/observation"
)

// Subjects tells what has been learnt of one person, and nothing of what they do.
type Subjects interface {
	Subject(ctx context.Context, pseudonym string) (SubjectDetail, error) // ErrNotFound where nobody has this pseudonym
}

// SubjectDetail is one person's page.
type SubjectDetail struct {
	Subject    string             // pseudonym
	References []SubjectReference // those of one modality and device class next to one another
}

// SubjectReference is one reference with its versions.
type SubjectReference struct {
	ReferenceRow
	Model     string
	Place     int // which of several for the same; 0 is the first
	Version   int
	DriftedAt time.Time     // since when it learns no more; zero where it does
	Kept      []KeptVersion // that it can be rolled back to, the oldest first
}

// KeptVersion is an earlier version of a reference.
type KeptVersion struct {
	Version int
	At      time.Time
}

// subjectView is the page.
type subjectView struct {
	Groups     []referenceGroup
	CorrectURL string // where forms are sent; empty where reviewers may not put references right
}

// referenceGroup is what is put right together: the references of a modality on a device class.
type referenceGroup struct {
	Modality, Device      string             // in words
	ModalityID, DeviceID  string             // as forms send them
	References            []subjectReference // by model, phrase and place
	Moments               []rollBackMoment   // to go back to, the newest first
	Drifts                bool
	Accept, EnrolAgain    string // commands that do the same
	RollBack              string // likewise; the moment is to be filled in
	Label, AcceptAt, GoAt string // identifiers of the group's elements
}

type subjectReference struct {
	Name         string // which of several; empty where there is one
	Model        string
	Maturity     string
	SharePercent float64
	Expected     string
	Version      string
	Warning      string
	Kept         []keptView
}

type keptView struct {
	At      moment
	Version string
}

type rollBackMoment struct {
	Value string // Unix milliseconds
	Text  string
}

func subjectURL(pseudonym string) string { return Root + "subjects/" + url.PathEscape(pseudonym) }

func (c *Console) subjectPage(w http.ResponseWriter, r *http.Request) {
	s, err := c.subjects.Subject(r.Context(), r.PathValue("id"))
	if err != nil {
		c.fail(w, r, fmt.Errorf("console: subject: %w", err))
		return
	}
	l := languageOf(r)
	v := subjectView{Groups: c.referenceGroups(l, s)}
	if c.corrections != nil {
		v.CorrectURL = subjectURL(s.Subject) + "/references/"
	}
	c.render(w, r, http.StatusOK, "subject", page{
		Title: l.T("subject.title", "subject", s.Subject), Section: "sessions", Main: v, Heading: s.Subject,
		Notice: c.signIns.PopString(r.Context(), noticeKey),
	})
}

func (c *Console) referenceGroups(l *locale.Locale, s SubjectDetail) []referenceGroup {
	var groups []referenceGroup
	for from := 0; from < len(s.References); {
		first, to := s.References[from], from
		for to < len(s.References) && s.References[to].Modality == first.Modality && s.References[to].DeviceClass == first.DeviceClass {
			to++
		}
		groups = append(groups, c.referenceGroup(l, s.Subject, s.References[from:to]))
		from = to
	}
	return groups
}

// referenceGroup tells of references of one modality and device class.
func (c *Console) referenceGroup(l *locale.Locale, subject string, references []SubjectReference) referenceGroup {
	modality, device := references[0].Modality, references[0].DeviceClass
	which := " --modality " + string(modality) + " --device-class " + string(device)
	id := string(modality) + "-" + string(device)
	g := referenceGroup{
		Modality: l.T("modality." + string(modality)), Device: l.T("device." + string(device)), ModalityID: string(modality), DeviceID: string(device),
		RollBack: "ipse references roll-back " + subject + which + " --to ", Accept: "ipse references accept " + subject + which,
		EnrolAgain: "ipse references enrol-again " + subject + which, Label: "group-" + id, AcceptAt: "accept-" + id, GoAt: "to-" + id,
	}
	places := slices.ContainsFunc(references, func(r SubjectReference) bool { return r.Place > 0 })
	var moments []time.Time
	for _, r := range references {
		g.References = append(g.References, c.subjectReference(l, r, places))
		g.Drifts = g.Drifts || r.Drifts
		for _, k := range r.Kept {
			moments = append(moments, k.At)
		}
	}
	slices.SortFunc(moments, func(a, b time.Time) int { return cmp.Compare(b.UnixMilli(), a.UnixMilli()) })
	for _, at := range slices.CompactFunc(moments, time.Time.Equal) {
		g.Moments = append(g.Moments, rollBackMoment{Value: strconv.FormatInt(at.UnixMilli(), 10), Text: c.moment(l, at).Text})
	}
	if len(moments) > 0 {
		g.RollBack += moments[0].UTC().Format(time.RFC3339)
	}
	return g
}

func (c *Console) subjectReference(l *locale.Locale, r SubjectReference, places bool) subjectReference {
	v := subjectReference{
		Model: r.Model, Maturity: l.T("references.learning", "maturity", l.Percent(share(r.Maturity), 0)), SharePercent: percent(r.Maturity),
		Version: l.T("subject.version", "version", l.Number(float64(r.Version), 0)),
	}
	if r.Maturity >= 1 {
		v.Maturity = l.T("references.mature")
		if r.ExpectedErrorShare > 0 {
			v.Expected = l.T("references.expected", "share", l.Percent(r.ExpectedErrorShare, 0))
		}
	}
	switch {
	case r.Modality == observation.Phrase:
		v.Name = l.T("subject.phrase", "number", strconv.FormatInt(r.Phrase, 10))
	case places:
		v.Name = l.T("subject.place", "number", l.Number(float64(r.Place+1), 0))
	}
	switch {
	case r.Mixed:
		v.Warning = l.T("subject.mixed")
	case r.Drifts:
		v.Warning = l.T("subject.drifts", "time", c.moment(l, r.DriftedAt).Text)
	}
	for _, k := range slices.Backward(r.Kept) {
		v.Kept = append(v.Kept, keptView{At: c.moment(l, k.At), Version: l.T("subject.version", "version", l.Number(float64(k.Version), 0))})
	}
	return v
}
