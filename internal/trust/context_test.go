package trust

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func anyContext(t *rapid.T) Context { return rapid.SampledFrom(Contexts).Draw(t, "context") }

func TestEveryContextHasAChanceOfItsOwn(t *testing.T) {
	m := Default()
	for _, kind := range Contexts {
		if q := m.Chances.of(kind); !(q > 0 && q < m.Chances.Ceiling) || !kind.Known() {
			t.Errorf("%s: chance %g, known %v; want one above 0 and below the ceiling of %g", kind, q, kind.Known(), m.Chances.Ceiling)
		}
	}
	if Context("keystrokes").Known() || Context("").Known() {
		t.Error("a kind that is none of the list is known")
	}
}

func TestAContextRaisesTheProbabilityByItsChance(t *testing.T) {
	m := Default()
	s := m.Begin(0)
	for kind, q := range map[Context]float64{Unlock: 0.02, NewAddress: 0.03, RemoteDesktop: 0.1, VirtualMachine: 0.01} {
		got, want := 1-m.Happen(s, kind, 0).Trust(), m.Prior+(1-m.Prior)*q
		if math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: P became %g, want %g", kind, got, want)
		}
	}
	if got := m.Happen(s, "something else", 1000); !cmp.Equal(got, m.Wait(s, 1000)) {
		t.Errorf("an unknown context gave %+v, want what waiting gives", got)
	}
	if got := (Model{Prior: 0.05, FadeHours: 1}).Happen(s, Unlock, 0); !cmp.Equal(got, s) {
		t.Errorf("without chances a context gave %+v, want %+v", got, s)
	}
}

// However many contexts come, they lead no further than the ceiling, and they take nothing away.
func TestContextsAreBoundedTogether(t *testing.T) {
	m := Default()
	rapid.Check(t, func(t *rapid.T) {
		s := anyState(t, m)
		bound := math.Max(s.LogOdds, logit(m.Chances.Ceiling))
		for range rapid.IntRange(1, 50).Draw(t, "contexts") {
			after := m.Happen(s, anyContext(t), s.AtMS)
			if after.LogOdds < s.LogOdds || after.LogOdds > bound+1e-12 {
				t.Fatalf("log-odds went from %g to %g; want no fall, and at most %g", s.LogOdds, after.LogOdds, bound)
			}
			s = after
		}
	})
}

func TestOrderOfContextsOfOneMomentDoesNotMatter(t *testing.T) {
	m := Default()
	rapid.Check(t, func(t *rapid.T) {
		s, a, b := anyState(t, m), anyContext(t), anyContext(t)
		ab, ba := m.Happen(m.Happen(s, a, s.AtMS), b, s.AtMS), m.Happen(m.Happen(s, b, s.AtMS), a, s.AtMS)
		if !near(ab.LogOdds, ba.LogOdds) {
			t.Fatalf("%s then %s gives %g, the other way round %g", a, b, ab.LogOdds, ba.LogOdds)
		}
	})
}

// The hazard of the time that passes afterwards is what keeps a burst, as after a collector was off line, from making a
// session blind: odds grow by it, however small they were.
func TestEvidenceThatCameAtOnceBlindsNobody(t *testing.T) {
	m := Default()
	s := m.Begin(0)
	for range 10_000 {
		s = m.Update(s, "keyboard", 30, 1000)
	}
	windows := 0
	for ; s.LogOdds < 5 && windows < 100; windows++ {
		s = m.Update(s, "keyboard", -30, s.AtMS+10_000)
	}
	if windows > 5 {
		t.Errorf("after 10,000 windows at once it takes %d windows of somebody else to reach odds of 5, want at most 5", windows)
	}
}

func TestStateOfAnOlderVersionReads(t *testing.T) {
	var s State
	if err := json.Unmarshal([]byte(`{"logOdds":-2.5,"atMS":10,"evidenceAtMS":5,"begun":true}`), &s); err != nil || !cmp.Equal(s, State{LogOdds: -2.5, AtMS: 10, EvidenceAtMS: 5, Begun: true}) {
		t.Errorf("got %+v, %v", s, err)
	}
}
