package consoletest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"ipse.dev/ipse/console"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/review"
)

var thresholds = policy.Thresholds{Medium: 1, High: 4}

// Desk gives a source with one session of every kind that a reviewer meets, as of now: trusted, taken over, uncertain,
// learning, without any input, closed, and one with a pseudonym as long as nobody would choose; and three alarms, one
// of them decided.
func Desk(now time.Time) *Source {
	s := new(Source)
	at := func(minutes int) time.Time { return now.Add(-time.Duration(minutes) * time.Minute) }

	s.Put(Trusted("s-trusted", "k7vq2m3xw4r8", at(38), now))
	taken := Taken("s-taken", "p4td9c6hzy2n", at(26), now)
	s.Put(taken)
	s.PutCase(caseOf(taken, "c-taken", now.Add(-2*time.Minute)))

	uncertain := Trusted("s-uncertain", "m2wx8b5kfe7j", at(51), now)
	uncertain.Level, uncertain.Answer, uncertain.Trust = policy.Medium, policy.CannotTell, 0.21
	uncertain.Reasons = []policy.ReasonCode{policy.Mismatch}
	uncertain.Evidence[0].Score = -0.4
	uncertain.Doubts = []console.HandDoubt{{Kind: policy.KeyTimesHidden, Share: 1}, {Kind: policy.GeneratedPath, Share: 0.3}}
	uncertain.References = []console.ReferenceRow{
		{Modality: observation.Keyboard, DeviceClass: observation.Desktop, Maturity: 1, ExpectedErrorShare: 0.14, Drifts: true},
		{Modality: observation.Pointer, DeviceClass: observation.Desktop, Maturity: 0.94, Mixed: true},
	}
	s.Put(uncertain)

	learning := console.SessionDetail{
		SessionRow: row("s-learning", "r9zn3t7vqa5c", at(7), 0.95, policy.Low, policy.CannotTell),
		Reasons:    []policy.ReasonCode{policy.Immature}, Thresholds: thresholds,
		References: []console.ReferenceRow{
			{Modality: observation.Keyboard, DeviceClass: observation.Desktop, Maturity: 0.44},
			{Modality: observation.Pointer, DeviceClass: observation.Desktop, Maturity: 0.81},
		},
	}
	learning.Learning = true
	for i := range 14 {
		m := observation.Keyboard
		if i%3 == 0 {
			m = observation.Pointer
		}
		learning.Path = append(learning.Path, console.PathPoint{
			At: at(7).Add(time.Duration(i) * 29 * time.Second), Trust: 0.95, Level: policy.Low, Modality: m,
			Reasons: []policy.ReasonCode{policy.Immature},
		})
	}
	s.Put(learning)

	quiet := console.SessionDetail{
		SessionRow: row("s-quiet", "d6hy4k8pmw3x", at(1), 0.95, policy.Low, policy.CannotTell),
		Reasons:    []policy.ReasonCode{policy.NoInput}, Thresholds: thresholds,
	}
	quiet.Learning = true
	s.Put(quiet)

	closed := Trusted("s-closed", "t3cn7x9vqf2b", at(200), at(120))
	closed.Closed, closed.Answer, closed.Evidence = true, policy.CannotTell, nil
	closed.Doubts = []console.HandDoubt{{Kind: policy.InjectedKeys, Share: 1}}
	s.Put(closed)

	long := Taken("s-long", LongSubject, at(33), now)
	s.Put(long)
	s.PutCase(caseOf(long, "c-long", now.Add(-3*time.Minute)))

	was := Trusted("s-was", "f5jb2r8dnz6w", at(300), now)
	s.Put(was)
	decided := caseOf(taken, "c-decided", now.Add(-26*time.Hour))
	decided.Session, decided.Subject = was.ID, was.Subject
	decided.Reasons, decided.Evidence = []policy.ReasonCode{policy.InjectedEvents}, nil
	decided.Verdict, decided.DecidedAt = review.RightPerson, now.Add(-25*time.Hour)
	s.PutCase(decided)
	s.PutBudget(Month(now, 10))
	for _, subject := range []string{KnownSubject, LongSubject} {
		s.PutSubject(Known(subject, now))
	}
	s.PutSubject(console.SubjectDetail{Subject: NewSubject})
	return s
}

// Crowd adds n trusted and learning sessions.
func (s *Source) Crowd(n int, now time.Time) {
	for i := range n {
		d := console.SessionDetail{SessionRow: row(fmt.Sprintf("s-%03d", i), fmt.Sprintf("crowd%07dq", i*7919),
			now.Add(-time.Duration(i)*time.Minute), 0.995, policy.Low, policy.SamePerson), Thresholds: thresholds}
		if i%9 == 4 {
			d.Learning, d.Answer = true, policy.CannotTell
		}
		s.Put(d)
	}
}

// Trusted is a session of a known person who stays the same.
func Trusted(id, subject string, from, to time.Time) console.SessionDetail {
	return walk(id, subject, from, to, false)
}

// Taken is a session of a known person at whose desk somebody else sits for the last two minutes and a half.
func Taken(id, subject string, from, to time.Time) console.SessionDetail {
	return walk(id, subject, from, to, true)
}

