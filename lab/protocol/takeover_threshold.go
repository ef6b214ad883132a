package protocol

import (
	"fmt"
	"math"

	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/policy"
)

// Takeover says how the protocol takeover decides.
type Takeover struct {
	FalseAlarmsPer40h   float64 // budget of input by which the threshold is chosen on calibration people; DefaultFalseAlarms when 0
	AlertsPer1000PerDay float64 // budget of a server, whose figures are given beside; app.DefaultAlerts when 0
	EnrolWindows        int     // windows of typing that enrol, of those that are for it; all when 0
}

// DefaultFalseAlarms is the budget of the protocol takeover: false alarms in 40 hours of input.
const DefaultFalseAlarms = 4

func (t Takeover) withDefaults() Takeover {
	if t.FalseAlarmsPer40h == 0 {
		t.FalseAlarmsPer40h = DefaultFalseAlarms
	}
	if t.AlertsPer1000PerDay == 0 {
		t.AlertsPer1000PerDay = app.DefaultAlerts
	}
	if t.EnrolWindows == 0 {
		t.EnrolWindows = keyboardEnrol
	}
	return t
}

// alerts is the same budget as a server is told it.
func (t Takeover) alerts() float64 { return t.FalseAlarmsPer40h / 40 * policy.InputHoursPerDay * 1000 }

// The ladder on calibration people, natural log-odds, and how many alarms a rung needs to tell how the tail goes on.
const (
	lowestOdds   = -2.0
	highestOdds  = 30.0
	oddsStep     = 0.25
	enoughAlarms = 10
)

// chosen is a threshold and what it rests on.
type chosen struct {
	policy.Thresholds
	alarms int     // on calibration people at about this threshold
	hours  float64 // of their input
	people int
}

// choose finds the threshold that keeps the budget on calibration people's own streams. They are folded with a ladder of
// thresholds; from the highest rung with ten alarms or more on, the odds at which people who are themselves peak are taken
// to fall off exponentially (peaks over a threshold: Pickands 1975, with shape 0), at the rate of the mean excess. So the
// threshold does not hang on the one worst peak of a few hours. The tail becomes thresholds as a server's does.
func (r *run) choose(f folder, people []*enrolment, budget Takeover) (chosen, error) {
	var counts []int
	out := chosen{people: len(people)}
	for odds := lowestOdds; odds <= highestOdds; odds += oddsStep {
		alarms := 0
		out.hours = 0
		for _, o := range r.play(folderWith(f.assessor, rung(odds)), people, false) {
			alarms += o.track.alarms
			out.hours += o.track.passed.inputMS / hourMS
		}
		counts = append(counts, alarms)
		if alarms == 0 || r.ctx.Err() != nil {
			break
		}
	}
	if err := r.ctx.Err(); err != nil {
		return out, err
	}
	if !(out.hours > 0) {
		return out, fmt.Errorf("%w: nobody calibrates: none of the people whom lab/fit.RoleOf keeps for it has recorded enough", ErrTooFew)
	}
	thresholds, err := policy.ThresholdsFor(budget.alerts(), tailOf(counts, out.hours))
	if err != nil {
		return out, fmt.Errorf("protocol: %w", err)
	}
	out.Thresholds = thresholds
	if at := int(math.Round((thresholds.High - lowestOdds) / oddsStep)); at >= 0 && at < len(counts) {
		out.alarms = counts[at]
	}
	return out, nil
}

const hourMS = 3_600_000.0

// rung gives the thresholds of one rung of a ladder.
func rung(odds float64) policy.Thresholds { return policy.Thresholds{Medium: odds - 1, High: odds} }

// tailOf gives the tail of the alarms that a ladder counted. The mean excess over a rung is the sum of the counts above it
// by that rung's count, in steps, and half a step for where within a step they lie.
func tailOf(counts []int, hours float64) policy.Tail {
	at := 0
	for i, n := range counts {
		if n >= enoughAlarms {
			at = i
		}
	}
	n := max(1, counts[at]) // nobody was alarmed at all: as if once
	above := 0
	for _, c := range counts[at+1:] {
		above += c
	}
	excess := oddsStep * (float64(above)/float64(n) + 0.5)
	return policy.Tail{Slope: 1 / excess, Rungs: []policy.Rung{{LogOdds: lowestOdds + oddsStep*float64(at), PerHour: float64(n) / hours}}}
}
