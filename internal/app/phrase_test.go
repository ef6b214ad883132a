package app

import (
	"cmp"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ipse.dev/ipse/internal/device"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/ingest"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
)

const phraseStrokes = 16

// phraseTypist types one phrase in a rhythm of their own.
type phraseTypist struct {
	random          *rand.Rand
	dwell, interval [phraseStrokes]float64
}

func newPhraseTypist(seed uint64) *phraseTypist {
	p := &phraseTypist{random: rand.New(rand.NewPCG(seed, 3))}
	tempo := 0.3 * p.random.NormFloat64()
	for i := range phraseStrokes {
		p.dwell[i] = 95 * exp(tempo+0.25*p.random.NormFloat64())
		p.interval[i] = 170 * exp(tempo+0.4*p.random.NormFloat64())
	}
	return p
}

// types gives the observation of one typing of the phrase with that number, through a collector.
func (p *phraseTypist) types(t testing.TB, number, sequence int64, change func([]event.Key) []event.Key) observation.Observation {
	t.Helper()
	c := device.NewCollector(device.Options{OriginUnixMS: time.Now().Add(-30 * time.Second).UnixMilli()})
	if err := c.Phrase(number, phraseStrokes); err != nil {
		t.Fatal(err)
	}
	var keys []event.Key
	at := 1000.0
	for i := range phraseStrokes {
		at += p.interval[i] * exp(0.15*p.random.NormFloat64())
		up := at + p.dwell[i]*exp(0.1*p.random.NormFloat64())
		class := event.Class(i % 4)
		keys = append(keys, event.Key{TimeMS: at, Class: class, Down: true, Trusted: true}, event.Key{TimeMS: up, Class: class, Trusted: true})
	}
	slices.SortStableFunc(keys, func(a, b event.Key) int { return cmp.Compare(a.TimeMS, b.TimeMS) })
	if change != nil {
		keys = change(keys)
	}
	c.Play(keys, nil)
	got := append(c.EndPhrase(), c.Flush()...)
	if len(got) != 1 {
		t.Fatalf("%d observations of one phrase, want 1", len(got))
	}
	got[0].Sequence = sequence
	return got[0]
}

func exp(x float64) float64 { // enough for a generator
	return 1 + x + x*x/2 + x*x*x/6
}

// learnt is a session in which the subject has typed phrase 7 until it is mature.
func learnt(t *testing.T, a *Assessor, owner *phraseTypist) (Session, References) {
	t.Helper()
	s, refs := a.Open("s", "subject", 0), References{}
	for i := range int64(enrol.PhraseMature) {
		s, refs, _ = a.Observe(s, refs, []observation.Observation{owner.types(t, 7, i+1, nil)}, 1000*(i+1))
		if s.Compared {
			t.Fatalf("typing %d was compared, want %d to be learnt first", i+1, enrol.PhraseMature)
		}
	}
	return s, refs
}

func TestAPhraseTellsItsTypist(t *testing.T) {
	a := newAssessor(t)
	owner := newPhraseTypist(1)
	s, refs := learnt(t, a, owner)
	own, _, _ := a.Observe(s, refs, []observation.Observation{owner.types(t, 7, 100, nil)}, 20_000)
	point := own.Path[len(own.Path)-1]
	if point.Score == nil || *point.Score <= 0 || own.Decision.Answer != policy.SamePerson || own.Trust.Trust() <= s.Trust.Trust() {
		t.Errorf("the owner's typing gave %+v and %+v, want a score above 0, more trust and the same person", point, own.Decision)
	}
	against := 0
	for seed := range uint64(10) {
		other, _, _ := a.Observe(s, refs, []observation.Observation{newPhraseTypist(50+seed).types(t, 7, 100, nil)}, 20_000)
		point := other.Path[len(other.Path)-1]
		if point.Score == nil {
			t.Fatalf("another person's typing was not compared: %+v", other.Decision)
		}
		if *point.Score < 0 && other.Trust.LogOdds-s.Trust.LogOdds <= 8 {
			against++
		}
		if e := other.Evidence[0]; e.Modality != observation.Phrase {
			t.Errorf("the evidence is %+v, want the phrase's", e)
		}
	}
	if against < 9 {
		t.Errorf("%d of 10 other people's typings spoke against the subject, within bounds; want 9 at least", against)
	}
}

