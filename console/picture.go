package console

import (
	"time"

	"ipse.dev/ipse/console/internal/chart"
	"ipse.dev/ipse/console/internal/locale"
	"ipse.dev/ipse/internal/policy"
)

// chartView is a drawing with its labels in words.
type chartView struct {
	chart.Drawing
	Class      string // which screens show it
	PlotWidth  float64
	LabelX     float64 // right end of the labels of trust
	BandLabelX float64
	LanesFloor float64
	StripFloor float64
	Strip      []segmentView
	Bands      []bandView
	TrustTicks []labelled
	TimeTicks  []labelled
	Lanes      []laneView
}

type segmentView struct {
	chart.Segment
	Class string
}

type bandView struct {
	Class, Label  string
	Y, Height     float64
	LabelY        float64
	Edge          bool // a threshold lies at its upper edge
	EdgeLabel     string
	RoomForLabels bool
}

// labelled is a mark of an axis.
type labelled struct {
	At    float64
	Label string
}

type laneView struct {
	chart.Lane
	Label string
}

// charts draws the session for laptops and for phones: a picture that is only scaled down has labels that nobody can
// read. The text says in words what the picture shows.
func (c *Console) charts(l *locale.Locale, s SessionDetail) (views []chartView, alt string) {
	in := chart.Input{Thresholds: s.Thresholds}
	for _, p := range s.Path {
		p.At = p.At.In(c.location)
		in.Points = append(in.Points, chart.Point(p))
	}
	for _, k := range s.Cases {
		in.Alarms = append(in.Alarms, k.OpenedAt)
	}
	wide, ok := chart.Draw(in, chart.Wide)
	if !ok {
		return nil, ""
	}
	narrow, _ := chart.Draw(in, chart.Narrow)
	views = []chartView{labelChart(l, wide, "wide"), labelChart(l, narrow, "narrow")}
	return views, c.describe(l, s)
}

// describe is the text alternative of the picture.
func (c *Console) describe(l *locale.Locale, s SessionDetail) string {
	first, last := s.Path[0], s.Path[len(s.Path)-1]
	lowest := first
	for _, p := range s.Path {
		if p.Trust < lowest.Trust {
			lowest = p
		}
	}
	return l.T("chart.alt",
		"from", l.Time(first.At.In(c.location), c.now()), "to", l.Time(last.At.In(c.location), c.now()),
		"first", l.Probability(first.Trust), "last", l.Probability(last.Trust),
		"lowest", l.Probability(lowest.Trust), "at", l.Clock(lowest.At.In(c.location), true),
		"level", l.T("level."+string(last.Level)))
}

func labelChart(l *locale.Locale, d chart.Drawing, class string) chartView {
	v := chartView{
		Drawing: d, Class: class, PlotWidth: d.Right - d.Left, LabelX: d.Left - 6, BandLabelX: d.Left + 6,
		LanesFloor: d.AxisY - 14, StripFloor: d.StripY + d.StripHeight,
	}
	for _, s := range d.Strip {
		v.Strip = append(v.Strip, segmentView{Segment: s, Class: levelBadge(l, s.Level).Class})
	}
	for i, b := range d.Bands {
		view := bandView{
			Class: levelBadge(l, b.Level).Class, Label: l.T("level." + string(b.Level)),
			Y: b.Y, Height: b.Height, LabelY: b.Y + 15, RoomForLabels: b.Height >= 20,
		}
		if i > 0 {
			t := d.Thresholds[i-1]
			view.Edge, view.EdgeLabel = true, l.T("chart.below", "trust", l.SmallPercent(t.Trust))
		}
		v.Bands = append(v.Bands, view)
	}
	for _, t := range d.TrustTicks {
		v.TrustTicks = append(v.TrustTicks, labelled{At: t.Y, Label: l.SmallPercent(t.Trust)})
	}
	for _, t := range d.TimeTicks {
		v.TimeTicks = append(v.TimeTicks, labelled{At: t.X, Label: l.Clock(t.At, t.Seconds)})
	}
	for _, lane := range d.Lanes {
		v.Lanes = append(v.Lanes, laneView{Lane: lane, Label: l.T("modality." + string(lane.Modality))})
	}
	return v
}

// chartRow is one row of the picture as a table.
type chartRow struct {
	At    moment
	Trust string
	Level badge
	Score string // of the observation, with its modality
}

// chartTableRows bounds the table that stands for the picture.
const chartTableRows = 24

// chartTable reads the picture at even distances of time, as an eye would, and wherever the level changes. It is not
// a log of observations: how much somebody types is nobody's business.
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
		if i > 0 && i < len(path)-1 && p.At.Before(next) && p.Level == level {
			continue
		}
		for !next.After(p.At) {
			next = next.Add(step)
		}
		level = p.Level
		score := l.T("score.none")
		if p.Score != nil {
			score = l.T("score.of", "modality", l.T("modality."+string(p.Modality)), "score", l.Signed(*p.Score, 1))
		}
		at := p.At.In(c.location)
		rows = append(rows, chartRow{
			At:    moment{ISO: at.Format(time.RFC3339), Text: l.Clock(at, true)},
			Trust: l.Probability(p.Trust), Level: levelBadge(l, p.Level), Score: score,
		})
	}
	return rows
}
