package app

import (
	"hash/fnv"
	"maps"
	"math"
	"slices"

	"ipse.dev/ipse/internal/budget"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/store"
)

const (
	dayMS       = 24 * 3_600_000
	pauseMS     = 60_000 // at most so much of one window is input: the rest of a longer one is a pause
	climbIsOver = -2.0   // log-odds below which a climb has come to its end
	marks       = 256    // numbers of which each person has one, by which a day's people are told to be enough
)

// tally is what a partition adds to the installation's sums, from which promise and fact are told (package budget). The sums
// are kept in the transaction of the checkpoint, so each message is added once whatever happens. They are over everybody; all
// that a session keeps for them is how high the climb has come that it is in.
type tally struct {
	threshold, shift float64 // of the thresholds that are in force
	shadow           bool

	unkept   map[int64]*store.Day // by day
	marked   map[int]bool         // of markedOn, kept or not: a mark is told once
	markedOn int64
}

func (t *tally) day(atMS int64) *store.Day {
	number := atMS / dayMS
	if t.unkept == nil {
		t.unkept = map[int64]*store.Day{}
	}
	d := t.unkept[number]
	if d == nil {
		d = &store.Day{Number: number, Threshold: t.threshold, Shift: t.shift}
		t.unkept[number] = d
	}
	return d
}

// days gives what is to be kept, the oldest first.
func (t *tally) days() []store.Day {
	var out []store.Day
	for _, number := range slices.Sorted(maps.Keys(t.unkept)) {
		out = append(out, *t.unkept[number])
	}
	return out
}

// kept notes that it is.
func (t *tally) kept() { clear(t.unkept) }

// observed adds what a message of observations made of a session.
func (t *tally) observed(before Session, after *Session, obs []observation.Observation, atMS int64) {
	if ms := comparedMS(before, *after, obs); ms > 0 {
		d := t.day(atMS)
		d.InputMS += ms
		if t.shadow {
			d.ShadowMS += ms
		}
		t.mark(d, after.Subject)
	}
	held := before.Decision.Level == policy.High && !t.shadow // an alarm that somebody heard of: the climb has been told
	for _, p := range after.Path {
		if p.AtMS != atMS || held {
			continue
		}
		logOdds := math.Log((1 - p.Trust) / p.Trust)
		if logOdds > after.Peak {
			after.Peak = logOdds
		}
		held = p.Level == policy.High && !t.shadow
		if held || logOdds < climbIsOver {
			t.climbed(after, held, atMS)
		}
	}
}

// climbed ends the climb that a session is in.
func (t *tally) climbed(s *Session, cut bool, atMS int64) {
	if !(s.Peak > 0) {
		return
	}
	d, p := t.day(atMS), store.PeakBin{Bin: budget.BinOf(s.Peak), Cut: cut, N: 1}
	s.Peak = 0
	i := slices.IndexFunc(d.Peaks, func(o store.PeakBin) bool { return o.Bin == p.Bin && o.Cut == p.Cut })
	if i < 0 {
		d.Peaks = append(d.Peaks, p)
	} else {
		d.Peaks[i].N++
	}
}

// alarmed adds an alarm.
func (t *tally) alarmed(cause policy.ReasonCode, atMS int64) {
	d := t.day(atMS)
	switch {
	case cause == policy.ReferenceDrifts: // a question for a reviewer, which locks nobody out
		return
	case cause != policy.Mismatch:
		d.Injected++
		return
	case t.shadow:
		d.ShadowAlerts++
	}
	d.Alerts++
}

// mark notes that a person is in the sums of a day, by a number that many people share.
func (t *tally) mark(d *store.Day, subject string) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(subject)) // a hash never fails
	mark := int(h.Sum32() % marks)
	if t.marked == nil || t.markedOn != d.Number {
		t.marked, t.markedOn = map[int]bool{}, d.Number
	}
	if !t.marked[mark] {
		t.marked[mark] = true
		d.Marks = append(d.Marks, mark)
	}
}

// comparedMS is for how long a message's observations were input that could have raised an alarm: as long as their windows
// lasted, and at most as long as it was since the evidence before, because the windows of two modalities overlap and devices'
// clocks are not believed.
func comparedMS(before, after Session, obs []observation.Observation) int64 {
	since := after.Trust.EvidenceAtMS - before.Trust.EvidenceAtMS
	if since <= 0 || before.Decision.Level == policy.High {
		return 0
	}
	type window struct {
		modality observation.Modality
		startMS  int64
	}
	seen := map[window]bool{}
	var lasted int64
	for _, o := range obs {
		w := window{o.Modality, o.StartMS}
		if o.Sequence <= before.LastSequence || seen[w] { // while models change, a window comes once for each of them
			continue
		}
		seen[w] = true
		lasted += max(0, min(pauseMS, o.DurationMS))
	}
	return min(since, lasted)
}
