package presence

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/observation"
)

// day is what sessions are held against in these tests.
var day = SessionBounds{People: 0.5, Sessions: 0.25, Window: 2, Least: -1, Most: 4, Scale: 1}

// sessionJudge takes a tenth of the number of events for a network's output. What windows say for themselves is never enough.
func sessionJudge(found float64) Judge {
	output := func(w Window) float64 { return float64(w.Events) / 10 }
	return Judge{Signals: []Signal{{
		Kind: ForgedKeys, Least: -1, Most: 1, Found: found,
		LLR:   func(Window) (float64, bool) { return -1, true },
		Usual: func(w Window) (string, float64, bool) { return "n", output(w), true },
		Since: func(s Since, w Window) Since {
			return day.add(0, s.Begin("n", w.Past[w.Modality].Usual[ForgedKeys]), output(w), 0)
		},
	}}}
}

// sit lets a judge see a session of windows with so many events each, as a server does, and gives the most that the session
// said, with the state and the past that remain.
func sit(j Judge, s State, p Past, events ...int) (State, Past, float64) {
	most := 0.0
	for i, n := range events {
		o := observation.Observation{Modality: observation.Keyboard, StartMS: int64(i + 1), Events: n}
		var findings []Finding
		s, findings = j.Update(s, Window{Observation: o, Past: p})
		most = max(most, findings[0].Sum)
		if !j.Near(s, Kind.Accuses) {
			p = j.Remember(p, o)
		}
	}
	return s, p, most
}

func TestWhoHoldsASessionFromItsStartIsForgivenNothing(t *testing.T) {
	judge := sessionJudge(100)
	forged := slices.Repeat([]int{25}, 60)
	state, past, said := sit(judge, State{}, nil, forged...)
	if since := state.Since[ForgedKeys]; since.Before != (Usual{}) || since.Run != 60 || math.Abs(since.Mean-2.5) > 1e-9 {
		t.Errorf("after 60 windows of a forger %+v; want a run of all of them, beside nothing known", since)
	}
	want := 2.5 * 2.5 / (2 * (0.5 + 0.25 + 2.0/60))
	if math.Abs(said-want) > 1e-9 {
		t.Errorf("the session says %g nats, want %g, though %+v is usual by now", said, want, past[observation.Keyboard].Usual)
	}
	_, _, next := sit(judge, State{}, past, forged...)
	if next > said/4 {
		t.Errorf("the next session says %g nats; want a quarter at most: what was not found is usual then", next)
	}
	_, known, _ := sit(judge, State{}, nil, slices.Repeat([]int{0}, 60)...)
	if _, _, of := sit(judge, State{}, known, forged...); of <= said {
		t.Errorf("of somebody who is known it says %g nats, and of a stranger %g; want more", of, said)
	}
}

func TestNatsOfARun(t *testing.T) {
	mean := rapid.Float64Range(-5, 5)
	rapid.Check(t, func(t *rapid.T) {
		s := Since{By: "n", Run: rapid.IntRange(1, quietWindows).Draw(t, "run"), Mean: mean.Draw(t, "mean")}
		if rapid.Bool().Draw(t, "known") {
			s.Before = Usual{"n", rapid.IntRange(1, usualWindows).Draw(t, "windows"), mean.Draw(t, "before")}
		}
		nats := day.Nats(0, s)
		longer, higher := s, s
		longer.Run++
		higher.Mean += 0.1
		expected, variance := day.expected(0, s.Before, s.By)
		limit := math.Pow(math.Max(0, s.Mean-expected), 2) / (2 * variance)
		if nats < 0 || nats > limit+1e-9 || day.Nats(0, longer) < nats || day.Nats(0, higher) < nats {
			t.Fatalf("%+v says %g nats, %g with a window more, %g with a higher mean; want them to grow, and %g at most", s, nats, day.Nats(0, longer), day.Nats(0, higher), limit)
		}
		if expected < day.Least || variance < day.Sessions || variance > day.Sessions+day.People {
			t.Fatalf("%+v is expected to have %g with variance %g", s, expected, variance)
		}
		s.Before.By = "another"
		if s.Before.Windows > 0 && day.Nats(0, s) != day.Nats(0, Since{By: "n", Run: s.Run, Mean: s.Mean}) {
			t.Fatalf("what another network made of somebody counts: %+v", s)
		}
	})
	for _, before := range []Usual{{"n", -3, 9}, {"n", 5, math.NaN()}} {
		if got, want := day.Nats(0, Since{By: "n", Before: before, Run: 4, Mean: 2}), day.Nats(0, Since{By: "n", Run: 4, Mean: 2}); got != want {
			t.Errorf("beside %+v, a row that somebody has tampered with, %g nats; want those of a stranger, %g", before, got, want)
		}
	}
}

