package demo

import (
	"bufio"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"ipse.dev/ipse/internal/sim"
)

// fakeIpse answers as ipse does, and notes what it was asked.
type fakeIpse struct {
	*httptest.Server
	mu       sync.Mutex
	asked    []string
	sessions int
	view     map[string]any
	status   int // of reauthenticated, when not 0
}

func newFakeIpse(t *testing.T) *fakeIpse {
	f := &fakeIpse{view: map[string]any{"riskLevel": "LOW", "answer": "same_person"}}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/sdk/") { // this one has no collector to give
			http.NotFound(w, r)
			return
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.asked = append(f.asked, r.Method+" "+r.URL.Path)
		if r.Header.Get("Authorization") != "Bearer key" {
			t.Errorf("%s %s comes without the API key", r.Method, r.URL.Path)
		}
		switch {
		case r.Method == http.MethodDelete:
			w.WriteHeader(http.StatusNoContent)
		case r.URL.Path == "/v1/sessions":
			f.sessions++
			id := "session-" + string(rune('0'+f.sessions))
			json.NewEncoder(w).Encode(map[string]any{"session": id, "subject": "p1", "collectorToken": "token-of-" + id})
		case strings.HasSuffix(r.URL.Path, "/reauthenticated") && f.status != 0:
			w.WriteHeader(f.status)
			f.status = 0
		default:
			json.NewEncoder(w).Encode(f.view)
		}
	}))
	t.Cleanup(f.Close)
	return f
}

// visitor is a browser without scripts.
type visitor struct {
	*http.Client
	t    *testing.T
	base string
}

