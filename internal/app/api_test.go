package app

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/ingest"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/problem"
)

func TestSessionFromOpeningToClosing(t *testing.T) {
	d := startRunning(t, nil)
	s := d.open("agent-17")
	identifier := regexp.MustCompile(`^[a-z2-7]{26}$`)
	if !identifier.MatchString(s.Session) || !identifier.MatchString(s.Subject) || s.ReportAfterSeconds != 5 || time.Until(s.CollectorTokenExpiresAt) < 14*time.Minute {
		t.Errorf("got %+v, want identifiers of 26 characters, 5 seconds and a token of 15 minutes", s)
	}
	if again := d.open("agent-17"); again.Subject != s.Subject || again.Session == s.Session {
		t.Errorf("the same user again: got %+v, want the subject %s and another session", again, s.Subject)
	}
	hello := want[ingest.Reply](t, d.report(s.CollectorToken), 200)
	if hello.RiskLevel != policy.Low || hello.Answer != policy.CannotTell || hello.AcceptedThrough != 0 || hello.CollectorToken != "" {
		t.Errorf("hello: got %+v, want LOW, cannot_tell, nothing accepted and no new token", hello)
	}
	reply := want[ingest.Reply](t, d.report(s.CollectorToken, observed(1), observed(2), alarming(5)), 200)
	if reply.RiskLevel != policy.High || !slices.Equal(reply.Directives, []policy.Directive{policy.Lock}) || reply.AcceptedThrough != 5 || reply.ReportAfterSeconds != 2 ||
		len(reply.References) != 1 || reply.References[0].Modality != observation.Keyboard || reply.References[0].Maturity != 3.0/16 {
		t.Errorf("got %+v, want its own observations' HIGH with a lock, accepted through 5, and three of 16 windows learnt", reply)
	}
	past := wantProblem(t, "a report from the past", d.report(s.CollectorToken, observed(5), observed(6)), problem.SequencePast)
	if past.AcceptedThrough == nil || *past.AcceptedThrough != 5 {
		t.Errorf("the refusal says accepted through %v, want 5", past.AcceptedThrough)
	}
	v := d.view(s.Session)
	if v.Session != s.Session || v.Subject != s.Subject || v.Closed || v.RiskLevel != policy.High || v.Answer != policy.SomeoneElse ||
		!slices.Equal(v.Reasons, []policy.ReasonCode{policy.Mismatch}) || len(v.Evidence) != 1 || v.Trust <= 0 || v.Trust >= 1 {
		t.Errorf("got %+v, want the alarm with its evidence", v)
	}
	v = want[SessionView](t, d.send("POST", "/v1/sessions/"+s.Session+"/reauthenticated", d.key, Reauthentication{Method: "password"}), 200)
	if v.RiskLevel != policy.Low || v.Answer != policy.SamePerson {
		t.Errorf("after re-authentication: got %+v, want LOW, same_person", v)
	}
	if got := d.send("DELETE", "/v1/sessions/"+s.Session, d.key, nil); got.status != 204 || len(got.body) != 0 {
		t.Errorf("closing: got %d %s, want 204 and nothing", got.status, got.body)
	}
	if got := d.send("DELETE", "/v1/sessions/"+s.Session, d.key, nil); got.status != 204 {
		t.Errorf("closing again: got %d %s, want 204", got.status, got.body)
	}
	if !d.view(s.Session).Closed {
		t.Error("the session is open after it was closed")
	}
	wantProblem(t, "a report to a closed session", d.report(s.CollectorToken, observed(6)), problem.SessionClosed)
	wantProblem(t, "re-authentication of a closed session", d.send("POST", "/v1/sessions/"+s.Session+"/reauthenticated", d.key, Reauthentication{Method: "password"}), problem.SessionClosed)
	subject := want[SubjectView](t, d.send("GET", "/v1/subjects/"+s.Subject, d.key, nil), 200)
	if len(subject.References) != 1 || subject.References[0].Model != embed.Model || subject.References[0].Version != 3 || subject.References[0].Mature {
		t.Errorf("the subject: got %+v, want one reference of version 3 that is not mature", subject)
	}
}

func TestDeclaredDeviceClassChoosesReferences(t *testing.T) {
	d := startRunning(t, nil)
	s := d.open("someone")
	phone := observed(2)
	phone.DeviceClass = observation.Phone
	want[ingest.Reply](t, d.report(s.CollectorToken, observed(1), phone), 200)
	if got := d.view(s.Session).References; len(got) != 2 {
		t.Errorf("no device class: got %+v, want both references", got)
	}
	onPhone := want[OpenedSession](t, d.send("POST", "/v1/sessions", d.key, OpenSession{UserID: "someone", DeviceClass: "phone"}), 201)
	if got := d.view(onPhone.Session).References; len(got) != 1 || got[0].DeviceClass != observation.Phone {
		t.Errorf("on a phone: got %+v, want the phone's reference alone", got)
	}
}

