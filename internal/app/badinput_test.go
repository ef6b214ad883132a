package app

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/trust"
)

// What docs/decisions/0014-evidence.md promises of bad input, case by case.

func (k *subject) key(m observation.Modality) enrol.Key {
	return enrol.Key{Modality: m, DeviceClass: observation.Desktop, Model: k.Models()[m][0]}
}

func TestScoresThatAreNotFiniteAreNoEvidence(t *testing.T) {
	k := newSubject(t)
	random := rand.New(rand.NewPCG(1, 1))
	for name, spoil := range map[string]func(*enrol.Reference){
		"not a number": func(r *enrol.Reference) { r.Comparison.OwnScore = math.NaN() },
		"of infinite weight": func(r *enrol.Reference) {
			r.Comparison.Weight, r.Comparison.OwnScore = math.Inf(1), math.NaN()
		},
	} {
		refs := References{}
		for key, r := range k.refs {
			spoil(&r)
			refs[key] = r
		}
		s, learnt, changes := k.Observe(k.session, refs, []observation.Observation{k.window(observation.Keyboard, 0, random)}, k.nowMS)
		d := s.Decision
		if d.Level != policy.Low || d.Answer != policy.CannotTell || !slices.Contains(d.Reasons, policy.NotComparable) || len(changes) != 0 || s.Compared {
			t.Errorf("%s: %+v, compared %v; want LOW, cannot_tell and %s", name, d, s.Compared, policy.NotComparable)
		}
		if s.Trust.LogOdds != k.session.Trust.LogOdds {
			t.Errorf("%s: log-odds went from %g to %g, want no evidence", name, k.session.Trust.LogOdds, s.Trust.LogOdds)
		}
		if _, err := json.Marshal(s); err != nil {
			t.Errorf("%s: the session cannot be stored: %v", name, err)
		}
		if got := learnt[k.key(observation.Keyboard)].Version; got != refs[k.key(observation.Keyboard)].Version {
			t.Errorf("%s: the reference went to version %d, want it as it was", name, got)
		}
	}
}

func TestAWindowThatComesTwiceCountsOnce(t *testing.T) {
	k := newSubject(t)
	random := rand.New(rand.NewPCG(2, 1))
	windows := []observation.Observation{
		k.window(observation.Keyboard, 0, random), k.window(observation.Pointer, 0, random), k.window(observation.Keyboard, 1, random),
	}
	number := func(from int64) []observation.Observation {
		for i := range windows {
			windows[i].Sequence = from + int64(i)
		}
		return slices.Clone(windows)
	}
	from := k.session.LastSequence + 1
	s, refs, _ := k.Observe(k.session, k.refs, number(from), k.nowMS)
	again, refsAgain := s, refs
	for i := range int64(5) {
		var changes []Change
		again, refsAgain, changes = k.Observe(again, refsAgain, number(from+3*(i+1)), k.nowMS)
		if len(changes) != 0 {
			t.Errorf("windows that came before changed the level: %+v", changes)
		}
	}
	if again.LastSequence != from+17 {
		t.Errorf("the last sequence is %d, want %d: what repeats is taken and counts for nothing", again.LastSequence, from+17)
	}
	again.LastSequence = s.LastSequence
	if diff := cmp.Diff(s, again) + cmp.Diff(refs, refsAgain); diff != "" {
		t.Errorf("(-once +again):\n%s", diff)
	}
}

func TestALearntReferenceIsNotMadeOfOneWindow(t *testing.T) {
	a := newAssessor(t)
	s, refs := a.Open("s", "p", 0), References{}
	for i := range int64(100) {
		s, refs, _ = a.Observe(s, refs, []observation.Observation{plain(i + 1)}, i*1000)
	}
	for key, r := range refs {
		if r.Version != 1 {
			t.Errorf("the %s reference took one window in %d times, want once", key.Modality, r.Version)
		}
	}
	if s.Decision.Answer != policy.CannotTell || s.Decision.Level != policy.Low {
		t.Errorf("decision %+v, want LOW and cannot_tell", s.Decision)
	}
}

