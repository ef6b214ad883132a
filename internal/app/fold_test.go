package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ipse.dev/ipse/console"
	"ipse.dev/ipse/internal/bus"
	"ipse.dev/ipse/internal/ingest"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/problem"
	"ipse.dev/ipse/internal/response/webhook"
	"ipse.dev/ipse/internal/review"
	"ipse.dev/ipse/internal/store"
)

func TestStateSurvivesAStop(t *testing.T) {
	d := startRunning(t, nil)
	s := d.open("someone")
	for i := range int64(30) {
		want[ingest.Reply](t, d.report(s.CollectorToken, observed(i+1)), 200)
	}
	before := d.view(s.Session)
	d.stop() // at once: the last checkpoint must hold everything
	d = startRunningOn(t, d.data, nil)
	after := d.view(s.Session)
	if fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("after a restart: %+v, want %+v", after, before)
	}
	wantProblem(t, "the last report again", d.report(s.CollectorToken, observed(30)), problem.SequencePast)
	want[ingest.Reply](t, d.report(s.CollectorToken, observed(31)), 200)
	if got := d.view(s.Session).References[0].Maturity; got != 1 {
		t.Errorf("maturity %g after 31 windows, want 1", got)
	}
}

// One report that the assessor cannot take must not stop the others, nor the server's next start.
func TestOneBadReportStopsNobody(t *testing.T) {
	d := startRunning(t, nil)
	s, other := d.open("someone"), d.open("another")
	bad := observed(1)
	bad.Events = 666
	want[ingest.Reply](t, d.report(s.CollectorToken, bad), 200)
	want[ingest.Reply](t, d.report(s.CollectorToken, observed(2)), 200)
	want[ingest.Reply](t, d.report(other.CollectorToken, observed(1)), 200)
	d.stop()
	d = startRunningOn(t, d.data, nil)
	if got := d.view(s.Session).References[0].Maturity; got != 1.0/16 {
		t.Errorf("maturity %g, want one window of 16", got)
	}
	wantProblem(t, "the bad report again", d.report(s.CollectorToken, bad), problem.SequencePast)
}

func TestFullQueueAnswers429AndMakesRoom(t *testing.T) {
	d := startRunning(t, func(o *Options) { o.QueueBytes = 64 << 10 })
	var refused answer
	sessions := make([]OpenedSession, 12)
	for i := range sessions {
		sessions[i] = d.open(fmt.Sprintf("user-%d", i))
	}
	next := int64(1)
	for range 40 {
		for _, s := range sessions {
			if a := d.report(s.CollectorToken, observed(next), observed(next+1), observed(next+2)); a.status != 200 {
				refused = a
			}
		}
		next += 3
		if refused.status != 0 {
			break
		}
	}
	p := wantProblem(t, "a report to a full queue", refused, problem.QueueFull)
	if refused.header.Get("Retry-After") == "" {
		t.Errorf("no Retry-After with %+v", p)
	}
	eventually(t, "room", func() bool { return d.report(sessions[0].CollectorToken, observed(next)).status == 200 })
}

// hook receives webhooks, and takes what comes again once, as receivers are to: a server that stops while it delivers does so
// again when it starts.
type hook struct {
	*httptest.Server
	mu      sync.Mutex
	fail    int // answer so many with 500 first
	changes []RiskLevelChanged
	ids     []string
	again   int // that came again
	wrong   []string
}

func startHook(t *testing.T, secret string, fail int) *hook {
	h := &hook{fail: fail}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		var seconds int64
		_, _ = fmt.Sscan(r.Header.Get("webhook-timestamp"), &seconds)
		if r.Header.Get("webhook-signature") != webhook.Sign(secret, r.Header.Get("webhook-id"), time.Unix(seconds, 0), body) {
			h.wrong = append(h.wrong, r.Header.Get("webhook-signature"))
		}
		if h.fail > 0 {
			h.fail--
			w.WriteHeader(500)
			return
		}
		var c RiskLevelChanged
		if err := json.Unmarshal(body, &c); err != nil {
			h.wrong = append(h.wrong, string(body))
		}
		if id := r.Header.Get("webhook-id"); slices.Contains(h.ids, id) {
			h.again++
		} else {
			h.changes, h.ids = append(h.changes, c), append(h.ids, id)
		}
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hook) got() []RiskLevelChanged {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.changes)
}

