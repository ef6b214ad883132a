package console

import (
	"fmt"
	"strings"
	"time"

	"ipse.dev/ipse/console/internal/locale"
)

// Words is a session's page in plain sentences, for a terminal.
type Words struct {
	Answer  string   // "Someone else"
	Summary string   // what the answer means
	Level   string   // the risk level in words
	Trust   string   // "98%"
	Reasons []string // each a name and what it means
	Edges   []string // below which trust a level comes to hold: "Medium below 27%"

	EvidenceTitle string
	Evidence      []EvidenceWords
	MissingTitle  string
	Missing       []string // what was not available

	HandTitle string
	Hand      []string // what speaks against a human hand

	Columns []string // of Path: time, trust, level, source, score, counted
	Path    [][]string
}

// EvidenceWords is what the last comparison of one modality said.
type EvidenceWords struct {
	Sentence string
	Features []string // those that moved most, in the subject's own units
}

// Languages lists the tags that InWords knows.
func Languages() []string {
	var tags []string
	for _, l := range locale.All {
		tags = append(tags, l.Tag)
	}
	return tags
}

// InWords says what the session's page shows, in one of Languages; times are written in the given place. It is as
// bounded as the page is: its table reads the path as the page's does.
func InWords(language string, s SessionDetail, place *time.Location) (Words, error) {
	l, ok := locale.ByTag(language)
	if !ok {
		return Words{}, fmt.Errorf("console: there are no messages in %q; want one of %s", language, strings.Join(Languages(), ", "))
	}
	w := Words{
		Answer: l.T("answer." + string(s.Answer)), Summary: l.T(summaryKey(s.SessionRow)), Level: l.T("level." + string(s.Level)),
		Trust: l.Probability(s.Trust), Missing: missingForSession(l, s),
		EvidenceTitle: l.T("evidence.title"), MissingTitle: l.T("missing.title"),
		Columns: []string{l.T("column.time"), l.T("column.trust"), l.T("column.level"), l.T("column.source"), l.T("column.score"), l.T("column.counted")},
	}
	for _, r := range reasonViews(l, s.Reasons) {
		w.Reasons = append(w.Reasons, r.Text+". "+r.Help)
	}
	w.HandTitle = l.T("hand.title")
	for _, h := range handViews(l, s.Doubts) {
		w.Hand = append(w.Hand, l.T("in_words.hand", "name", h.Name, "share", h.Share, "help", h.Help))
	}
	for _, e := range evidenceViews(l, s.Evidence) {
		v := EvidenceWords{Sentence: l.T("in_words.evidence",
			"modality", e.Modality, "verdict", e.Verdict, "strength", e.Strength, "score", l.T("evidence.score", "score", e.Score))}
		for _, d := range e.Deviations {
			v.Features = append(v.Features, l.T("in_words.feature", "sentence", d.Sentence, "detail", d.Detail))
		}
		if e.Usual != "" {
			v.Features = append(v.Features, e.Usual)
		}
		w.Evidence = append(w.Evidence, v)
	}
	c := &Console{location: place}
	if views, _ := c.drawings(l, s); len(views) > 0 {
		for _, b := range views[0].Bands {
			if b.Edge {
				w.Edges = append(w.Edges, b.Label+" "+b.EdgeLabel)
			}
		}
	}
	for _, r := range c.chartTable(l, s.Path) {
		w.Path = append(w.Path, []string{r.At.Text, r.Trust, r.Level.Text, r.Source, r.Score, r.Counted})
	}
	return w, nil
}
