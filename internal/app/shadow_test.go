package app

import (
	"encoding/json"
	"strings"
	"testing"

	"ipse.dev/ipse/internal/ingest"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/problem"
	"ipse.dev/ipse/internal/store"
)

// doubting is counting with trust that falls at an alarm, as the real assessor's does.
type doubting struct{ counting }

func (d doubting) Observe(s Session, refs References, obs []observation.Observation, atMS int64) (Session, References, []Change) {
	s, refs, changes := d.counting.Observe(s, refs, obs, atMS)
	if len(changes) > 0 {
		s.Trust.LogOdds = 7
	}
	return s, refs, changes
}

func inShadow(o *Options) { o.Shadow, o.assessor = true, doubting{} }

// everythingTold gives all that collector and application are told of a session, with the identifiers taken out.
func everythingTold(d *running, s OpenedSession, observations ...observation.Observation) string {
	var all []string
	tell := func(a answer) { all = append(all, string(a.body)) }
	tell(d.report(s.CollectorToken, observations...))
	tell(d.report(s.CollectorToken))
	tell(d.send("GET", "/v1/sessions/"+s.Session, d.key, nil))
	tell(d.send("GET", "/v1/sessions/"+s.Session+"/path", d.key, nil))
	tell(d.send("POST", "/v1/sessions/"+s.Session+"/context", d.key, `{"kind":"unlock"}`))
	tell(d.send("GET", "/v1/subjects/"+s.Subject, d.key, nil))
	tell(d.send("POST", "/v1/sessions/"+s.Session+"/reauthenticated", d.key, Reauthentication{Method: "password"}))
	tell(d.send("DELETE", "/v1/sessions/"+s.Session, d.key, nil))
	tell(d.report(s.CollectorToken))
	tell(d.send("GET", "/v1/sessions/"+s.Session, d.key, nil))
	return strings.NewReplacer(s.Session, "SESSION", s.Subject, "SUBJECT").Replace(strings.Join(all, "\n"))
}

// What collectors, applications and the webhook are told in shadow mode must not depend on behaviour at all.
func TestNothingLeaksInShadowMode(t *testing.T) {
	oneDay()
	h := startHook(t, "secret", 0)
	d := startRunning(t, func(o *Options) { inShadow(o); o.WebhookURL, o.WebhookSecret = h.URL, "secret" })
	quiet := everythingTold(d, d.open("quiet"), observed(1), observed(2))
	alarmed := d.open("alarmed")
	if loud := everythingTold(d, alarmed, observed(1), alarming(2)); loud != quiet {
		t.Errorf("after an alarm is told\n%s\nand without one\n%s\nwant the same", loud, quiet)
	}
	if !strings.Contains(quiet, `"shadow_mode"`) || strings.Contains(quiet, "HIGH") || strings.Contains(quiet, "lock") {
		t.Errorf("told is\n%s\nwant the reason shadow_mode and neither HIGH nor lock", quiet)
	}
	sources := &pages{store: d.store, fold: d.fold, audit: d.audit, meter: newMetrics()}
	eventually(t, "a case for the console", func() bool {
		cases, err := sources.Cases(t.Context())
		return err == nil && len(cases) == 1 && cases[0].Shadow && cases[0].Session == alarmed.Session
	})
	eventually(t, "the alarm in the sums", func() bool { day := d.today(); return day.Alerts == 1 && day.ShadowAlerts == 1 })
	left, err := d.store.NextDeliveries(t.Context(), 10)
	if err != nil || len(left) != 0 || len(h.got()) != 0 {
		t.Errorf("the outbox holds %d deliveries (%v) and the webhook heard %d; want none", len(left), err, len(h.got()))
	}
	metrics := string(d.send("GET", "/metrics", "", nil).body)
	for _, line := range []string{"ipse_shadow_mode 1", `ipse_shadow_risk_level_changes_total{level="HIGH"} 1`, "ipse_shadow_cases_opened_total 1", "ipse_cases_opened_total 0"} {
		if !strings.Contains(metrics, line) {
			t.Errorf("the metrics lack %s", line)
		}
	}
	if strings.Contains(metrics, "ipse_risk_level_changes_total{") {
		t.Error("the metrics count changes of level in shadow mode as ever; want them apart")
	}
}

func TestTheConsoleSeesWhatWouldHaveHappened(t *testing.T) {
	d := startRunning(t, inShadow)
	s := d.open("someone")
	want[ingest.Reply](t, d.report(s.CollectorToken, observed(1), alarming(2)), 200)
	sources := &pages{store: d.store, fold: d.fold, audit: d.audit, meter: newMetrics()}
	detail, err := sources.Session(t.Context(), s.Session)
	if err != nil || detail.Level != policy.High || detail.Trust > 0.01 || len(detail.Evidence) != 1 {
		t.Errorf("got %+v, %v; want HIGH, little trust and the evidence", detail, err)
	}
}

