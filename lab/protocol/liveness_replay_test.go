package protocol

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/fit"
)

func TestStreamsHoldWholeWindowsOfOneSession(t *testing.T) {
	windows := func(startsMS ...int64) (all []observation.Observation) {
		for _, at := range startsMS {
			all = append(all, observation.Observation{StartMS: at, DurationMS: 10_000})
		}
		return all
	}
	for _, c := range []struct {
		name   string
		all    []observation.Observation
		mostMS int64
		want   []int // windows of each stream
	}{
		{"nothing", nil, 0, nil},
		{"each by itself", windows(0, 10_000, 25_000), 0, []int{1, 1, 1}},
		{"what is left over is left out", windows(0, 10_000, 20_000, 30_000, 40_000), 20_000, []int{2, 2}},
		{"one that lasts longer than the stream", windows(0, 15_000, 30_000), 5_000, []int{1, 1}},
		{"a new session begins anew", windows(0, 10_000, 0, 10_000, 20_000), 20_000, []int{2}},
	} {
		var got []int
		for _, s := range observationStreams(c.all, c.mostMS) {
			got = append(got, len(s))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// drawnKeys are presses without a text, at random.
func drawnKeys(seed uint64, n int) []event.Key {
	r := rand.New(rand.NewPCG(seed, 8))
	var out []event.Key
	t := 0.0
	for range n {
		t += 60 + 120*r.ExpFloat64()
		out = append(out, event.Key{TimeMS: t, Class: event.LeftLetter, Down: true, Trusted: true}, event.Key{TimeMS: t + 20 + 39*r.Float64(), Class: event.LeftLetter, Trusted: true})
	}
	return out
}

func TestAReplayScoresAboveWhatComesLater(t *testing.T) {
	signal := presence.ReplaySignal(presence.ShippedReplayWeights())
	person := replayPersonOf([]fit.Session{{Keys: drawnKeys(1, 1500)}, {Keys: drawnKeys(2, 1500)}})
	if len(person.recorded) != 2 || len(person.later) == 0 || len(person.all) <= len(person.later) {
		t.Fatalf("%d recorded sessions, %d later windows of %d; want two and some of them", len(person.recorded), len(person.later), len(person.all))
	}
	for _, family := range []string{"exact", "jitter_5ms", "coarse_8ms", "scaled", "other_text"} {
		for _, session := range person.play(family, replayChance(family)) {
			if got := replayScore(signal, person.past, session, false); got < signal.Found {
				t.Errorf("%s: a session of %d windows scores %g, want %g at least", family, len(session), got, signal.Found)
			}
		}
	}
	if got := replayScore(signal, person.past, person.later, true); got >= signal.Found/2 {
		t.Errorf("later behaviour scores %g, want less than half of %g", got, signal.Found)
	}
	if alarms, hours := replayAlarms(signal, person.all); alarms != 0 || hours <= 0 {
		t.Errorf("%g alarms in %g hours of a person's own behaviour, want none in some", alarms, hours)
	}
}

func TestAPhraseReplayedScoresAboveWhatComesLater(t *testing.T) {
	signal := presence.ReplaySignal(presence.ShippedReplayWeights())
	recorded := fit.Recorded{ID: "p"}
	r := rand.New(rand.NewPCG(4, 4))
	usual := drawnKeys(3, 12)
	for range 40 {
		var typed []event.Key
		at := 0.0
		for i, e := range usual {
			if i > 0 {
				at += (e.TimeMS - usual[i-1].TimeMS) * (0.8 + 0.4*r.Float64())
			}
			e.TimeMS = at
			typed = append(typed, e)
		}
		recorded.Typings = append(recorded.Typings, typed)
	}
	person := phrasePersonOf(recorded)
	if len(person.recorded) != 26 || len(person.later) != 14 || len(person.all) != 40 {
		t.Fatalf("%d typings recorded, %d later, %d in all; want 26, 14 and 40", len(person.recorded), len(person.later), len(person.all))
	}
	for family, typings := range map[string]int{"exact": 1, "scaled": 3} {
		found := 0
		played := person.play(family, "set", typings)
		for _, stream := range played {
			if replayScore(signal, person.past, stream, false) >= signal.Found {
				found++
			}
		}
		if len(played) != phrasesPlayed || found < 9*phrasesPlayed/10 {
			t.Errorf("%s: %d of %d sessions of %d typings are found, want %d of %d", family, found, len(played), typings, 9*phrasesPlayed/10, phrasesPlayed)
		}
	}
	if got := replayScore(signal, person.past, person.later, true); got >= signal.Found/2 {
		t.Errorf("later typings score %g, want less than half of %g", got, signal.Found)
	}
}
