package fit

import (
	"errors"
	"fmt"
	"io"
	"math"

	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/extreme"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
)

// pointerSeconds is how long a full pointer window takes in SapiMouse, on average over its people who are not unseen.
const pointerSeconds = 3.5

// stream is one calibration person's own work against references of their own.
type stream struct {
	refs app.References
	work []step
}

// step is one window of it and how long it takes.
type step struct {
	observation observation.Observation
	lastsMS     int64
}

// streamsOf enrols calibration people in one modality by the windows that split picks and lets them work through the rest.
// People whose windows do not make a mature reference are left out.
func streamsOf(w *compare.Weights, modality observation.Modality, model string, samples []sample, split func([]probe) (enrolled, rest []probe)) []stream {
	comparator, err := w.For(modality, model)
	if err != nil {
		return nil
	}
	lastsMS := int64(windowSeconds * 1000)
	if modality == observation.Pointer {
		lastsMS = int64(pointerSeconds * 1000)
	}
	key := enrol.Key{Modality: modality, DeviceClass: observation.Desktop, Model: model}
	var out []stream
	for _, p := range withRole(samples, Calibration) {
		enrolled, rest := split(p.all())
		var ref enrol.Reference
		for _, x := range enrolled {
			o := x.observation(model, 0)
			o.Modality = modality
			if ref, err = enrol.Take(comparator, ref, key, o); err != nil {
				break
			}
		}
		if err != nil || !ref.Mature() || len(rest) == 0 {
			continue
		}
		s := stream{refs: app.References{key: ref}}
		for _, x := range rest {
			o := x.observation(model, 0)
			o.Modality = modality
			s.work = append(s.work, step{o, lastsMS})
		}
		out = append(out, s)
	}
	return out
}

// chimeras lets one person type and another one point by turns until either has no more: no data set has both.
func chimeras(typing, pointing []stream) []stream {
	var out []stream
	for i, k := range typing {
		if len(pointing) == 0 {
			return nil
		}
		p := pointing[i%len(pointing)]
		s := stream{refs: app.References{}}
		for _, refs := range []app.References{k.refs, p.refs} {
			for key, ref := range refs {
				s.refs[key] = ref
			}
		}
		for j := range min(len(k.work), len(p.work)) {
			s.work = append(s.work, k.work[j], p.work[j])
		}
		out = append(out, s)
	}
	return out
}

// genuine is what one run through a stream gave.
type genuine struct {
	alarms int
	hours  float64
	peaks  []extreme.Peak // Excess is the height itself, log-odds
}

// climbIsOver is the log-odds below which a climb has come to its end, as in the server's own sums.
const climbIsOver = lowestRung

// run works through a stream with one threshold. After an alarm the person signs in again, as they would.
func (s stream) run(a *app.Assessor) genuine {
	refs, atMS := s.refs, int64(0)
	session := a.Open("stream", "person", atMS)
	var g genuine
	peak := math.Inf(-1)
	end := func(cut bool) {
		if peak > climbIsOver {
			g.peaks = append(g.peaks, extreme.Peak{Excess: peak, Weight: 1, Cut: cut})
		}
		peak = math.Inf(-1)
	}
	for i, w := range s.work {
		atMS += w.lastsMS
		w.observation.Sequence, w.observation.StartMS = int64(i+1), atMS
		var changes []app.Change
		session, refs, changes = a.Observe(session, refs, []observation.Observation{w.observation}, atMS)
		peak = math.Max(peak, session.Trust.LogOdds)
		for _, c := range changes {
			if c.To == policy.High {
				g.alarms++
				end(true)
				session, _ = a.Reauthenticate(session, atMS)
			}
		}
		if session.Trust.LogOdds < climbIsOver {
			end(false)
		}
	}
	end(true)
	g.hours = float64(atMS) / 3_600_000
	return g
}

