package console_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"ipse.dev/ipse/console"
	"ipse.dev/ipse/console/consoletest"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/review"
)

// noon is when tests take place.
var noon = time.Date(2026, 8, 3, 12, 0, 0, 0, time.UTC)

// reader is a reviewer's browser without a window.
type reader struct {
	t        *testing.T
	console  *console.Console
	source   *consoletest.Source
	client   *http.Client
	base     string
	language string
	now      time.Time
	links    []string // announced
}

func open(t *testing.T, source *consoletest.Source, change ...func(*console.Options)) *reader {
	t.Helper()
	r := &reader{t: t, source: source, language: "en", now: noon}
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { handler.ServeHTTP(w, q) }))
	t.Cleanup(server.Close)
	o := console.Options{
		Sessions: source, Cases: source, Budget: source, Subjects: source, BaseURL: server.URL, Location: time.UTC,
		Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return r.now },
		Announce: func(link string) { r.links = append(r.links, link) },
	}
	for _, c := range change {
		c(&o)
	}
	c, err := console.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	handler = c.Handler()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	r.console, r.base, r.client = c, server.URL, &http.Client{Jar: jar}
	return r
}

// signedIn opens the console and signs in.
func signedIn(t *testing.T, source *consoletest.Source, change ...func(*console.Options)) *reader {
	t.Helper()
	r := open(t, source, change...)
	if status, _ := r.post("/console/sign-in", url.Values{"token": {tokenOf(t, r.console.OneTimeLink())}}, nil); status != http.StatusOK {
		t.Fatalf("sign-in ended with %d, want 200", status)
	}
	return r
}

func tokenOf(t *testing.T, link string) string {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("token")
}

func (r *reader) do(q *http.Request) (*http.Response, string) {
	r.t.Helper()
	q.Header.Set("Accept-Language", r.language)
	resp, err := r.client.Do(q)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp, string(body)
}