func TestAPhraseThatWasNotTypedThroughIsNoEvidence(t *testing.T) {
	a := newAssessor(t)
	a.AcceptSimulated = false
	owner := newPhraseTypist(1)
	s, refs := learnt(t, a, owner)
	other := newPhraseTypist(2)
	for name, c := range map[string]struct {
		change func([]event.Key) []event.Key
		mark   observation.Flag
		reason policy.ReasonCode
	}{
		"corrected": {change: func(k []event.Key) []event.Key {
			return append(k, event.Key{TimeMS: 1e5, Class: event.Backspace, Down: true, Trusted: true}, event.Key{TimeMS: 1e5 + 60, Class: event.Backspace, Trusted: true})
		}, reason: policy.PhraseBroken},
		"half of it":     {change: func(k []event.Key) []event.Key { return k[:16] }, reason: policy.PhraseBroken},
		"pasted":         {mark: observation.PasteHeavy, reason: policy.PastedText},
		"composed":       {mark: observation.InputMethod, reason: policy.ComposedText},
		"a coarse clock": {mark: observation.BlurredClock, reason: policy.ClockBlurred},
	} {
		o := other.types(t, 7, 100, c.change)
		if c.mark != "" {
			o.Quality = append(o.Quality, c.mark)
		}
		got, after, changes := a.Observe(s, refs, []observation.Observation{o}, 20_000)
		if got.Compared || len(changes) > 0 || got.Decision.Answer != policy.CannotTell || !slices.Contains(got.Decision.Reasons, c.reason) {
			t.Errorf("%s: decision %+v after a comparison %v, want cannot tell for %s and no comparison", name, got.Decision, got.Compared, c.reason)
		}
		for key, r := range after {
			if r.Version != refs[key].Version {
				t.Errorf("%s: the reference learnt from it", name)
			}
		}
	}
	filled := other.types(t, 7, 100, nil)
	filled.Liveness.UntrustedShare, filled.Quality = 1, []observation.Flag{observation.BrokenPhrase}
	if got, _, _ := a.Observe(s, refs, []observation.Observation{filled}, 20_000); got.Decision.Level != policy.Low {
		t.Errorf("a password manager gave %+v, want no alarm", got.Decision)
	}
	filled.Quality = []observation.Flag{observation.Simulated}
	if got, _, _ := a.Observe(s, refs, []observation.Observation{filled}, 20_000); got.Decision.Level != policy.High {
		t.Errorf("simulated typing gave %+v, want an alarm", got.Decision)
	}
}

func TestPhrasesAreKeptApartAndBounded(t *testing.T) {
	a := newAssessor(t)
	owner := newPhraseTypist(1)
	s, refs := learnt(t, a, owner)
	s, refs, _ = a.Observe(s, refs, []observation.Observation{owner.types(t, 8, 100, nil)}, 20_000)
	if s.Compared || phrasesOf(refs, observation.Desktop) != 2 {
		t.Errorf("another number was compared (%v) or not kept apart: %d phrases, want 2", s.Compared, phrasesOf(refs, observation.Desktop))
	}
	for i := range int64(2 * enrol.MaxPhrases) {
		s, refs, _ = a.Observe(s, refs, []observation.Observation{owner.types(t, 1000+i, 200+i, nil)}, 21_000+i)
	}
	if n := phrasesOf(refs, observation.Desktop); n != enrol.MaxPhrases {
		t.Errorf("%d phrases are kept, want %d", n, enrol.MaxPhrases)
	}
	s, _, _ = a.Observe(s, refs, []observation.Observation{owner.types(t, 7, 900, nil)}, 30_000)
	if !s.Compared {
		t.Error("the first phrase is not compared any more")
	}
}

func TestPhrasesOutliveTheServerAndNotTheErasure(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	real := func(o *Options) { o.assessor = newAssessor(t) }
	d := startRunningOn(t, data, real)
	owner := newPhraseTypist(1)
	first := d.open("ada")
	for i := range int64(enrol.PhraseMature) {
		want[ingest.Reply](t, d.report(first.CollectorToken, owner.types(t, 7, 2*i+1, nil), owner.types(t, 8, 2*i+2, nil)), 200)
	}
	both := func(refs []ingest.ReferenceMaturity) bool {
		return len(refs) == 2 && refs[0].Phrase == 7 && refs[1].Phrase == 8 && refs[0].Maturity == 1 && refs[1].Maturity == 1
	}
	eventually(t, "two phrases learnt", func() bool { return both(d.view(first.Session).References) })
	d.stop()

	d = startRunningOn(t, data, real)
	again := d.open("ada")
	if refs := d.view(again.Session).References; !both(refs) {
		t.Fatalf("after a restart the references are %+v, want phrases 7 and 8, mature", refs)
	}
	want[ingest.Reply](t, d.report(again.CollectorToken, owner.types(t, 7, 1, nil)), 200)
	eventually(t, "the phrase is compared", func() bool {
		e := d.view(again.Session).Evidence
		return len(e) == 1 && e[0].Modality == observation.Phrase && e[0].Score > 0
	})
	v := want[SubjectView](t, d.send("GET", "/v1/subjects/"+again.Subject, d.key, nil), 200)
	if len(v.References) != 2 || v.References[1].Phrase != 8 || v.References[1].Model != "timings-1" {
		t.Errorf("the subject's references are %+v, want two phrases by timings-1", v.References)
	}
	if got := d.send("DELETE", "/v1/subjects/"+again.Subject, d.key, nil); got.status != 204 {
		t.Fatalf("got %d %s, want 204", got.status, got.body)
	}
	if refs := d.view(d.open("ada").Session).References; len(refs) != 0 {
		t.Errorf("after the erasure there are %+v, want nothing learnt", refs)
	}
}