func TestBackEndRefusals(t *testing.T) {
	d := startRunning(t, nil)
	s := d.open("someone")
	const key = "the API key"
	for _, c := range []struct {
		name, method, path, bearer string
		body                       any
		want                       problem.Name
	}{
		{"no key", "POST", "/v1/sessions", "", OpenSession{UserID: "a"}, problem.TokenMissing},
		{"a wrong key", "POST", "/v1/sessions", "ipse_wrong", OpenSession{UserID: "a"}, problem.KeyInvalid},
		{"a collector token as key", "GET", "/v1/sessions/" + s.Session, s.CollectorToken, nil, problem.KeyInvalid},
		{"the key as a collector token", "POST", "/v1/observations", key, `{}`, problem.TokenInvalid},
		{"no user id", "POST", "/v1/sessions", key, `{}`, problem.MissingField},
		{"an empty user id", "POST", "/v1/sessions", key, OpenSession{}, problem.WrongLength},
		{"a long user id", "POST", "/v1/sessions", key, OpenSession{UserID: strings.Repeat("a", 257)}, problem.WrongLength},
		{"a number as user id", "POST", "/v1/sessions", key, `{"userID":17}`, problem.WrongType},
		{"null as user id", "POST", "/v1/sessions", key, `{"userID":null}`, problem.WrongType},
		{"an unknown field", "POST", "/v1/sessions", key, `{"userID":"a","name":"b"}`, problem.UnknownField},
		{"an unknown device class", "POST", "/v1/sessions", key, OpenSession{UserID: "a", DeviceClass: "watch"}, problem.UnknownValue},
		{"a field in other letters", "POST", "/v1/sessions", key, `{"userID":"a","userid":"b"}`, problem.UnknownField},
		{"a field twice", "POST", "/v1/sessions", key, `{"userID":"a","userID":"b"}`, problem.MalformedJSON},
		{"bytes that are no text", "POST", "/v1/sessions", key, "{\"userID\":\"a\xff\"}", problem.MalformedJSON},
		{"half a character", "POST", "/v1/sessions", key, `{"userID":"a\ud800"}`, problem.UnknownValue},
		{"a list", "POST", "/v1/sessions", key, `[]`, problem.WrongType},
		{"not JSON", "POST", "/v1/sessions", key, `{"userID":`, problem.MalformedJSON},
		{"trailing data", "POST", "/v1/sessions", key, `{"userID":"a"}{}`, problem.MalformedJSON},
		{"a large body", "POST", "/v1/sessions", key, `{"userID":"` + strings.Repeat("a", 20_000) + `"}`, problem.BodyTooLarge},
		{"an unknown session", "GET", "/v1/sessions/abc", key, nil, problem.SessionUnknown},
		{"a token for an unknown session", "POST", "/v1/sessions/abc/collector-token", key, nil, problem.SessionUnknown},
		{"re-authentication of an unknown session", "POST", "/v1/sessions/abc/reauthenticated", key, Reauthentication{Method: "password"}, problem.SessionUnknown},
		{"re-authentication by a sentence", "POST", "/v1/sessions/" + s.Session + "/reauthenticated", key, Reauthentication{Method: "I saw them"}, problem.OutOfRange},
		{"closing an unknown session", "DELETE", "/v1/sessions/abc", key, nil, problem.SessionUnknown},
		{"an unknown subject", "GET", "/v1/subjects/abc", key, nil, problem.SubjectUnknown},
		{"a user id as subject", "GET", "/v1/subjects/someone", key, nil, problem.SubjectUnknown},
		{"erasing an unknown subject", "DELETE", "/v1/subjects/abc", key, nil, problem.SubjectUnknown},
		{"a wildcard as session", "GET", "/v1/sessions/*", key, nil, problem.SessionUnknown},
		{"a long session", "GET", "/v1/sessions/" + strings.Repeat("b", 65), key, nil, problem.WrongLength},
		{"no such path", "GET", "/v2/sessions", key, nil, problem.NoSuchPath},
		{"no such method", "PUT", "/v1/sessions", key, `{}`, problem.NoSuchMethod},
		{"reading observations", "GET", "/v1/observations", s.CollectorToken, nil, problem.NoSuchMethod},
	} {
		bearer := c.bearer
		if bearer == key {
			bearer = d.key
		}
		got := d.send(c.method, c.path, bearer, c.body)
		wantProblem(t, c.name, got, c.want)
		if strings.Contains(string(got.body), "aaaaaaaa") {
			t.Errorf("%s: the refusal repeats the value", c.name)
		}
	}
	wantProblem(t, "another medium", d.send("POST", "/v1/sessions", d.key, "userID=a", "Content-Type", "application/x-www-form-urlencoded"), problem.MediaType)
	metrics := string(d.send("GET", "/metrics", "", nil).body)
	for _, line := range []string{`ipse_requests_refused_total{problem="api-key-invalid"} 2`, `ipse_requests_refused_total{problem="subject-unknown"} 3`, `ipse_requests_refused_total{problem="token-invalid"} 1`} {
		if !strings.Contains(metrics, line) {
			t.Errorf("the metrics lack %s", line)
		}
	}
}

