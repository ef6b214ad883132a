package protocol

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/trust"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
	"ipse.dev/ipse/lab/metric"
)

// dwellModel compares windows by their mean dwell: people lie 20 ms apart, a person's windows within 1 ms.
func dwellModel(t *testing.T) Model {
	t.Helper()
	w := &compare.Weights{Name: "dwell", Tail: compare.Tail{Slope: 1, Rungs: []compare.Rung{{LogOdds: 2, PerHour: 0.1}}},
		Comparators: []*compare.TwoCovariance{{Modality: "keyboard", Model: "dwell", Mean: []float64{60}, Projection: [][]float64{{1}},
			Between: []float64{400}, Stretch: []float64{0}, Degrees: 50, FullWindow: window.KeyboardStrokes, Scale: 1}}}
	return Model{Name: w.Name, Weights: w, Comparators: map[observation.Modality]compare.Comparator{observation.Keyboard: w.Comparators[0]},
		EmbedKeyboard: func(k window.Keyboard) observation.Embedding {
			sum := 0.0
			for _, s := range k.Strokes {
				sum += s.DwellMS()
			}
			return observation.Embedding{int8(min(127, math.Round(sum/float64(len(k.Strokes)))))}
		}}
}

// typed gives the events of windows of typing with this dwell, in ms, a stroke each 190 ms and some more that is not even.
func typed(windows int, dwellMS float64) []event.Key {
	random := rand.New(rand.NewPCG(7, uint64(dwellMS*8)))
	var keys []event.Key
	at := 0.0
	for range windows * window.KeyboardStrokes {
		keys = append(keys, event.Key{TimeMS: at, Down: true, Trusted: true}, event.Key{TimeMS: at + dwellMS + random.Float64(), Trusted: true})
		at += 190 + 20*random.Float64()
	}
	return keys
}

func madeUp(r *run, id string, windows int, dwellMS float64) *actor {
	a := byTime(keyboardEnrol)(dataset.Person{}, [][]moment{r.moments(dataset.Session{Keys: typed(windows, dwellMS)})})
	a.set, a.people = "made up", []string{id}
	return &a
}

// ofDwell gives a run and a fold that knows trust constants of its own, so that what is expected here does not hang on
// the server's.
func ofDwell(t *testing.T) (*run, folder) {
	t.Helper()
	r := &run{Input: Input{Model: dwellModel(t), Bootstrap: metric.Bootstrap{Rounds: 20, Seed: 5}}, ctx: context.Background(),
		result: Result{Metrics: map[string]float64{}, CI95: map[string]metric.Interval{}}}
	a := app.AssessorFor(r.Model.Weights)
	a.Trust = trust.Model{
		Prior: 0.05, HazardPerHour: 6, Reach: 64, SilenceMS: 60_000, FadeHours: 1.0 / 3,
		Scores: trust.Scores{Own: 2.8, Others: -3.4, OthersSpread: 2, Steady: 0.4, Drifting: 0.6, Memory: 0.9, Single: 1.8, Least: -4, Most: 4, Alike: 0.001},
	}
	return r, folder{a}
}

// at gives the fold with this threshold.
func (f folder) at(odds float64) folder {
	return folderWith(f.assessor, policy.Thresholds{Medium: odds - 1, High: odds})
}

func TestInputLeavesPausesOut(t *testing.T) {
	r, _ := ofDwell(t)
	keys := typed(2, 60)
	half := len(keys) / 2
	for i := half; i < len(keys); i++ {
		keys[i].TimeMS += 20_000
	}
	got := r.moments(dataset.Session{Keys: keys})
	if len(got) != 2 {
		t.Fatalf("%d windows, want 2", len(got))
	}
	first, second := got[0], got[1]
	if first.own != first.passed || first.passed.actions != 30 || first.passed.wallMS != first.passed.inputMS || !(first.passed.wallMS > 29*190) {
		t.Errorf("of the first window %+v passed, and %+v of its own; want the same, 30 actions and more than %d ms of input", first.passed, first.own, 29*190)
	}
	if pause := second.passed.wallMS - second.passed.inputMS; math.Abs(pause-15_130) > 20 {
		t.Errorf("before the second window %.0f ms passed beside input, want those beyond %d of some 20,130", pause, pauseMS)
	}
	if second.own.wallMS != second.own.inputMS || second.own.actions != 30 || math.Abs(second.own.wallMS-first.own.wallMS) > 600 {
		t.Errorf("of its own the second window has %+v, want 30 actions and no pause", second.own)
	}
	all := r.moments(dataset.Session{Keys: typed(5, 60)})
	sum, want := span{}, 0.0
	for _, m := range all {
		sum = sum.plus(m.passed)
		want = max(want, sum.wallMS)
	}
	events := typed(5, 60)
	if last := events[len(events)-1].TimeMS; math.Abs(sum.wallMS-last) > 400 || sum.actions != 150 {
		t.Errorf("of five windows %+v passed, want 150 actions and about %.0f ms", sum, last)
	}
}

