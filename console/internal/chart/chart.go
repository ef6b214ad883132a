// Package chart owns the geometry of the picture of a session: trust over time between the bands of the risk levels,
// the level that held, and the comparison scores of each modality. Numbers come in, coordinates go out; a template
// draws them.
//
// Trust is drawn on a scale of log-odds, the scale on which evidence adds up: from 99 % to 99.9 % is as far as from
// 90 % to 99 %, and thresholds near the ends stay apart.
package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
)

// Point is trust after one window or one event. Score is nil where nothing was compared.
type Point struct {
	At       time.Time
	Trust    float64 // 0 to 1
	Level    policy.Level
	Modality observation.Modality
	Score    *float64 // natural log-likelihood ratio
	Counted  *float64 // what the score took off the log-odds of a takeover; nil where that is not known
	Event    string   // what happened, where the point is no window
}

// Input is what a picture shows. Points are in the order of time; those whose trust is not finite are left out.
type Input struct {
	Points     []Point
	Thresholds policy.Thresholds
	Alarms     []time.Time
}

// Frame is how large a picture is, in its own units.
type Frame struct {
	Width, PlotHeight float64
	Left, Right       float64 // margins beside the plot
	TimeTicks         int     // at most
}

// The two frames of a page: for laptops and for phones.
var (
	Wide   = Frame{Width: 960, PlotHeight: 230, Left: 62, Right: 12, TimeTicks: 9}
	Narrow = Frame{Width: 340, PlotHeight: 190, Left: 58, Right: 6, TimeTicks: 4}
)

// Drawing is a picture in coordinates, from the top left corner.
type Drawing struct {
	Width, Height           float64
	Left, Right, Top, Floor float64 // edges of the plot of trust
	Bands                   []Band
	Thresholds              []Threshold
	TrustTicks              []TrustTick
	TimeTicks               []TimeTick
	Line                    string // path of trust
	EndX, EndY              float64
	Strip                   []Segment
	StripY, StripHeight     float64
	StripLabelY             float64
	Lanes                   []Lane
	Events                  []Event
	EventLabelY, EventY     float64 // of the events' own lane; 0 without any
	Alarms                  []float64
	AxisY                   float64 // baseline of the labels of time
}

// Band is the region of trust in which a level comes to hold.
type Band struct {
	Level     policy.Level
	Y, Height float64
}

// Threshold is the edge of a band.
type Threshold struct {
	Level policy.Level
	Y     float64
	Trust float64
}

// TrustTick is a mark of the axis of trust.
type TrustTick struct{ Trust, Y float64 }

// TimeTick is a mark of the axis of time.
type TimeTick struct {
	At      time.Time
	X       float64
	Seconds bool // the ticks are less than a minute apart
}

// Segment is a stretch of time in which one level held.
type Segment struct {
	Level               policy.Level
	X, Y, Width, Height float64
}

// Lane holds the scores of one modality: marks above its zero line speak for the subject, below it against.
type Lane struct {
	Modality        observation.Modality
	LabelY, Zero    float64
	Top, Bottom     float64
	Marks           []Mark
	WithoutAnyScore bool
}

// Event is something that happened between windows.
type Event struct {
	X    float64
	Kind string
}

// Mark is one comparison score. Where nothing was compared it is only a dot on the zero line.
type Mark struct {
	X, Y       float64 // end of the mark
	CountedY   float64 // end of what it counted for, which may point the other way
	Compared   bool
	For        bool // the score speaks for the subject
	CountedFor bool // so does what it counted for
}

const (
	top         = 10.0
	stripHeight = 10.0
	laneHeight  = 40.0
	laneReach   = 15.0 // length of the mark of a score of scoreReach
	scoreReach  = 5.0
	eventReach  = 6.0 // half the height of an event's sign
	axisHeight  = 24.0
	labelHeight = 15.0
	maxLogOdds  = 13.8 // 99.9999 %
)

// tickTrusts are the marks of the axis of trust, the more important ones first.
var tickTrusts = []float64{0.5, 0.99, 0.01, 0.9, 0.1, 0.999, 0.001, 0.9999, 0.0001, 0.99999, 0.00001}

// tickDistance keeps labels apart.
const tickDistance = 18

