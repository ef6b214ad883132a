package inject

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
)

func server(t *testing.T, handler http.HandlerFunc) *url.URL {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestTheProxyPutsTheCollectorIn(t *testing.T) {
	application := server(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/page":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, "<!doctype html><head><title>Desk</title></head>")
		case "/data":
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `"<head>"`)
		case "/large":
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<head>"+strings.Repeat("x", maxPage))
		}
	})
	ipse := server(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "ipse "+r.Method+" "+r.URL.Path+" "+r.Header.Get("Ipse-Signature")+r.Header.Get("Cookie"))
	})
	proxy := httptest.NewServer(Proxy(application, ipse, func(r *http.Request) (string, error) {
		if r.Header.Get("X-User") == "" {
			return "", errors.New("nobody has signed in")
		}
		return "token of " + r.Header.Get("X-User"), nil
	}))
	defer proxy.Close()
	for _, c := range []struct {
		method, path, user, origin, want string
		status                           int
	}{
		{"GET", "/page", "", "", `<!doctype html><head>` + scripts + `<title>Desk</title></head>`, 200},
		{"GET", "/data", "", "", `"<head>"`, 200},
		{"GET", "/large", "", "", "<head>" + strings.Repeat("x", maxPage), 200},
		{"GET", "/ipse/sdk/ipse.js", "", "", "ipse GET /sdk/ipse.js signed", 200},
		{"POST", "/ipse/v1/observations", "", "", "ipse POST /v1/observations signed", 200},
		{"GET", "/ipse/start.js", "", "", start, 200},
		{"POST", "/ipse/token", "agent-17", "", "token of agent-17", 200},
		{"POST", "/ipse/token", "", "", "no collector token can be had now\n", 503},
		{"POST", "/ipse/token", "agent-17", "https://evil.example", "cross-origin request detected, and/or browser is out of date: Sec-Fetch-Site is missing, and Origin does not match Host\n", 403},
		{"GET", "/ipse/v1/sessions/abc", "", "", "", 200}, // the application's, not ipse's
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, proxy.URL+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-User", c.user)
		r.Header.Set("Ipse-Signature", "signed")
		r.Header.Set("Cookie", "desk=secret")
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(response.Body)
		if err := errors.Join(err, response.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != c.status || string(got) != c.want {
			t.Errorf("%s %s: got %d %.200q, want %d %.200q", c.method, c.path, response.StatusCode, got, c.status, c.want)
		}
	}
}

// The page shows this package's own code.
func TestThePageShowsThisCode(t *testing.T) {
	page, err := os.ReadFile("../../web-sdk.md")
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile("inject.go")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```go\n")
	shown, _, found := strings.Cut(rest, "```")
	if !found || len(shown) < 500 || !strings.Contains(string(code), shown) {
		t.Errorf("docs/web-sdk.md shows a proxy that is not what inject.go does:\n%s", shown)
	}
	if !strings.Contains(string(page), "```js\n"+start+"```") {
		t.Errorf("docs/web-sdk.md shows a script for nginx that is not the one of inject.go:\n%s", start)
	}
}
