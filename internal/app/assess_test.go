package app

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/device"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/internal/sim"
	"ipse.dev/ipse/internal/trust"
)

// looseBudget lets a takeover show soon.
const looseBudget = 3000

func newAssessor(t testing.TB) *Assessor {
	t.Helper()
	a, err := NewAssessor("open", looseBudget, true)
	if err != nil {
		t.Fatal(err)
	}
	a.Liveness = presence.Judge{} // generated people have no hands, and liveness says so
	return a
}

// desk is one session at a desk, with whoever sits there.
type desk struct {
	assessor  *Assessor
	session   Session
	refs      References
	collector *device.Collector
	sequence  int64
	nowMS     float64
}

func newDesk(a *Assessor) *desk {
	return &desk{assessor: a, session: a.Open("s", "subject", 0), collector: device.NewCollector(device.Options{Models: a.Models()})}
}

// work lets a generated person work for so many seconds and gives the levels reached on the way.
func (d *desk) work(person, sitting uint64, seconds float64) []Change {
	stretch := sim.NewPerson(person).Session(sitting).Work("en", d.nowMS, d.nowMS+seconds*1000)
	d.nowMS = stretch.EndMS
	var all []Change
	for _, o := range d.collector.Play(stretch.Keys, stretch.Pointers) {
		d.sequence++
		o.Sequence = d.sequence
		var changes []Change
		d.session, d.refs, changes = d.assessor.Observe(d.session, d.refs, []observation.Observation{o}, device.EndMS(o))
		all = append(all, changes...)
	}
	return all
}

func TestARightPersonStaysTrustedAndASecondOneIsFlagged(t *testing.T) {
	flagged, tried := 0, 0
	for person := range uint64(6) {
		d := newDesk(newAssessor(t))
		if d.session.Decision.Answer != policy.CannotTell {
			t.Fatalf("a new session answers %s, want cannot_tell", d.session.Decision.Answer)
		}
		if changes := d.work(400+person, 1, 780); len(changes) != 0 {
			t.Errorf("person %d: %+v in the first thirteen minutes, want no change of level", person, changes)
			continue
		}
		if d.session.Decision.Answer != policy.SamePerson || d.session.Trust.Trust() < 0.9 {
			t.Errorf("person %d: answer %s with trust %.3f, want same_person above 0.9", person, d.session.Decision.Answer, d.session.Trust.Trust())
		}
		tried++
		changes := d.work(500+person, 1, 180)
		if !slices.ContainsFunc(changes, isHigh) {
			continue
		}
		flagged++
		if d.session.Decision.Level != policy.High || !slices.Contains(d.session.Decision.Directives, policy.Lock) || len(d.session.Evidence) == 0 {
			t.Errorf("person %d: decision %+v with %d pieces of evidence; want a lasting HIGH that locks and explains", person, d.session.Decision, len(d.session.Evidence))
		}
		d.session, changes = d.assessor.Reauthenticate(d.session, int64(d.nowMS))
		if len(changes) != 1 || changes[0].To != policy.Low || d.session.Trust.Trust() < 0.9 || len(d.session.Evidence) != 0 {
			t.Errorf("person %d: after the sign-in %+v, trust %.3f; want LOW and trust restored", person, changes, d.session.Trust.Trust())
		}
	}
	if flagged*2 < tried {
		t.Errorf("%d of %d takeovers were flagged within three minutes, want at least half of pairs drawn at random", flagged, tried)
	}
}

func TestBuiltInWeightsAreTaken(t *testing.T) {
	for _, name := range compare.BuiltIn() {
		a, err := NewAssessor(name, looseBudget, false)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for modality, models := range a.Models() {
			if models[len(models)-1] != embed.Model {
				t.Errorf("%s: %s is compared by %v; want %s among them, for collectors that cannot load another", name, modality, models, embed.Model)
			}
		}
	}
}

