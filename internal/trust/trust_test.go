package trust

import (
	"encoding/json"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func anyState(t *rapid.T, m Model) State {
	s := m.Begin(rapid.Int64Range(0, 1e12).Draw(t, "begin"))
	for range rapid.IntRange(0, 20).Draw(t, "updates") {
		s = m.Update(s, rapid.Float64Range(-30, 30).Draw(t, "score"), s.AtMS+rapid.Int64Range(0, 600_000).Draw(t, "step"))
	}
	return s
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-6*(1+math.Abs(a)) }

func TestSilenceFadesToThePriorAndNeverBeyond(t *testing.T) {
	m := Default()
	rapid.Check(t, func(t *rapid.T) {
		s := anyState(t, m)
		later := m.Wait(s, s.AtMS+rapid.Int64Range(0, 100*hourMS).Draw(t, "silence"))
		low, high := math.Min(s.LogOdds, logit(m.Prior)), math.Max(s.LogOdds, logit(m.Prior))
		if later.LogOdds < low-1e-9 || later.LogOdds > high+1e-9 {
			t.Fatalf("log-odds went from %g to %g, outside of what lies between them and the prior's %g", s.LogOdds, later.LogOdds, logit(m.Prior))
		}
		if end := m.Wait(s, s.AtMS+1000*hourMS); !near(end.LogOdds, logit(m.Prior)) {
			t.Fatalf("after 1,000 hours of silence the log-odds are %g, want the prior's %g", end.LogOdds, logit(m.Prior))
		}
	})
}

func TestWaitingTwiceIsWaitingOnceForAsLong(t *testing.T) {
	m := Default()
	rapid.Check(t, func(t *rapid.T) {
		s := anyState(t, m)
		a, b := rapid.Int64Range(0, hourMS).Draw(t, "a"), rapid.Int64Range(0, hourMS).Draw(t, "b")
		once, twice := m.Wait(s, s.AtMS+a+b), m.Wait(m.Wait(s, s.AtMS+a), s.AtMS+a+b)
		if !near(once.LogOdds, twice.LogOdds) || once.AtMS != twice.AtMS {
			t.Fatalf("once gives %+v, twice %+v", once, twice)
		}
	})
}

func TestOneWindowsInfluenceIsBounded(t *testing.T) {
	m := Default()
	rapid.Check(t, func(t *rapid.T) {
		s := anyState(t, m)
		score := rapid.Float64Range(-1e300, 1e300).Draw(t, "score")
		neutral, moved := m.Update(s, 0, s.AtMS), m.Update(s, score, s.AtMS)
		if d := moved.LogOdds - neutral.LogOdds; d > m.MaxDoubt+1e-9 || d < -m.MaxEvidence-1e-9 {
			t.Fatalf("a score of %g moved the log-odds by %g; want between %g and %g", score, d, -m.MaxEvidence, m.MaxDoubt)
		}
	})
}

func TestMonotoneInEachScore(t *testing.T) {
	m := Default()
	rapid.Check(t, func(t *rapid.T) {
		s := anyState(t, m)
		at := s.AtMS + rapid.Int64Range(0, 60_000).Draw(t, "step")
		a, b := rapid.Float64Range(-20, 20).Draw(t, "a"), rapid.Float64Range(-20, 20).Draw(t, "b")
		if a > b {
			a, b = b, a
		}
		if m.Update(s, a, at).Trust() > m.Update(s, b, at).Trust()+1e-12 {
			t.Fatalf("trust is higher after a score of %g than after %g", a, b)
		}
	})
}

func TestOrderOfEqualTimeEvidenceDoesNotMatter(t *testing.T) {
	m := Default()
	rapid.Check(t, func(t *rapid.T) {
		s := anyState(t, m)
		a, b := rapid.Float64Range(-20, 20).Draw(t, "a"), rapid.Float64Range(-20, 20).Draw(t, "b")
		ab := m.Update(m.Update(s, a, s.AtMS), b, s.AtMS)
		ba := m.Update(m.Update(s, b, s.AtMS), a, s.AtMS)
		if !near(ab.LogOdds, ba.LogOdds) {
			t.Fatalf("%g then %g gives %g, the other way round %g", a, b, ab.LogOdds, ba.LogOdds)
		}
	})
}

func TestWhatIsNotANumberIsNoEvidence(t *testing.T) {
	m := Default()
	s := m.Update(m.Begin(0), -1, 1000)
	for _, score := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if got := m.Update(s, score, 2000); got != m.Wait(s, 2000) {
			t.Errorf("Update with %g = %+v, want what waiting gives, %+v", score, got, m.Wait(s, 2000))
		}
	}
}

func TestClocksThatGoBackCountAsStandingStill(t *testing.T) {
	m := Default()
	s := m.Update(m.Begin(1_000_000), -1, 1_010_000)
	if got := m.Update(s, -1, 5); got.AtMS != s.AtMS || got != m.Update(s, -1, s.AtMS) {
		t.Errorf("an update from the past gave %+v, want %+v", got, m.Update(s, -1, s.AtMS))
	}
}

func TestStateRoundTripsThroughStorage(t *testing.T) {
	m := Default()
	rapid.Check(t, func(t *rapid.T) {
		s := anyState(t, m)
		raw, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back State
		if err := json.Unmarshal(raw, &back); err != nil || back != s {
			t.Fatalf("%+v came back as %+v (%v)", s, back, err)
		}
	})
}

func TestTakeoverIsSeenAndTheSubjectStaysTrusted(t *testing.T) {
	m := Default()
	s := m.Begin(0)
	for i := range 100 {
		s = m.Update(s, 2, int64(i)*10_000)
	}
	if s.Trust() < 0.9 {
		t.Fatalf("after 100 windows that fit the trust is %g, want at least 0.9", s.Trust())
	}
	for i := range 6 {
		s = m.Update(s, -4, s.AtMS+int64(i+1)*10_000)
	}
	if s.Trust() > 0.01 {
		t.Errorf("after six windows of somebody else the trust is %g, want at most 0.01", s.Trust())
	}
}

func TestOddsReachAnyThresholdThatABudgetCanAskFor(t *testing.T) {
	m := Default()
	s := m.Begin(0)
	for i := range 100 {
		s = m.Update(s, -5, int64(i)*10_000)
	}
	if s.LogOdds < 100 {
		t.Errorf("after 100 windows of somebody else the log-odds are %g, want at least 100", s.LogOdds)
	}
	for range 100_000 {
		s = m.Update(s, -5, s.AtMS)
	}
	if s.LogOdds > maxLogOdds || s.Trust() < 0 {
		t.Errorf("log-odds %g, trust %g; want at most %d and a probability", s.LogOdds, s.Trust(), maxLogOdds)
	}
}
