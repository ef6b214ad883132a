package app

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/trust"
)

// The laws of the whole assessor: what package trust states of scores must hold of observations, references and
// decisions together.

// subject is somebody whom ipse knows, made of random vectors around a centre of their own for each modality.
type subject struct {
	*Assessor
	session Session
	refs    References
	centres map[observation.Modality]observation.Embedding
	nowMS   int64
}

// bothModalities are those that every desk has.
var bothModalities = []observation.Modality{observation.Keyboard, observation.Pointer}

// newSubject enrols somebody until both references are mature; the session is then begun anew.
func newSubject(t testing.TB) *subject {
	t.Helper()
	k := &subject{Assessor: newAssessor(t), centres: map[observation.Modality]observation.Embedding{}}
	random := rand.New(rand.NewPCG(4, 1))
	k.session = k.Open("s", "subject", 0)
	for _, m := range bothModalities {
		model := k.Models()[m][0]
		length, _ := embed.Dimension(m, model)
		centre := make(observation.Embedding, length)
		for i := range centre {
			centre[i] = int8(random.IntN(80) - 40)
		}
		k.centres[m] = centre
		for range 40 {
			k.nowMS += 10_000
			o := k.window(m, 0, random)
			k.session, k.refs, _ = k.Observe(k.session, k.refs, []observation.Observation{o}, k.nowMS)
		}
		if key := (enrol.Key{Modality: m, DeviceClass: observation.Desktop, Model: model}); !k.refs[key].Mature() {
			t.Fatalf("the %s reference is at %g after 40 windows, want it mature", m, k.refs[key].Maturity())
		}
	}
	k.session, _ = k.Reauthenticate(k.session, k.nowMS)
	return k
}

// window gives a window of the subject's with that share of somebody else in it: 0 is the subject, 1 a stranger.
func (k *subject) window(m observation.Modality, strange float64, random *rand.Rand) observation.Observation {
	centre := k.centres[m]
	o := observation.Observation{
		Sequence: k.session.LastSequence + 1, Modality: m, Model: k.Models()[m][0], DeviceClass: observation.Desktop,
		StartMS: random.Int64N(1e12), DurationMS: 8_000, Events: 60, Embedding: make(observation.Embedding, len(centre)),
		FeatureList: feature.KeyboardList.Name, Features: make([]float64, len(feature.KeyboardList.Features)), Quality: []observation.Flag{},
	}
	if m == observation.Pointer {
		o.FeatureList, o.Features = feature.PointerList.Name, make([]float64, len(feature.PointerList.Features))
	}
	for i, c := range centre {
		o.Embedding[i] = int8(max(-127, min(127, (1-2*strange)*float64(c)+6*random.NormFloat64())))
	}
	return o
}

// anyWindow draws a window between the subject and a stranger.
func (k *subject) anyWindow(t *rapid.T) observation.Observation {
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
	return k.window(rapid.SampledFrom(bothModalities).Draw(t, "modality"), rapid.Float64Range(0, 1).Draw(t, "strange"), random)
}

// after folds windows in one by one, against the references as they are. No two of
// them begin at the same time, however alike they were drawn.
func (k *subject) after(s Session, atMS int64, windows ...observation.Observation) Session {
	for _, o := range windows {
		o.Sequence = s.LastSequence + 1
		o.StartMS += o.Sequence
		s, _, _ = k.Observe(s, k.refs, []observation.Observation{o}, atMS)
	}
	return s
}

// anySession draws a session after some windows.
func (k *subject) anySession(t *rapid.T) (s Session, nowMS int64) {
	s, nowMS = k.session, k.nowMS
	for range rapid.IntRange(0, 12).Draw(t, "before") {
		nowMS += rapid.Int64Range(0, 120_000).Draw(t, "step")
		s = k.after(s, nowMS, k.anyWindow(t))
	}
	return s, nowMS
}