func TestWeightsThatCollectorsCannotFeedAreRefused(t *testing.T) {
	if _, err := NewAssessor("no such weights", looseBudget, false); !errors.Is(err, compare.ErrWeights) {
		t.Errorf("no such weights: %v, want ErrWeights", err)
	}
	for want, spoil := range map[string]func(*compare.Weights){
		`the model "rhythm-99", which collectors of this version cannot compute; want one of features-1`: func(w *compare.Weights) { w.Comparators[0].Model = "rhythm-99" },
		"fit them again": func(w *compare.Weights) {
			c := w.Comparators[len(w.Comparators)-1]
			c.Mean = append(c.Mean, 0)
			for i := range c.Projection {
				c.Projection[i] = append(c.Projection[i], 0)
			}
		},
		"no pointer observations": func(w *compare.Weights) {
			w.Comparators = slices.DeleteFunc(w.Comparators, func(c *compare.TwoCovariance) bool { return c.Modality == string(observation.Pointer) })
		},
	} {
		w, err := compare.Load("open")
		if err != nil {
			t.Fatal(err)
		}
		spoil(w)
		raw, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "weights.json")
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := NewAssessor(file, looseBudget, false); !errors.Is(err, compare.ErrWeights) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want ErrWeights that says %q", err, want)
		}
	}
}