// mutate breaks one thing of a good report, and names the problems that may be answered.
func mutate(r *rand.Rand, good string) (string, []problem.Name) {
	var report map[string]any
	if err := json.Unmarshal([]byte(good), &report); err != nil {
		panic(err)
	}
	o := report["observations"].([]any)[0].(map[string]any)
	values := []any{nil, true, "x", -1.5, []any{}, map[string]any{}, 1e300, -1, strings.Repeat("x", 100)}
	form := []problem.Name{problem.WrongType, problem.MissingField, problem.OutOfRange, problem.WrongLength, problem.UnknownValue,
		problem.UnknownModel, problem.UnknownList, problem.TooOld, problem.UnknownField, problem.NotFinite, problem.ClockOff}
	names := slices.Sorted(func(yield func(string) bool) {
		for k := range o {
			if !yield(k) {
				return
			}
		}
	})
	name := names[r.IntN(len(names))]
	switch r.IntN(7) {
	case 0: // a value of another kind, or far away
		v := values[r.IntN(len(values))]
		if name == "quality" && (v == nil || reflect.DeepEqual(v, []any{})) || name == "liveness" && reflect.DeepEqual(v, map[string]any{}) {
			v = 1.0
		}
		o[name] = v
	case 1:
		if name == "quality" {
			name = "features"
		}
		delete(o, name)
	case 2:
		o[[]string{"key", "text", "url", "title", "code", "Sequence_"}[r.IntN(6)]] = "secret"
	case 3:
		o["features"] = append(o["features"].([]any), values[r.IntN(len(values))])
	case 4:
		o["embedding"] = o["embedding"].(string)[:4*r.IntN(3)]
	case 5:
		raw, _ := json.Marshal(report)
		return string(raw[:r.IntN(len(raw))]), []problem.Name{problem.MalformedJSON}
	case 6:
		raw, _ := json.Marshal(report)
		raw[r.IntN(len(raw))] = "\x00\xff{}[]"[r.IntN(6)]
		return string(raw), append(form, problem.MalformedJSON)
	}
	raw, _ := json.Marshal(report)
	return string(raw), form
}

func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

// Thousands of broken reports: each is refused by a known problem, and nothing of them is kept.
func TestMalformedByTheThousand(t *testing.T) {
	d := startRunning(t, nil)
	r := rand.New(rand.NewPCG(7, 11))
	good, err := json.Marshal(ingest.Report{SentAtMS: time.Now().UnixMilli(), Observations: []observation.Observation{observed(1)}})
	if err != nil {
		t.Fatal(err)
	}
	var s OpenedSession
	const sessionsReports = 50 // below what a session may send at once
	for i := range 3000 {
		if i%sessionsReports == 0 {
			s = d.open(fmt.Sprintf("user-%d", i))
		}
		body, allowed := mutate(r, string(good))
		for sameJSON(body, string(good)) {
			body, allowed = mutate(r, string(good))
		}
		got := d.send("POST", "/v1/observations", s.CollectorToken, body)
		var p problem.Problem
		if err := json.Unmarshal(got.body, &p); err != nil {
			t.Fatalf("report %d: got %d %s for %q", i, got.status, got.body, body)
		}
		if !slices.ContainsFunc(allowed, func(n problem.Name) bool { return n.Type() == p.Type && n.Status() == got.status }) || p.Detail == "" {
			t.Errorf("report %d: got %d %s for %s", i, got.status, got.body, body)
		}
	}
	if usage, err := d.bus.Usage(t.Context()); err != nil || usage.LastSequence != 0 {
		t.Errorf("the stream holds messages up to %d, %v; want nothing kept of what was refused", usage.LastSequence, err)
	}
}

