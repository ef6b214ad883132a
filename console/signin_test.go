package console_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"ipse.dev/ipse/console"
	"ipse.dev/ipse/console/consoletest"
)

func TestNothingWithoutSignIn(t *testing.T) {
	r := open(t, consoletest.Desk(noon))
	for _, path := range []string{"/console/", "/console/sessions/s-taken", "/console/alarms", "/console/alarms/c-taken", "/console/events", "/console/nowhere"} {
		_, body := r.get(path) // follows the redirect
		r.wants(path, body, "Sign in to the console", "ipse serve", "A link works once, within 15 minutes.")
		for _, never := range []string{"p4td9c6hzy2n", "open</span>"} {
			if strings.Contains(body, never) {
				t.Errorf("%s tells %q to a stranger", path, never)
			}
		}
	}
	if _, body := r.post("/console/alarms/c-taken/verdict", url.Values{"verdict": {"impostor"}}, nil); !strings.Contains(body, "Sign in to the console") {
		t.Error("a verdict of a stranger does not lead to the sign-in")
	}
	if k, err := r.source.Case(t.Context(), "c-taken"); err != nil || k.Verdict != "" {
		t.Errorf("a stranger's verdict %q was stored (%v)", k.Verdict, err)
	}
}

func TestScriptOfStrangerIsSentToSignIn(t *testing.T) {
	r := open(t, consoletest.Desk(noon))
	q, err := http.NewRequest(http.MethodGet, r.base+"/console/", nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("HX-Request", "true")
	resp, body := r.do(q)
	if resp.StatusCode != http.StatusUnauthorized || resp.Header.Get("HX-Redirect") != "/console/sign-in" || body != "" {
		t.Errorf("status %d, HX-Redirect %q, body %q; want 401, /console/sign-in and nothing", resp.StatusCode, resp.Header.Get("HX-Redirect"), body)
	}
}

func TestLookingAtALinkDoesNotUseIt(t *testing.T) {
	r := open(t, consoletest.Desk(noon))
	link := strings.TrimPrefix(r.console.OneTimeLink(), r.base)
	for range 3 {
		status, body := r.get(link)
		if status != http.StatusOK || !strings.Contains(body, "This link is valid.") {
			t.Fatalf("looking at the link: status %d, want 200 and a button", status)
		}
	}
	token := url.Values{"token": {tokenOf(t, link)}}
	if status, body := r.post("/console/sign-in", token, nil); status != http.StatusOK || !strings.Contains(body, "<h1>Sessions</h1>") {
		t.Fatalf("pressing the button: status %d, want the sessions", status)
	}
	second := open(t, consoletest.Desk(noon))
	second.console, second.base = r.console, r.base
	if status, body := second.post("/console/sign-in", token, nil); status != http.StatusForbidden || !strings.Contains(body, "used before or is too old") {
		t.Errorf("using the link a second time: status %d, want 403 and why", status)
	}
	if _, body := second.get(link); !strings.Contains(body, "used before or is too old") {
		t.Error("the page of a used link does not say so")
	}
	if _, body := second.get("/console/"); !strings.Contains(body, "Sign in to the console") {
		t.Error("who used a link a second time is in")
	}
}

func TestLinkGrowsOld(t *testing.T) {
	r := open(t, new(consoletest.Source))
	link := strings.TrimPrefix(r.console.OneTimeLink(), r.base)
	r.now = r.now.Add(15*time.Minute - time.Second)
	if _, body := r.get(link); !strings.Contains(body, "This link is valid.") {
		t.Error("the link does not work a second before its time is over")
	}
	r.now = r.now.Add(time.Second)
	if _, body := r.get(link); !strings.Contains(body, "too old") {
		t.Error("the link still works after 15 minutes")
	}
	if status, _ := r.post("/console/sign-in", url.Values{"token": {tokenOf(t, link)}}, nil); status != http.StatusForbidden {
		t.Errorf("pressing its button: status %d, want 403", status)
	}
}

func TestOneOfManyGetsIn(t *testing.T) {
	r := open(t, new(consoletest.Source))
	token := tokenOf(t, r.console.OneTimeLink())
	var wg sync.WaitGroup
	var mu sync.Mutex
	in := 0
	for range 20 {
		wg.Go(func() {
			q := httptest.NewRequest(http.MethodPost, "/console/sign-in", strings.NewReader(url.Values{"token": {token}}.Encode()))
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			r.console.Handler().ServeHTTP(w, q)
			mu.Lock()
			defer mu.Unlock()
			if w.Code == http.StatusSeeOther {
				in++
			}
		})
	}
	wg.Wait()
	if in != 1 {
		t.Errorf("%d of 20 got in with one link, want 1", in)
	}
}

func TestWrongTokens(t *testing.T) {
	r := open(t, new(consoletest.Source))
	for _, token := range []string{"", "x", strings.Repeat("A", 26), strings.Repeat("A", 100_000)} {
		if status, _ := r.post("/console/sign-in", url.Values{"token": {token}}, nil); status != http.StatusForbidden {
			t.Errorf("a token of %d characters: status %d, want 403", len(token), status)
		}
	}
}

func TestOtherSitesAreRefused(t *testing.T) {
	r := signedIn(t, consoletest.Desk(noon))
	verdict := url.Values{"verdict": {"right_person"}}
	for name, header := range map[string]map[string]string{
		"fetch metadata": {"Sec-Fetch-Site": "cross-site"},
		"same site":      {"Sec-Fetch-Site": "same-site"},
		"origin":         {"Origin": "https://elsewhere.example"},
	} {
		for _, path := range []string{"/console/alarms/c-taken/verdict", "/console/sign-out", "/console/sign-in/link"} {
			status, body := r.post(path, verdict, header)
			if status != http.StatusForbidden || !strings.Contains(body, "came from another site") {
				t.Errorf("%s, %s: status %d, want 403 and why", name, path, status)
			}
		}
	}
	if k, err := r.source.Case(t.Context(), "c-taken"); err != nil || k.Verdict != "" {
		t.Errorf("the verdict %q of another site was stored (%v)", k.Verdict, err)
	}
	if status, _ := r.post("/console/alarms/c-taken/verdict", verdict, map[string]string{"Origin": r.base, "Sec-Fetch-Site": "same-origin"}); status != http.StatusOK {
		t.Errorf("the console's own form: status %d, want 200", status)
	}
}

func TestSignOut(t *testing.T) {
	r := signedIn(t, consoletest.Desk(noon))
	base, err := url.Parse(r.base + "/console/")
	if err != nil {
		t.Fatal(err)
	}
	before := r.client.Jar.Cookies(base)
	if _, body := r.post("/console/sign-out", nil, nil); !strings.Contains(body, "Sign in to the console") {
		t.Error("signing out does not lead to the sign-in")
	}
	r.client.Jar.SetCookies(base, before) // the old cookie must be worth nothing
	if _, body := r.get("/console/"); !strings.Contains(body, "Sign in to the console") {
		t.Error("a cookie still works after the sign-out")
	}
}

func TestCookie(t *testing.T) {
	for base, secure := range map[string]bool{"http://127.0.0.1:7473": false, "https://ipse.example": true} {
		source := new(consoletest.Source)
		c, err := console.New(console.Options{Sessions: source, Cases: source, BaseURL: base})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		link := c.OneTimeLink()
		if !strings.HasPrefix(link, base+"/console/sign-in?token=") {
			t.Errorf("link %q, want it to begin with %s", link, base)
		}
		q := httptest.NewRequest(http.MethodPost, "/console/sign-in", strings.NewReader(url.Values{"token": {tokenOf(t, link)}}.Encode()))
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		c.Handler().ServeHTTP(w, q)
		cookies := w.Result().Cookies()
		if len(cookies) != 1 {
			t.Fatalf("%s: %d cookies, want 1", base, len(cookies))
		}
		k := cookies[0]
		if !k.HttpOnly || k.SameSite != http.SameSiteLaxMode || k.Secure != secure || k.Path != "/console/" || k.MaxAge < 12*3600-60 || k.MaxAge > 12*3600 {
			t.Errorf("%s: cookie %+v, want HttpOnly, SameSite=Lax, Secure %t, for /console/ and 12 hours", base, k, secure)
		}
	}
}

func TestAnnouncedLink(t *testing.T) {
	r := open(t, consoletest.Desk(noon))
	for range 5 {
		if _, body := r.post("/console/sign-in/link", nil, nil); !strings.Contains(body, "A link has been written where the server runs.") || strings.Contains(body, "token") {
			t.Error("the answer does not say where the link is, or tells the link itself")
		}
	}
	if len(r.links) != 1 {
		t.Fatalf("%d links announced at once, want 1", len(r.links))
	}
	r.now = r.now.Add(30 * time.Second)
	r.post("/console/sign-in/link", nil, nil)
	if len(r.links) != 2 || r.links[0] == r.links[1] {
		t.Errorf("links %v after half a minute, want two different ones", r.links)
	}
	if status, _ := r.post("/console/sign-in", url.Values{"token": {tokenOf(t, r.links[1])}}, nil); status != http.StatusOK {
		t.Errorf("an announced link: status %d, want 200", status)
	}
}

func TestNoAnnouncementWithoutAPlaceForIt(t *testing.T) {
	source := new(consoletest.Source)
	c, err := console.New(console.Options{Sessions: source, Cases: source, BaseURL: "http://x"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/console/sign-in/link", nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("status %d, want 404", w.Code)
	}
	w = httptest.NewRecorder()
	c.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/console/sign-in", nil))
	if strings.Contains(w.Body.String(), "/console/sign-in/link") {
		t.Error("the page has the button nevertheless")
	}
}