func open(t *testing.T) (*Desk, *fakeIpse, *visitor) {
	t.Helper()
	ipse := newFakeIpse(t)
	desk, err := New(Options{
		Server: ipse.URL, APIKey: "key", WebhookSecret: testSecret, Logger: slog.New(slog.DiscardHandler),
		ConsoleLink: func() string { return ipse.URL + "/console?link=once" },
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(desk.Handler())
	t.Cleanup(server.Close)
	jar, _ := cookiejar.New(nil)
	return desk, ipse, &visitor{&http.Client{Jar: jar}, t, server.URL}
}

func (v *visitor) do(method, path string, form url.Values) (int, string) {
	v.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, v.base+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := v.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return response.StatusCode, string(raw)
}

func (v *visitor) signIn() string {
	v.t.Helper()
	status, page := v.do("POST", "/sign-in", url.Values{"employee": {"desk-wei"}, "password": {"anything"}})
	if status != 200 || !strings.Contains(page, "Wei Zhang") {
		v.t.Fatalf("sign-in gives status %d and a page without the name", status)
	}
	return page
}

func TestDeskCarriesIpseByOneTagAndOneToken(t *testing.T) {
	_, ipse, v := open(t)
	page := v.signIn()
	if n := strings.Count(page, `<script src="`+ipse.URL+`/sdk/ipse.js"></script>`); n != 1 {
		t.Errorf("the page has ipse's script tag %d times, want once", n)
	}
	if !strings.Contains(page, "token-of-session-1") || strings.Contains(page, `"key"`) {
		t.Error("the page must hold the collector token, and never the API key")
	}
}

func TestNobodyWorksWithoutSignIn(t *testing.T) {
	_, _, v := open(t)
	if status, page := v.do("GET", "/desk", nil); status != 200 || !strings.Contains(page, `action="/sign-in"`) {
		t.Errorf("the desk without a sign-in gives status %d, want the sign-in page", status)
	}
	for _, path := range []string{"/unlock", "/ipse/token", "/ipse/forget", "/colleagues/ada/round", "/desk/customers/osei/replies"} {
		if status, _ := v.do("POST", path, url.Values{}); status != 401 {
			t.Errorf("POST %s without a sign-in gives %d, want 401", path, status)
		}
	}
	if status, _ := v.do("POST", "/sign-in", url.Values{"employee": {"nobody"}}); status != 422 {
		t.Errorf("an unknown employee gives %d, want 422", status)
	}
}

func TestOtherSitesCannotPost(t *testing.T) {
	_, _, v := open(t)
	v.signIn()
	r, _ := http.NewRequest("POST", v.base+"/unlock", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	response, err := v.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != 403 {
		t.Errorf("a post from another site gives %d, want 403", response.StatusCode)
	}
}

func TestRepliesAreAnsweredAndEscaped(t *testing.T) {
	_, _, v := open(t)
	v.signIn()
	_, page := v.do("POST", "/desk/customers/osei/replies", url.Values{"text": {"<b>Dear Kwame</b>"}})
	if strings.Contains(page, "<b>Dear") || !strings.Contains(page, "&lt;b&gt;Dear Kwame") {
		t.Error("the reply must be shown as it was written, not as markup")
	}
	if n := strings.Count(page, `class="message`); n != 3 {
		t.Errorf("the conversation has %d messages after a reply, want 3: opening, reply, answer", n)
	}
	if status, _ := v.do("POST", "/desk/customers/nobody/replies", url.Values{"text": {"x"}}); status != 404 {
		t.Errorf("a reply to an unknown customer gives %d, want 404", status)
	}
}

func TestWebhookLocksAndSignInUnlocks(t *testing.T) {
	desk, ipse, v := open(t)
	v.signIn()
	stream, err := v.Get(v.base + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	lines := bufio.NewScanner(stream.Body)
	next := func() notice {
		t.Helper()
		for lines.Scan() {
			if raw, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var n notice
				if err := json.Unmarshal([]byte(raw), &n); err != nil {
					t.Fatal(err)
				}
				return n
			}
		}
		t.Fatal("the stream of events has ended")
		return notice{}
	}
	if n := next(); n.Locked {
		t.Error("a fresh desk is locked")
	}

	if status := send(t, v.base, "m1", time.Now(), high("session-1", time.Now())); status != 204 {
		t.Fatalf("a signed webhook gives %d, want 204", status)
	}
	if n := next(); !n.Locked || n.Level != "HIGH" || len(n.Reasons) != 1 {
		t.Errorf("the page hears %+v, want the lock with its reason", n)
	}
	if status, _ := v.do("POST", "/desk/customers/osei/replies", url.Values{"text": {"x"}}); status != 423 {
		t.Errorf("a reply on a locked desk gives %d, want 423", status)
	}
	if status, _ := v.do("POST", "/ipse/token", url.Values{}); status != 423 {
		t.Errorf("a new token for a locked desk gives %d, want 423", status)
	}

	if status, _ := v.do("POST", "/unlock", url.Values{"password": {"x"}}); status != 200 {
		t.Fatalf("the sign-in gives %d, want 200", status)
	}
	if n := next(); n.Locked {
		t.Error("the desk stays locked after the sign-in")
	}
	if last := ipse.asked[len(ipse.asked)-1]; last != "POST /v1/sessions/session-1/reauthenticated" {
		t.Errorf("the last call to ipse is %q, want the re-authentication", last)
	}
	// A post that was under way during the sign-in tells of what was before it.
	send(t, v.base, "m2", time.Now(), high("session-1", time.Now().Add(-time.Minute)))
	if desk.seatOfSession("session-1").isLocked() {
		t.Error("a webhook about the time before the sign-in locks the desk")
	}
}

func TestUnlockOpensAnewWhenTheSessionIsGone(t *testing.T) {
	_, ipse, v := open(t)
	v.signIn()
	ipse.status = http.StatusGone
	status, body := v.do("POST", "/unlock", url.Values{})
	if status != 200 || !strings.Contains(body, "token-of-session-2") {
		t.Errorf("unlocking a session that is gone gives %d %s, want a new session's token", status, body)
	}
}

func TestCheckBelievesIpseNotThePage(t *testing.T) {
	desk, ipse, v := open(t)
	v.signIn()
	v.do("POST", "/ipse/check", url.Values{})
	if desk.seatOfSession("session-1").isLocked() {
		t.Error("the page asks to check, ipse says LOW, and the desk locks")
	}
	ipse.view = map[string]any{"riskLevel": "HIGH"}
	v.do("POST", "/ipse/check", url.Values{})
	if !desk.seatOfSession("session-1").isLocked() {
		t.Error("ipse says HIGH and the desk stays open")
	}
}

func TestForgetErasesAndBeginsAnew(t *testing.T) {
	_, ipse, v := open(t)
	v.signIn()
	_, body := v.do("POST", "/ipse/forget", url.Values{})
	if !strings.Contains(body, "token-of-session-2") || !strings.Contains(strings.Join(ipse.asked, ";"), "DELETE /v1/subjects/p1") {
		t.Errorf("forgetting gives %s after the calls %q, want the erasure and a new token", body, ipse.asked)
	}
}

func TestSignOutEndsTheSession(t *testing.T) {
	_, ipse, v := open(t)
	v.signIn()
	v.do("POST", "/sign-out", url.Values{})
	if last := ipse.asked[len(ipse.asked)-1]; last != "DELETE /v1/sessions/session-1" {
		t.Errorf("the last call to ipse is %q, want the session's end", last)
	}
	if _, page := v.do("GET", "/desk", nil); !strings.Contains(page, `action="/sign-in"`) {
		t.Error("the desk is open after signing out")
	}
}

func TestConsoleIsOneLinkAway(t *testing.T) {
	_, _, v := open(t)
	v.signIn()
	v.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := v.Get(v.base + "/console")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if to := response.Header.Get("Location"); response.StatusCode != 303 || !strings.HasSuffix(to, "/console?link=once") {
		t.Errorf("the console's link gives %d to %q", response.StatusCode, to)
	}
}

func TestLanguageComesBackToThisSiteOnly(t *testing.T) {
	_, _, v := open(t)
	v.signIn()
	_, page := v.do("POST", "/language", url.Values{"language": {"fr"}, "back": {"/desk?customer=rossi"}})
	if !strings.Contains(page, `lang="fr"`) || !strings.Contains(page, "Giulia Rossi</h2>") {
		t.Error("choosing French does not come back to the same page in French")
	}
	v.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, back := range []string{"https://elsewhere.example/", "//elsewhere.example", `/\elsewhere.example`, "/\t/elsewhere.example", ""} {
		r, _ := http.NewRequest("POST", v.base+"/language", strings.NewReader(url.Values{"back": {back}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := v.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if to := response.Header.Get("Location"); to != "/desk" {
			t.Errorf("back to %q leads to %q, want /desk", back, to)
		}
	}
}

func TestRoundTypesWhatItWritesAndStaysOrdered(t *testing.T) {
	_, _, v := open(t)
	v.signIn()
	ask := func(colleague, body string) (int, []step) {
		r, _ := http.NewRequest("POST", v.base+"/colleagues/"+colleague+"/round", strings.NewReader(body))
		response, err := v.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		var out struct{ Steps []step }
		json.NewDecoder(response.Body).Decode(&out)
		return response.StatusCode, out.Steps
	}
	place := `{"items":[{"id":"osei","x":10,"y":100,"w":200,"h":40}],"reply":{"x":400,"y":500,"w":500,"h":90},` +
		`"send":{"x":400,"y":620,"w":80,"h":36},"cursor":{"x":300,"y":300}}`
	for _, colleague := range []string{"self", "ada", "farid"} {
		status, steps := ask(colleague, place)
		if status != 200 {
			t.Fatalf("%s: status %d", colleague, status)
		}
		var keys []sim.Keystroke
		var done []string
		lastMS := 0.0
		for i, s := range steps {
			if s.T < lastMS {
				t.Fatalf("%s: step %d at %v comes before its predecessor at %v", colleague, i, s.T, lastMS)
			}
			lastMS = s.T
			if s.K != "" {
				keys = append(keys, sim.Keystroke{Down: s.K == "down", Code: s.C, Text: s.S})
			}
			if s.Do != "" {
				done = append(done, s.Do)
			}
		}
		if got, want := strings.Join(done, " "), "open focus send rest"; got != want {
			t.Errorf("%s does %q, want %q", colleague, got, want)
		}
		text := sim.Apply(keys)
		known := false
		for _, sentence := range sim.Sentences("en") {
			known = known || strings.HasPrefix(text, sentence)
		}
		if !known {
			t.Errorf("%s writes %q, want one of the sentences first", colleague, text)
		}
	}
	if status, _ := ask("nobody", place); status != 404 {
		t.Errorf("an unknown colleague gives %d, want 404", status)
	}
	if status, _ := ask("ada", `{"items":`); status != 400 {
		t.Errorf("a broken body gives %d, want 400", status)
	}
	for _, impossible := range []string{
		`{"cursor":{"x":1e308,"y":-1e308},"reply":{"x":1e308,"w":1e308}}`, `{"send":{"x":1e6}}`, `{"read":{"w":-1}}`,
		`{"items":[{"id":"osei","y":-1e7}]}`, `{"items":[` + strings.Repeat(`{},`, 100) + `{}]}`,
	} {
		if status, _ := ask("ada", impossible); status != 400 {
			t.Errorf("the page %.60s gives %d, want 400", impossible, status)
		}
	}
}

var sayCall = regexp.MustCompile(`(?:\.Say|\$p\.Say|\bsay)[ (]+["'\x60]([a-z.]+)["'\x60]`)

func TestFrenchSpacing(t *testing.T) {
	c, err := loadContent()
	if err != nil {
		t.Fatal(err)
	}
	breaking := regexp.MustCompile(` [;:!?%»]|« |'`)
	check := func(where, text string) {
		if breaking.MatchString(text) {
			t.Errorf("%s: %q; want no-break spaces before punctuation and curved apostrophes", where, text)
		}
	}
	for key, text := range c.strings["fr"] {
		if key != "rec.text" { // which people copy by typing it
			check(key, text)
		}
	}
	for _, text := range c.messages["fr"] {
		check("messages", text)
	}
	for _, x := range c.customers {
		check(x.ID, x.Opening["fr"])
		for _, o := range x.Orders {
			check(x.ID+", "+o.Number, o.Item["fr"])
		}
	}
}

func TestEveryTextIsThereInEveryLanguage(t *testing.T) {
	c, err := loadContent()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range languages {
		for key := range c.strings[languages[0]] {
			if c.strings[l][key] == "" {
				t.Errorf("%s: no text for %q", l, key)
			}
		}
		if len(c.strings[l]) != len(c.strings[languages[0]]) {
			t.Errorf("%s has %d texts, %s has %d", l, len(c.strings[l]), languages[0], len(c.strings[languages[0]]))
		}
		if len(c.messages[l]) == 0 {
			t.Errorf("%s: customers have nothing to say", l)
		}
		for _, x := range c.customers {
			if x.Opening[l] == "" {
				t.Errorf("%s: %s opens no conversation", l, x.ID)
			}
			for _, o := range x.Orders {
				if o.Item[l] == "" || c.strings[l]["state."+o.State] == "" {
					t.Errorf("%s: order %s lacks its item's name or its state", l, o.Number)
				}
			}
		}
		for _, p := range colleagues {
			for _, trait := range traits(sim.NewPerson(p.Seed)) {
				if c.strings[l]["trait."+trait] == "" {
					t.Errorf("%s: no text for the trait %q", l, trait)
				}
			}
		}
	}
	for _, dir := range []string{"templates", "static"} {
		entries, err := files.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			raw, err := files.ReadFile(dir + "/" + e.Name())
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range sayCall.FindAllStringSubmatch(string(raw), -1) {
				if key := m[1]; c.strings["en"][key] == "" && !strings.HasSuffix(key, ".") {
					t.Errorf("%s/%s says %q, which has no text", dir, e.Name(), key)
				}
			}
		}
	}
}

func TestSearchFindsByNameTownAndOrder(t *testing.T) {
	c, err := loadContent()
	if err != nil {
		t.Fatal(err)
	}
	for words, want := range map[string]string{"OSEI": "osei", "brno": "novak", "48-20402": "fraser", " lavallée ": "moreau"} {
		if got := c.search(words); len(got) != 1 || got[0].ID != want {
			t.Errorf("searching %q finds %d customers, want %s alone", words, len(got), want)
		}
	}
	if got := c.search(""); len(got) != len(c.customers) {
		t.Errorf("an empty search finds %d of %d customers", len(got), len(c.customers))
	}
}