// strata measures a ladder for each maturity of reference and each mix of modalities for which the data holds enough.
func strata(log io.Writer, w *compare.Weights, keyboard, pointer string, typing, pointing []sample) []compare.StratumTail {
	var out []compare.StratumTail
	for _, ripe := range []bool{true, false} {
		split := beginning
		if ripe {
			split = spread
		}
		keys := streamsOf(w, observation.Keyboard, keyboard, typing, split)
		points := streamsOf(w, observation.Pointer, pointer, pointing, split)
		for _, mix := range []struct {
			stratum policy.Stratum
			streams []stream
		}{
			{policy.Stratum{Ripe: ripe, Keyboard: true}, keys},
			{policy.Stratum{Ripe: ripe, Pointer: true}, points},
			{policy.Stratum{Ripe: ripe, Keyboard: true, Pointer: true}, chimeras(keys, points)},
		} {
			t, err := ladder(w, mix.streams)
			if err != nil {
				fmt.Fprintf(log, "%s: no ladder of its own: %v\n", mix.stratum, err)
				continue
			}
			fmt.Fprintf(log, "%s: %d rungs from %d people in %.1f hours\n", mix.stratum, len(t.Rungs), t.People, t.HoursOfData)
			out = append(out, compare.StratumTail{Stratum: compare.Stratum(mix.stratum), Tail: t})
		}
	}
	return out
}

// ladder counts alarms at each threshold, and fits what lies beyond the last one that was reached. It gives an error where
// the data holds too little for a ladder of its own.
func ladder(w *compare.Weights, streams []stream) (compare.Tail, error) {
	t := compare.Tail{People: len(streams)}
	for high := lowestRung; high <= highestRung; high++ {
		a, alarms, hours := assessorWith(w, high), 0, 0.0
		for _, s := range streams {
			g := s.run(a)
			alarms += g.alarms
			hours += g.hours
		}
		t.HoursOfData = round(hours)
		if alarms == 0 {
			break
		}
		if rate := round(float64(alarms) / hours); len(t.Rungs) == 0 || rate <= t.Rungs[len(t.Rungs)-1].PerHour {
			t.Rungs = append(t.Rungs, compare.Rung{LogOdds: high, PerHour: rate})
		}
	}
	if len(t.Rungs) < 2 {
		return t, errors.New("fewer than two thresholds were reached; want more calibration people with long sessions")
	}
	t.Slope = round(math.Max(0.05, -slope(t.Rungs[len(t.Rungs)/2:])))
	if t.Beyond = beyond(w, streams, t.Rungs[len(t.Rungs)-1].LogOdds); t.Beyond == nil {
		return t, fmt.Errorf("too few climbs in %.1f hours of %d people to fit their tail, so that a threshold would rest on one or two alarms", t.HoursOfData, t.People)
	}
	return t, nil
}

const (
	basePeaks = 30  // whole climbs that a tail is fitted to, as far as there are so many
	cutBeyond = 2.0 // nats beyond the last rung at which climbs are broken off by a sign-in
	baseStep  = 0.5
	baseBelow = 2.0 // nats that the base lies below the last rung at least
)

// beyond fits the Pareto tail of climbs and gives its cautious end; nothing where there are too few. People differ, and one
// person's climbs come together: the counts of people are more uneven than independent climbs would make them, and climbs
// weigh so much less (quasi-likelihood: R. W. M. Wedderburn, 1974).
func beyond(w *compare.Weights, streams []stream, lastRung float64) *extreme.Tail {
	a := assessorWith(w, lastRung+cutBeyond)
	runs := make([]genuine, len(streams))
	hours := 0.0
	for i, s := range streams {
		runs[i] = s.run(a)
		hours += runs[i].hours
	}
	above := func(g genuine, base float64, cut bool) (n float64) {
		for _, p := range g.peaks {
			if p.Excess > base && (cut || !p.Cut) {
				n++
			}
		}
		return n
	}
	base := climbIsOver
	for next := base + baseStep; next <= lastRung-baseBelow; next += baseStep {
		whole := 0.0
		for _, g := range runs {
			whole += above(g, next, false)
		}
		if whole < basePeaks {
			break
		}
		base = next
	}
	all := 0.0
	for _, g := range runs {
		all += above(g, base, true)
	}
	uneven, n := 0.0, 0.0
	for _, g := range runs {
		if expected := all * g.hours / hours; expected > 0 {
			uneven += (above(g, base, true) - expected) * (above(g, base, true) - expected) / expected
			n++
		}
	}
	weight := 1 / math.Max(1, uneven/math.Max(1, n-1))
	var peaks []extreme.Peak
	for _, g := range runs {
		for _, p := range g.peaks {
			if p.Excess > base {
				peaks = append(peaks, extreme.Peak{Excess: p.Excess - base, Weight: weight, Cut: p.Cut})
			}
		}
	}
	_, cautious, err := extreme.Fit(base, peaks, hours*weight)
	if err != nil {
		return nil
	}
	return &extreme.Tail{Base: base, PerHour: round(cautious.PerHour), Shape: round(cautious.Shape), Scale: round(cautious.Scale), Hours: round(hours)}
}
