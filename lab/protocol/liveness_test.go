package protocol

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
	"ipse.dev/ipse/lab/metric"
)

func newLiveness() *livenessRun {
	return &livenessRun{run: &run{Input: Input{Bootstrap: metric.Bootstrap{Rounds: 50, Seed: 5}}, ctx: context.Background(),
		result: Result{Metrics: map[string]float64{}, CI95: map[string]metric.Interval{}}}}
}

// stands gives a trial in which each person has 1,000 own streams that score 0 to 0.999, and attacks of these scores.
func stands(people []string, attacks ...[]float64) Trial {
	t := Trial{People: people}
	for i, scores := range attacks {
		s := Subject{Index: i, Mated: scores}
		for n := range 1000 {
			s.NonMated, s.Owner = append(s.NonMated, float64(n)/1000), append(s.Owner, metric.Nobody)
		}
		t.Subjects = append(t.Subjects, s)
	}
	return t
}

func TestFiguresOfKnownScores(t *testing.T) {
	l := newLiveness()
	// One of 1,000 people's streams scores 0.999, so that an attack is found at 0.999, and not at 0.99.
	l.families = []livenessFamily{
		{"keyboard", "loud", "naive", true, stands([]string{"a/1", "a/2"}, []float64{2, 2}, []float64{2, 0.5})},
		{"keyboard", "quiet", "naive", true, stands([]string{"a/1", "a/2"}, []float64{0.99, 0.99}, []float64{0.1, 0.999})},
		{"keyboard", "veil", "hidden", false, stands([]string{"a/1", "a/2"}, []float64{0}, []float64{0})},
		{"pointer", "bow", "generated", true, stands([]string{"b/1", "a/2"}, []float64{2}, []float64{2})},
	}
	l.figures()
	for name, want := range map[string]float64{
		"keyboard.loud.tpr_at_fpr_1e-3": 0.75, "keyboard.quiet.tpr_at_fpr_1e-3": 0.25, "keyboard.veil.tpr_at_fpr_1e-3": 0,
		"pointer.bow.tpr_at_fpr_1e-3": 1, "keyboard.tpr_at_fpr_1e-3": 0.5, "pointer.tpr_at_fpr_1e-3": 1, "tpr_at_fpr_1e-3": 2.0 / 3,
	} {
		if got := l.result.Metrics[name]; math.Abs(got-want) > 1e-9 {
			t.Errorf("%s is %g, want %g", name, got, want)
		}
		if ends, ok := l.result.CI95[name]; !ok || !ends.Holds(want) {
			t.Errorf("the interval of %s is %v, want one that holds %g", name, ends, want)
		}
	}
	// a/1: all of loud, none of quiet; a/2: half of each, and all of bow; b/1: all of bow.
	if got, want := l.result.PerPerson, []float64{0.5, 2.0 / 3, 1}; len(got) != 3 || math.Abs(got[0]-want[0])+math.Abs(got[1]-want[1])+math.Abs(got[2]-want[2]) > 1e-9 {
		t.Errorf("person by person %v, want %v", got, want)
	}
	if s := l.result.PerSubject; s.Worst != 0.5 || l.result.Headline != "tpr_at_fpr_1e-3" || l.result.Subjects != 3 {
		t.Errorf("spread %+v of %q over %d people; want the worst at 0.5, of three", s, l.result.Headline, l.result.Subjects)
	}
	var drawn []string
	for _, trial := range l.result.Trials {
		if !trial.Part {
			drawn = append(drawn, trial.Name)
		}
	}
	if got := strings.Join(drawn, " "); got != "keyboard.naive keyboard.hidden pointer.generated" {
		t.Errorf("drawn are %q, want one trial for each group", got)
	}
}

// eager is a judge that takes the number of events for the nats of an attack.
func eager(found float64) presence.Judge {
	return presence.Judge{Signals: []presence.Signal{
		{Kind: presence.ForgedKeys, Least: -5, Most: 5, Found: found, LLR: func(w presence.Window) (float64, bool) { return float64(w.Events), true }},
		{Kind: presence.KeyTimesHidden, Least: -5, Most: 5, Found: 1, LLR: func(w presence.Window) (float64, bool) { return 5, true }},
	}}
}

func windowsOf(nats ...int) []presence.Window {
	var out []presence.Window
	for i, n := range nats {
		out = append(out, presence.Window{Observation: observation.Observation{Modality: observation.Keyboard, StartMS: int64(i) * 20_000, DurationMS: 10_000, Events: n}})
	}
	return out
}