func row(id, subject string, opened time.Time, trusted float64, level policy.Level, answer policy.Answer) console.SessionRow {
	return console.SessionRow{ID: id, Subject: subject, OpenedAt: opened, Trust: trusted, Level: level, Answer: answer}
}

// walk strings made-up scores together and lets the product's own policy decide on them. A session that is
// taken over is so near its end.
func walk(id, subject string, from, to time.Time, taken bool) console.SessionDetail {
	random := rand.New(rand.NewPCG(uint64(len(id)), 7))
	logOdds := -3.0 // of a takeover; the pages only need a plausible walk, so no model of trust is at work here
	d := console.SessionDetail{Thresholds: thresholds}
	d.SessionRow = row(id, subject, from, 0, policy.Low, policy.SamePerson)
	last := map[observation.Modality]float64{}
	var decision policy.Decision
	for at := from; at.Before(to); at = at.Add(time.Duration(9+random.IntN(22)) * time.Second) {
		modality := observation.Keyboard
		if random.IntN(5) < 2 {
			modality = observation.Pointer
		}
		p := console.PathPoint{At: at, Modality: modality}
		if random.IntN(12) > 0 {
			score := 1.6 + 1.3*random.NormFloat64()
			if modality == observation.Pointer {
				score = 0.7 + 0.8*random.NormFloat64()
			}
			if taken && to.Sub(at) < 150*time.Second {
				score = -math.Abs(score) - 0.8
			}
			p.Score = &score
			counted := math.Max(-4, math.Min(1, 0.6*score))
			p.Counted = &counted
			last[modality] = score
			logOdds = math.Max(-8, math.Min(8, 0.75*logOdds-score))
		} else {
			p.Reasons = []policy.ReasonCode{policy.PastedText}
		}
		decision = policy.Decide(d.Thresholds, policy.Input{LogOdds: logOdds, Previous: decision, Comparable: true})
		d.Level, d.Answer, d.Reasons = decision.Level, decision.Answer, decision.Reasons
		p.Trust, p.Level = 1/(1+math.Exp(logOdds)), d.Level
		d.Trust = p.Trust
		d.Path = append(d.Path, p)
	}
	d.Path = happen(d.Path, taken)
	d.Path = d.Path[max(0, len(d.Path)-240):]
	d.References = []console.ReferenceRow{
		{Modality: observation.Keyboard, DeviceClass: observation.Desktop, Maturity: 1, ExpectedErrorShare: 0.059},
		{Modality: observation.Pointer, DeviceClass: observation.Desktop, Maturity: 1, ExpectedErrorShare: 0.115},
	}
	d.Evidence = evidence(taken, last)
	return d
}

// happen puts an unlock, another network and, where somebody else came, a remote desktop into a path.
func happen(path []console.PathPoint, taken bool) []console.PathPoint {
	events := map[int]string{len(path) / 4: "unlock", len(path) / 2: "new_address"}
	if taken {
		events[max(1, len(path)-9)] = "remote_desktop"
	}
	var out []console.PathPoint
	for i, p := range path {
		out = append(out, p)
		if kind := events[i]; kind != "" && i > 0 {
			out = append(out, console.PathPoint{At: p.At.Add(time.Second), Trust: p.Trust, Level: p.Level, Event: kind})
		}
	}
	return out
}

func evidence(taken bool, last map[observation.Modality]float64) []review.Evidence {
	if taken {
		return []review.Evidence{
			{Modality: observation.Keyboard, Score: last[observation.Keyboard], Deviations: []enrol.Deviation{
				{Feature: "letter_dwell_median_ms", Unit: "ms", Value: 141, Usual: 107.6, Sigmas: 4.2},
				{Feature: "rollover_share", Unit: "share", Value: 0.08, Usual: 0.27, Sigmas: -3.3},
				{Feature: "correction_interval_median_ms", Unit: "ms", Value: 1340, Usual: 212, Sigmas: 2.6},
				{Feature: "space_dwell_median_ms", Unit: "ms", Value: 96, Usual: 93, Sigmas: 0.3},
			}},
			{Modality: observation.Pointer, Score: last[observation.Pointer], Deviations: []enrol.Deviation{
				{Feature: "speed_median_px_s", Unit: "px/s", Value: 1290, Usual: 842, Sigmas: 2.9},
				{Feature: "turn_median_deg", Unit: "degrees", Value: 4.1, Usual: 6.8, Sigmas: -1.7},
			}},
		}
	}
	return []review.Evidence{{Modality: observation.Keyboard, Score: last[observation.Keyboard], Deviations: []enrol.Deviation{
		{Feature: "letter_interval_median_ms", Unit: "ms", Value: 168, Usual: 161, Sigmas: 0.6},
		{Feature: "shift_dwell_median_ms", Unit: "ms", Value: 201, Usual: 174, Sigmas: 1.2},
	}}}
}

func caseOf(d console.SessionDetail, id string, at time.Time) review.Case {
	return review.Case{ID: id, Session: d.ID, Subject: d.Subject, OpenedAt: at, Level: policy.High, Trust: 0.014,
		Reasons: []policy.ReasonCode{policy.Mismatch}, Evidence: d.Evidence}
}