func TestWebhookHearsEveryChangeInOrder(t *testing.T) {
	h := startHook(t, "secret", 1)
	withHook := func(o *Options) { o.WebhookURL, o.WebhookSecret = h.URL, "secret" }
	d := startRunning(t, withHook)
	s := d.open("someone")
	want[ingest.Reply](t, d.report(s.CollectorToken, alarming(1)), 200)
	d.stop() // the first attempt fails or was not made: the change must outlive the server
	d = startRunningOn(t, d.data, withHook)
	want[SessionView](t, d.send("POST", "/v1/sessions/"+s.Session+"/reauthenticated", d.key, Reauthentication{Method: "password"}), 200)
	want[ingest.Reply](t, d.report(s.CollectorToken, alarming(2)), 200)
	eventually(t, "three changes", func() bool { return len(h.got()) >= 3 })
	var levels []string
	for i, c := range h.got() {
		if c.Type != "risk-level-changed" || c.Session != s.Session || c.Subject != s.Subject || len(c.Reasons) == 0 || time.Since(c.At) > time.Hour {
			t.Errorf("change %d: got %+v", i, c)
		}
		levels = append(levels, string(c.PreviousRiskLevel+">"+c.RiskLevel))
	}
	if wanted := []string{"LOW>HIGH", "HIGH>LOW", "LOW>HIGH"}; !slices.Equal(levels, wanted) {
		t.Errorf("got %v, want %v", levels, wanted)
	}
	eventually(t, "an empty outbox", func() bool {
		left, err := d.store.NextDeliveries(t.Context(), 10)
		return err == nil && len(left) == 0
	})
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.ids) != 3 || h.again > 1 || len(h.wrong) > 0 { // the first may come again, after the server was stopped
		t.Errorf("got ids %v, %d of them again, and wrong posts %v; want three ids, at most one again, and none", h.ids, h.again, h.wrong)
	}
}

func TestConsoleSources(t *testing.T) {
	d := startRunning(t, nil)
	var _ console.Sessions = &pages{}
	var _ console.Cases = &pages{}
	sources := &pages{store: d.store, fold: d.fold, audit: d.audit, meter: newMetrics()}
	ctx, cancel := context.WithCancel(t.Context())
	changes := sources.Changes(ctx)
	s, quiet := d.open("someone"), d.open("quiet")
	want[ingest.Reply](t, d.report(s.CollectorToken, observed(1), alarming(2)), 200)
	heard := map[string]bool{}
	eventually(t, "news of the session and its case", func() bool {
		select {
		case id := <-changes:
			heard[id] = true
		default:
		}
		return heard[s.Session] && heard[quiet.Session] && len(heard) >= 3
	})
	detail, err := sources.Session(t.Context(), s.Session)
	if err != nil || detail.Level != policy.High || len(detail.Path) != 2 || len(detail.Cases) != 1 || len(detail.References) != 1 || !detail.Learning || len(detail.Evidence) != 1 {
		t.Errorf("got %+v, %v; want the alarm with its case, two points and a reference that is still learnt", detail, err)
	}
	found := detail.Cases[0]
	if found.Session != s.Session || found.Level != policy.High || found.Verdict != review.Undecided || len(found.Evidence) != 1 || !heard[found.ID] {
		t.Errorf("got case %+v, want an undecided one with its evidence", found)
	}
	at := time.Now().UTC().Truncate(time.Millisecond)
	if err := sources.Decide(t.Context(), found.ID, review.RightPerson, at); err != nil {
		t.Fatal(err)
	}
	if again, err := sources.Case(t.Context(), found.ID); err != nil || again.Verdict != review.RightPerson || !again.DecidedAt.Equal(at) {
		t.Errorf("got %+v, %v; want the verdict of %v", again, err, at)
	}
	if err := sources.Decide(t.Context(), found.ID, "guilty", at); !errors.Is(err, review.ErrVerdict) {
		t.Errorf("a word that is no verdict: got %v, want review.ErrVerdict", err)
	}
	for what, err := range map[string]error{
		"session": func() error { _, err := sources.Session(t.Context(), "none"); return err }(),
		"case":    func() error { _, err := sources.Case(t.Context(), "none"); return err }(),
		"verdict": sources.Decide(t.Context(), "none", review.Impostor, at),
	} {
		if !errors.Is(err, console.ErrNotFound) {
			t.Errorf("an unknown %s: got %v, want console.ErrNotFound", what, err)
		}
	}
	d.send("DELETE", "/v1/sessions/"+s.Session, d.key, nil)
	eventually(t, "the open session before the closed one", func() bool {
		rows, err := sources.Sessions(t.Context())
		return err == nil && len(rows) == 2 && rows[0].ID == quiet.Session && rows[1].Closed
	})
	cancel()
	eventually(t, "the end of the changes", func() bool {
		select {
		case _, open := <-changes:
			return !open
		default:
			return false
		}
	})
}

func TestSlowListenersBlockNobody(t *testing.T) {
	c := &changes{}
	listener := c.listen(t.Context())
	for i := range 10 * waitingChanges {
		c.tell(fmt.Sprint(i))
	}
	if got := <-listener; got != "0" {
		t.Errorf("got %s, want the first", got)
	}
}