func TestScoresAreSharesOfWhatIsFound(t *testing.T) {
	for _, c := range []struct {
		nats   []int
		score  float64
		alarms int
	}{{[]int{1, 2}, 0.75, 0}, {[]int{3, -5, 2}, 0.75, 0}, {[]int{4}, 1, 1}, {[]int{2, 2, 2, 2, 2}, 2, 2}, {nil, 0, 0}} {
		w := windowsOf(c.nats...)
		if got := alarmScore(eager(4), w); got != c.score {
			t.Errorf("%v score %g, want %g", c.nats, got, c.score)
		}
		if got := alarms(eager(4), w); got != c.alarms {
			t.Errorf("%v raise %d alarms, want %d: after each it begins anew", c.nats, got, c.alarms)
		}
	}
	if !told(eager(4), windowsOf(0), presence.KeyTimesHidden) || told(eager(4), windowsOf(0), presence.Replayed) {
		t.Error("want the kind found that the judge finds, and no other")
	}
}

// wary is eager, and allows for what is usual: the numbers of events that it remembers.
func wary(found float64) presence.Judge {
	j := eager(found)
	j.Signals = j.Signals[:1]
	j.Signals[0].Usual = func(w presence.Window) (string, float64, bool) { return "events", float64(w.Events), true }
	j.Signals[0].LLR = func(w presence.Window) (float64, bool) {
		return float64(w.Events) - w.Past[w.Modality].Usual[presence.ForgedKeys].Nats, true
	}
	return j
}

func TestAJudgeKnowsWhatCameBeforeAndNothingElse(t *testing.T) {
	judge := wary(8)
	// The first window says 3 and is remembered, so the second says nothing; the third says 4 and, at half of what is found,
	// is not remembered.
	known := acquaint(judge, [][]presence.Window{windowsOf(3, 3, 7, 3), windowsOf(0)})
	var usual []float64
	for _, w := range known.windows[0] {
		usual = append(usual, w.Past[w.Modality].Usual[presence.ForgedKeys].Nats)
	}
	if want := []float64{0, 3, 3, 3}; !slices.Equal(usual, want) {
		t.Errorf("usual is %v at each window, want %v", usual, want)
	}
	if got := known.pasts[0][observation.Keyboard].Usual[presence.ForgedKeys].Windows; got != 2 {
		t.Errorf("%d windows are remembered in the end, want 2", got)
	}
	attack := windowsOf(5, 5) // of which the first is remembered: 2, and then 5 less the mean of 3, 3 and 5
	if known, strange := alarmScore(judge, known.attacked(0, attack)), alarmScore(judge, attack); math.Abs(known-10.0/24) > 1e-12 || strange != 1.25 {
		t.Errorf("an attack of 5 and 5 scores %g on a person who is known, and %g without; want 10/24 and 1.25", known, strange)
	}
	if got := alarms(judge, known.attacked(1, windowsOf(5, 5, 1))); got != 1 {
		t.Errorf("%d alarms for somebody whose windows say nothing, want 1", got)
	}
}

func TestKnownPeopleAreJudgedByTheOtherHalf(t *testing.T) {
	judge := wary(100)
	got := sessions(judge, windowsOf(1, 1, 1, 1, 3, 3, 3, 3, 3))
	if len(got) != 2 || len(got[0]) != 5 || len(got[1]) != 4 {
		t.Fatalf("%d sessions, want the second half of five windows and the first of four", len(got))
	}
	for i, want := range []float64{1, 3} {
		if u := got[i][0].Past[observation.Keyboard].Usual[presence.ForgedKeys]; u.Nats != want {
			t.Errorf("at the beginning of session %d %+v is usual, want %g", i, u, want)
		}
	}
	if got := sessions(judge, windowsOf(1, 1, 1, 1, 1, 1, 1)); got != nil {
		t.Errorf("of seven windows %d sessions, want none: who has typed too little is not known", len(got))
	}
}

// What a session has taught before it was found is taken back, and the rest of it is held against what was usual before.
func TestAnAlarmTakesBackWhatTheSessionTaught(t *testing.T) {
	judge := wary(8)
	judge.Signals[0].Since = func(s presence.Since, w presence.Window) presence.Since {
		return s.Begin("events", w.Past[w.Modality].Usual[presence.ForgedKeys])
	}
	_, earlier := remembering(judge, nil, windowsOf(1, 1))
	got, past := remembering(judge, earlier, windowsOf(3, 9, 9, 1))
	if u := past[observation.Keyboard].Usual[presence.ForgedKeys]; u.Nats != 1 || u.Windows != 3 {
		t.Errorf("%+v is usual in the end; want the two windows of 1, and the one after the alarm", u)
	}
	if u := got[2].Past[observation.Keyboard].Usual[presence.ForgedKeys]; u.Nats <= 1 {
		t.Errorf("%+v is usual while the attack goes on; want the 3 with it", u)
	}
}

