package redteam

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/device"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/sim"
	"ipse.dev/ipse/internal/window"
)

// populationSize is how many other people an attacker has recorded, and populationMS for how long each.
const (
	populationSize = 8
	populationMS   = 120_000
)

// handsMS is how long a generated person works whose rests are to be left out.
const handsMS = 720_000

// EnrolFor is how long a generated test subject works before the attacks: long enough for mature references.
const EnrolFor = 16 * time.Minute

// longest bounds what is reported at once as if it had just happened: servers take windows that ended within the hour.
const longest = 45 * time.Minute

// batchSize is how many observations of the enrolment are reported at once.
const batchSize = 48

// Generated gives the material of an attacker of a generated person: what they do while the server learns them, another
// sitting of theirs that was recorded elsewhere, and other generated people. The same seed gives the same people.
func Generated(seed uint64) Material {
	person := sim.NewPerson(seed)
	m := of(stretchOf(person.Session(1), float64(EnrolFor.Milliseconds())), stretchOf(person.Session(2), populationMS), seed)
	m.Hands = stretchOf(person.Session(3), handsMS)
	m.Generated = true
	return m
}

// Recorded gives the material of an attacker of a recorded person: half of the recording is what the server learns and
// what is replayed, half was recorded elsewhere. Other people are generated.
func Recorded(s Stretch, seed uint64) Material {
	half := s.EndMS() / 2
	early, late := Stretch{}, Stretch{}
	for _, k := range s.Keys {
		if k.TimeMS < half {
			early.Keys = append(early.Keys, k)
		} else {
			late.Keys = append(late.Keys, k)
		}
	}
	for _, p := range s.Pointers {
		if p.TimeMS < half {
			early.Pointers = append(early.Pointers, p)
		} else {
			late.Pointers = append(late.Pointers, p)
		}
	}
	return of(early, late, seed)
}

func of(seen, elsewhere Stretch, seed uint64) Material {
	seen.Phrases = phrasesLike(seen.Keys, seed)
	m := Material{Seen: seen, Hands: elsewhere, Victim: Runs(elsewhere.Keys), Pointing: Movements(elsewhere.Pointers)}
	for i := range uint64(populationSize) {
		other := stretchOf(sim.NewPerson(seed+1000+i).Session(1), populationMS)
		m.Population = append(m.Population, Runs(other.Keys)...)
	}
	return m
}

func stretchOf(s *sim.Session, durationMS float64) Stretch {
	work := s.Work("en", 0, durationMS)
	return Stretch{Keys: work.Keys, Pointers: work.Pointers}
}

// runPauseMS parts one run of typing from the next.
const runPauseMS = 2_000

// Runs gives typing as runs of strokes without a long pause, presses paired with releases as a collector pairs them.
func Runs(keys []event.Key) [][]window.Stroke {
	cutter := window.NewKeyboardCutter(window.KeyboardStrokes, 1)
	var strokes []window.Stroke
	take := func(all []window.Keyboard) {
		for _, w := range all {
			strokes = append(strokes, w.Strokes...)
		}
	}
	for _, k := range keys {
		take(cutter.Push(k))
	}
	take(cutter.Flush())
	return parted(strokes, func(a, b window.Stroke) bool { return b.PressMS-a.PressMS > runPauseMS })
}

// movementPauseMS parts one movement of the pointer from the next.
const movementPauseMS = 400

// Movements gives pointer use as movements without a pause.
func Movements(events []event.Pointer) [][]event.Pointer {
	return parted(events, func(a, b event.Pointer) bool { return b.TimeMS-a.TimeMS > movementPauseMS })
}

func parted[T any](all []T, between func(a, b T) bool) [][]T {
	var out [][]T
	begin := 0
	for i := 1; i <= len(all); i++ {
		if i == len(all) || between(all[i-1], all[i]) {
			out = append(out, slices.Clone(all[begin:i]))
			begin = i
		}
	}
	return out
}

// Enrolment says how far the test subject is known to the server.
type Enrolment struct {
	Mature bool   `json:"mature"` // a reference of each modality that the material holds is mature
	Known  string `json:"known"`  // in words
}

// Enrol lets the server learn the test subject from what the material says that it has seen, unless it knows them from an
// earlier run. Attacks that inject need no mature reference; of those that imitate, one that no reference refuses is told
// by liveness alone.
func (s *Server) Enrol(ctx context.Context) (Enrolment, error) {
	opened, err := s.API.Open(ctx, s.User, observation.Desktop)
	if err != nil {
		return Enrolment{}, fmt.Errorf("%w: %w", errUnmet, err)
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		_ = s.API.Close(closing, opened.Session)
	}()
	reporter := s.API.Reporter(opened)
	hello, err := reporter.Report(ctx)
	if err != nil {
		return Enrolment{}, fmt.Errorf("redteam: report as the test subject: %w", err)
	}
	seen := s.Material.Seen.within(Length{DurationMS: float64(longest.Milliseconds())})
	origin := s.now().Add(-time.Duration(seen.EndMS() * float64(time.Millisecond)))
	c := device.NewCollector(device.Options{OriginUnixMS: origin.UnixMilli(), Models: hello.Models})
	answer := hello
	var observations []observation.Observation
	for _, typed := range seen.Phrases {
		for n := range typed {
			observations = append(observations, typePhrase(c, typed, n)...)
		}
	}
	observations = append(append(observations, c.Play(seen.Keys, seen.Pointers)...), c.Flush()...)
	if s.Material.Generated {
		unmeasured(observations)
	}
	for batch := range slices.Chunk(observations, batchSize) {
		reporter.Add(batch...)
		if answer, err = reporter.Report(ctx); err != nil {
			return Enrolment{}, fmt.Errorf("redteam: enrol the test subject: %w", err)
		}
	}
	e := enrolment(answer, seen)
	if answer.RiskLevel == policy.High {
		e.Known += "; the server raised an alarm while it learnt"
	}
	return e, nil
}

// unmeasured takes the measures of liveness off observations, as a collector sends none that is older than they are: a generated
// person is a program, which is found, and a server learns nothing of what it has found.
func unmeasured(observations []observation.Observation) {
	for i := range observations {
		observations[i].Liveness.MeasureList, observations[i].Liveness.Measures = "", nil
	}
}

func enrolment(answer client.Answer, seen Stretch) Enrolment {
	best := map[observation.Modality]client.Reference{}
	for _, r := range answer.References {
		if b, ok := best[r.Modality]; !ok || r.Maturity > b.Maturity {
			best[r.Modality] = r
		}
	}
	out := Enrolment{Mature: true}
	for _, m := range []struct {
		modality observation.Modality
		there    bool
	}{{observation.Keyboard, len(seen.Keys) > 0}, {observation.Pointer, len(seen.Pointers) > 0}} {
		if !m.there {
			continue
		}
		out.Mature = out.Mature && best[m.modality].Maturity >= 1
		if out.Known != "" {
			out.Known += ", "
		}
		out.Known += fmt.Sprintf("%s %.0f %%", m.modality, 100*best[m.modality].Maturity)
	}
	return out
}
