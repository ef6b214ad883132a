package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"ipse.dev/ipse/console/internal/locale"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
)

// sessionView is one session's page.
type sessionView struct {
	Row        sessionRowView
	Summary    string // the answer in a sentence
	Reasons    []reasonView
	Evidence   []evidenceView
	Nothing    string     // said where there is no evidence
	Missing    []string   // what was not available
	Hand       []handView // what speaks against a human hand
	Charts     []chartView
	ChartAlt   string
	ChartTable []chartRow
	Events     []eventMark // kinds that the picture shows
	References []referenceView
	SubjectURL string // of the page of references; empty where there is none
	Cases      []alarmRowView
	Told       string
}

type handView struct {
	Name, Help   string
	Share        string // "40%", or that it is found
	SharePercent float64
}

func handViews(l *locale.Locale, doubts []HandDoubt) []handView {
	var out []handView
	for _, d := range doubts {
		v := handView{
			Name: l.T("reason." + string(d.Kind)), Help: l.T("reason." + string(d.Kind) + ".help"),
			Share: l.T("hand.share", "share", l.Percent(share(d.Share), 0)), SharePercent: percent(d.Share),
		}
		if d.Share >= 1 {
			v.Share = l.T("hand.found")
		}
		out = append(out, v)
	}
	return out
}

// foundOf names what was found of the hand. A session that is over has no other reasons any more.
func foundOf(doubts []HandDoubt) []policy.ReasonCode {
	var out []policy.ReasonCode
	for _, d := range doubts {
		if d.Share >= 1 {
			out = append(out, d.Kind)
		}
	}
	return out
}

type referenceView struct {
	Modality, Device string
	Places           string // that the row stands for several; empty for one
	Maturity         string
	SharePercent     float64
	Mature           bool
	Expected         string // the error to expect; empty where nothing was measured, or nothing is learnt yet
	Warning          string // what to do about it; empty for nothing
	Command          string // that does it or shows more, with Warning
}

func (c *Console) sessionPage(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	s, err := c.sessions.Session(r.Context(), id)
	if err != nil {
		c.fail(w, r, fmt.Errorf("console: session: %w", err))
		return
	}
	l := languageOf(r)
	v := sessionView{Row: rowView(l, s.SessionRow)}
	v.Summary = l.T(summaryKey(s.SessionRow))
	v.Reasons = reasonViews(l, s.Reasons)
	v.Evidence, v.Nothing = evidenceViews(l, s.Evidence), l.T(nothingKey(append(foundOf(s.Doubts), s.Reasons...)))
	v.Hand = handViews(l, s.Doubts)
	v.Missing = missingForSession(l, s)
	v.Charts, v.ChartAlt = c.charts(l, s)
	v.ChartTable, v.Events = c.chartTable(l, s.Path), eventsOf(l, s.Path)
	if c.subjects != nil {
		v.SubjectURL = subjectURL(s.Subject)
	}
	for _, ref := range s.References {
		v.References = append(v.References, viewOfReference(l, s.Subject, ref))
	}
	for _, k := range s.Cases {
		v.Cases = append(v.Cases, c.alarmRow(l, k))
	}
	v.Told = v.Row.Level.Text + ". " + v.Summary
	c.render(w, r, http.StatusOK, "session", page{
		Title: l.T("session.title", "subject", s.Subject), Section: "sessions", Live: true,
		Watch: url.Values{"watch": {id}}.Encode(), Main: v,
	})
}

func viewOfReference(l *locale.Locale, subject string, ref ReferenceRow) referenceView {
	v := referenceView{
		Modality: l.T("modality." + string(ref.Modality)), Device: l.T("device." + string(ref.DeviceClass)),
		Maturity: l.Percent(share(ref.Maturity), 0), SharePercent: percent(ref.Maturity), Mature: ref.Maturity >= 1,
	}
	if ref.Modality == observation.Phrase {
		v.Modality = l.T("subject.phrase", "number", strconv.FormatInt(ref.Phrase, 10))
	}
	if ref.Places > 1 {
		v.Places = l.Count("references.places", ref.Places)
	}
	if ref.ExpectedErrorShare > 0 && v.Mature {
		v.Expected = l.T("references.expected", "share", l.Percent(ref.ExpectedErrorShare, 0))
	}
	switch {
	case ref.Mixed:
		v.Warning, v.Command = l.T("references.mixed"), "ipse references enrol-again "+subject
	case ref.Drifts:
		v.Warning, v.Command = l.T("references.drifts"), "ipse references show "+subject
	}
	return v
}

// summaryKey picks the sentence that says what the answer means. "Cannot tell" means three things: too little was
// compared, which is held against nobody; a doubt that is not large enough; and an alarm that says nothing of who.
func summaryKey(s SessionRow) string {
	switch {
	case s.Closed:
		return "answer.closed.long"
	case s.Answer == policy.CannotTell && s.Level == policy.High:
		return "answer.alarm.long"
	case s.Answer == policy.CannotTell && s.Level == policy.Medium:
		return "answer.doubt.long"
	}
	return "answer." + string(s.Answer) + ".long"
}