// Draw lays a picture out. It reports false where there is no point to draw.
func Draw(in Input, f Frame) (Drawing, bool) {
	points := make([]Point, 0, len(in.Points))
	for _, p := range in.Points {
		if !math.IsNaN(p.Trust) && !math.IsInf(p.Trust, 0) {
			points = append(points, p)
		}
	}
	if len(points) == 0 {
		return Drawing{}, false
	}
	d := Drawing{Width: f.Width, Left: f.Left, Right: f.Width - f.Right, Top: top, Floor: top + f.PlotHeight}
	x, from, to := timeScale(points, d)
	y, low, high := trustScale(points, in.Thresholds, d)

	d.bands(in.Thresholds, y, low, high)
	for _, p := range tickTrusts {
		l := logOdds(p)
		crowded := slices.ContainsFunc(d.TrustTicks, func(t TrustTick) bool { return math.Abs(t.Y-y(l)) < tickDistance })
		if l >= low && l <= high && !crowded {
			d.TrustTicks = append(d.TrustTicks, TrustTick{Trust: p, Y: y(l)})
		}
	}
	d.line(points, x, y)
	d.StripLabelY = d.Floor + labelHeight + 3
	d.StripY = d.StripLabelY + 5
	d.StripHeight = stripHeight
	d.strip(points, x)
	d.lanes(points, x)
	d.events(points, x)
	for _, at := range in.Alarms {
		if !at.Before(from) && !at.After(to) {
			d.Alarms = append(d.Alarms, x(at))
		}
	}
	bottom := d.StripY + stripHeight
	if n := len(d.Lanes); n > 0 {
		bottom = d.Lanes[n-1].Bottom
	}
	if len(d.Events) > 0 {
		d.EventLabelY = bottom + labelHeight - 3
		d.EventY = bottom + labelHeight + eventReach + 2
		bottom = d.EventY + eventReach + 4
	}
	d.timeTicks(from, to, f.TimeTicks, x)
	d.AxisY = bottom + 18
	d.Height = bottom + axisHeight
	return d, true
}

// timeScale spans the points, and a minute at least.
func timeScale(points []Point, d Drawing) (x func(time.Time) float64, from, to time.Time) {
	from, to = points[0].At, points[0].At
	for _, p := range points {
		if p.At.Before(from) {
			from = p.At
		}
		if p.At.After(to) {
			to = p.At
		}
	}
	if to.Sub(from) < time.Minute {
		from = to.Add(-time.Minute)
	}
	span := to.Sub(from).Seconds()
	return func(t time.Time) float64 {
		return round(d.Left + t.Sub(from).Seconds()/span*(d.Right-d.Left))
	}, from, to
}

// trustScale spans 1 % to 99 % at least, every point and both thresholds.
func trustScale(points []Point, t policy.Thresholds, d Drawing) (y func(float64) float64, low, high float64) {
	low, high = logOdds(0.01), logOdds(0.99)
	include := func(l float64) { low, high = math.Min(low, l), math.Max(high, l) }
	for _, p := range points {
		include(logOdds(p.Trust))
	}
	include(clamp(-t.High, maxLogOdds) - 0.8)
	include(clamp(-t.Medium, maxLogOdds) + 0.8)
	low, high = low-0.5, high+0.5
	return func(l float64) float64 {
		return round(d.Floor - (clamp(l, maxLogOdds+1)-low)/(high-low)*(d.Floor-d.Top))
	}, low, high
}

// bands lays out the levels from the top. A threshold is a log-odds of a takeover, so trust's is its negative.
func (d *Drawing) bands(t policy.Thresholds, y func(float64) float64, low, high float64) {
	medium, alarm := clamp(-t.Medium, maxLogOdds), clamp(-t.High, maxLogOdds)
	edges := []float64{y(high), y(medium), y(alarm), y(low)}
	for i, level := range []policy.Level{policy.Low, policy.Medium, policy.High} {
		d.Bands = append(d.Bands, Band{Level: level, Y: edges[i], Height: round(edges[i+1] - edges[i])})
	}
	d.Thresholds = []Threshold{
		{Level: policy.Medium, Y: edges[1], Trust: probability(medium)},
		{Level: policy.High, Y: edges[2], Trust: probability(alarm)},
	}
}

