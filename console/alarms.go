package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"ipse.dev/ipse/console/internal/locale"
	"ipse.dev/ipse/internal/review"
)

// alarmsView is the list of alarms.
type alarmsView struct {
	Rows    []alarmRowView
	Choices []choice
	Pager   pager
	None    bool // there is no alarm at all
	Told    string
}

// alarmRowView is one alarm in a list.
type alarmRowView struct {
	ID, URL, Subject string
	OpenedAt         moment
	Level            badge
	Trust            string
	Reasons          []reasonView
	Open             bool
	Shadow           bool // raised in shadow mode
	Verdict          string
	VerdictClass     string
}

func (c *Console) alarmRow(l *locale.Locale, k review.Case) alarmRowView {
	return alarmRowView{
		ID: k.ID, URL: alarmURL(k.ID), Subject: k.Subject, OpenedAt: c.moment(l, k.OpenedAt),
		Level: levelBadge(l, k.Level), Trust: l.Probability(k.Trust), Reasons: reasonViews(l, k.Reasons),
		Open: k.Verdict == review.Undecided, Shadow: k.Shadow, Verdict: verdictText(l, k.Verdict), VerdictClass: string(k.Verdict),
	}
}

func verdictText(l *locale.Locale, v review.Verdict) string {
	if v == review.Undecided {
		return l.T("verdict.undecided")
	}
	return l.T("verdict." + string(v))
}

func (c *Console) alarmList(w http.ResponseWriter, r *http.Request) {
	cases, err := c.cases.Cases(r.Context())
	if err != nil {
		c.fail(w, r, fmt.Errorf("console: cases: %w", err))
		return
	}
	l := languageOf(r)
	v := alarmsView{None: len(cases) == 0, Told: l.Count("alarms.told", countOpen(cases))}
	var show string
	v.Choices, show = choices(r, "alarms.show.", "all", "open", "decided")
	cases = slices.DeleteFunc(slices.Clone(cases), func(k review.Case) bool {
		open := k.Verdict == review.Undecided
		return show == "open" && !open || show == "decided" && open
	})
	slices.SortStableFunc(cases, func(a, b review.Case) int { // open ones first; else the source's order
		return rankOf(a) - rankOf(b)
	})
	cases, v.Pager = cut(cases, r)
	for _, k := range cases {
		v.Rows = append(v.Rows, c.alarmRow(l, k))
	}
	c.render(w, r, http.StatusOK, "alarms", page{TitleKey: "alarms.title", Section: "alarms", Live: true, Main: v})
}

func rankOf(k review.Case) int {
	if k.Verdict == review.Undecided {
		return 0
	}
	return 1
}

// alarmView is one alarm's page.
type alarmView struct {
	Row        alarmRowView
	SessionURL string
	DecideURL  string
	DecidedAt  moment
	Verdicts   []verdictChoice
	Evidence   []evidenceView
	Nothing    string // said where there is no evidence
	Missing    []string
	Told       string
}

type verdictChoice struct {
	Value, Text, Help string
	Current           bool
}

// noticeKey is where the message for the next page waits in a reviewer's sign-in.
const noticeKey = "notice"

func (c *Console) alarmPage(w http.ResponseWriter, r *http.Request) {
	k, err := c.cases.Case(r.Context(), r.PathValue("id"))
	if err != nil {
		c.fail(w, r, fmt.Errorf("console: case: %w", err))
		return
	}
	l := languageOf(r)
	v := alarmView{Row: c.alarmRow(l, k), SessionURL: sessionURL(k.Session), DecideURL: alarmURL(k.ID) + "/verdict"}
	if !k.DecidedAt.IsZero() {
		v.DecidedAt = c.moment(l, k.DecidedAt)
	}
	for _, verdict := range []review.Verdict{review.Impostor, review.RightPerson, review.CannotTell} {
		v.Verdicts = append(v.Verdicts, verdictChoice{
			Value: string(verdict), Text: verdictText(l, verdict), Help: l.T("verdict." + string(verdict) + ".help"),
			Current: verdict == k.Verdict,
		})
	}
	v.Evidence, v.Nothing = evidenceViews(l, k.Evidence), l.T(nothingKey(k.Reasons))
	v.Missing = missingModalities(l, k.Evidence)
	v.Told = l.T("verdict.told", "verdict", v.Row.Verdict)
	p := page{
		Title: l.T("alarm.title", "subject", k.Subject), Section: "alarms", Live: true,
		Watch: url.Values{"watch": {k.ID}}.Encode(), Main: v,
	}
	if !wantsFragment(r) {
		p.Notice = c.signIns.PopString(r.Context(), noticeKey)
	}
	c.render(w, r, http.StatusOK, "alarm", p)
}

func (c *Console) decide(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	verdict, err := review.ParseVerdict(r.PostFormValue("verdict"))
	if err != nil {
		c.badRequest(w, r)
		return
	}
	id := r.PathValue("id")
	if err := c.cases.Decide(r.Context(), id, verdict, c.now()); err != nil {
		c.fail(w, r, fmt.Errorf("console: verdict: %w", err))
		return
	}
	c.signIns.Put(r.Context(), noticeKey, "verdict.stored")
	http.Redirect(w, r, alarmURL(id), http.StatusSeeOther)
}