// What waited to be told when shadow mode began is not told in it, nor afterwards.
func TestShadowModeEmptiesTheOutbox(t *testing.T) {
	h := startHook(t, "secret", 1000)
	withHook := func(o *Options) { o.WebhookURL, o.WebhookSecret = h.URL, "secret" }
	d := startRunning(t, withHook)
	want[ingest.Reply](t, d.report(d.open("someone").CollectorToken, alarming(1)), 200)
	d.stop()
	d = startRunningOn(t, d.data, func(o *Options) { inShadow(o); withHook(o) })
	if left, err := d.store.NextDeliveries(t.Context(), 10); err != nil || len(left) != 0 {
		t.Errorf("got %d deliveries, %v; want none", len(left), err)
	}
}

// Nobody signs in again after an alarm of which nobody hears, so the session begins anew by itself, and learns nothing.
func TestSessionsBeginAnewAfterAShadowAlarm(t *testing.T) {
	p := &partition{fold: &fold{assess: doubting{}, shadow: true, meter: newMetrics()}}
	const alarmAtMS = 1_700_000_000_000
	s := p.assess.Open("s", "p", alarmAtMS-1000)
	s, _, changes := p.assess.Observe(s, nil, []observation.Observation{alarming(1)}, alarmAtMS)
	p.noteShadow(&s, changes)
	if s.ShadowAlarmAtMS != alarmAtMS {
		t.Fatalf("the alarm is noted at %d, want %d", s.ShadowAlarmAtMS, int64(alarmAtMS))
	}
	if early := p.beginAnewAfterShadow(s, alarmAtMS+shadowHold.Milliseconds()-1); early.Decision.Level != policy.High {
		t.Errorf("just before the hold is over the level is %s, want HIGH", early.Decision.Level)
	}
	anew := p.beginAnewAfterShadow(s, alarmAtMS+shadowHold.Milliseconds())
	if anew.Decision.Level != policy.Low || anew.ShadowAlarmAtMS == 0 {
		t.Errorf("after the hold: level %s, alarm noted at %d; want LOW, and the alarm still known", anew.Decision.Level, anew.ShadowAlarmAtMS)
	}
	p.shadow = false
	if over := p.beginAnewAfterShadow(s, alarmAtMS+1); over.Decision.Level != policy.Low {
		t.Errorf("once shadow mode is over the level is %s, want LOW: nobody was to hear of that alarm", over.Decision.Level)
	}
	_, _, changes = p.assess.Observe(anew, nil, []observation.Observation{alarming(2)}, alarmAtMS+400_000)
	p.noteShadow(&anew, changes)
	if anew.ShadowAlarmAtMS != 0 {
		t.Error("an alarm outside shadow mode is still hidden, want it told")
	}
}

func TestLeavingShadowModeBothersNobody(t *testing.T) {
	d := startRunning(t, inShadow)
	s := d.open("someone")
	want[ingest.Reply](t, d.report(s.CollectorToken, observed(1), alarming(2)), 200)
	want[ingest.Reply](t, d.report(s.CollectorToken, observed(3)), 200)
	if got := d.view(s.Session).References[0].Maturity; got != 2.0/16 {
		t.Errorf("maturity %g, want the two windows up to the alarm: nobody has proved since who they are", got)
	}
	d.stop()
	d = startRunningOn(t, d.data, func(o *Options) { o.assessor = doubting{} })
	if v := d.view(s.Session); v.RiskLevel != policy.Low || v.Answer != policy.CannotTell {
		t.Errorf("after shadow mode: %+v, want LOW and cannot_tell", v)
	}
	if reply := want[ingest.Reply](t, d.report(s.CollectorToken, observed(4)), 200); reply.RiskLevel != policy.Low {
		t.Errorf("after shadow mode: %+v, want LOW", reply)
	}
	if reply := want[ingest.Reply](t, d.report(s.CollectorToken, alarming(5)), 200); reply.RiskLevel != policy.High {
		t.Errorf("an alarm after shadow mode: %+v, want HIGH", reply)
	}
}

// A summary that an older version wrote holds no shadow alarm.
func TestSummariesWithoutShadowAreRead(t *testing.T) {
	l, err := decodeSession(store.Session{Summary: []byte(`{"id":"s","decision":{"level":"HIGH","answer":"someone_else"}}`)})
	if err != nil || l.alarmedInShadow() {
		t.Errorf("got %+v, %v; want an alarm that was told", l.Session, err)
	}
	raw, err := json.Marshal(Session{ID: "s"})
	if err != nil || strings.Contains(string(raw), "shadow") {
		t.Errorf("got %s, %v; want no word of shadow where there was none", raw, err)
	}
}

// Who it might be depends on behaviour too: shared workstations get no answer in shadow mode.
func TestShadowModeNamesNobody(t *testing.T) {
	d := startRunning(t, func(o *Options) { o.Shadow, o.SharedWorkstations, o.assessor = true, true, nil })
	s := d.open("a")
	a := d.send("POST", "/v1/sessions/"+s.Session+"/candidates", d.key, Candidates{UserIDs: []string{"a", "b"}})
	if p := wantProblem(t, "which of two", a, problem.ClosedSetOff); !strings.Contains(p.Detail, "shadow mode") {
		t.Errorf("the refusal says %q, want that it is shadow mode", p.Detail)
	}
}
