package console

import (
	"slices"
	"strings"
	"time"

	"ipse.dev/ipse/console/internal/locale"
	"ipse.dev/ipse/internal/policy"
)

// eventMark is the sign of something that happened between windows.
type eventMark struct {
	X, Y        float64
	Kind, Label string
}

// eventKinds are the things that can happen between windows, in the order in which they are explained.
var eventKinds = []string{"unlock", "new_address", "remote_desktop", "virtual_machine", "reauthenticated"}

// eventName says what happened; a kind that is newer than the messages is named as it is.
func eventName(l *locale.Locale, kind string) string {
	if key := "event." + kind; l.Has(key) {
		return l.T(key)
	}
	return kind
}

// eventsOf lists the kinds that a path holds, for the picture's legend.
func eventsOf(l *locale.Locale, path []PathPoint) []eventMark {
	var out []eventMark
	for _, kind := range eventKinds {
		if slices.ContainsFunc(path, func(p PathPoint) bool { return p.Event == kind }) {
			out = append(out, eventMark{Kind: kind, Label: eventName(l, kind)})
		}
	}
	return out
}

// chartRow is one row of the picture as a table.
type chartRow struct {
	At      moment
	Trust   string
	Level   badge
	Source  string // what the point is of: a modality, or what happened
	Score   string // of the comparison; why there is none otherwise
	Counted string // empty where nothing counted
}

// What of a path its table shows.
const (
	chartTableRows = 24 // at even distances of time
	chartTableLast = 12 // points in full at the end, where an alarm is judged
)

// chartTable reads the picture at even distances of time, as an eye would, wherever the level changes or something
// happens, and in full at its end. It is not a log of observations: how much somebody types is nobody's business.
func (c *Console) chartTable(l *locale.Locale, path []PathPoint) []chartRow {
	if len(path) == 0 {
		return nil
	}
	from, to := path[0].At, path[len(path)-1].At
	step := max(to.Sub(from)/chartTableRows, time.Second)
	var rows []chartRow
	next := from
	var level policy.Level
	for i, p := range path {
		last := i >= len(path)-chartTableLast
		if i > 0 && !last && p.At.Before(next) && p.Level == level && p.Event == "" {
			continue
		}
		for !next.After(p.At) {
			next = next.Add(step)
		}
		level = p.Level
		at := p.At.In(c.location)
		row := pathRow(l, p)
		row.At = moment{ISO: at.Format(time.RFC3339), Text: l.Clock(at, true)}
		rows = append(rows, row)
	}
	return rows
}

// pathRow tells of one point.
func pathRow(l *locale.Locale, p PathPoint) chartRow {
	row := chartRow{Trust: l.Probability(p.Trust), Level: levelBadge(l, p.Level)}
	switch {
	case p.Event != "":
		row.Source = eventName(l, p.Event)
		return row
	case p.Modality != "":
		row.Source = l.T("modality." + string(p.Modality))
	}
	if p.Score == nil {
		row.Score = l.T("score.none")
		if reasons := reasonNames(l, p.Reasons); reasons != "" {
			row.Score = l.T("score.none_because", "reasons", reasons)
		}
		return row
	}
	row.Score = l.Signed(*p.Score, 1)
	if p.Counted != nil {
		row.Counted = l.Signed(*p.Counted, 1)
	}
	return row
}

// reasonNames lists reasons in a few words.
func reasonNames(l *locale.Locale, codes []policy.ReasonCode) string {
	var names []string
	for _, v := range reasonViews(l, codes) {
		names = append(names, v.Text)
	}
	return strings.Join(names, ", ")
}
