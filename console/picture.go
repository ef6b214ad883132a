package console

import (
	"ipse.dev/ipse/console/internal/chart"
	"ipse.dev/ipse/console/internal/locale"
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
	Events     []eventMark
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
	views, ok := c.drawings(l, s)
	if !ok {
		return nil, ""
	}
	return views, c.describe(l, s)
}

// drawings are the two pictures, or none where there is nothing to draw.
func (c *Console) drawings(l *locale.Locale, s SessionDetail) (views []chartView, ok bool) {
	in := chart.Input{Thresholds: s.Thresholds}
	for _, p := range s.Path {
		p.At = p.At.In(c.location)
		in.Points = append(in.Points, chart.Point{
			At: p.At, Trust: p.Trust, Level: p.Level, Modality: p.Modality, Score: p.Score, Counted: p.Counted, Event: p.Event,
		})
	}
	for _, k := range s.Cases {
		in.Alarms = append(in.Alarms, k.OpenedAt)
	}
	wide, ok := chart.Draw(in, chart.Wide)
	if !ok {
		return nil, false
	}
	narrow, _ := chart.Draw(in, chart.Narrow)
	return []chartView{labelChart(l, wide, "wide"), labelChart(l, narrow, "narrow")}, true
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
	for _, e := range d.Events {
		v.Events = append(v.Events, eventMark{X: e.X, Y: d.EventY, Kind: e.Kind, Label: eventName(l, e.Kind)})
	}
	for _, lane := range d.Lanes {
		v.Lanes = append(v.Lanes, laneView{Lane: lane, Label: l.T("modality." + string(lane.Modality))})
	}
	return v
}