func (r *reader) get(path string) (status int, body string) {
	r.t.Helper()
	q, err := http.NewRequest(http.MethodGet, r.base+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	resp, body := r.do(q)
	return resp.StatusCode, body
}

func (r *reader) post(path string, form url.Values, header map[string]string) (status int, body string) {
	r.t.Helper()
	q, err := http.NewRequest(http.MethodPost, r.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		r.t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for k, v := range header {
		q.Header.Set(k, v)
	}
	resp, body := r.do(q)
	return resp.StatusCode, body
}

// wants reports the texts that a page lacks.
func (r *reader) wants(path, body string, texts ...string) {
	r.t.Helper()
	for _, text := range texts {
		if !strings.Contains(body, text) {
			r.t.Errorf("%s (%s) lacks %q", path, r.language, text)
		}
	}
}

func TestPagesInBothLanguages(t *testing.T) {
	r := signedIn(t, consoletest.Desk(noon))
	for path, want := range map[string][2][]string{
		"/console/": {
			{`<html lang="en">`, "<h1>Sessions</h1>", "k7vq2m3xw4r8", "Someone else", "Same person", "Cannot tell", "High", "2 open", "Session closed", "Person known", "Learning"},
			{`<html lang="fr">`, "Quelqu’un d’autre", "Même personne", "Impossible à dire", "Élevé", "2 ouvertes", "Session fermée", "Personne connue", "En apprentissage", "0,1\u202f%"},
		},
		"/console/sessions/s-taken": {
			{"Someone else", "Behaviour differs", "Trust over time", "Letter keys held 31% longer than usual (4.2\u00a0σ)", "141\u00a0ms; usually 108\u00a0ms", "speaks against the person", "below 27%", "today, 11:58", `role="img"`, "Alarms of this session"},
			{"Quelqu’un d’autre", "Comportement différent", "Confiance au fil du temps", "Touches de lettre tenues 31\u202f% plus longtemps que d’habitude (4,2\u00a0σ)", "141\u00a0ms\u202f; d’habitude 108\u00a0ms", "parle contre la personne", "aujourd’hui à 11:58"},
		},
		"/console/sessions/s-trusted": {
			{"Same person", "speaks for the person", "Not available", "Pointer: too little input so far."},
			{"Même personne", "parle pour la personne", "Non disponible", "Pointeur\u00a0: trop peu d’activité jusqu’ici."},
		},
		"/console/sessions/s-learning": {
			{"Still learning", "44%, learning", "Keyboard: still being learnt (44%).", "This is no evidence against anybody."},
			{"Apprentissage en cours", "44\u202f%, en cours", "Clavier\u00a0: apprentissage en cours (44\u202f%)."},
		},
		"/console/sessions/s-uncertain": {
			{"error to expect: 14%", "learns no more", "<code>ipse references show m2wx8b5kfe7j</code>", "comes from two people", "<code>ipse references enrol-again m2wx8b5kfe7j</code>"},
			{"erreur à attendre\u00a0: 14\u202f%", "n’apprend plus", "<code>ipse references show m2wx8b5kfe7j</code>", "vient de deux personnes", "<code>ipse references enrol-again m2wx8b5kfe7j</code>"},
		},
		"/console/sessions/s-quiet": {
			{"Too little input", "Nothing has been observed in this session yet.", "Nothing has been compared yet, or not since the last sign-in.", "Nothing has been learnt yet.", "None."},
			{"Trop peu d’activité", "Rien n’a encore été observé dans cette session.", "Rien n’a encore été comparé, ou pas depuis la dernière authentification.", "Rien n’a encore été appris.", "Aucune."},
		},
		"/console/sessions/s-closed": {{"The session is closed", "how the events were made"}, {"La session est fermée"}},
		"/console/alarms": {
			{"<h1>Alarms</h1>", "Behaviour differs", "Injected events", "The right person", "2 Aug 2026, 10:00"},
			{"<h1>Alertes</h1>", "Comportement différent", "Événements injectés", "La bonne personne", "2 août 2026 à 10:00"},
		},
		"/console/alarms/c-taken": {
			{"Who was at the controls?", "Impostor", "Nobody has decided this alarm yet.", "Pause before a correction much longer than usual", "See the session"},
			{"Qui était aux commandes\u202f?", "Imposteur", "Personne n’a encore jugé cette alerte.", "Pause avant une correction beaucoup plus longue"},
		},
		"/console/alarms/c-decided": {
			{"Decided: The right person (2 Aug 2026, 11:00)", `value="right_person" aria-pressed="true"`, "how the events were made", "or a program, was at the controls"},
			{"Jugée\u00a0: La bonne personne (2 août 2026 à 11:00)", "façon dont les événements ont été produits"},
		},
	} {
		for i, language := range []string{"en", "fr-CH,fr;q=0.9"} {
			r.language = language
			status, body := r.get(path)
			if status != http.StatusOK {
				t.Errorf("%s (%s): status %d, want 200", path, language, status)
			}
			r.wants(path, body, want[i]...)
			for _, never := range []string{"NaN", "%!", "ZgotmplZ", "<no value>", "style="} {
				if strings.Contains(body, never) {
					t.Errorf("%s (%s) has %q in it", path, language, never)
				}
			}
		}
	}
}

func TestEmptyPages(t *testing.T) {
	r := signedIn(t, new(consoletest.Source))
	_, body := r.get("/console/")
	r.wants("/console/", body, "No session yet.", "POST /v1/sessions")
	_, body = r.get("/console/alarms")
	r.wants("/console/alarms", body, "No alarm.")
	if strings.Contains(body, `class="count"`) {
		t.Error("there is a count of open alarms where there is none")
	}
}

func TestFiveHundredSessions(t *testing.T) {
	source := consoletest.Desk(noon)
	source.Crowd(600, noon)
	r := signedIn(t, source)
	_, body := r.get("/console/")
	if n := strings.Count(body, `id="row-`); n != 50 {
		t.Errorf("%d rows on the first page, want 50", n)
	}
	if first := strings.Index(body, "s-taken"); first < 0 || first > strings.Index(body, "crowd0000000q") {
		t.Error("the session at high risk is not the first")
	}
	r.wants("/console/", body, "Page 1 of 10", "page=2")
	_, body = r.get("/console/?page=10")
	r.wants("/console/?page=10", body, "Page 10 of 10")
	_, body = r.get("/console/?page=99999999999999999999")
	r.wants("a page beyond the end", body, "Page ")
	_, body = r.get("/console/?q=CROWD0007919Q")
	if n := strings.Count(body, `id="row-`); n != 1 {
		t.Errorf("%d rows for one pseudonym, want 1", n)
	}
	_, body = r.get("/console/?show=risk")
	if n := strings.Count(body, `id="row-`); n != 3 {
		t.Errorf("%d rows at risk, want 3", n)
	}
	_, body = r.get("/console/?q=nobody")
	r.wants("?q=nobody", body, "No session fits.")
}

func TestNamesAreEscaped(t *testing.T) {
	source := new(consoletest.Source)
	const nasty = `<script>alert(1)</script>"'&`
	d := consoletest.Taken("a/b?c#d", nasty, noon.Add(-10*time.Minute), noon)
	d.Evidence[0].Deviations[0].Feature = nasty
	d.Reasons = []policy.ReasonCode{policy.ReasonCode(nasty)}
	source.Put(d)
	source.PutCase(review.Case{ID: "x/../y", Session: d.ID, Subject: nasty, OpenedAt: noon, Level: policy.High, Reasons: d.Reasons, Evidence: d.Evidence})
	r := signedIn(t, source)
	for _, path := range []string{
		"/console/", "/console/?q=" + url.QueryEscape(nasty), "/console/alarms",
		"/console/sessions/" + url.PathEscape(d.ID), "/console/alarms/" + url.PathEscape("x/../y"),
	} {
		status, body := r.get(path)
		if status != http.StatusOK {
			t.Errorf("%s: status %d, want 200", path, status)
		}
		if strings.Contains(body, "<script>alert") {
			t.Errorf("%s carries a script of a source's making", path)
		}
	}
}

func TestUnknownIdentifiersAreNotFound(t *testing.T) {
	r := signedIn(t, consoletest.Desk(noon))
	for _, path := range []string{"/console/sessions/none", "/console/alarms/none", "/console/nowhere", "/console/sessions/", "/console/sessions/a/b"} {
		status, body := r.get(path)
		if status != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, status)
		}
		r.wants(path, body, "There is no such page, session or alarm.", "</html>")
	}
	if status, _ := r.post("/console/alarms/none/verdict", url.Values{"verdict": {"impostor"}}, nil); status != http.StatusNotFound {
		t.Errorf("a verdict on no alarm: status %d, want 404", status)
	}
}