// score is what the subject's reference says of a window.
func (k *subject) score(t *rapid.T, o observation.Observation) float64 {
	c, err := k.Weights.For(o.Modality, o.Model)
	if err != nil {
		t.Fatal(err)
	}
	ref := k.refs[enrol.Key{Modality: o.Modality, DeviceClass: o.DeviceClass, Model: o.Model}]
	llr, err := c.Compare(ref.Comparison, compare.Probe{Embedding: o.Embedding, Events: o.Events})
	if err != nil {
		t.Fatal(err)
	}
	return llr
}

func sameOdds(a, b float64) bool { return math.Abs(a-b) <= 1e-6*(1+math.Abs(a)) }

func TestLawOrderOfEqualTimeWindowsDoesNotMatter(t *testing.T) {
	k := newSubject(t)
	rapid.Check(t, func(t *rapid.T) {
		s, nowMS := k.anySession(t)
		nowMS += rapid.Int64Range(0, 60_000).Draw(t, "later")
		windows := rapid.SliceOfN(rapid.Custom(k.anyWindow), 2, 6).Draw(t, "windows")
		one, other := k.after(s, nowMS, windows...), k.after(s, nowMS, rapid.Permutation(windows).Draw(t, "order")...)
		if !sameOdds(one.Trust.LogOdds, other.Trust.LogOdds) {
			t.Fatalf("log-odds %g in one order, %g in another", one.Trust.LogOdds, other.Trust.LogOdds)
		}
	})
}

func TestLawOneWindowsInfluenceIsBounded(t *testing.T) {
	k := newSubject(t)
	rapid.Check(t, func(t *rapid.T) {
		s, nowMS := k.anySession(t)
		nowMS += rapid.Int64Range(0, 60_000).Draw(t, "later")
		after := k.after(s, nowMS, k.anyWindow(t))
		moved := after.Trust.LogOdds - k.Trust.Wait(s.Trust, nowMS).LogOdds
		if math.Abs(moved) > 16 {
			t.Fatalf("one window moved the log-odds by %g, want at most 16 either way", moved)
		}
		p := after.Path[len(after.Path)-1]
		counted := withoutWindow(k.Trust, s.Trust, nowMS) - after.Trust.LogOdds
		if p.Score == nil || p.Counted == nil || math.Abs(*p.Counted-counted) > 1e-4 || p.Reasons != nil {
			t.Fatalf("the path tells %+v of a window that counted for %g", p, counted)
		}
	})
}

func TestLawMonotoneInEachScore(t *testing.T) {
	k := newSubject(t)
	rapid.Check(t, func(t *rapid.T) {
		s, nowMS := k.anySession(t)
		a, b := k.anyWindow(t), k.anyWindow(t)
		b.Modality, b.Model = a.Modality, a.Model
		if len(b.Embedding) != len(a.Embedding) {
			b.Embedding = append(observation.Embedding{}, a.Embedding...)
		}
		if k.score(t, a) > k.score(t, b) {
			a, b = b, a
		}
		if low, high := k.after(s, nowMS, a).Trust.LogOdds, k.after(s, nowMS, b).Trust.LogOdds; low < high-1e-9 {
			t.Fatalf("a score of %g leaves odds of %g, a higher one of %g leaves %g; want no more", k.score(t, a), low, k.score(t, b), high)
		}
	})
}

func TestLawStateRoundTripsThroughStorage(t *testing.T) {
	k := newSubject(t)
	rapid.Check(t, func(t *rapid.T) {
		s, nowMS := k.anySession(t)
		s = k.Happen(k.SeeAddress(k.SeeAddress(s, "a", nowMS), "b", nowMS), trust.Unlock, nowMS)
		raw, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back Session
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s, back, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-kept +read):\n%s", diff)
		}
		o := k.anyWindow(t)
		if diff := cmp.Diff(k.after(s, nowMS, o), k.after(back, nowMS, o), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("the next window (-kept +read):\n%s", diff)
		}
	})
}