func TestDuplicatesAndOldSequencesChangeNothing(t *testing.T) {
	a := newAssessor(t)
	d := newDesk(a)
	d.work(400, 1, 300)
	again := observation.Observation{Sequence: d.sequence, Modality: observation.Keyboard, Model: embed.Model}
	session, refs, changes := a.Observe(d.session, d.refs, []observation.Observation{again, again}, int64(d.nowMS))
	if len(changes) != 0 {
		t.Errorf("changes %+v, want none", changes)
	}
	if diff := cmp.Diff(d.session, session); diff != "" {
		t.Errorf("session (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(d.refs, refs); diff != "" {
		t.Errorf("references (-before +after):\n%s", diff)
	}
}

func TestObserveLeavesItsArgumentsAsTheyWere(t *testing.T) {
	d := newDesk(newAssessor(t))
	d.work(400, 1, 400)
	before, _ := json.Marshal(d.session)
	versions := map[enrol.Key]int{}
	for k, r := range d.refs {
		versions[k] = r.Version
	}
	o := plain(d.sequence + 1)
	d.assessor.Observe(d.session, d.refs, []observation.Observation{o}, int64(d.nowMS))
	if after, _ := json.Marshal(d.session); string(after) != string(before) {
		t.Error("the session passed in has changed")
	}
	for k, r := range d.refs {
		if r.Version != versions[k] {
			t.Errorf("the %s reference of %s passed in went from version %d to %d", k.Modality, k.Model, versions[k], r.Version)
		}
	}
}

func plain(sequence int64) observation.Observation {
	n, _ := embed.Dimension(observation.Keyboard, embed.Model)
	return observation.Observation{
		Sequence: sequence, Modality: observation.Keyboard, Model: embed.Model, DeviceClass: observation.Desktop,
		DurationMS: 10_000, Events: 30, Embedding: make(observation.Embedding, n),
		FeatureList: feature.KeyboardList.Name, Features: make([]float64, len(feature.KeyboardList.Features)), Quality: []observation.Flag{},
	}
}

func TestInjectedEventsAreAnAlarmOfTheirOwn(t *testing.T) {
	a := newAssessor(t)
	a.AcceptSimulated = false
	for name, spoil := range map[string]func(*observation.Observation){
		"untrusted": func(o *observation.Observation) { o.Liveness.UntrustedShare = 0.5 },
		"simulated": func(o *observation.Observation) { o.Quality = []observation.Flag{observation.Simulated} },
	} {
		o := plain(1)
		spoil(&o)
		s, refs, changes := a.Observe(a.Open("s", "p", 0), nil, []observation.Observation{o}, 1000)
		if len(changes) != 1 || changes[0].To != policy.High || s.Decision.Answer != policy.CannotTell || s.Decision.Reasons[0] != policy.InjectedEvents {
			t.Errorf("%s: %+v, decision %+v; want HIGH for injected events", name, changes, s.Decision)
		}
		for k, r := range refs {
			if r.Version != 0 {
				t.Errorf("%s: the %s reference took an injected window in", name, k.Modality)
			}
		}
	}
}

// A window comes once for each model while models change. What stands between the hand and ipse does so in all of them.
func TestWhatSilencesAWindowHoldsForEachOfItsModels(t *testing.T) {
	d := newDesk(newAssessor(t))
	d.work(400, 1, 400)
	d.assessor.Liveness = presence.Judge{Signals: []presence.Signal{{Kind: presence.KeyTimesHidden, Least: -1, Most: 1, Found: 1,
		LLR: func(presence.Window) (float64, bool) { return 1, true }}}}
	first := plain(d.sequence + 1)
	first.StartMS = d.session.Trust.AtMS + 1
	again := first
	again.Sequence, again.Model = first.Sequence+1, "another"
	for _, window := range []observation.Observation{first, again} {
		d.session, d.refs, _ = d.assessor.Observe(d.session, d.refs, []observation.Observation{window}, first.StartMS+1000)
		if got := d.session.Decision; got.Answer != policy.CannotTell || !slices.Contains(got.Reasons, policy.KeyTimesHidden) {
			t.Errorf("through the model %s: %+v; want that nothing can be told, because key times are hidden", window.Model, got)
		}
	}
}

func TestADrivenBrowserIsAnAlarmHoweverWellItFits(t *testing.T) {
	d := newDesk(newAssessor(t))
	d.work(400, 1, 400)
	d.assessor.Liveness = presence.Default()
	driven := func() observation.Observation {
		o := plain(d.sequence + 1)
		o.StartMS, o.Liveness.Driven = d.session.Trust.AtMS+1, true
		return o
	}
	before := d.refs
	s, refs, changes := d.assessor.Observe(d.session, d.refs, []observation.Observation{driven()}, d.session.Trust.AtMS+1000)
	if len(changes) != 1 || changes[0].To != policy.High || s.Decision.Answer != policy.CannotTell || !slices.Contains(s.Decision.Reasons, policy.Automation) {
		t.Fatalf("%+v, decision %+v; want HIGH for automation", changes, s.Decision)
	}
	for k, r := range refs {
		if r.Version != before[k].Version {
			t.Errorf("the %s reference learnt from a driven browser", k.Modality)
		}
	}
	if s, _ = d.assessor.Reauthenticate(s, s.Trust.AtMS+1000); len(s.Liveness.Sums) != 0 {
		t.Errorf("after a sign-in %+v is held against the session, want nothing", s.Liveness)
	}
}

func TestWhatAnOperatorAllowsIsToldAndNoAlarm(t *testing.T) {
	a := newAssessor(t)
	a.Liveness = presence.Judge{Signals: []presence.Signal{
		{Kind: presence.RemoteControl, Least: -1, Most: 8, Found: 8, LLR: func(presence.Window) (float64, bool) { return 8, true }},
	}}
	for _, alarm := range []bool{false, true} {
		a.AlarmOn = map[presence.Kind]bool{presence.RemoteControl: alarm}
		s, _, _ := a.Observe(a.Open("s", "p", 0), nil, []observation.Observation{plain(1)}, 1000)
		want := policy.Low
		if alarm {
			want = policy.High
		}
		if s.Decision.Level != want || s.Decision.Answer != policy.CannotTell || !slices.Contains(s.Decision.Reasons, policy.RemoteControl) {
			t.Errorf("alarm %v: %+v; want %s, cannot tell, and the reason", alarm, s.Decision, want)
		}
		told, changes := a.Tell(a.Open("s", "p", 0), trust.RemoteDesktop, 1000)
		if told.Decision.Level != want || (len(changes) == 1) != alarm || told.Decision.Answer != policy.CannotTell || !slices.Contains(told.Decision.Reasons, policy.RemoteControl) {
			t.Errorf("told by the application, alarm %v: %+v, changes %+v; want %s, cannot tell, and the reason", alarm, told.Decision, changes, want)
		}
	}
}

// Strokes that lie otherwise than this person's may come from another device, and from somebody else's.
func TestACautionIsToldTeachesNothingAndHidesNobodyElse(t *testing.T) {
	turned := presence.Judge{Signals: []presence.Signal{
		{Kind: presence.TurnedPath, Least: -1, Most: 8, Found: 8, LLR: func(presence.Window) (float64, bool) { return 8, true }},
	}}
	d := newDesk(newAssessor(t))
	d.work(400, 1, 780)
	if d.session.Decision.Answer != policy.SamePerson {
		t.Fatalf("before: %+v, want the same person", d.session.Decision)
	}
	d.assessor.Liveness = turned
	learnt := d.refs
	d.work(400, 2, 120)
	if got := d.session.Decision; got.Level != policy.Low || got.Answer != policy.CannotTell || !slices.Contains(got.Reasons, policy.TurnedPath) {
		t.Errorf("with a caution: %+v; want %s, cannot tell, and the reason", got, policy.Low)
	}
	for key, r := range d.refs {
		if r.Comparison.Weight > learnt[key].Comparison.Weight {
			t.Errorf("the reference %v learnt from windows that are cautioned of", key)
		}
	}
	d.work(500, 1, 180)
	against := func(p Point) bool {
		return p.Counted != nil && *p.Counted < 0 && slices.Contains(p.Reasons, policy.TurnedPath)
	}
	if !slices.ContainsFunc(d.session.Path, against) {
		t.Errorf("nothing counted against somebody else among %d points, want windows that are cautioned of to count", len(d.session.Path))
	}

	alarmed := newAssessor(t)
	alarmed.Liveness, alarmed.AlarmOn = turned, map[presence.Kind]bool{presence.TurnedPath: true}
	if s, _, _ := alarmed.Observe(alarmed.Open("s", "p", 0), nil, []observation.Observation{plain(1)}, 1000); s.Decision.Level != policy.High {
		t.Errorf("where it is an alarm: %+v, want %s", s.Decision, policy.High)
	}
}

func TestWhatCannotBeComparedIsNeverEvidence(t *testing.T) {
	d := newDesk(newAssessor(t))
	d.work(400, 1, 400)
	before := d.session.Trust.LogOdds
	for i, flag := range []observation.Flag{observation.BlurredClock, observation.InputMethod, observation.PasteHeavy} {
		o := plain(d.sequence + 1 + int64(i))
		for j := range o.Embedding {
			o.Embedding[j] = 127
		}
		o.Quality = []observation.Flag{flag}
		var changes []Change
		d.session, d.refs, changes = d.assessor.Observe(d.session, d.refs, []observation.Observation{o}, d.session.Trust.AtMS)
		if len(changes) != 0 || d.session.Trust.LogOdds != before || d.session.Decision.Answer != policy.CannotTell {
			t.Errorf("%s: odds went from %g to %g, decision %+v; want no evidence and cannot_tell", flag, before, d.session.Trust.LogOdds, d.session.Decision)
		}
	}
}

func TestTheFoldIsTheSameInBatchesOfAnySize(t *testing.T) {
	a := newAssessor(t)
	var all []observation.Observation
	c := device.NewCollector(device.Options{Models: a.Models()})
	stretch := sim.NewPerson(7).Session(1).Work("en", 0, 400_000)
	all = append(all, c.Play(stretch.Keys, stretch.Pointers)...)
	whole, wholeRefs, _ := a.Observe(a.Open("s", "p", 0), nil, all, 1_000_000)
	rapid.Check(t, func(t *rapid.T) {
		s, refs, rest := a.Open("s", "p", 0), References(nil), all
		for len(rest) > 0 {
			n := rapid.IntRange(1, len(rest)).Draw(t, "batch")
			s, refs, _ = a.Observe(s, refs, rest[:n], 1_000_000)
			rest = rest[n:]
		}
		if diff := cmp.Diff(whole, s) + cmp.Diff(wholeRefs, refs); diff != "" {
			t.Fatalf("(-at once +in batches):\n%s", diff)
		}
	})
}

func TestSessionsStayBoundedAndFiniteWhateverComes(t *testing.T) {
	a := newAssessor(t)
	rapid.Check(t, func(t *rapid.T) {
		s, refs := a.Open("s", "p", 0), References(nil)
		atMS := int64(0)
		for i := range rapid.IntRange(1, 300).Draw(t, "observations") {
			o := plain(int64(i + 1))
			o.Model = rapid.SampledFrom(a.Models()[observation.Keyboard]).Draw(t, "model")
			n, _ := embed.Dimension(o.Modality, o.Model)
			o.Embedding = make(observation.Embedding, n)
			o.StartMS = rapid.Int64Range(0, 3).Draw(t, "start")
			o.Events = rapid.IntRange(1, 1000).Draw(t, "events")
			for j := range o.Embedding {
				o.Embedding[j] = int8(rapid.IntRange(-127, 127).Draw(t, "byte"))
				if j > 3 {
					break
				}
			}
			o.DeviceClass = rapid.SampledFrom([]observation.DeviceClass{observation.Desktop, observation.Tablet}).Draw(t, "device")
			atMS += rapid.Int64Range(-10_000, 100_000).Draw(t, "step")
			s, refs, _ = a.Observe(s, refs, []observation.Observation{o}, atMS)
		}
		if math.IsNaN(s.Trust.LogOdds) || math.IsInf(s.Trust.LogOdds, 0) || len(s.Path) > PathPoints {
			t.Fatalf("log-odds %g after %d points", s.Trust.LogOdds, len(s.Path))
		}
		if _, err := json.Marshal(s); err != nil {
			t.Fatalf("the session cannot be stored: %v", err)
		}
	})
}

// BenchmarkTakeover measures, for the README, how soon generated people who take over another's desk are noticed at a
// budget and as the demonstration decides: fifteen minutes of the right person, then five of another. It asserts nothing.
func BenchmarkTakeover(b *testing.B) {
	const pairs = 20
	settings := []struct {
		name   string
		budget float64
		show   *Show
	}{
		{"320", 320, nil}, {"1000", 1000, nil}, {"3000", 3000, nil},
		{"demonstration", 1, &Show{Thresholds: policy.Thresholds{Medium: 3, High: 6}}},
	}
	for _, setting := range settings {
		b.Run(setting.name, func(b *testing.B) {
			for b.Loop() {
				var seconds []float64
				alarms := 0
				for i := range uint64(pairs) {
					a, err := NewAssessor("open", setting.budget, true)
					if err != nil {
						b.Fatal(err)
					}
					if setting.show != nil {
						a.DecideAs(*setting.show)
					}
					d := newDesk(a)
					if slices.ContainsFunc(d.work(200+i, i, 900), isHigh) {
						alarms++
						continue
					}
					takenOverMS := d.nowMS
					for _, c := range d.work(300+i, i, 300) {
						if isHigh(c) {
							seconds = append(seconds, (float64(c.AtMS)-takenOverMS)/1000)
						}
					}
				}
				slices.Sort(seconds)
				b.ReportMetric(float64(alarms), "false-alarms")
				b.ReportMetric(float64(len(seconds)), "noticed")
				b.ReportMetric(seconds[len(seconds)/2], "median-s")
			}
		})
	}
}

func isHigh(c Change) bool { return c.To == policy.High }