func TestFailingSourceTellsNothing(t *testing.T) {
	r := signedIn(t, consoletest.Desk(noon))
	r.source.Fail(errors.New("table sessions is locked"))
	for _, path := range []string{"/console/", "/console/alarms", "/console/sessions/s-taken", "/console/alarms/c-taken"} {
		status, body := r.get(path)
		if status != http.StatusInternalServerError || strings.Contains(body, "locked") {
			t.Errorf("%s: status %d, body tells the cause: %t; want 500 and no cause", path, status, strings.Contains(body, "locked"))
		}
		r.wants(path, body, "Something failed", "</html>")
	}
}

func TestVerdicts(t *testing.T) {
	r := signedIn(t, consoletest.Desk(noon))
	for _, c := range []struct {
		verdict review.Verdict
		text    string
	}{{review.Impostor, "Impostor"}, {review.CannotTell, "Cannot tell"}, {review.RightPerson, "The right person"}} {
		r.now = r.now.Add(time.Minute)
		status, body := r.post("/console/alarms/c-taken/verdict", url.Values{"verdict": {string(c.verdict)}}, nil)
		if status != http.StatusOK {
			t.Fatalf("%s: status %d, want 200 after the redirect", c.verdict, status)
		}
		r.wants("the alarm", body, "The verdict is stored.", "Decided: "+c.text+" (today, "+r.now.Format("15:04")+")",
			`value="`+string(c.verdict)+`" aria-pressed="true"`)
		k, err := r.source.Case(t.Context(), "c-taken")
		if err != nil || k.Verdict != c.verdict || !k.DecidedAt.Equal(r.now) {
			t.Errorf("stored %q at %v (%v), want %q at %v", k.Verdict, k.DecidedAt, err, c.verdict, r.now)
		}
	}
	if _, body := r.get("/console/alarms/c-taken"); strings.Contains(body, "The verdict is stored.") {
		t.Error("the notice is shown twice, want once")
	}
	for _, form := range []url.Values{{}, {"verdict": {""}}, {"verdict": {"guilty"}}} {
		if status, _ := r.post("/console/alarms/c-long/verdict", form, nil); status != http.StatusBadRequest {
			t.Errorf("verdict %v: status %d, want 400", form, status)
		}
	}
	if k, err := r.source.Case(t.Context(), "c-long"); err != nil || k.Verdict != review.Undecided {
		t.Errorf("what is no verdict was stored: %q (%v)", k.Verdict, err)
	}
}

