package browsertest

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"ipse.dev/ipse/sdk/web"
)

// A page that embeds ipse lives on whatever its server does.
func TestAServerThatAnswersWithNonsense(t *testing.T) {
	stop := make(chan struct{})
	var elsewhere atomic.Bool
	answers := map[string]http.HandlerFunc{
		"html": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<!doctype html><h1>Sign in to the wireless network</h1>"))
		},
		"types": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"riskLevel":["HIGH"],"acceptedThrough":{},"directives":"stop","references":7,"models":"x","collectorToken":5}`))
		},
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		},
		"huge": func(w http.ResponseWriter, _ *http.Request) {
			for range 64 {
				if _, err := w.Write(bytes.Repeat([]byte("x"), 1<<20)); err != nil {
					return
				}
			}
		},
		"endless": func(w http.ResponseWriter, r *http.Request) {
			for {
				if _, err := w.Write([]byte("{")); err != nil {
					return
				}
				_ = http.NewResponseController(w).Flush()
				select {
				case <-stop:
					return
				case <-r.Context().Done():
					return
				case <-time.After(50 * time.Millisecond):
				}
			}
		},
		"silent": func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-stop:
			case <-r.Context().Done():
			}
		},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		switch {
		case r.URL.Path == "/":
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte(`<!doctype html><input id="field"><script>var broken = []; addEventListener('error', function (e) { broken.push(e.message); });
				addEventListener('unhandledrejection', function (e) { broken.push(String(e.reason)); });</script><script src="/sdk/ipse.js"></script>`))
		case kind == "sdk":
			http.StripPrefix("/sdk", web.Handler()).ServeHTTP(w, r)
		case kind == "elsewhere":
			elsewhere.Store(true)
		case rest == "sdk/ipse-worker.js" && kind != "types":
			http.StripPrefix("/"+kind+"/sdk", web.Handler()).ServeHTTP(w, r)
		case answers[kind] != nil:
			answers[kind](w, r)
		}
	}))
	defer server.Close()
	defer close(stop)
	ctx, stopBrowser := browser(t)
	defer stopBrowser()
	page := &desk{t: t, ctx: ctx}
	page.run(chromedp.Navigate(server.URL))
	page.do("var errors = [], states = {}, kinds = ['html', 'types', 'redirect', 'huge', 'endless', 'silent']")
	page.do(`kinds.forEach(function (kind) {
	  states[kind] = [];
	  var c = ipse.createIpse({ endpoint: '/' + kind, token: 'e30.' + btoa(JSON.stringify({ sub: kind })) + '.x' });
	  c.on('state', function (s) { states[kind].push(s); });
	  c.on('error', function (e) { errors.push(kind + ' ' + e.code); });
	  c.start();
	})`)
	page.press("field", 40)
	if typed := evaluate[string](page, "document.getElementById('field').value"); len(typed) != 40 {
		t.Errorf("the field holds %q, want the 40 letters typed", typed)
	}
	page.until("every collector has given its server up for now", func() bool {
		return evaluate[bool](page, "kinds.every(function (k) { return states[k].includes('offline') && errors.includes(k + ' network'); })")
	})
	if broken := evaluate[[]string](page, "broken"); len(broken) != 0 {
		t.Errorf("the page saw %q, want nothing", broken)
	}
	if elsewhere.Load() {
		t.Error("a report followed a redirect, with its token")
	}
}
