package fit

import (
	"errors"
	"fmt"
	"io"
	"math"

	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
)

// windowSeconds is how long a full keyboard window takes at the pace of the calibration streams, for rates an hour.
const windowSeconds = 10.0

// tail runs the assessment itself over the streams of calibration people, each against their own reference, with a
// ladder of thresholds, and fits how the rate of alarms falls with the threshold. After an alarm the person signs in
// again, as they would.
func tail(log io.Writer, w *compare.Weights, samples []sample) (compare.Tail, error) {
	calibration := withRole(samples, Calibration)
	result := compare.Tail{People: len(calibration)}
	w.Tail = compare.Tail{Start: 0, PerHour: 1, Slope: 1}
	var heights, logRates, weights []float64
	for high := 0.0; high <= 14; high++ {
		assessor := assessorWith(w, high)
		alarms, windows := 0, 0
		for _, p := range calibration {
			a, n := alarmsOf(assessor, p)
			alarms += a
			windows += n
		}
		result.HoursOfData = float64(windows) * windowSeconds / 3600
		fmt.Fprintf(log, "threshold %4.1f: %d alarms in %.1f hours of genuine input\n", high, alarms, result.HoursOfData)
		if alarms >= 3 {
			heights = append(heights, high)
			logRates = append(logRates, math.Log(float64(alarms)/result.HoursOfData))
			weights = append(weights, float64(alarms))
		}
	}
	if len(heights) < 2 {
		return result, errors.New("fit: too few alarms on genuine streams to measure their tail; want more calibration people with long sessions")
	}
	start := max(0, len(heights)-8)
	slope, level := line(heights[start:], logRates[start:], weights[start:])
	result.Start = heights[start]
	result.Slope = round(math.Max(0.05, -slope))
	result.PerHour = round(math.Exp(level + slope*result.Start))
	result.HoursOfData = round(result.HoursOfData)
	return result, nil
}

func assessorWith(w *compare.Weights, high float64) *app.Assessor {
	a := app.AssessorFor(w)
	a.Thresholds = policy.Thresholds{Medium: high - 1, High: high}
	return a
}

// alarmsOf counts the alarms of one person's own stream, and the windows after enrolment.
func alarmsOf(a *app.Assessor, p sample) (alarms, windows int) {
	atMS := int64(0)
	session := a.Open("stream", "person", atMS)
	refs := app.References{}
	for i, x := range p.all() {
		atMS += int64(windowSeconds * 1000)
		var changes []app.Change
		compared := session.Compared
		session, refs, changes = a.Observe(session, refs, []observation.Observation{{
			Sequence: int64(i + 1), Modality: observation.Keyboard, Model: embed.Model, DeviceClass: observation.Desktop,
			Events: x.events, Embedding: x.embedding, Quality: []observation.Flag{},
		}}, atMS)
		if compared || session.Compared {
			windows++
		}
		for _, c := range changes {
			if c.To == policy.High {
				alarms++
				session, _ = a.Reauthenticate(session, atMS)
			}
		}
	}
	return alarms, windows
}

// line fits y = level + slope·x by weighted least squares.
func line(x, y, weight []float64) (slope, level float64) {
	var w, wx, wy, wxx, wxy float64
	for i := range x {
		w += weight[i]
		wx += weight[i] * x[i]
		wy += weight[i] * y[i]
		wxx += weight[i] * x[i] * x[i]
		wxy += weight[i] * x[i] * y[i]
	}
	slope = (w*wxy - wx*wy) / (w*wxx - wx*wx)
	return slope, (wy - slope*wx) / w
}