func TestLanguageSwitch(t *testing.T) {
	r := signedIn(t, consoletest.Desk(noon))
	_, body := r.get("/console/?show=risk&lang=fr")
	r.wants("after the switch", body, `<html lang="fr">`, `href="/console/?lang=en&amp;show=risk"`, `href="/console/?show=risk" aria-current="true"`)
	if _, body = r.get("/console/alarms"); !strings.Contains(body, `<html lang="fr">`) {
		t.Error("the choice of a language is forgotten on the next page")
	}
	if _, body = r.get("/console/alarms?lang=tlh"); !strings.Contains(body, `<html lang="fr">`) {
		t.Error("an unknown language changed the choice")
	}
}

func TestEveryPageMayOnlyLoadItsOwn(t *testing.T) {
	r := signedIn(t, consoletest.Desk(noon))
	for _, path := range []string{"/console/", "/console/sessions/s-taken", "/console/nowhere", "/console/sign-in", "/console/static/console.css"} {
		q, err := http.NewRequest(http.MethodGet, r.base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, body := r.do(q)
		csp := resp.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
			t.Errorf("%s: policy %q, want a strict one", path, csp)
		}
		if got := resp.Header.Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("%s: X-Content-Type-Options %q, want nosniff", path, got)
		}
		if strings.Contains(body, "//cdn") || strings.Contains(body, " onclick") {
			t.Errorf("%s loads from elsewhere or has a handler in its markup", path)
		}
	}
}

func TestStaticFiles(t *testing.T) {
	r := open(t, new(consoletest.Source))
	for file, kind := range map[string]string{
		"console.css": "text/css", "console.js": "text/javascript", "htmx.min.js": "text/javascript",
		"hx-sse.min.js": "text/javascript", "icon.svg": "image/svg+xml", "htmx.LICENSE.txt": "text/plain",
	} {
		q, err := http.NewRequest(http.MethodGet, r.base+"/console/static/"+file, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, body := r.do(q)
		if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), kind) || body == "" {
			t.Errorf("%s: status %d, type %q, want 200 and %s", file, resp.StatusCode, resp.Header.Get("Content-Type"), kind)
		}
		q.Header.Set("If-None-Match", resp.Header.Get("ETag"))
		if resp, _ := r.do(q); resp.StatusCode != http.StatusNotModified {
			t.Errorf("%s asked for again: status %d, want 304", file, resp.StatusCode)
		}
	}
	if status, _ := r.get("/console/static/"); status != http.StatusNotFound {
		t.Errorf("the folder of static files: status %d, want 404", status)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	source := new(consoletest.Source)
	for name, o := range map[string]console.Options{
		"no sessions":    {Cases: source, Budget: source, BaseURL: "http://x"},
		"no cases":       {Sessions: source, BaseURL: "http://x"},
		"no address":     {Sessions: source, Cases: source},
		"a path":         {Sessions: source, Cases: source, Budget: source, BaseURL: "https://x/y"},
		"another scheme": {Sessions: source, Cases: source, Budget: source, BaseURL: "ftp://x"},
	} {
		if c, err := console.New(o); err == nil {
			c.Close()
			t.Errorf("%s: accepted, want an error", name)
		}
	}
}