func TestOverdueSessionsAreClosed(t *testing.T) {
	d := startRunning(t, nil)
	s := d.open("someone")
	j := &janitor{store: d.store, bus: d.bus, fold: d.fold, gate: ingest.NewGate(d.fold, d.bus, time.Now), meter: newMetrics(), logger: d.logger, retention: time.Hour, account: &account{store: d.store}}
	j.tidy(t.Context(), time.Now().Add(ingest.SessionLifetime-time.Minute))
	if d.view(s.Session).Closed {
		t.Fatal("closed before its time")
	}
	j.tidy(t.Context(), time.Now().Add(ingest.SessionLifetime+time.Minute))
	eventually(t, "the end of the session", func() bool { return d.view(s.Session).Closed })
	eventually(t, "its checkpoint", func() bool {
		row, err := d.store.Session(t.Context(), s.Session)
		return err == nil && row.Closed
	})
	j.tidy(t.Context(), time.Now().Add(keepSessions+time.Hour))
	if _, err := d.store.Session(t.Context(), s.Session); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after %v: got %v, want it forgotten", keepSessions, err)
	}
}

func TestTelemetryHasABound(t *testing.T) {
	d := startRunning(t, nil)
	s := d.open("someone")
	want[ingest.Reply](t, d.report(s.CollectorToken, observed(1)), 200)
	j := &janitor{store: d.store, bus: d.bus, fold: d.fold, meter: newMetrics(), logger: d.logger, retention: time.Hour, account: &account{store: d.store}}
	eventually(t, "a checkpoint", func() bool {
		for _, p := range d.fold.partitions {
			if p.storedThrough() == 1 {
				return true
			}
		}
		return false
	})
	for _, c := range []struct {
		after time.Duration
		left  uint64
	}{{59 * time.Minute, 1}, {61 * time.Minute, 0}} {
		if err := j.trim(t.Context(), time.Now().Add(c.after)); err != nil {
			t.Fatal(err)
		}
		if u, err := d.bus.Usage(t.Context()); err != nil || u.Messages != c.left {
			t.Errorf("after %v: %d messages, %v; want %d", c.after, u.Messages, err, c.left)
		}
	}
	wantProblem(t, "the same observation after its message is gone", d.report(s.CollectorToken, observed(1)), problem.SequencePast)
}

func TestSilentSessionsLeaveMemory(t *testing.T) {
	d := startRunning(t, nil)
	s := d.open("someone")
	want[ingest.Reply](t, d.report(s.CollectorToken, observed(1)), 200)
	d.stop() // the worker has ended: its partition can be looked at
	p := d.fold.partitions[bus.PartitionOf(s.Subject)]
	for _, c := range []struct {
		after time.Duration
		left  int
	}{{silentFor - time.Minute, 1}, {silentFor + time.Minute, 0}} {
		p.forgetSilent(time.Now().Add(c.after))
		if len(p.sessions) != c.left || len(p.references) != c.left {
			t.Errorf("after %v: %d sessions and references of %d subjects; want %d", c.after, len(p.sessions), len(p.references), c.left)
		}
	}
	d = startRunningOn(t, d.data, nil)
	if got := d.view(s.Session).References; len(got) != 1 {
		t.Errorf("from the store: %+v, want the reference", got)
	}
}

// Another writer on the same checkpoint ends the server: it must not fold on what is not its own any more.
func TestAnotherWriterEndsTheServer(t *testing.T) {
	d := startRunning(t, nil)
	for n := range d.fold.partitions {
		if err := d.store.Apply(t.Context(), store.Batch{Partition: n, Applied: 99}); err != nil {
			t.Fatal(err)
		}
	}
	s := d.open("someone")
	want[ingest.Reply](t, d.report(s.CollectorToken, observed(1)), 200)
	select {
	case err := <-d.Failed():
		if !errors.Is(err, store.ErrFenced) {
			t.Errorf("got %v, want store.ErrFenced", err)
		}
	case <-time.After(patience):
		t.Fatal("the server goes on")
	}
}

func TestReadinessTellsWhatIsWrong(t *testing.T) {
	d := startRunning(t, nil)
	h := &health{store: d.store, bus: d.bus, fold: d.fold}
	if why := h.unready(t.Context()); why != "" {
		t.Errorf("got %q, want ready", why)
	}
	h.fold = &fold{} // with no workers, who would say again and again that all is well
	for n := range h.fold.partitions {
		h.fold.partitions[n] = &partition{}
	}
	p := h.fold.partitions[3]
	p.setFailing(true)
	if why := h.unready(t.Context()); !strings.Contains(why, "cannot keep") {
		t.Errorf("got %q, want that the fold cannot keep its state", why)
	}
	p.setFailing(false)
	p.mu.Lock()
	p.pending, p.receivedAtMS = 5, time.Now().Add(-time.Minute).UnixMilli()
	p.mu.Unlock()
	if why := h.unready(t.Context()); !strings.Contains(why, "behind") {
		t.Errorf("got %q, want that the fold is behind", why)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if why := h.unready(ended); why == "" {
		t.Error("got ready without a store")
	}
}
