package fit

import (
	"errors"
	"fmt"
	"io"
	"math"

	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
)

// The ladder of thresholds, natural log-odds.
const (
	lowestRung  = -2.0
	highestRung = 20.0
)

// windowSeconds is how long a full keyboard window takes at the pace of the calibration streams, for rates an hour.
const windowSeconds = 10.0

// tail runs the assessment itself over the streams of calibration people, each against their own reference, with a
// ladder of thresholds, and fits how the rate of alarms falls with the threshold. After an alarm the person signs in
// again, as they would.
func tail(log io.Writer, w *compare.Weights, model string, samples []sample) (compare.Tail, error) {
	calibration := withRole(samples, Calibration)
	result := compare.Tail{People: len(calibration)}
	for high := lowestRung; high <= highestRung; high++ {
		assessor := assessorWith(w, high)
		alarms, windows := 0, 0
		for _, p := range calibration {
			a, n := alarmsOf(assessor, model, p)
			alarms += a
			windows += n
		}
		result.HoursOfData = round(float64(windows) * windowSeconds / 3600)
		fmt.Fprintf(log, "threshold %5.1f: %d alarms in %.1f hours of genuine input\n", high, alarms, result.HoursOfData)
		if alarms == 0 {
			break
		}
		rate := round(float64(alarms) / result.HoursOfData)
		if n := len(result.Rungs); n == 0 || rate <= result.Rungs[n-1].PerHour {
			result.Rungs = append(result.Rungs, compare.Rung{LogOdds: high, PerHour: rate})
		}
	}
	if len(result.Rungs) < 2 {
		return result, errors.New("fit: too few alarms on genuine streams to measure their tail; want more calibration people with long sessions")
	}
	half := result.Rungs[len(result.Rungs)/2:]
	result.Slope = round(math.Max(0.05, -slope(half)))
	return result, nil
}

func assessorWith(w *compare.Weights, high float64) *app.Assessor {
	a := app.AssessorFor(w)
	a.Thresholds = policy.Thresholds{Medium: high - 1, High: high}
	return a
}

// alarmsOf counts the alarms of one person's own stream against a reference that covers their work, and its windows.
func alarmsOf(a *app.Assessor, model string, p sample) (alarms, windows int) {
	enrolled, rest := spread(p.all())
	key := enrol.Key{Modality: observation.Keyboard, DeviceClass: observation.Desktop, Model: model}
	comparator, err := a.Weights.For(key.Modality, key.Model)
	if err != nil {
		return 0, 0
	}
	var ref enrol.Reference
	for _, x := range enrolled {
		if ref, err = enrol.Take(comparator, ref, key, x.observation(model, 0)); err != nil {
			return 0, 0
		}
	}
	if !ref.Mature() {
		return 0, 0
	}
	refs, atMS := app.References{key: ref}, int64(0)
	session := a.Open("stream", "person", atMS)
	for i, x := range rest {
		atMS += int64(windowSeconds * 1000)
		var changes []app.Change
		session, refs, changes = a.Observe(session, refs, []observation.Observation{x.observation(model, int64(i+1))}, atMS)
		for _, c := range changes {
			if c.To == policy.High {
				alarms++
				session, _ = a.Reauthenticate(session, atMS)
			}
		}
	}
	return alarms, len(rest)
}

func (p probe) observation(model string, sequence int64) observation.Observation {
	return observation.Observation{
		Sequence: sequence, Modality: observation.Keyboard, Model: model, DeviceClass: observation.Desktop,
		Events: p.events, Embedding: p.embedding, Quality: []observation.Flag{},
	}
}

// slope fits how the logarithm of the rate falls with the odds, by least squares.
func slope(rungs []compare.Rung) float64 {
	var n, x, y, xx, xy float64
	for _, r := range rungs {
		n++
		x += r.LogOdds
		y += math.Log(r.PerHour)
		xx += r.LogOdds * r.LogOdds
		xy += r.LogOdds * math.Log(r.PerHour)
	}
	return (n*xy - x*y) / math.Max(1e-9, n*xx-x*x)
}
