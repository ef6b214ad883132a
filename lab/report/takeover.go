package report

import (
	"errors"
	"fmt"
	"io"
	"math"

	"ipse.dev/ipse/lab/chart"
	"ipse.dev/ipse/lab/metric"
	"ipse.dev/ipse/lab/protocol"
)

// drawnSeconds is how long a chart's axis of seconds goes: as long as an impostor of the protocol takeover has.
const drawnSeconds = 600

// tradeoffs draws a result's curves: how long half of the takeovers last, and how many are never noticed, over false
// alarms.
func tradeoffs(r protocol.Result) ([]Plot, error) {
	if len(r.Curves) == 0 {
		return nil, nil
	}
	draw := func(unit chart.Unit, value func(protocol.Point) float64) (*chart.Chart, error) {
		var ladders []chart.Ladder
		for _, c := range r.Curves {
			l := chart.Ladder{Name: c.Name, Chosen: c.Chosen}
			for _, p := range c.Points {
				l.Rungs = append(l.Rungs, chart.Rung{PerHours: p.FalseAlarmsPer40h, Value: value(p)})
			}
			ladders = append(ladders, l)
		}
		return chart.Tradeoff(unit, 40, ladders...)
	}
	seconds, err := draw(chart.Unit{Label: "half of takeovers noticed (s of input)", Of: 1}, func(p protocol.Point) float64 {
		if metric.IsNever(p.DetectSecondsP50) {
			return math.NaN()
		}
		return p.DetectSecondsP50
	})
	if errors.Is(err, chart.ErrNothing) { // half are never noticed, whatever the threshold
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("report: %s, plot of seconds: %w", r.Protocol, err)
	}
	seconds.Title = r.Protocol + ": false alarms against time to detection"
	missed, err := draw(chart.Unit{Label: "takeovers never noticed (%)", Of: 0.01}, func(p protocol.Point) float64 { return p.UndetectedShare })
	if err != nil {
		return nil, fmt.Errorf("report: %s, plot of the undetected: %w", r.Protocol, err)
	}
	missed.Title = r.Protocol + ": false alarms against takeovers never noticed"
	return []Plot{{"seconds", seconds}, {"undetected", missed}}, nil
}

// rungsOf lists the thresholds of a result's curves for a table: way to work, threshold, and what it gave.
func rungsOf(r protocol.Result) [][]string {
	var out [][]string
	for _, c := range r.Curves {
		for i, p := range c.Points {
			mark := ""
			if i == c.Chosen {
				mark = " (chosen)"
			}
			out = append(out, []string{c.Name, fmt.Sprintf("%.2f%s", p.LogOdds, mark), fmt.Sprintf("%.1f", p.FalseAlarmsPer40h),
				figure("seconds", p.DetectSecondsP50), figure("share", p.UndetectedShare), figure("share", p.UndetectedNearest)})
		}
	}
	return out
}

// rungColumns name the columns of rungsOf.
var rungColumns = []string{"way to work", "threshold", "false alarms in 40 h", "half noticed within", "never noticed", "of the five nearest"}

// curvesTable writes the thresholds as a table of Markdown.
func curvesTable(w io.Writer, r protocol.Result) {
	rows := rungsOf(r)
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(w, "Threshold by threshold, on the same takeovers:\n\n|")
	for _, c := range rungColumns {
		fmt.Fprintf(w, " %s |", c)
	}
	fmt.Fprintf(w, "\n|---|---|---|---|---|---|\n")
	for _, row := range rows {
		fmt.Fprint(w, "|")
		for _, cell := range row {
			fmt.Fprintf(w, " %s |", cell)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w)
}
