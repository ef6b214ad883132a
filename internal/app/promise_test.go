package app

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/budget"
	"ipse.dev/ipse/internal/ingest"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/problem"
	"ipse.dev/ipse/internal/review"
	"ipse.dev/ipse/internal/store"
)

// evidencing is counting that takes every window for evidence, so that its time is input that counts.
type evidencing struct{ counting }

func (e evidencing) Open(id, subject string, atMS int64) Session {
	s := e.counting.Open(id, subject, atMS)
	s.Trust.EvidenceAtMS = atMS - 3_600_000 // as if the last evidence were an hour old: what a window lasted counts whole
	return s
}

func (e evidencing) Observe(s Session, refs References, obs []observation.Observation, atMS int64) (Session, References, []Change) {
	s, refs, changes := e.counting.Observe(s, refs, obs, atMS)
	s.Trust.EvidenceAtMS = atMS
	return s, refs, changes
}

func evidence(o *Options) { o.assessor = evidencing{} }

// peopled opens a session each for so many people and lets each report one window.
func peopled(d *running, people int) []OpenedSession {
	d.t.Helper()
	sessions := make([]OpenedSession, people)
	for i := range sessions {
		sessions[i] = d.open(fmt.Sprintf("person-%d", i))
		want[ingest.Reply](d.t, d.report(sessions[i].CollectorToken, observed(1)), 200)
	}
	return sessions
}

// oneDay waits for the next day where this one is nearly over: the sums are of days, and the test's are to be of one. A test that
// waits more than once is given the time for it.
func oneDay() {
	if left := dayMS - time.Now().UnixMilli()%dayMS; left < 3*patience.Milliseconds() {
		time.Sleep(time.Duration(left) * time.Millisecond)
	}
}

func (d *running) today() store.Day {
	d.t.Helper()
	days, err := d.store.BudgetDays(d.t.Context(), 0)
	if err != nil {
		d.t.Fatal(err)
	}
	if len(days) == 0 {
		return store.Day{}
	}
	return days[len(days)-1]
}