func TestEveryWindowAlarmsAtAThresholdBelowAll(t *testing.T) {
	r, f := ofDwell(t)
	a := madeUp(r, "a", 60, 60)
	s, compared := f.enrolled(a.enrol)
	if !compared[observation.Keyboard] {
		t.Fatal("after 30 windows nothing is compared")
	}
	got := f.at(-100).genuine(s, a.genuine, nil)
	if want := windows(a.genuine); got.alarms != want || want != 30 {
		t.Errorf("%d alarms in %d windows, want one each", got.alarms, want)
	}
	if quiet := f.at(1).genuine(s, a.genuine, nil); quiet.alarms != 0 || quiet.passed != got.passed {
		t.Errorf("at a threshold of 1 %d alarms in %+v, want none in the same %+v", quiet.alarms, quiet.passed, got.passed)
	}
}

func TestSomebodyFarAwayIsNoticedAtTheFirstWindow(t *testing.T) {
	r, f := ofDwell(t)
	f = f.at(-2)
	a, far, alike := madeUp(r, "a", 60, 60), madeUp(r, "b", 60, 110), madeUp(r, "c", 60, 60.25)
	s, _ := f.enrolled(a.enrol)
	keep := map[int]bool{0: true, 7: true, 29: true}
	own := f.genuine(s, a.genuine, keep)
	if own.alarms != 0 || len(own.stands) != 3 {
		t.Fatalf("%d alarms and %d places to splice, want none and 3", own.alarms, len(own.stands))
	}
	for splice, stand := range own.stands {
		for _, from := range []int{0, 11} {
			got := f.takeover(stand, far.whole, from)
			want := taken{noticed: true, after: far.whole[from].own, windows: 1}
			if got != want {
				t.Errorf("spliced in after %d windows, from window %d on: %+v; want %+v, seconds from the splice on", splice, from, got, want)
			}
		}
		if got := f.takeover(stand, alike.whole, 3); got.noticed || got.windows != len(alike.whole) {
			t.Errorf("somebody just alike: %+v; want that nobody notices in all of %d windows", got, len(alike.whole))
		}
	}
}

func TestAnImpostorHasTenMinutesAndPlaysNothingTwice(t *testing.T) {
	r, f := ofDwell(t)
	a := madeUp(r, "a", 60, 60)
	s, _ := f.enrolled(a.enrol)
	long := madeUp(r, "b", 200, 60)
	got := f.at(never).takeover(f.signIn(s), long.whole, 150)
	if got.after.inputMS > longestMS || got.after.inputMS < longestMS-10_000 || got.noticed {
		t.Errorf("%+v; want nearly ten minutes", got)
	}
	if again := f.at(never).takeover(f.signIn(s), a.whole, 59); again.windows != 60 {
		t.Errorf("somebody with 60 windows played %d, want each once", again.windows)
	}
}

func TestFoldingOnLeavesTheStandAsItWas(t *testing.T) {
	r, f := ofDwell(t)
	f = f.at(3)
	a, b := madeUp(r, "a", 60, 60), madeUp(r, "b", 60, 75)
	s, _ := f.enrolled(a.enrol)
	before, err := json.Marshal(s.refs[onlyKey(t, s)])
	if err != nil {
		t.Fatal(err)
	}
	once := f.takeover(f.signIn(s), b.whole, 0)
	if twice := f.takeover(f.signIn(s), b.whole, 0); once != twice {
		t.Errorf("the same takeover gives %+v and then %+v", once, twice)
	}
	here := f.signIn(s)
	here, _, first := f.step(here, b.whole[0], b.whole[0].own)
	if _, _, again := f.step(here, b.whole[0], span{}); first == nil || again != nil {
		t.Errorf("a window and the same at the same time score %v and %v, want a score and none: it is passed over", first, again)
	}
	if after, _ := json.Marshal(s.refs[onlyKey(t, s)]); string(after) != string(before) {
		t.Errorf("a takeover changed the reference that it began with: %s, was %s", after, before)
	}
}