func TestPages(t *testing.T) {
	d := startRunning(t, nil)
	for path, media := range map[string]string{
		"/healthz": "application/json", "/readyz": "application/json", "/metrics": "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
		"/openapi.json": "application/openapi+json", "/docs": "text/html; charset=utf-8", "/docs/docs.css": "text/css; charset=utf-8",
		"/sdk/ipse.js": "text/javascript; charset=utf-8", "/sdk/ipse.mjs": "text/javascript; charset=utf-8", "/sdk/ipse-session.mjs": "text/javascript; charset=utf-8", "/sdk/ipse-worker.js": "text/javascript; charset=utf-8",
		"/sdk/models/" + embed.Newest(observation.Keyboard, false) + ".net": "application/octet-stream",
		"/console/sign-in": "text/html; charset=utf-8",
	} {
		got := d.send("GET", path, "", nil)
		if path == "/readyz" {
			got = d.untilReady()
		}
		if got.status != 200 || got.header.Get("Content-Type") != media || got.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: got %d %v, want 200 %s and nosniff", path, got.status, got.header, media)
		}
	}
	if got := d.send("GET", "/", "", nil); got.status != http.StatusSeeOther || got.header.Get("Location") != "/console/" {
		t.Errorf("/: got %d to %q, want the console", got.status, got.header.Get("Location"))
	}
	link := strings.TrimPrefix(d.ConsoleLink(), d.URL())
	if got := d.send("GET", link, "", nil); got.status != 200 {
		t.Errorf("the console's link: got %d, want 200", got.status)
	}
}

// The documentation must hold together: every reference leads somewhere, every operation is described and says who may
// call it, and the page names all of them.
func TestOpenAPI(t *testing.T) {
	d := startRunning(t, nil)
	raw := d.send("GET", "/openapi.json", "", nil).body
	var document struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID, Summary string
			Security             []map[string][]string
			Responses            map[string]any
		}
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal(raw, &document); err != nil {
		t.Fatal(err)
	}
	if document.OpenAPI != "3.1.0" {
		t.Errorf("version %q, want 3.1.0", document.OpenAPI)
	}
	var got []string
	page := string(d.send("GET", "/docs", "", nil).body)
	for path, methods := range document.Paths {
		for method, op := range methods {
			got = append(got, strings.ToUpper(method)+" "+path)
			if op.OperationID == "" || op.Summary == "" || len(op.Security) == 0 || len(op.Responses) < 3 {
				t.Errorf("%s %s is not described: %+v", method, path, op)
			}
			if !strings.Contains(page, `id="`+op.OperationID+`"`) {
				t.Errorf("/docs does not show %s", op.OperationID)
			}
		}
	}
	slices.Sort(got)
	wanted := []string{"DELETE /v1/sessions/{id}", "DELETE /v1/subjects/{id}", "GET /v1/budget", "GET /v1/sessions/{id}", "GET /v1/sessions/{id}/path", "GET /v1/subjects/{id}",
		"POST /v1/observations", "POST /v1/sessions", "POST /v1/sessions/{id}/candidates", "POST /v1/sessions/{id}/collector-token", "POST /v1/sessions/{id}/context", "POST /v1/sessions/{id}/reauthenticated",
		"POST /v1/subjects/{id}/references/accept", "POST /v1/subjects/{id}/references/enrol-again", "POST /v1/subjects/{id}/references/roll-back"}
	if !slices.Equal(got, wanted) {
		t.Errorf("got operations %v, want %v", got, wanted)
	}
	for _, ref := range regexp.MustCompile(`#/components/schemas/(\w+)`).FindAllStringSubmatch(string(raw), -1) {
		if document.Components.Schemas[ref[1]] == nil {
			t.Errorf("the document refers to a schema %s that it lacks", ref[1])
		}
	}
	for _, ref := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, `id="`+ref[1]+`"`) {
			t.Errorf("/docs links to #%s, which it lacks", ref[1])
		}
	}
	for _, word := range []string{"behaviour_differs", "injected_events", "step_up"} {
		if !strings.Contains(page, word) {
			t.Errorf("/docs does not explain %s", word)
		}
	}
	for _, name := range problem.Names() {
		if !strings.Contains(page, name.Type()) {
			t.Errorf("/docs does not list %s", name.Type())
		}
	}
	if outside := regexp.MustCompile(`(src|href)="(https?:)?//`).FindString(page); outside != "" {
		t.Errorf("/docs needs something from elsewhere: %s", outside)
	}
}

// What a view can tell of a person is decided here: no field of the API may carry text, keys or activity.
func TestAPITellsNothingToSpyWith(t *testing.T) {
	d := startRunning(t, nil)
	var document struct {
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	if err := json.Unmarshal(d.send("GET", "/openapi.json", "", nil).body, &document); err != nil {
		t.Fatal(err)
	}
	forbidden := regexp.MustCompile(`(?i)text|char|word|url|title$|clip|screen|count|total|minutes|active|idle|presence|productiv|lastSeen|openedAt`)
	for schema, s := range document.Components.Schemas {
		for field := range s.Properties {
			if forbidden.MatchString(field) && schema != "Problem" {
				t.Errorf("%s.%s could hold text, keys or activity", schema, field)
			}
		}
	}
}