// unanswerableWindow draws a window that says nothing about who is there, for one of the reasons that there are.
func (k *subject) unanswerableWindow(t *rapid.T) observation.Observation {
	o := k.anyWindow(t)
	switch rapid.IntRange(0, 5).Draw(t, "why") {
	case 0:
		o.Quality = []observation.Flag{observation.BlurredClock}
	case 1:
		o.Quality = []observation.Flag{observation.InputMethod, observation.ShortWindow}
	case 2:
		o.Quality = []observation.Flag{observation.PasteHeavy}
	case 3:
		o.Model = "a model of tomorrow"
	case 4:
		o.DeviceClass = observation.Tablet
	case 5:
		o.Modality, o.Model, o.Phrase = observation.Phrase, embed.PhraseModel, 1
		o.Quality = []observation.Flag{observation.BrokenPhrase}
	}
	return o
}

var rank = map[policy.Level]int{policy.Low: 0, policy.Medium: 1, policy.High: 2}

func TestLawNoEvidenceFadesToThePriorAndNeverAlarms(t *testing.T) {
	k := newSubject(t)
	prior := k.Trust.Begin(0).LogOdds
	rapid.Check(t, func(t *rapid.T) {
		s, nowMS := k.anySession(t)
		low, high, level := math.Min(prior, s.Trust.LogOdds), math.Max(prior, s.Trust.LogOdds), s.Decision.Level
		for range rapid.IntRange(1, 20).Draw(t, "windows") {
			nowMS += rapid.Int64Range(0, 600_000).Draw(t, "step")
			s = k.after(s, nowMS, k.unanswerableWindow(t))
			if s.Trust.LogOdds < low-1e-9 || s.Trust.LogOdds > high+1e-9 {
				t.Fatalf("log-odds are %g, want them between %g and %g", s.Trust.LogOdds, low, high)
			}
			if rank[s.Decision.Level] > rank[level] {
				t.Fatalf("the level went from %s to %s: %v", level, s.Decision.Level, s.Decision.Reasons)
			}
			level = s.Decision.Level
		}
		s = k.after(s, nowMS+24*3_600_000, k.unanswerableWindow(t))
		if !sameOdds(s.Trust.LogOdds, prior) {
			t.Fatalf("after a day without evidence the log-odds are %g, want the prior's %g", s.Trust.LogOdds, prior)
		}
	})
}

// A session in which nothing can be told stays LOW and says why, whatever happens around it.
func TestLawCannotTellHasAReasonAndIsNoAlarm(t *testing.T) {
	k := newSubject(t)
	rapid.Check(t, func(t *rapid.T) {
		s, nowMS := k.Open("s", "subject", 0), int64(0)
		refs := References{} // of somebody who is still learnt
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			nowMS += rapid.Int64Range(0, 300_000).Draw(t, "step")
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				s = k.Happen(s, rapid.SampledFrom(trust.Contexts).Draw(t, "context"), nowMS)
			case 1:
				o := k.anyWindow(t)
				o.Sequence, o.Modality, o.Model = s.LastSequence+1, observation.Touch, "features-1"
				s, refs, _ = k.Observe(s, refs, []observation.Observation{o}, nowMS)
			default:
				o := k.unanswerableWindow(t)
				o.Sequence = s.LastSequence + 1
				s, refs, _ = k.Observe(s, refs, []observation.Observation{o}, nowMS)
			}
			if d := s.Decision; d.Level != policy.Low || d.Answer != policy.CannotTell || len(d.Reasons) == 0 || len(d.Directives) > 0 {
				t.Fatalf("decision %+v; want LOW and cannot_tell, with a reason and nothing to do", d)
			}
		}
	})
}

