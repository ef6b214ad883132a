package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(t *testing.T, method, path string, header map[string]string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w
}

func TestHandlerServesTheBundles(t *testing.T) {
	for path, contentType := range map[string]string{
		"/ipse.js": "text/javascript; charset=utf-8", "/ipse.mjs": "text/javascript; charset=utf-8",
		"/ipse-session.mjs": "text/javascript; charset=utf-8", "/ipse-session.mjs.map": "application/json",
		"/ipse-worker.js": "text/javascript; charset=utf-8", "/ipse.js.map": "application/json",
		"/ipse.mjs.map": "application/json", "/ipse-worker.js.map": "application/json", "/ipse.d.ts": "text/plain; charset=utf-8",
	} {
		w := get(t, http.MethodGet, path, nil)
		if w.Code != http.StatusOK || w.Body.Len() == 0 {
			t.Errorf("GET %s = %d with %d bytes, want 200 and a body", path, w.Code, w.Body.Len())
		}
		for name, want := range map[string]string{
			"Content-Type":                 contentType,
			"Access-Control-Allow-Origin":  "*",
			"Cross-Origin-Resource-Policy": "cross-origin",
			"X-Content-Type-Options":       "nosniff",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("GET %s: %s = %q, want %q", path, name, got, want)
			}
		}
		etag := w.Header().Get("ETag")
		again := get(t, http.MethodGet, path, map[string]string{"If-None-Match": etag})
		if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("GET %s with its ETag %s = %d with %d bytes, want 304 and none", path, etag, again.Code, again.Body.Len())
		}
	}
}

func TestHandlerRefusesTheRest(t *testing.T) {
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/", http.StatusNotFound},
		{http.MethodGet, "/src/ipse.ts", http.StatusNotFound},
		{http.MethodGet, "/../web.go", http.StatusNotFound},
		{http.MethodPost, "/ipse.js", http.StatusMethodNotAllowed},
	} {
		if w := get(t, c.method, c.path, nil); w.Code != c.want {
			t.Errorf("%s %s = %d, want %d", c.method, c.path, w.Code, c.want)
		}
	}
}

// The promise that no key's identity is read can be seen in what is shipped, not only in the sources.
func TestBundlesNeverReadWhichKeyOrText(t *testing.T) {
	for _, path := range []string{"/ipse.js", "/ipse.mjs", "/ipse-session.mjs", "/ipse-worker.js"} {
		body := get(t, http.MethodGet, path, nil).Body.String()
		for _, word := range []string{
			".key)", ".key,", ".key;", ".key=", ".keyCode", ".charCode", ".which", "clipboardData", "getData", ".data)",
			"document.cookie", "localStorage", "sessionStorage", "innerText", "textContent", "document.title",
		} {
			if strings.Contains(body, word) {
				t.Errorf("%s holds %q: nothing of a key but its class may be read, no text, and nothing is stored", path, word)
			}
		}
	}
}