func TestWindowsOutOfOrderAreTakenInTheirOrder(t *testing.T) {
	k := newSubject(t)
	random := rand.New(rand.NewPCG(3, 1))
	early, late := k.window(observation.Keyboard, 0, random), k.window(observation.Pointer, 0, random)
	late.Sequence = early.Sequence + 1
	s, refs, _ := k.Observe(k.session, k.refs, []observation.Observation{late, early}, k.nowMS)
	want, wantRefs, _ := k.Observe(k.session, k.refs, []observation.Observation{late}, k.nowMS)
	if diff := cmp.Diff(want, s) + cmp.Diff(wantRefs, refs); diff != "" {
		t.Errorf("a window behind a later one changed something (-want +got):\n%s", diff)
	}
}

func TestAServersClockThatIsSetBackGoesOnFromThere(t *testing.T) {
	for name, jumpMS := range map[string]int64{"a second": 1000, "a day": 24 * 3_600_000, "ten years": 10 * 365 * 24 * 3_600_000} {
		k := newSubject(t)
		k.nowMS += jumpMS // the clock was ahead
		random := rand.New(rand.NewPCG(4, 1))
		steady, set := k.session, k.session
		work := func(s Session, atMS int64, strange float64) Session {
			return k.after(s, atMS, k.window(observation.Keyboard, strange, random))
		}
		for range 10 {
			k.nowMS += 10_000
			seed := random.Uint64()
			random = rand.New(rand.NewPCG(seed, 1))
			steady = work(steady, k.nowMS, 0)
			random = rand.New(rand.NewPCG(seed, 1))
			set = work(set, k.nowMS, 0)
		}
		// From here on one clock goes on and the other is right again.
		for i := range int64(20) {
			seed := random.Uint64()
			random = rand.New(rand.NewPCG(seed, 1))
			steady = work(steady, k.nowMS+10_000*i, float64(i/10))
			random = rand.New(rand.NewPCG(seed, 1))
			set = work(set, k.nowMS-jumpMS+10_000*i, float64(i/10))
		}
		if !sameOdds(steady.Trust.LogOdds, set.Trust.LogOdds) || steady.Decision.Level != set.Decision.Level {
			t.Errorf("%s: log-odds %g at %s, with a steady clock %g at %s; want the same", name, set.Trust.LogOdds, set.Decision.Level, steady.Trust.LogOdds, steady.Decision.Level)
		}
		if !slices.IsSortedFunc(set.Path, func(a, b Point) int { return int(a.AtMS - b.AtMS) }) || set.Path[len(set.Path)-1].AtMS != set.Trust.AtMS {
			t.Errorf("%s: the path goes back in time", name)
		}
	}
}

func TestAServersClockThatJumpsAheadIsALongPause(t *testing.T) {
	k := newSubject(t)
	random := rand.New(rand.NewPCG(5, 1))
	s := k.after(k.session, k.nowMS, k.window(observation.Keyboard, 0.9, random))
	s = k.after(s, k.nowMS+50*365*24*3_600_000, k.unanswerable(random))
	if prior := k.Trust.Begin(0).LogOdds; !sameOdds(s.Trust.LogOdds, prior) || s.Decision.Level == policy.High {
		t.Errorf("after a jump of fifty years the odds are %g at %s, want the prior's %g and no alarm", s.Trust.LogOdds, s.Decision.Level, prior)
	}
}

// unanswerable gives a window that says nothing.
func (k *subject) unanswerable(random *rand.Rand) observation.Observation {
	o := k.window(observation.Keyboard, 0, random)
	o.Quality = []observation.Flag{observation.BlurredClock}
	return o
}

func TestTheDevicesClockIsNotBelieved(t *testing.T) {
	k := newSubject(t)
	run := func(start func(i int64) int64) Session {
		random := rand.New(rand.NewPCG(6, 1))
		s := k.session
		for i := range int64(20) {
			o := k.window(observation.Keyboard, float64(i%3)/2, random)
			o.StartMS = start(i)
			s = k.after(s, k.nowMS+i*10_000, o)
		}
		return s
	}
	want := run(func(i int64) int64 { return 1_000_000 + i*10_000 })
	for name, start := range map[string]func(int64) int64{
		"stands still": func(int64) int64 { return 5 },
		"runs back":    func(i int64) int64 { return 1 << 50 >> i },
		"jumps":        func(i int64) int64 { return (i % 2) << 50 },
	} {
		if got := run(start); !cmp.Equal(got.Trust, want.Trust) || got.Decision.Level != want.Decision.Level {
			t.Errorf("a clock that %s: trust %+v at %s, want %+v at %s", name, got.Trust, got.Decision.Level, want.Trust, want.Decision.Level)
		}
	}
}