// Contexts say when to look closely. Without a window they decide nothing, and a window that speaks for the subject
// finds the level LOW behind any number of them.
func TestLawContextsAloneAreNoAlarm(t *testing.T) {
	k := newSubject(t)
	random := rand.New(rand.NewPCG(9, 9))
	rapid.Check(t, func(t *rapid.T) {
		s, nowMS := k.session, k.nowMS
		for range rapid.IntRange(1, 60).Draw(t, "contexts") {
			nowMS += rapid.Int64Range(0, 120_000).Draw(t, "step")
			before := s.Decision
			s = k.Happen(s, rapid.SampledFrom(trust.Contexts).Draw(t, "context"), nowMS)
			if diff := cmp.Diff(before, s.Decision); diff != "" {
				t.Fatalf("a context decided (-before +after):\n%s", diff)
			}
		}
		s = k.after(s, nowMS, k.window(observation.Keyboard, 0, random))
		if s.Decision.Level != policy.Low {
			t.Fatalf("after contexts and a window of the subject: %+v with odds of %g, want LOW", s.Decision, s.Trust.LogOdds)
		}
	})
}

// No budget puts a threshold where contexts alone could reach it.
func TestContextsStayBelowEveryThreshold(t *testing.T) {
	w := newAssessor(t).Weights
	m := trust.Default()
	s := m.Begin(0)
	for range 1000 {
		s = m.Happen(s, trust.RemoteDesktop, 0)
	}
	for _, alerts := range []float64{0.01, 1, 1000, 1e6} {
		th, err := policy.ThresholdsFor(alerts, tailOf(w.Tail))
		if err != nil {
			t.Fatal(err)
		}
		if s.LogOdds >= th.Medium {
			t.Errorf("%g alerts: a thousand contexts reach odds of %g, MEDIUM holds from %g; want less", alerts, s.LogOdds, th.Medium)
		}
	}
}

// The closer look is one: after a context, somebody else is noticed with less evidence.
func TestAContextMakesTheNextWindowsCountForMore(t *testing.T) {
	k := newSubject(t)
	random := rand.New(rand.NewPCG(3, 3))
	s := k.session
	for range 30 {
		k.nowMS += 10_000
		s = k.after(s, k.nowMS, k.window(observation.Keyboard, 0, random))
	}
	told := k.Happen(s, trust.RemoteDesktop, k.nowMS)
	stranger := k.window(observation.Keyboard, 1, random)
	if with, without := k.after(told, k.nowMS, stranger).Trust.Trust(), k.after(s, k.nowMS, stranger).Trust.Trust(); with >= without {
		t.Errorf("trust after a stranger's window is %g with the context and %g without, want less with it", with, without)
	}
	if p := told.Path[len(told.Path)-1]; p.Context != trust.RemoteDesktop || p.event() != "remote_desktop" || p.Modality != "" || p.Score != nil {
		t.Errorf("the path tells %+v of the context", p)
	}
}

func TestAnotherNetworkIsAContextOnce(t *testing.T) {
	k := newSubject(t)
	contexts := func(s Session) (n int) {
		for _, p := range s.Path {
			if p.Context == trust.NewAddress {
				n++
			}
		}
		return n
	}
	s := k.session
	for i, step := range []struct {
		tag  string
		want int
	}{{"office", 0}, {"office", 0}, {"", 0}, {"home", 1}, {"office", 1}, {"home", 1}, {"train", 2}, {"a", 3}, {"b", 4}, {"office", 5}} {
		if s = k.SeeAddress(s, step.tag, k.nowMS); contexts(s) != step.want || len(s.Addresses) > KnownAddresses {
			t.Errorf("step %d, %q: %d contexts, %d addresses kept; want %d contexts and at most %d addresses", i, step.tag, contexts(s), len(s.Addresses), step.want, KnownAddresses)
		}
	}
	if closed := k.Close(s, k.nowMS); closed.Addresses != nil || contexts(k.SeeAddress(closed, "c", k.nowMS)) != contexts(s) {
		t.Errorf("a closed session keeps %v, want nothing and no more contexts", closed.Addresses)
	}
}
