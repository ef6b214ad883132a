package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/problem"
	"ipse.dev/ipse/internal/signature"
)

type counter struct {
	accepted int
	dropped  int64
	refused  []problem.Name
}

func (c *counter) Accepted(o []observation.Observation, dropped int64, _ bool) {
	c.accepted += len(o)
	c.dropped += dropped
}
func (c *counter) Refused(n problem.Name) { c.refused = append(c.refused, n) }

type standings struct {
	standing Standing
	err      error
	asked    Receipt
}

func (s *standings) StandingAfter(_ context.Context, _ string, r Receipt) (Standing, error) {
	s.asked = r
	return s.standing, s.err
}

// desk is a handler with everything around it in memory.
type desk struct {
	*Handler
	*backend
	now   time.Time
	count *counter
	stand *standings
}

func newDesk(t *testing.T) *desk {
	d := &desk{backend: newBackend("s", "t"), now: clock, count: &counter{}, stand: &standings{standing: Standing{RiskLevel: policy.Low, Answer: policy.CannotTell}}}
	now := func() time.Time { return d.now }
	d.Handler = &Handler{
		Tokens: tokens(t, 1), Gate: NewGate(d.backend, d.backend, now), Standings: d.stand, Dimension: dimension,
		Meter: d.count, Logger: slog.New(slog.DiscardHandler), Now: now,
	}
	return d
}