// line draws trust as steps: it is known after an observation and holds until the next.
func (d *Drawing) line(points []Point, x func(time.Time) float64, y func(float64) float64) {
	var b strings.Builder
	for i, p := range points {
		px, py := x(p.At), y(logOdds(p.Trust))
		if i == 0 {
			fmt.Fprintf(&b, "M%g %g", px, py)
		} else {
			fmt.Fprintf(&b, "H%gV%g", px, py)
		}
		d.EndX, d.EndY = px, py
	}
	d.Line = b.String()
}

// strip draws the level that held: higher bars for higher levels, so that colour is not the only sign.
func (d *Drawing) strip(points []Point, x func(time.Time) float64) {
	share := map[policy.Level]float64{policy.Low: 0.2, policy.Medium: 0.55, policy.High: 1}
	for i := 0; i < len(points); {
		j := i + 1
		for j < len(points) && points[j].Level == points[i].Level {
			j++
		}
		from, to := x(points[i].At), d.Right
		if j < len(points) {
			to = x(points[j].At)
		}
		height := stripHeight * share[points[i].Level]
		d.Strip = append(d.Strip, Segment{
			Level: points[i].Level, X: from, Width: round(math.Max(1, to-from)),
			Y: round(d.StripY + stripHeight - height), Height: round(height),
		})
		i = j
	}
}

func (d *Drawing) lanes(points []Point, x func(time.Time) float64) {
	var order []observation.Modality
	for _, m := range []observation.Modality{observation.Keyboard, observation.Pointer, observation.Touch, observation.Motion, observation.Phrase} {
		if slices.ContainsFunc(points, func(p Point) bool { return p.Modality == m }) {
			order = append(order, m)
		}
	}
	y := d.StripY + stripHeight + 6
	for _, m := range order {
		lane := Lane{Modality: m, LabelY: y + labelHeight - 3, Top: y + labelHeight, WithoutAnyScore: true}
		lane.Zero = lane.Top + laneReach + 2
		lane.Bottom = lane.Top + laneHeight - 6
		for _, p := range points {
			if p.Modality != m {
				continue
			}
			mark := Mark{X: x(p.At), Y: lane.Zero}
			if p.Score != nil && !math.IsNaN(*p.Score) {
				lane.WithoutAnyScore = false
				mark.Compared, mark.For = true, *p.Score >= 0
				mark.Y = round(lane.Zero - clamp(*p.Score, scoreReach)/scoreReach*laneReach)
				mark.CountedY, mark.CountedFor = mark.Y, mark.For
				if p.Counted != nil && !math.IsNaN(*p.Counted) {
					mark.CountedY = round(lane.Zero - clamp(*p.Counted, scoreReach)/scoreReach*laneReach)
					mark.CountedFor = *p.Counted >= 0
				}
			}
			lane.Marks = append(lane.Marks, mark)
		}
		d.Lanes = append(d.Lanes, lane)
		y = lane.Bottom
	}
}

func (d *Drawing) events(points []Point, x func(time.Time) float64) {
	for _, p := range points {
		if p.Event != "" {
			d.Events = append(d.Events, Event{X: x(p.At), Kind: p.Event})
		}
	}
}

var tickSteps = []time.Duration{
	10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute,
	15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// timeTicks marks round times of the wall clock of from's location.
func (d *Drawing) timeTicks(from, to time.Time, most int, x func(time.Time) float64) {
	step := tickSteps[len(tickSteps)-1]
	for _, s := range tickSteps {
		if to.Sub(from) <= s*time.Duration(most) {
			step = s
			break
		}
	}
	for to.Sub(from) > step*time.Duration(most) {
		step *= 2
	}
	_, offsetSeconds := from.Zone()
	offset := time.Duration(offsetSeconds) * time.Second
	for t := from.Add(offset).Truncate(step).Add(-offset); !t.After(to); t = t.Add(step) {
		if !t.Before(from) {
			d.TimeTicks = append(d.TimeTicks, TimeTick{At: t, X: x(t), Seconds: step < time.Minute})
		}
	}
}

func logOdds(p float64) float64     { return clamp(math.Log(p/(1-p)), maxLogOdds) }
func probability(l float64) float64 { return 1 / (1 + math.Exp(-l)) }

func clamp(v, reach float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return math.Max(-reach, math.Min(reach, v))
}

// round keeps a tenth of a unit: more only makes pages longer.
func round(v float64) float64 { return math.Round(v*10) / 10 }
