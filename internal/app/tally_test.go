package app

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/budget"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/store"
)

const tallyMS = 1_700_000_000_000

// stepped gives a session after one message that took evidence in and left these log-odds behind, one after the other.
func stepped(before Session, atMS int64, level policy.Level, logOdds ...float64) Session {
	s := before
	s.Trust.EvidenceAtMS = atMS
	s.Decision.Level = level
	s.Path = nil
	for _, l := range logOdds {
		s.Path = append(s.Path, Point{AtMS: atMS, Trust: 1 / (1 + math.Exp(l)), Level: level})
	}
	return s
}

func lasting(sequence, startMS, durationMS int64) observation.Observation {
	return observation.Observation{Sequence: sequence, Modality: observation.Keyboard, StartMS: startMS, DurationMS: durationMS}
}

func TestInputThatCounts(t *testing.T) {
	before := Session{Subject: "p"}
	before.Trust.EvidenceAtMS = tallyMS
	held := before
	held.Decision.Level = policy.High
	for name, c := range map[string]struct {
		before  Session
		afterMS int64 // since the evidence before
		obs     []observation.Observation
		want    int64
	}{
		"as long as the window lasted":              {before, 30_000, []observation.Observation{lasting(1, 5, 9_000)}, 9_000},
		"no longer than since the last evidence":    {before, 5_000, []observation.Observation{lasting(1, 5, 9_000), lasting(2, 6, 9_000)}, 5_000},
		"a window that two models embedded, once":   {before, 30_000, []observation.Observation{lasting(1, 5, 9_000), lasting(2, 5, 9_000)}, 9_000},
		"a window with a long pause in it":          {before, 3_000_000, []observation.Observation{lasting(1, 5, 3_000_000)}, pauseMS},
		"nothing where nothing was compared":        {before, 0, []observation.Observation{lasting(1, 5, 9_000)}, 0},
		"nothing while an alarm holds":              {held, 30_000, []observation.Observation{lasting(1, 5, 9_000)}, 0},
		"nothing of a negative duration":            {before, 30_000, []observation.Observation{lasting(1, 5, -9_000)}, 0},
		"nothing of what the session has had":       {func() Session { s := before; s.LastSequence = 1; return s }(), 30_000, []observation.Observation{lasting(1, 5, 9_000)}, 0},
		"nothing where the server's clock ran back": {before, -9_000, []observation.Observation{lasting(1, 5, 9_000)}, 0},
	} {
		if got := comparedMS(c.before, stepped(c.before, tallyMS+c.afterMS, policy.Low), c.obs); got != c.want {
			t.Errorf("%s: got %d ms, want %d", name, got, c.want)
		}
	}
}

func TestClimbsAreToldOnce(t *testing.T) {
	var tl tally
	s := Session{Subject: "p"}
	step := func(level policy.Level, logOdds ...float64) {
		before := s
		at := before.Trust.EvidenceAtMS + 10_000
		if before.Trust.EvidenceAtMS == 0 {
			at = tallyMS
		}
		s = stepped(before, at, level, logOdds...)
		tl.observed(before, &s, nil, at)
	}
	step(policy.Low, -4, -1, 0.7) // begins to climb
	step(policy.Low, 1.2, 0.3)
	step(policy.Low, -1.5, 0.1) // a dip is no end
	if len(tl.days()) != 0 {
		t.Fatalf("got %+v before any climb is over", tl.days())
	}
	step(policy.Low, -2.5)
	step(policy.Low, -3, 0.2) // another, which an alarm cuts
	step(policy.High, 4.4)
	step(policy.High, 5, 9) // the rest of it is no climb of its own
	want := []store.PeakBin{{Bin: budget.BinOf(1.2), N: 1}, {Bin: budget.BinOf(4.4), Cut: true, N: 1}}
	if diff := cmp.Diff(want, tl.days()[0].Peaks); diff != "" {
		t.Errorf("peaks (-want +got):\n%s", diff)
	}
	tl.kept()
	if len(tl.days()) != 0 || s.Peak != 0 {
		t.Errorf("after keeping: %+v and a peak of %g; want nothing", tl.days(), s.Peak)
	}
}

// In shadow mode nobody breaks a climb off at the alarm: its whole height is seen.
func TestShadowModeSeesWholeClimbs(t *testing.T) {
	tl := tally{shadow: true}
	s := stepped(Session{}, tallyMS, policy.High, 3, 7)
	tl.observed(Session{}, &s, nil, tallyMS)
	before := s
	s = stepped(s, tallyMS+10_000, policy.High, -3)
	tl.observed(before, &s, nil, tallyMS+10_000)
	if got := tl.days()[0].Peaks; len(got) != 1 || got[0] != (store.PeakBin{Bin: budget.BinOf(7), N: 1}) {
		t.Errorf("got %+v, want one whole climb to 7", got)
	}
}

func TestAlarmsAreCountedByCause(t *testing.T) {
	tl := tally{threshold: 2, shift: 0.5, shadow: true}
	tl.alarmed(policy.Mismatch, tallyMS)
	tl.alarmed(policy.InjectedEvents, tallyMS)
	tl.shadow = false
	tl.alarmed(policy.Mismatch, tallyMS)
	want := []store.Day{{Number: tallyMS / dayMS, Alerts: 2, ShadowAlerts: 1, Injected: 1, Threshold: 2, Shift: 0.5}}
	if diff := cmp.Diff(want, tl.days()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Whatever trust does, a climb is at most as high as trust was low, and the sums of a day never shrink.
func TestTalliesNeverShrink(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tl := tally{shadow: rapid.Bool().Draw(t, "shadow")}
		s := Session{Subject: "p"}
		highest, climbs := 0.0, int64(0)
		for i := range rapid.IntRange(1, 30).Draw(t, "messages") {
			before := s
			odds := rapid.SliceOfN(rapid.Float64Range(-20, 30), 0, 4).Draw(t, "odds")
			for _, l := range odds {
				highest = math.Max(highest, l)
			}
			at := tallyMS + int64(i)*10_000
			s = stepped(before, at, rapid.SampledFrom([]policy.Level{policy.Low, policy.Medium, policy.High}).Draw(t, "level"), odds...)
			tl.observed(before, &s, []observation.Observation{lasting(int64(i+1), int64(i), 5_000)}, at)
			var n int64
			for _, d := range tl.days() {
				for _, p := range d.Peaks {
					n += p.N
					if p.Bin > budget.BinOf(highest+1e-9) {
						t.Fatalf("a climb to bin %d, the log-odds were never above %g", p.Bin, highest)
					}
				}
			}
			if n < climbs || s.Peak < 0 {
				t.Fatalf("%d climbs became %d, peak %g", climbs, n, s.Peak)
			}
			climbs = n
		}
	})
}

func TestMarksAreFewAndToldOnce(t *testing.T) {
	var tl tally
	d := tl.day(tallyMS)
	for range 3 {
		tl.mark(d, "somebody")
	}
	if len(d.Marks) != 1 || d.Marks[0] < 0 || d.Marks[0] >= marks {
		t.Errorf("got marks %v, want one below %d", d.Marks, marks)
	}
	tl.kept()
	again := tl.day(tallyMS)
	tl.mark(again, "somebody")
	if len(again.Marks) != 0 {
		t.Errorf("got %v, want no mark that is kept already", again.Marks)
	}
	next := tl.day(tallyMS + dayMS)
	tl.mark(next, "somebody")
	if len(next.Marks) != 1 {
		t.Errorf("on the next day got %v, want it told again", next.Marks)
	}
}