func TestFiguresOfKnownTakeovers(t *testing.T) {
	never := metric.Never
	tl := tally{clusters: 2, streams: []stream{{0, 0, 2}, {1, 1, 6}},
		pairs: []pair{{0, 1, 10, 11, 100, false}, {1, 0, 20, 50, 200, false}, {0, 1, 30, 35, 300, true}, {0, 1, 40, 45, 400, false}, {1, 0, never, never, never, false}, {1, 0, never, never, never, true}}}
	r, _ := ofDwell(t)
	r.figures(tl, "x", "", allFigures)
	r.people(tl, "x")
	want := map[string]float64{
		"x.detect_seconds_p50": 20, "x.detect_seconds_p95": never, "x.detect_seconds_p50_nearest": 30, "x.detect_wall_seconds_p50": 45,
		"x.detect_wall_seconds_p95": never, "x.detect_actions_p50": 200, "x.undetected_share": 0.25, "x.undetected_share_nearest": 0.5, "x.false_alarms_per_40h": 5,
		"x.people_without_alarm_share":          (1 + math.Exp(-policy.InputHoursPerDay/6)) / 2,
		"x.people_without_alarm_share_if_alike": math.Exp(-policy.InputHoursPerDay / 8), "x.people_without_alarm_share_recorded": 0.5,
		"x.detect_seconds_person_median": 10, "x.detect_seconds_person_worst_decile": 20, "x.detect_seconds_person_worst": 20,
		"x.undetected_share_person_median": 0, "x.undetected_share_person_worst_decile": 0.5, "x.undetected_share_person_worst": 0.5,
		"x.false_alarms_per_40h_person_median": 0, "x.false_alarms_per_40h_person_worst_decile": 40. / 6, "x.false_alarms_per_40h_person_worst": 40. / 6,
	}
	for name, v := range want {
		if got, ok := r.result.Metrics[name]; !ok || math.Abs(got-v) > 1e-9*v {
			t.Errorf("%s is %g (there: %v), want %g", name, got, ok, v)
		}
	}
	if len(r.result.Metrics) != len(want) {
		t.Errorf("%d metrics, want %d: %v", len(r.result.Metrics), len(want), r.result.Metrics)
	}
	quiet := tally{clusters: 1, streams: []stream{{0, 0, 10}}}
	r.figures(quiet, "quiet", "", fewFigures)
	if got, want := r.result.CI95["quiet.false_alarms_per_40h"], 4*3.6889; math.Abs(got[1]-want) > 1e-3 || got[0] != 0 {
		t.Errorf("none in ten hours has the interval %v, want 0 to %.3f: an exact one of Poisson's", got, want)
	}
	if _, there := r.result.Metrics["quiet.detect_seconds_p50"]; there {
		t.Error("where nobody could take over, there is a time to detection")
	}
}

func TestTheThresholdFollowsTheTail(t *testing.T) {
	var counts []int
	for odds := lowestOdds; odds <= 12; odds += oddsStep {
		counts = append(counts, int(math.Round(1000*math.Exp(-0.8*(odds-lowestOdds)))))
	}
	tail := tailOf(counts, 100)
	thresholds, err := policy.ThresholdsFor(Takeover{FalseAlarmsPer40h: 4}.alerts(), tail)
	if err != nil {
		t.Fatal(err)
	}
	want := lowestOdds + math.Log(1000/10.0)/0.8 // ten alarms in 100 hours
	if math.Abs(thresholds.High-want) > 0.15 {
		t.Errorf("the threshold for 4 alarms in 40 hours is %.2f, want about %.2f", thresholds.High, want)
	}
	if thresholds, err := policy.ThresholdsFor(320, tailOf([]int{0}, 5)); err != nil || math.IsNaN(thresholds.High) {
		t.Errorf("with no alarm at all: %+v and %v, want a threshold", thresholds, err)
	}
}

