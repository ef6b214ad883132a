package browsertest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"

	"ipse.dev/ipse/sdk/web"
)

// second is a page with the classic script from one place and an endpoint at another, and counts what it asks for.
type second struct {
	*desk
	besides   atomic.Int32 // how often the second script was asked for beside the first
	endpoints atomic.Int32 // how often at the endpoint
	reports   atomic.Int32
	missing   atomic.Bool // the endpoint has no second script
}

func openSecond(t *testing.T) *second {
	t.Helper()
	s := &second{desk: &desk{t: t}}
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<!doctype html><input id="field"><img name="currentScript" src="/forged/x.js">
<script>var broken = [], errors = [], states = [];
addEventListener('error', function (e) { broken.push(e.message); });
addEventListener('unhandledrejection', function (e) { broken.push(String(e.reason)); });</script>
<script src="/copy/ipse.js"></script><script>
var collector = ipse.createIpse({ endpoint: '/there', token: 'e30.e30.x' });
collector.on('error', function (e) { errors.push(e.code + ': ' + e.message); });
collector.on('state', function (s) { states.push(s); });</script>`)
	})
	mux.Handle("/copy/ipse.js", http.StripPrefix("/copy", web.Handler()))
	mux.HandleFunc("/copy/ipse-session.mjs", func(w http.ResponseWriter, r *http.Request) {
		s.besides.Add(1)
		http.NotFound(w, r)
	})
	mux.HandleFunc("/there/sdk/", func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "-session.mjs") {
			s.endpoints.Add(1)
			if s.missing.Load() {
				http.NotFound(w, r)
				return
			}
		}
		http.StripPrefix("/there/sdk", web.Handler()).ServeHTTP(w, r)
	})
	mux.HandleFunc("POST /there/v1/observations", func(w http.ResponseWriter, _ *http.Request) {
		s.reports.Add(1)
		_, _ = io.WriteString(w, `{"riskLevel":"LOW","answer":"cannot_tell","acceptedThrough":0}`)
	})
	mux.HandleFunc("/forged/", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/forged/ipse-session.mjs", func(http.ResponseWriter, *http.Request) {
		t.Error("the second script was asked for where an element of the page said")
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	var stop func()
	s.ctx, stop = browser(t)
	t.Cleanup(stop)
	s.run(chromedp.Navigate(server.URL))
	return s
}

func (s *second) running() bool {
	return evaluate[bool](s.desk, "states.includes('running')")
}

func TestTheSecondScriptIsLoadedAtTheStart(t *testing.T) {
	s := openSecond(t)
	s.press("field", 5)
	if beside, at := s.besides.Load(), s.endpoints.Load(); beside+at != 0 {
		t.Errorf("the second script was asked for %d times before the start, want never", beside+at)
	}
	s.do("collector.start()")
	s.until("the session runs", s.running)
	if beside, at := s.besides.Load(), s.endpoints.Load(); beside != 1 || at != 1 {
		t.Errorf("the second script was asked for %d times beside the first and %d at the endpoint, want once each", beside, at)
	}
	s.unbroken()
}

func TestWithoutTheSecondScriptThePageGoesOnAndItIsTriedAgain(t *testing.T) {
	s := openSecond(t)
	s.missing.Store(true)
	for _, call := range []string{"start()", "renew('e30.e30.y')", "phrase(1, 12, field).drop()", "stop()", "start()"} {
		s.do("collector." + call)
	}
	s.until("it is told", func() bool {
		return evaluate[bool](s.desk, "states.includes('offline') && errors.some(function (e) { return e.startsWith('network: the script'); })")
	})
	s.press("field", 40)
	if typed := evaluate[int](s.desk, "field.value.length"); typed != 40 {
		t.Errorf("the field holds %d letters, want the 40 typed", typed)
	}
	if n := s.reports.Load(); n != 0 {
		t.Errorf("%d reports without the script that reports", n)
	}
	s.missing.Store(false)
	s.until("the session runs", s.running)
	s.do("collector.forget()")
	s.unbroken()
}
