package console

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"

	"ipse.dev/ipse/console/internal/locale"
	"ipse.dev/ipse/internal/policy"
)

// sessionsView is the list of sessions.
type sessionsView struct {
	Rows    []sessionRowView
	Choices []choice
	Show    string
	Search  string
	Pager   pager
	None    bool   // there is no session at all
	Told    string // what a screen reader hears when it changes
}

type sessionRowView struct {
	ID, URL, Subject string
	Level            badge
	Trust            string
	TrustPercent     float64 // 0 to 100, for the bar
	Answer           string
	Learning         bool
	Closed           bool
}

func (c *Console) sessionList(w http.ResponseWriter, r *http.Request) {
	rows, err := c.sessions.Sessions(r.Context())
	if err != nil {
		c.fail(w, r, fmt.Errorf("console: sessions: %w", err))
		return
	}
	l := languageOf(r)
	v := sessionsView{None: len(rows) == 0, Search: strings.TrimSpace(r.URL.Query().Get("q"))}
	v.Choices, v.Show = choices(r, "sessions.show.", "all", "risk", "learning", "closed")
	high := 0
	for _, row := range rows {
		if row.Level == policy.High && !row.Closed {
			high++
		}
	}
	v.Told = l.Count("sessions.told", high)
	rows = narrow(rows, v.Show, v.Search)
	rows, v.Pager = cut(rows, r)
	for _, row := range rows {
		v.Rows = append(v.Rows, rowView(l, row))
	}
	c.render(w, r, http.StatusOK, "sessions", page{
		TitleKey: "sessions.title", Section: "sessions", Live: true, Main: v,
	})
}

// narrow keeps the rows that a reviewer asked for, those at risk first. Within a level the source's order stays, so
// that rows do not dance.
func narrow(rows []SessionRow, show, search string) []SessionRow {
	rows = slices.DeleteFunc(slices.Clone(rows), func(s SessionRow) bool {
		if search != "" && !strings.Contains(strings.ToLower(s.Subject), strings.ToLower(search)) {
			return true
		}
		switch show {
		case "risk":
			return s.Closed || s.Level == policy.Low
		case "learning":
			return s.Closed || !s.Learning
		case "closed":
			return !s.Closed
		}
		return false
	})
	rank := func(s SessionRow) int {
		if s.Closed {
			return 3
		}
		return slices.Index([]policy.Level{policy.High, policy.Medium, policy.Low}, s.Level)
	}
	slices.SortStableFunc(rows, func(a, b SessionRow) int { return rank(a) - rank(b) })
	return rows
}

func rowView(l *locale.Locale, s SessionRow) sessionRowView {
	return sessionRowView{
		ID: s.ID, URL: sessionURL(s.ID), Subject: s.Subject, Level: levelBadge(l, s.Level),
		Trust: l.Probability(s.Trust), TrustPercent: percent(s.Trust),
		Answer: l.T("answer." + string(s.Answer)), Learning: s.Learning, Closed: s.Closed,
	}
}

// percent gives a share as the length of a bar, to a tenth.
func percent(v float64) float64 { return math.Round(share(v)*1000) / 10 }

// share keeps a number that is drawn within 0 and 1.
func share(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return math.Max(0, math.Min(1, v))
}