func TestChimerasShareNothingThatIsGenuine(t *testing.T) {
	moments := func(m observation.Modality, n int) []moment {
		out := make([]moment, n)
		for i := range out {
			out[i] = moment{observation: observation.Observation{Modality: m, Events: i},
				passed: span{9000, 6000, 1}, own: span{7000, 6000, 1}}
		}
		return out
	}
	var typists []*actor
	for _, id := range []string{"t1", "t2", "t3"} {
		k := moments(observation.Keyboard, 40)
		typists = append(typists, &actor{set: "typing", people: []string{id}, enrol: [][]moment{k[:20]}, genuine: [][]moment{k[20:]}, whole: k})
	}
	var sessions [][]moment
	for s := range 6 {
		p := moments(observation.Pointer, 8)
		for i := range p {
			p[i].observation.Sequence = int64(s)
		}
		sessions = append(sessions, p)
	}
	hand := &actor{set: "pointing", people: []string{"h"}, enrol: sessions[:1], genuine: sessions, whole: sessions[0]}
	got := chimeras("both", alternate, typists, []*actor{hand}, nil)
	if len(got) != 3 {
		t.Fatalf("%d chimeras, want one for each typist", len(got))
	}
	used := map[int64]int{}
	for i, c := range got {
		if c.stranger(got[(i+1)%3]) {
			t.Error("two chimeras that share a hand may take each other's session over")
		}
		mine := map[int64]bool{}
		for _, m := range c.genuine[0] {
			if m.observation.Modality == observation.Pointer {
				mine[m.observation.Sequence] = true
			}
		}
		for s := range mine {
			used[s]++
		}
	}
	if len(used) != 6 || slices.ContainsFunc([]int64{0, 1, 2, 3, 4, 5}, func(s int64) bool { return used[s] != 1 }) {
		t.Errorf("sessions are used %v times, want each once", used)
	}
	mix := mixed(office, moments(observation.Keyboard, 60), moments(observation.Pointer, 60))
	wall, input := 0.0, 0.0
	for _, m := range mix[:60] {
		wall, input = wall+m.passed.wallMS, input+m.passed.inputMS
	}
	if mix[0].observation.Modality != observation.Pointer || mix[4].observation.Modality != observation.Keyboard || mix[4].passed.wallMS != 7000+10_000 {
		t.Errorf("the fifth window is %+v, want the first of typing, ten seconds of rest before it", mix[4])
	}
	if share := input / wall; share < 0.3 || share > 0.5 {
		t.Errorf("%.2f of the office's time is input; want about 0.4", share)
	}
}

