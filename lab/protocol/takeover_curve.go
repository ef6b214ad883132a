package protocol

import (
	"slices"

	"ipse.dev/ipse/lab/metric"
)

// Curve is how false alarms trade against detection, threshold by threshold.
type Curve struct {
	Name   string  `json:"name"`  // of the way to work
	Hours  float64 `json:"hours"` // of people's own input that false alarms were counted in
	Points []Point `json:"points"`
	Chosen int     `json:"chosen"` // index of the point at the threshold that was chosen on calibration people
}

// Point is one threshold of a Curve. Seconds are metric.Never where half of the takeovers are never noticed.
type Point struct {
	LogOdds           float64 `json:"logOdds"`
	FalseAlarmsPer40h float64 `json:"falseAlarmsPer40h"`
	DetectSecondsP50  float64 `json:"detectSecondsP50"`
	UndetectedShare   float64 `json:"undetectedShare"`
	UndetectedNearest float64 `json:"undetectedShareNearest"`
}

// The ladder of the curve on test people, natural log-odds.
const (
	curveFrom = -2.0
	curveStep = 1.0
	curveTo   = 24.0
)

// curve tries a ladder of thresholds on the test people, with the same takeovers, and puts what came at the chosen one
// between its rungs. It ends where a threshold two steps above the chosen one gives no false alarm.
func (r *run) curve(s scene, f folder, people []*enrolment, frozen chosen, at tally) Curve {
	_, hours := at.alarms()
	c := Curve{Name: s.name, Hours: hours, Points: []Point{pointOf(&at, frozen.High)}}
	for odds := curveFrom; odds <= curveTo && r.ctx.Err() == nil; odds += curveStep {
		if odds == frozen.High {
			continue
		}
		r.progress("thresholds of "+s.name, int(odds-curveFrom), int(curveTo-curveFrom))
		t := tallyOf(r.play(folderWith(f.assessor, rung(odds)), people, true))
		c.Points = append(c.Points, pointOf(&t, odds))
		if alarms, _ := t.alarms(); alarms == 0 && odds >= frozen.High+2*curveStep {
			break
		}
	}
	own := c.Points[0]
	slices.SortStableFunc(c.Points, func(a, b Point) int {
		if a.LogOdds < b.LogOdds {
			return -1
		}
		return 1
	})
	c.Chosen = slices.Index(c.Points, own)
	return c
}

func pointOf(t *tally, odds float64) Point {
	even := slices.Repeat([]float64{1}, t.clusters)
	p := Point{LogOdds: odds, FalseAlarmsPer40h: falseAlarms(t, even), DetectSecondsP50: metric.Never}
	if len(t.pairs) > 0 {
		p.DetectSecondsP50 = quantile(0.5, seconds, false)(t, even)
		p.UndetectedShare, p.UndetectedNearest = undetected(false)(t, even), undetected(true)(t, even)
	}
	return p
}