func TestAReferenceOfOtherWeightsIsLearntAnew(t *testing.T) {
	k := newSubject(t)
	random := rand.New(rand.NewPCG(7, 1))
	key := k.key(observation.Keyboard)
	for name, spoil := range map[string]func(*enrol.Reference){
		"another projection":  func(r *enrol.Reference) { r.Comparison.Space = "of older weights" },
		"fewer dimensions":    func(r *enrol.Reference) { r.Comparison.Sum = r.Comparison.Sum[1:] },
		"both, and immature":  func(r *enrol.Reference) { r.Comparison.Sum, r.Comparison.Weight = r.Comparison.Sum[1:], 3 },
		"an empty one as old": func(r *enrol.Reference) { r.Comparison.Sum, r.Comparison.Weight = nil, 20 },
	} {
		s, refs := k.session, References{}
		old := k.refs[key]
		spoil(&old)
		refs[key] = old
		compared := 0
		for i := range int64(40) {
			o := k.window(observation.Keyboard, 0, random)
			o.Sequence = s.LastSequence + 1
			var changes []Change
			s, refs, changes = k.Observe(s, refs, []observation.Observation{o}, k.nowMS+i*10_000)
			if len(changes) != 0 {
				t.Fatalf("%s: %+v, want no change of level", name, changes)
			}
			if i == 0 && (s.Decision.Answer != policy.CannotTell || !slices.Contains(s.Decision.Reasons, policy.Immature)) {
				t.Errorf("%s: the first window gives %+v, want cannot_tell because ipse is still learning", name, s.Decision)
			}
			if s.Path[len(s.Path)-1].Score != nil {
				compared++
			}
		}
		if r := refs[key]; compared == 0 || !r.Mature() || r.Version <= old.Version || s.Decision.Answer != policy.SamePerson {
			t.Errorf("%s: after 40 windows %d were compared, maturity %g, version %d after %d, decision %+v; want the subject known anew", name, compared, r.Maturity(), r.Version, old.Version, s.Decision)
		}
	}
}

// A model that nothing compares any more leaves its references alone: they are of use again after a way back.
func TestAReferenceOfAnOlderModelStaysAsItIs(t *testing.T) {
	k := newSubject(t)
	key := k.key(observation.Keyboard)
	old := k.refs[key]
	old.Key.Model = "a model of yesterday"
	refs := References{old.Key: old}
	o := k.window(observation.Keyboard, 0, rand.New(rand.NewPCG(8, 1)))
	o.Model = old.Key.Model
	s, refs, changes := k.Observe(k.session, refs, []observation.Observation{o}, k.nowMS)
	if len(changes) != 0 || s.Decision.Answer != policy.CannotTell || !slices.Contains(s.Decision.Reasons, policy.ModelUnknown) {
		t.Errorf("%+v; want cannot_tell for an unknown model", s.Decision)
	}
	if diff := cmp.Diff(References{old.Key: old}, refs); diff != "" {
		t.Errorf("references (-before +after):\n%s", diff)
	}
}

func TestAnotherDeviceInTheSameSessionTellsAndTeachesNothing(t *testing.T) {
	k := newSubject(t)
	random := rand.New(rand.NewPCG(9, 1))
	s, refs := k.after(k.session, k.nowMS, k.window(observation.Keyboard, 0, random)), k.refs
	for i := range int64(60) {
		o := k.window(observation.Keyboard, 1, random)
		o.Sequence, o.DeviceClass = s.LastSequence+1, observation.Tablet
		var changes []Change
		s, refs, changes = k.Observe(s, refs, []observation.Observation{o}, k.nowMS+i*10_000)
		if len(changes) != 0 || s.Decision.Answer != policy.CannotTell || !slices.Contains(s.Decision.Reasons, policy.DeviceChanged) {
			t.Fatalf("window %d: %+v, changes %+v; want cannot_tell for another device", i, s.Decision, changes)
		}
	}
	if diff := cmp.Diff(k.refs, refs); diff != "" {
		t.Errorf("references (-before +after):\n%s", diff)
	}
	s = k.after(s, k.nowMS+600_000, k.window(observation.Keyboard, 0, random))
	if s.Decision.Answer != policy.SamePerson {
		t.Errorf("back on the first device: %+v, want same_person", s.Decision)
	}
	// Where the other device is known, its windows are evidence like any others.
	tablet := k.refs[k.key(observation.Keyboard)]
	tablet.Key.DeviceClass = observation.Tablet
	known := References{tablet.Key: tablet}
	o := k.window(observation.Keyboard, 0, random)
	o.Sequence, o.DeviceClass = s.LastSequence+1, observation.Tablet
	if s, _, _ = k.Observe(s, known, []observation.Observation{o}, k.nowMS+610_000); s.Path[len(s.Path)-1].Score == nil {
		t.Errorf("a window of a device that is known: %+v, want it compared", s.Decision)
	}
}