func TestARunBeginsAnewWhereNothingSpeaksForAForgery(t *testing.T) {
	s := Since{By: "n"}
	for _, x := range []float64{1, -3} {
		s = day.add(0, s, x, 0)
	}
	if s != (Since{By: "n"}) {
		t.Errorf("after outputs of 1 and -3: %+v, want none left", s)
	}
	if s = day.add(0, s, 1e300, 1); s.Mean != day.Most-1 {
		t.Errorf("one window moves the mean to %g; want %g and no more, less 1 that is taken off", s.Mean, day.Most-1)
	}
}

// A session that never ends is held against what was usual before its latest stretch: a person whose typing has changed
// since is not suspected for ever, and whoever is near to being found gets used to by nobody.
func TestAQuietSessionIsHeldAgainstALaterPast(t *testing.T) {
	judge := sessionJudge(100)
	state, past, _ := sit(judge, State{}, nil, slices.Repeat([]int{10}, quietWindows)...)
	if since := state.Since[ForgedKeys]; since.Before.Windows != 0 || since.Quiet != quietWindows {
		t.Fatalf("after %d windows %+v; want them counted, and nothing usual yet", quietWindows, since)
	}
	if state, _, _ = sit(judge, state, past, 10); state.Since[ForgedKeys].Before.Windows != usualWindows {
		t.Errorf("with one more %+v; want the session held against what it has shown until now", state.Since[ForgedKeys])
	}
	near := sessionJudge(1)
	state, past, _ = sit(near, State{}, nil, slices.Repeat([]int{30}, 3*quietWindows)...)
	if since := state.Since[ForgedKeys]; since.Quiet != 0 || since.Before.Windows != 0 || past[observation.Keyboard].Usual[ForgedKeys].Windows != 0 {
		t.Errorf("of a session that is found all the time %+v, usual %+v; want nothing usual", since, past[observation.Keyboard].Usual)
	}
}

func TestASignInKeepsWhatWasUsualBeforeTheSession(t *testing.T) {
	judge := sessionJudge(100)
	_, past, _ := sit(judge, State{}, nil, 0, 0, 0)
	state, _, _ := sit(judge, State{}, past, 30, 30)
	anew := state.Anew()
	want := State{Since: map[Kind]Since{ForgedKeys: {By: "n", Before: Usual{"n", 3, 0}, Quiet: 2}}}
	if diff := cmp.Diff(want, anew); diff != "" {
		t.Errorf("after a sign-in (-want +got):\n%s", diff)
	}
	if got := (State{Sums: map[Kind]float64{Replayed: 1}}).Anew(); got.Since != nil || got.Sums != nil {
		t.Errorf("of a session without: %+v, want a new one", got)
	}
}