func TestStreamsLastAsLongAsTheyMay(t *testing.T) {
	w := windowsOf(1, 1, 1, 1, 1) // each begins 20 s after the one before and lasts 10 s
	for mostMS, want := range map[int64][]int{60_000: {3, 2}, 50_000: {3, 2}, 49_999: {2, 2, 1}, 0: {1, 1, 1, 1, 1}, 1e9: {5}} {
		var got []int
		for _, s := range streams(w, mostMS) {
			got = append(got, len(s))
		}
		if !slices.Equal(got, want) {
			t.Errorf("streams of %d ms have %v windows, want %v", mostMS, got, want)
		}
	}
	if h := inputHours(w); math.Abs(h-50.0/3600) > 1e-12 {
		t.Errorf("%g hours of input, want 50 s", h)
	}
	if got := firstOf(nil, 1000); got != nil {
		t.Errorf("of nothing the first is %v", got)
	}
}

func TestGroupsOfKeysAreLeftOutTogetherAndHiddenOnesAlone(t *testing.T) {
	families := map[string]int{}
	for _, group := range keyGroups() {
		for _, a := range group {
			families[a.Family]++
			if a.Group != group[0].Group || a.Group == adversary.HiddenKeys && len(group) != 1 {
				t.Errorf("%s of %s is left out with %s of %s, %d families in all", a.Family, a.Group, group[0].Family, group[0].Group, len(group))
			}
		}
	}
	for _, a := range adversary.KeyAttacks {
		if families[a.Family] != 1 {
			t.Errorf("%s is in %d groups, want 1", a.Family, families[a.Family])
		}
	}
}

func TestFalseAlarmsHaveTheIntervalOfACount(t *testing.T) {
	l := newLiveness()
	l.falseAlarms("keyboard", "set", []humanInput{{0, 10}, {2, 30}})
	l.falseAlarms("keyboard", "quiet", []humanInput{{0, 20}})
	for name, want := range map[string][3]float64{
		"keyboard.set.false_alarms_per_40h": {2, 0.2422, 7.2247}, "keyboard.set.hours": {40, 40, 40}, "keyboard.quiet.false_alarms_per_40h": {0, 0, 7.3778},
	} {
		ends := l.result.CI95[name]
		if got := l.result.Metrics[name]; got != want[0] || math.Abs(ends[0]-want[1])+math.Abs(ends[1]-want[2]) > 1e-3 {
			t.Errorf("%s is %g in %v, want %v", name, got, ends, want)
		}
	}
}

// The whole protocol over made-up people: whom nothing was fitted on are measured, every family has its figure, and each
// is judged by a judge that does not know it.
func TestLivenessOfMadeUpPeople(t *testing.T) {
	dir := t.TempDir()
	people(t, dir, map[fit.Role]int{fit.Unseen: 3, fit.Calibration: 2}, 24)
	asked := map[string]bool{}
	var one sync.Mutex
	before := keyJudges
	t.Cleanup(func() { keyJudges = before })
	keyJudges = func(string) (func([]string) (presence.Judge, error), error) {
		return func(families []string) (presence.Judge, error) {
			one.Lock()
			defer one.Unlock()
			for _, f := range families {
				asked[f] = true
			}
			return eager(1000), nil
		}, nil
	}
	result, err := Run(context.Background(), "liveness", Input{Data: dir, Bootstrap: metric.Bootstrap{Rounds: 20, Seed: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if result.Subjects != 3 || result.Comparisons.Mated == 0 || result.Comparisons.NonMated == 0 {
		t.Errorf("%d people, %+v; want the three unseen, attacked and not", result.Subjects, result.Comparisons)
	}
	for _, a := range adversary.KeyAttacks {
		if _, ok := result.Metrics["keyboard."+a.Family+".tpr_at_fpr_1e-3"]; !ok || !asked[a.Family] {
			t.Errorf("%s has a figure: %v, and was left out of a fit: %v; want both", a.Family, ok, asked[a.Family])
		}
	}
	for _, name := range []string{"tpr_at_fpr_1e-3", "keyboard.bbmas.false_alarms", "keyboard.known.bbmas.false_alarms", "keyboard.bbmas.hours", "keyboard.population-pairs.found_by_shipped_of_strangers", "keyboard.naive.found_in_first_window",
		"keyboard.fpr_in_first_window", "keyboard.population.error", "keyboard.victim.accepted_60s", "keyboard.hidden.cannot_tell_found"} {
		if v, ok := result.Metrics[name]; !ok || math.IsNaN(v) {
			t.Errorf("%s is %g (there: %v), want a figure", name, v, ok)
		}
	}
	if notes := strings.Join(result.Notes, "; "); !strings.Contains(notes, "aalto is left out") || !strings.Contains(notes, "2 of 5 people of bbmas are left out") {
		t.Errorf("the notes say %q; want who and what is left out", notes)
	}
	if _, err := Run(context.Background(), "liveness", Input{Data: t.TempDir()}); !errors.Is(err, dataset.ErrNotFound) {
		t.Errorf("an empty folder: %v, want %v", err, dataset.ErrNotFound)
	}
}