func (d *desk) token(t *testing.T, session string) string {
	t.Helper()
	token, _, err := d.Tokens.Mint(session, d.now)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (d *desk) post(token, media, body string, signatures ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/v1/observations", strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	r.Header.Set("Content-Type", media)
	for _, s := range signatures {
		r.Header.Add(signature.Header, s)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

const jsonMedia = "application/json"

func TestReply(t *testing.T) {
	d := newDesk(t)
	d.stand.standing = Standing{RiskLevel: policy.High, Answer: policy.SomeoneElse, Directives: []policy.Directive{policy.Lock},
		References: []ReferenceMaturity{{Modality: observation.Keyboard, DeviceClass: observation.Desktop, Maturity: 0.4}}}
	r := report(valid(1), valid(2))
	r.Dropped = 7
	w := d.post(d.token(t, "s"), jsonMedia+"; charset=utf-8", encode(t, r))
	want := `{"riskLevel":"HIGH","answer":"someone_else","directives":["lock"],"reportAfterSeconds":2,"acceptedThrough":2,"references":[{"modality":"keyboard","deviceClass":"desktop","maturity":0.4}]}`
	if w.Code != 200 || strings.TrimSpace(w.Body.String()) != want {
		t.Errorf("got %d %s, want 200 %s", w.Code, w.Body, want)
	}
	if d.stand.asked.Sequence != 1 || d.count.accepted != 2 || d.count.dropped != 7 || len(d.count.refused) != 0 {
		t.Errorf("asked for %+v, counted %+v; want stream sequence 1, 2 accepted and 7 dropped", d.stand.asked, d.count)
	}
	d.stand.standing = Standing{RiskLevel: policy.Low, Answer: policy.SamePerson}
	d.Models = Models{observation.Keyboard: {"rhythm-2", "features-1"}}
	w = d.post(d.token(t, "s"), jsonMedia, encode(t, report()))
	want = `{"riskLevel":"LOW","answer":"same_person","directives":[],"reportAfterSeconds":5,"acceptedThrough":2,"references":[],"models":{"keyboard":["rhythm-2","features-1"]}}`
	if w.Code != 200 || strings.TrimSpace(w.Body.String()) != want {
		t.Errorf("hello: got %d %s, want 200 %s", w.Code, w.Body, want)
	}
}

func TestTokenIsRenewedInTime(t *testing.T) {
	d := newDesk(t)
	token := d.token(t, "s")
	for _, c := range []struct {
		after time.Duration
		want  bool
	}{{0, false}, {TokenLifetime - RenewWithin, false}, {TokenLifetime - RenewWithin + time.Second, true}} {
		d.now = clock.Add(c.after)
		w := d.post(token, jsonMedia, `{"sentAtMS":`+encodeMS(d.now)+`,"observations":[]}`)
		var reply Reply
		if err := json.Unmarshal(w.Body.Bytes(), &reply); err != nil || w.Code != 200 {
			t.Fatalf("after %v: %d %s, %v", c.after, w.Code, w.Body, err)
		}
		if got := reply.CollectorToken != ""; got != c.want || got != (reply.CollectorTokenExpiresAt != nil) {
			t.Errorf("after %v: renewed %t, want %t", c.after, got, c.want)
		}
		if reply.CollectorToken != "" {
			if session, _, p := d.Tokens.Verify(reply.CollectorToken, d.now.Add(TokenLifetime-time.Second)); p != nil || session != "s" {
				t.Errorf("the new token: session %q, %v; want s", session, p)
			}
		}
	}
}

func encodeMS(t time.Time) string {
	raw, _ := json.Marshal(t.UnixMilli())
	return string(raw)
}

func TestRefusals(t *testing.T) {
	good := encode(t, report(valid(1)))
	for _, c := range []struct {
		name               string
		token, media, body string
		prepare            func(*desk)
		want               problem.Name
		status             int
	}{
		{"no token", "-", jsonMedia, good, nil, problem.TokenMissing, 401},
		{"a bad token", "abc", jsonMedia, good, nil, problem.TokenInvalid, 401},
		{"an expired token", "", jsonMedia, good, func(d *desk) { d.now = d.now.Add(time.Hour) }, problem.TokenExpired, 401},
		{"an erased session", "", jsonMedia, good, func(d *desk) { delete(d.sessions, "s") }, problem.TokenInvalid, 401},
		{"a closed session", "", jsonMedia, good, func(d *desk) { d.sessions["s"] = Session{OpenedAt: clock, Closed: true} }, problem.SessionClosed, 410},
		{"a session past its life", "", jsonMedia, good, func(d *desk) { d.sessions["s"] = Session{OpenedAt: clock.Add(-25 * time.Hour)} }, problem.SessionClosed, 410},
		{"another medium", "", "text/plain", good, nil, problem.MediaType, 415},
		{"no medium", "", "", good, nil, problem.MediaType, 415},
		{"a body over the limit", "", jsonMedia, `{"sentAtMS":1` + strings.Repeat(" ", MaxBodyBytes), nil, problem.BodyTooLarge, 413},
		{"no JSON", "", jsonMedia, "x", nil, problem.MalformedJSON, 400},
		{"a value out of range", "", jsonMedia, strings.Replace(good, `"events":60`, `"events":0`, 1), nil, problem.OutOfRange, 422},
		{"a sequence from the past", "", jsonMedia, good, func(d *desk) { d.sessions["s"] = Session{OpenedAt: clock, LastSequence: 3} }, problem.SequencePast, 409},
		{"a broken queue", "", jsonMedia, good, func(d *desk) { d.fail = errors.New("broken") }, problem.Unavailable, 503},
		{"a broken fold", "", jsonMedia, good, func(d *desk) { d.stand.err = errors.New("broken") }, problem.Unavailable, 503},
	} {
		d := newDesk(t)
		token := d.token(t, "s")
		if c.token != "" {
			token = strings.TrimPrefix(c.token, "-")
		}
		if c.prepare != nil {
			c.prepare(d)
		}
		w := d.post(token, c.media, c.body)
		var p problem.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != c.status || p.Type != c.want.Type() || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: got %d %s, want %d %s", c.name, w.Code, w.Body, c.status, c.want)
		}
		if len(d.count.refused) != 1 || d.count.refused[0] != c.want {
			t.Errorf("%s: counted %v, want %s once", c.name, d.count.refused, c.want)
		}
		if len(d.queue) > 0 && c.name != "a broken fold" {
			t.Errorf("%s: %d envelopes were published, want none", c.name, len(d.queue))
		}
	}
}

func TestPackedReportsAreRefused(t *testing.T) {
	d := newDesk(t)
	for encoding, status := range map[string]int{"": 200, "identity": 200, "gzip": 415, "br": 415} {
		r := httptest.NewRequest("POST", "/v1/observations", strings.NewReader(encode(t, report())))
		r.Header.Set("Authorization", "Bearer "+d.token(t, "s"))
		r.Header.Set("Content-Type", jsonMedia)
		r.Header.Set("Content-Encoding", encoding)
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		if w.Code != status {
			t.Errorf("encoding %q: got %d %s, want %d", encoding, w.Code, w.Body, status)
		}
	}
}

func TestLogHoldsNothingOfTheReport(t *testing.T) {
	d := newDesk(t)
	var log bytes.Buffer
	d.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	d.fail = errors.New("broken")
	body := encode(t, report(valid(1)))
	d.post(d.token(t, "s"), jsonMedia, body)
	if log.Len() == 0 || strings.Contains(log.String(), "session") || strings.Contains(log.String(), "sequence") {
		t.Errorf("got log %q, want the error and nothing of the report", log.String())
	}
}

func TestCrossOrigin(t *testing.T) {
	const desk, other = "https://desk.example", "https://other.example"
	for _, c := range []struct {
		name           string
		allowed        []string
		method, origin string
		status         int
		allow          string
	}{
		{"an agent", nil, http.MethodPost, "", 200, ""},
		{"an agent, where origins are named", []string{desk}, http.MethodPost, "", 200, ""},
		{"any page", nil, http.MethodPost, other, 200, "*"},
		{"any page asks first", nil, http.MethodOptions, other, 204, "*"},
		{"a named page", []string{other, desk}, http.MethodPost, desk, 200, desk},
		{"a named page asks first", []string{desk}, http.MethodOptions, desk, 204, desk},
		{"a page that is not named", []string{desk}, http.MethodPost, other, 403, ""},
		{"a page that is not named asks first", []string{desk}, http.MethodOptions, other, 403, ""},
		{"a page without an origin of its own", []string{desk}, http.MethodPost, "null", 403, ""},
		{"the server's own page", []string{desk}, http.MethodPost, "http://example.com", 200, "http://example.com"},
	} {
		count := &counter{}
		h := CrossOrigin(c.allowed, count, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		r := httptest.NewRequest(c.method, "/v1/observations", nil)
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		if c.method == http.MethodOptions {
			r.Header.Set("Access-Control-Request-Method", http.MethodPost)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status || w.Header().Get("Access-Control-Allow-Origin") != c.allow {
			t.Errorf("%s: got %d, allow %q; want %d, allow %q", c.name, w.Code, w.Header().Get("Access-Control-Allow-Origin"), c.status, c.allow)
		}
		if w.Header().Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: credentials are allowed, want none", c.name)
		}
		if c.status == 204 && !strings.Contains(w.Header().Get("Access-Control-Allow-Headers"), "Authorization") {
			t.Errorf("%s: got headers %q, want Authorization among them", c.name, w.Header().Get("Access-Control-Allow-Headers"))
		}
	}
}