func TestWhatAForgerTaughtIsTakenBack(t *testing.T) {
	judge := sessionJudge(100)
	_, before, _ := sit(judge, State{}, Past{}.Add(sketched(1)), 0, 5, 0)
	for name, past := range map[string]Past{"known": before, "a stranger": nil} {
		state, after, _ := sit(judge, State{}, past, 30, 30, 30)
		if cmp.Equal(after, past) {
			t.Fatalf("%s: nothing was learnt", name)
		}
		back := judge.TakeBack(after, state)
		if got, want := back[observation.Keyboard].Usual[ForgedKeys], past[observation.Keyboard].Usual[ForgedKeys]; got != want {
			t.Errorf("%s: %+v is usual afterwards, want %+v as before", name, got, want)
		}
		if got, want := len(back[observation.Keyboard].Recent), len(after[observation.Keyboard].Recent); got != want {
			t.Errorf("%s: %d names are left of %d; want all: a replay is known by them", name, got, want)
		}
	}
	if got := judge.TakeBack(before, State{}); !cmp.Equal(got, before) {
		t.Errorf("a session that has not begun took back %s", cmp.Diff(before, got))
	}
}

func TestWhatASessionSaysCountsAsItsSumDoes(t *testing.T) {
	judge := sessionJudge(4)
	state, _, said := sit(judge, State{}, nil, 30, 30, 30)
	if doubts := judge.Doubts(state); len(doubts) != 1 || doubts[0].Share != math.Min(1, said/4) || !judge.Near(state, Kind.Accuses) {
		t.Errorf("doubts %+v where %g of 4 nats speak for a forgery, near: %v", doubts, said, judge.Near(state, Kind.Accuses))
	}
	state, _, said = sit(judge, state, nil, slices.Repeat([]int{40}, 50)...)
	if said > 8 || len(state.Last[observation.Keyboard].Found) != 1 {
		t.Errorf("%g nats of 4 in the end, found %v; want 8 at most, and the kind", said, state.Last[observation.Keyboard].Found)
	}
}

func TestASessionSurvivesTheStore(t *testing.T) {
	judge := sessionJudge(100)
	_, past, _ := sit(judge, State{}, nil, 1, 7, 3)
	state, _, _ := sit(judge, State{}, past, 30, 31, 29)
	raw, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	var read State
	if err := json.Unmarshal(raw, &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(state, read, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("through the store (-kept +stored):\n%s", diff)
	}
	since, err := json.Marshal(map[Kind]Since{ForgedKeys: {
		By: "0123456789abcdef", Before: Usual{"0123456789abcdef", usualWindows, -1.0 / 3}, Quiet: quietWindows, Run: quietWindows, Mean: -1.0 / 3, Nats: 1.0 / 3,
	}})
	if most := 240; err != nil || len(since) > most {
		t.Errorf("%s takes %d bytes, want %d at most (%v)", since, len(since), most, err)
	}
	var old State
	if err := json.Unmarshal([]byte(`{"sums":{"forged_keys":2},"last":{"keyboard":{"startMS":9,"durationMS":2,"events":30,"model":"m"}}}`), &old); err != nil {
		t.Fatal(err)
	}
	if old, _, _ = sit(judge, old, past, 0, 30); old.Since[ForgedKeys].Before.Windows != 3 {
		t.Errorf("a session from before goes on as %+v; want it held against what is usual from now on", old)
	}
}

// The shipped judge asks of a session as a whole, and the zero session says nothing.
func TestForgedKeysAskOfTheSession(t *testing.T) {
	signal := forgedKeys(shippedKeys())
	if signal.Since == nil {
		t.Fatal("forged keys are judged window by window alone")
	}
	var s Since
	for i, w := range forgedWindows(t, 300) {
		w.Past = Past{observation.Keyboard: History{Usual: map[Kind]Usual{ForgedKeys: {shippedKeys()[ForgedNetwork].Network.Mark(), i + 1, 4}}}}
		s = signal.Since(s, w)
	}
	if s.Before.Windows != 1 || s.Run < 5 || s.Nats <= 0 {
		t.Errorf("of a forger's windows %+v; want a run, beside what was usual at the first", s)
	}
}