// people writes a made-up set of BB-MAS: so many people for each role, 15 ms apart.
func people(t *testing.T, dir string, of map[fit.Role]int, windows int) {
	t.Helper()
	for i := 1; slices.ContainsFunc([]fit.Role{fit.Unseen, fit.Calibration}, func(r fit.Role) bool { return of[r] > 0 }); i++ {
		id := fmt.Sprintf("User%d", i)
		role := fit.RoleOf(dataset.BBMAS, id)
		if of[role] == 0 {
			continue
		}
		of[role]--
		var b strings.Builder
		b.WriteString("EID,key,direction,time\n")
		for _, k := range typed(windows, 30+15*float64(of[role])) {
			direction := 1
			if k.Down {
				direction = 0
			}
			fmt.Fprintf(&b, "0,t,%d,%.3f\n", direction, k.TimeMS)
		}
		if err := os.WriteFile(filepath.Join(dir, id+".csv"), []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func runTakeover(t *testing.T, dir string, seed uint64) (Result, error) {
	t.Helper()
	return Run(context.Background(), "takeover", Input{Data: dir, Model: dwellModel(t), Bootstrap: metric.Bootstrap{Rounds: 20, Seed: seed}})
}

func TestTakeoverOfMadeUpPeople(t *testing.T) {
	dir := t.TempDir()
	people(t, dir, map[fit.Role]int{fit.Unseen: 4, fit.Calibration: 3}, 50)
	r, err := runTakeover(t, dir, 3)
	if err != nil {
		t.Fatal(err)
	}
	if r.Subjects != 4 || r.Headline != "keyboard.detect_seconds_p50" {
		t.Errorf("%d subjects and the headline %q, want 4 and the keyboard's seconds", r.Subjects, r.Headline)
	}
	for name, want := range map[string]float64{"keyboard.false_alarms_per_40h": 0, "keyboard.undetected_share": 0, "keyboard.undetected_share_nearest": 0,
		"keyboard.people_without_alarm_share": 1, "keyboard.undetected_share_server_budget": 0} {
		if got, ok := r.Metrics[name]; !ok || got != want {
			t.Errorf("%s of people who are far apart is %g (there: %v), want %g", name, got, ok, want)
		}
	}
	if got := r.Metrics["keyboard.detect_seconds_p50"]; !(got >= 5 && got <= 40) || !(r.PerSubject.P50 >= 5 && r.PerSubject.Worst <= 40) {
		t.Errorf("half are noticed within %g s, and person by person %+v; want a few windows of six seconds", got, r.PerSubject)
	}
	for name := range r.Metrics {
		if _, ok := r.CI95[name]; !ok {
			t.Errorf("%s has no interval", name)
		}
	}
	if len(r.Curves) != 1 || len(r.Curves[0].Points) < 3 || r.Curves[0].Points[r.Curves[0].Chosen].LogOdds != r.Metrics["keyboard.threshold"] {
		t.Errorf("curves %+v, want one with the chosen threshold marked", r.Curves)
	}
	again, err := runTakeover(t, dir, 3)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, again); diff != "" {
		t.Errorf("two runs with one seed (-first +second):\n%s", diff)
	}
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatalf("the result cannot be written: %v", err)
	}
	var back Result
	if err := json.Unmarshal(raw, &back); err != nil || !cmp.Equal(back.Metrics, r.Metrics) {
		t.Errorf("the result's JSON reads as %v with error %v, want %v", back.Metrics, err, r.Metrics)
	}
}

func TestPeopleWhoAreOneAndTheSameAreNeverNoticed(t *testing.T) {
	dir := t.TempDir()
	n := map[fit.Role]int{}
	for i := 1; n[fit.Unseen] < 3 || n[fit.Calibration] < 2; i++ {
		id := fmt.Sprintf("User%d", i)
		n[fit.RoleOf(dataset.BBMAS, id)]++
		var b strings.Builder
		b.WriteString("EID,key,direction,time\n")
		for k, e := range typed(50, 60+float64(i%8)/8) { // other windows, of the same dwell as good as
			fmt.Fprintf(&b, "0,t,%d,%.3f\n", k%2, e.TimeMS)
		}
		if err := os.WriteFile(filepath.Join(dir, id+".csv"), []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := runTakeover(t, dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{"keyboard.undetected_share": 1, "keyboard.detect_seconds_p50": metric.Never, "keyboard.detect_seconds_person_worst": metric.Never} {
		if got := r.Metrics[name]; got != want {
			t.Errorf("%s is %g, want %g", name, got, want)
		}
	}
	if got := r.CI95["keyboard.detect_seconds_p50"]; got != (metric.Interval{metric.Never, metric.Never}) {
		t.Errorf("the interval of never is %v", got)
	}
}

func TestPlansFollowTheSeed(t *testing.T) {
	plan := func(seed uint64) []splicing {
		r, f := ofDwell(t)
		r.Bootstrap.Seed = seed
		var all []*actor
		for i := range 9 {
			all = append(all, madeUp(r, fmt.Sprint(i), 50, 40+8*float64(i)))
		}
		people := r.enrolments(f, all)
		r.plan(f, people, all)
		for i := range people[0].attacks {
			people[0].attacks[i].by = nil
		}
		return people[0].attacks
	}
	first := plan(1)
	if len(first) != 8+nearestOthers {
		t.Fatalf("%d takeovers of one of nine people, want all eight others and the %d nearest", len(first), nearestOthers)
	}
	var near []int
	for _, a := range first {
		if a.index == 0 {
			t.Error("somebody takes over from themself")
		}
		if a.nearest {
			near = append(near, a.index)
		}
	}
	if !slices.Equal(near, []int{1, 2, 3, 4, 5}) {
		t.Errorf("the nearest are %v, want those whose dwell is next: 1 to 5", near)
	}
	if again := plan(1); !slices.Equal(first, again) {
		t.Errorf("one seed gives two plans: %v and %v", first, again)
	}
	if other := plan(2); slices.Equal(first, other) {
		t.Error("two seeds give the same plan")
	}
}

func TestSplicesLieAtAShareOfTheInput(t *testing.T) {
	at := func(inputMS float64) moment { return moment{passed: span{wallMS: 9 * inputMS, inputMS: inputMS}} }
	splices := splicesOf([][]moment{{at(10), at(30)}, {at(60)}})
	for share, want := range map[float64]int{0: 0, 0.05: 0, 0.1: 1, 0.39: 1, 0.4: 2, 0.99: 2, 1: 2} {
		if got := splices(share); got != want {
			t.Errorf("after %g of the input %d windows have passed, want %d", share, got, want)
		}
	}
}

func TestTakeoverWithoutPeople(t *testing.T) {
	if _, err := runTakeover(t, t.TempDir(), 1); !errors.Is(err, dataset.ErrNotFound) {
		t.Errorf("an empty folder gives %v, want %v", err, dataset.ErrNotFound)
	}
	for name, of := range map[string]map[fit.Role]int{"nobody to calibrate": {fit.Unseen: 3}, "one to test": {fit.Unseen: 1, fit.Calibration: 3}} {
		dir := t.TempDir()
		people(t, dir, of, 50)
		if _, err := runTakeover(t, dir, 1); !errors.Is(err, ErrTooFew) {
			t.Errorf("%s gives %v, want %v", name, err, ErrTooFew)
		}
	}
	short := t.TempDir()
	people(t, short, map[fit.Role]int{fit.Unseen: 3, fit.Calibration: 3}, 10)
	if _, err := runTakeover(t, short, 1); !errors.Is(err, ErrTooFew) {
		t.Errorf("recordings of ten windows give %v, want %v", err, ErrTooFew)
	}
	bare := dwellModel(t)
	bare.Weights = nil
	if _, err := Run(context.Background(), "takeover", Input{Data: t.TempDir(), Model: bare}); !errors.Is(err, ErrModel) {
		t.Errorf("a model without weights gives %v, want %v", err, ErrModel)
	}
}

func TestNeighbouringScoresOfAKnownProcess(t *testing.T) {
	const rho = 0.6
	random := rand.New(rand.NewPCG(8, 9))
	var outcomes []outcome
	for person := range 20 {
		var o outcome
		x := 0.0
		run := runOfScores{modality: observation.Keyboard}
		for range 600 {
			x = rho*x + math.Sqrt(1-rho*rho)*random.NormFloat64()
			run.scores = append(run.scores, x+float64(person)) // a person's own level is no correlation
		}
		o.track.scores = []runOfScores{run, {modality: observation.Pointer, scores: run.scores[:50]}, {modality: observation.Keyboard, scores: []float64{900}}}
		o.track.scores[2].scores[0] = float64(person)
		outcomes = append(outcomes, o)
	}
	r, _ := ofDwell(t)
	r.neighbours("x", observation.Keyboard, outcomes)
	for name, want := range map[string]float64{"x.score_autocorrelation_lag1": rho, "x.score_autocorrelation_lag2": rho * rho,
		"x.score_autocorrelation_lag16": 0, "x.score_discount": (1 - rho) / (1 + rho)} {
		if got := r.result.Metrics[name]; math.Abs(got-want) > 0.05 {
			t.Errorf("%s is %.3f, want about %.3f", name, got, want)
		}
	}
	if len(r.result.Notes) != 1 || !strings.Contains(r.result.Notes[0], "20 people, 20 sessions") {
		t.Errorf("notes %q, want one that counts the sessions that are long enough", r.result.Notes)
	}
}

// onlyKey gives the key of the one reference that there is.
func onlyKey(t *testing.T, s stand) (key enrol.Key) {
	t.Helper()
	if len(s.refs) != 1 {
		t.Fatalf("%d references, want one", len(s.refs))
	}
	for k := range s.refs {
		key = k
	}
	return key
}

func TestFewerWindowsEnrolAndTheGenuineRunStays(t *testing.T) {
	r := &run{Input: Input{Model: dwellModel(t)}}
	sessions := [][]moment{r.moments(dataset.Session{Keys: typed(7, 80)}), r.moments(dataset.Session{Keys: typed(5, 80)})}
	all, few := byTime(keyboardEnrol)(dataset.Person{}, sessions), byTime(2)(dataset.Person{}, sessions)
	if got, want := windows(all.enrol), 6; got != want {
		t.Fatalf("%d windows enrol of twelve, want half of them, %d", got, want)
	}
	if got := windows(few.enrol); got != 2 || len(few.enrol) != 1 {
		t.Errorf("%d windows in %d sessions enrol where two were asked for, want the last two", got, len(few.enrol))
	}
	if windows(few.genuine) != windows(all.genuine) {
		t.Errorf("the genuine run holds %d windows with few enrolled and %d with all, want the same", windows(few.genuine), windows(all.genuine))
	}
}