func TestTenThousandWindowsAtOnce(t *testing.T) {
	k := newSubject(t)
	random := rand.New(rand.NewPCG(10, 1))
	windows := make([]observation.Observation, 10_000)
	for i := range windows {
		windows[i] = k.window(bothModalities[i%2], 0, random)
		windows[i].Sequence = k.session.LastSequence + 1 + int64(i)
	}
	s, refs, _ := k.Observe(k.session, k.refs, windows, k.nowMS)
	raw, err := json.Marshal(s)
	if err != nil || len(s.Path) > PathPoints || len(s.Recent) > RecentWindows || len(raw) > 64<<10 {
		t.Errorf("%d points, %d bytes, %v; want a bounded session", len(s.Path), len(raw), err)
	}
	for key, r := range refs {
		if r.Comparison.Weight > enrol.ForgetBeyond+1 {
			t.Errorf("the %s reference weighs %g windows, want it bounded", key.Modality, r.Comparison.Weight)
		}
	}
	// They leave the session as able to notice somebody else as any long stretch of the subject's own work.
	noticed := func(s Session) (windows int) {
		for i := range int64(100) {
			if s = k.after(s, k.nowMS+10_000*(i+1), k.window(observation.Keyboard, 1, random)); s.Decision.Level == policy.High {
				return int(i) + 1
			}
		}
		return 100
	}
	usual := k.session
	for i := range int64(100) {
		usual = k.after(usual, k.nowMS-1_000_000+10_000*i, k.window(observation.Keyboard, 0, random))
	}
	flooded, unflooded := noticed(s), noticed(usual)
	if flooded > unflooded+3 {
		t.Errorf("somebody else is noticed after %d windows, without the flood after %d; want nearly the same", flooded, unflooded)
	}
	// Ten thousand that say nothing raise nothing.
	for i := range windows {
		windows[i].Quality = []observation.Flag{observation.PasteHeavy}
	}
	if s, _, changes := k.Observe(k.session, k.refs, windows, k.nowMS); len(changes) != 0 || !cmp.Equal(s.Trust, k.session.Trust) {
		t.Errorf("ten thousand windows without an answer: %+v, trust %+v; want nothing changed", changes, s.Trust)
	}
}

func TestSessionsOfAnOlderVersionRead(t *testing.T) {
	old := `{"id":"s","subject":"p","openedAtMS":5,"closed":false,"lastSequence":7,"applied":3,
		"trust":{"logOdds":-3,"atMS":1000,"evidenceAtMS":900,"begun":true},"decision":{"level":"LOW","answer":"same_person"},
		"compared":true,"path":[{"atMS":900,"trust":0.9,"level":"LOW","modality":"keyboard","score":1.5},{"atMS":950,"trust":0.95,"level":"LOW","modality":""}],
		"evidence":[],"scored":{"keyboard":{"startMS":4,"model":"features-1"}}}`
	var s Session
	if err := json.Unmarshal([]byte(old), &s); err != nil {
		t.Fatal(err)
	}
	if s.Path[0].Counted != nil || s.Path[0].event() != "" || s.Path[1].event() != signedIn {
		t.Errorf("the path reads as %+v", s.Path)
	}
	a := newAssessor(t)
	s = a.Happen(s, trust.Unlock, 2000)
	s, _, _ = a.Observe(s, nil, []observation.Observation{plain(8)}, 3000)
	if s.LastSequence != 8 || len(s.Path) != 4 || s.Device != observation.Desktop {
		t.Errorf("it goes on as %+v", s)
	}
}