func TestFactFromReportsToTheAPI(t *testing.T) {
	oneDay()
	d := startRunning(t, evidence)
	read := func() BudgetView { return want[BudgetView](t, d.send("GET", "/v1/budget", d.key, nil), 200) }
	if v := read(); v.AlertsPer1000PerDay != DefaultAlerts || v.Standing != budget.TooShort || v.Fact != nil || len(v.Days) != 0 {
		t.Errorf("before any input: %+v, want the promise and nothing else", v)
	}
	wantProblem(t, "without the key", d.send("GET", "/v1/budget", "", nil), problem.TokenMissing)
	sessions := peopled(d, 3)
	of := map[int]bool{} // people may share one of the marks
	for _, s := range sessions {
		var one tally
		one.mark(one.day(0), s.Subject)
		of[one.day(0).Marks[0]] = true
	}
	if d.kept(); d.today().Crowd != len(of) {
		t.Errorf("of three people with %d marks: %+v, want a crowd of them", len(of), d.today())
	}
	if v := read(); v.Fact != nil || len(v.Days) != 0 {
		t.Errorf("of three people: %+v, want nothing told of them", v)
	}
	sessions = append(sessions, peopled(d, 40)...)
	for _, s := range sessions[10:12] {
		want[ingest.Reply](t, d.report(s.CollectorToken, alarming(2)), 200)
	}
	if d.kept(); d.today().Alerts != 2 || d.today().Crowd < budget.Enough {
		t.Fatalf("got %+v, want two alarms of enough people", d.today())
	}
	if got, windows := d.today().InputMS, int64(3+40+2); got <= 0 || got > windows*observed(1).DurationMS {
		t.Errorf("%d ms of input, want above 0 and at most %d windows", got, windows)
	}
	if v := read(); v.Fact != nil || len(v.Days) != 0 {
		t.Errorf("of a day that is not over: %+v, want nothing told of it", v)
	}
	if err := d.store.SealDays(t.Context(), d.today().Number+1, budget.Enough, factDays); err != nil {
		t.Fatal(err)
	}
	v := read()
	if v.Fact == nil || v.Standing != budget.Broken || v.Fact.Low <= v.AlertsPer1000PerDay || len(v.Days) != 1 || v.Days[0].Estimate != v.Fact.Estimate {
		t.Fatalf("two alarms in minutes: %+v, want a broken promise", v)
	}
	sources := &pages{store: d.store, fold: d.fold, audit: d.audit, meter: newMetrics()}
	cases, err := sources.Cases(t.Context())
	if err != nil || len(cases) != 2 {
		t.Fatalf("got %d cases, %v", len(cases), err)
	}
	for _, c := range cases {
		if err := sources.Decide(t.Context(), c.ID, review.Impostor, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if w := read(); w.Fact == nil || w.Fact.Estimate > v.Fact.Estimate/3 {
		t.Errorf("after both were called impostors: %+v, want them left out of %g", w.Fact, v.Fact.Estimate)
	}
	before := d.today()
	d.stop()
	d = startRunningOn(t, d.data, evidence)
	if diff := cmp.Diff(before, d.today()); diff != "" {
		t.Errorf("sums after a restart (-before +after):\n%s", diff)
	}
	eventually(t, "the metrics", func() bool {
		metrics := string(d.send("GET", "/metrics", "", nil).body)
		return strings.Contains(metrics, "ipse_budget_promised_alerts 1000") && strings.Contains(metrics, `ipse_budget_estimated_alerts{value="low"}`)
	})
}

// The data folder's sums are of everybody: erasing a person leaves them, and they hold no pseudonym.
func TestSumsOutliveAnErasure(t *testing.T) {
	oneDay()
	d := startRunning(t, evidence)
	sessions := peopled(d, 2)
	want[ingest.Reply](t, d.report(sessions[0].CollectorToken, alarming(2)), 200)
	d.kept() // by each partition, which sum for themselves
	before := d.today()
	if before.Alerts != 1 || before.InputMS < 2*observed(1).DurationMS {
		t.Fatalf("got %+v, want an alarm and the input of both", before)
	}
	if got := d.send("DELETE", "/v1/subjects/"+sessions[0].Subject, d.key, nil); got.status != 204 {
		t.Fatalf("got %d %s, want 204", got.status, got.body)
	}
	if diff := cmp.Diff(before, d.today()); diff != "" {
		t.Errorf("sums after an erasure (-before +after):\n%s", diff)
	}
}

// failing is a store whose first batches are refused after they were handed over.
type failing struct {
	foldStore
	left    int
	batches []store.Batch
}

func (f *failing) Apply(_ context.Context, b store.Batch) error {
	if f.left > 0 {
		f.left--
		return context.DeadlineExceeded
	}
	f.batches = append(f.batches, b)
	return nil
}

func TestSumsAreKeptWithTheCheckpointOnce(t *testing.T) {
	s := &failing{left: 2}
	p := &partition{fold: &fold{store: s, meter: newMetrics(), changes: &changes{}}, applied: 5}
	p.tally.alarmed(policy.Mismatch, tallyMS)
	for range 2 {
		if err := p.checkpoint(t.Context()); err == nil {
			t.Fatal("the refusal was not told")
		}
	}
	for range 2 {
		if err := p.checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.applied++
	}
	if len(s.batches) != 2 || len(s.batches[0].Days) != 1 || s.batches[0].Days[0].Alerts != 1 || len(s.batches[1].Days) != 0 {
		t.Errorf("got batches %+v, want the alarm in the first alone", s.batches)
	}
}

// days is a store of sums that are made up.
type days struct {
	all     []store.Day
	decided []store.Decided
}

func (d days) BudgetDays(_ context.Context, from int64) (out []store.Day, _ error) {
	for _, one := range d.all {
		if one.Number >= from {
			out = append(out, one)
		}
	}
	return out, nil
}

func (d days) DecidedCases(context.Context, string, int64) ([]store.Decided, error) {
	return d.decided, nil
}

// busy is a day of a large installation whose climbs thin out by e a nat, with so many of them to the nat above even odds.
func busy(number int64, threshold, shift float64, climbs float64) store.Day {
	d := store.Day{Number: number, Since: number, InputMS: 1000 * 3_600_000, Threshold: threshold, Shift: shift, Crowd: budget.Enough, Over: true}
	for bin := range 40 {
		from := float64(bin) / 2
		n := int64(climbs * (math.Exp(-from) - math.Exp(-from-0.5)))
		cut := from >= threshold+shift
		if cut {
			d.Alerts += n
		}
		if n > 0 {
			d.Peaks = append(d.Peaks, store.PeakBin{Bin: bin, Cut: cut, N: n})
		}
	}
	return d
}

func TestFewPeoplesDaysAreNotTold(t *testing.T) {
	now := time.UnixMilli(tallyMS)
	today := int64(tallyMS / dayMS)
	thin := busy(today-1, 2, 0, 5000)
	thin.Crowd, thin.Over, thin.Since = budget.Enough-1, false, today-2
	s, err := (&account{store: days{all: []store.Day{thin, busy(today, 2, 0, 5000)}}, rule: rule{promise: 1000, threshold: 2}}).state(t.Context(), now)
	if err != nil || len(s.Days) != 1 || s.Sums.InputHours != 1000 || s.Sums.Alerts != busy(today, 2, 0, 5000).Alerts {
		t.Errorf("got %+v, %v; want the day of enough people alone", s, err)
	}
	s, err = (&account{store: days{all: []store.Day{thin}}, rule: rule{promise: 1000, threshold: 2}}).state(t.Context(), now)
	if err != nil || s.Fact.Standing != budget.TooFew || s.CanKeep || s.Sums.InputHours != 0 {
		t.Errorf("got %+v, %v; want nothing but that they are too few", s, err)
	}
}

func TestThresholdsFollowTheFact(t *testing.T) {
	now := time.UnixMilli(tallyMS)
	today := int64(tallyMS / dayMS)
	const promise = 100 // about 31 alarms in a thousand hours
	r := rule{promise: promise, threshold: 2}
	shift := func(all ...store.Day) float64 {
		t.Helper()
		got, err := followed(t.Context(), days{all: all}, r, now)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := shift(); got != 0 {
		t.Errorf("without days: %g, want no shift", got)
	}
	first := shift(busy(today-1, 2, 0, 5000)) // 677 alarms a thousand hours
	if first < 2 || first > 3 {
		t.Errorf("twenty times the promise: shifted by %g, want about 3 and no more", first)
	}
	// With the thresholds up, the alarms are about as promised: the shift stays, and the old days say nothing any more.
	settled := busy(today, 2, first, 31*math.Exp(2+first))
	if got := shift(busy(today-1, 2, 0, 5000), settled); got != first {
		t.Errorf("as promised since: %g, want the shift %g to stay", got, first)
	}
	mixed := busy(today, 2, 0, 5000)
	mixed.Mixed = true
	if got := shift(mixed); got != 0 {
		t.Errorf("a day of two thresholds: %g, want it left out", got)
	}
	if got := shift(busy(today, 7, 2.5, 5000)); got != 0 {
		t.Errorf("days under another budget: %g, want them left out", got)
	}
	if got := shift(busy(today, 2, 0, 20)); got >= 0 || got < -1 {
		t.Errorf("next to no alarms: %g, want a little downwards", got)
	}
}

func TestFollowingMovesTheThresholdsInForce(t *testing.T) {
	a, err := NewAssessor("open", 1000, false)
	if err != nil {
		t.Fatal(err)
	}
	before := a.Thresholds
	a.Shift(1.5)
	if got := a.Thresholds; got.High != before.High+1.5 || got.Validate() != nil {
		t.Errorf("got %+v from %+v, want HIGH 1.5 higher", got, before)
	}
	a.Shift(-50)
	if got := a.Thresholds; got.High != policy.LeastHigh || got.Medium != 0 {
		t.Errorf("got %+v, want the floor", got)
	}
}
