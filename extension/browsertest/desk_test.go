package browsertest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/ingest"
	"ipse.dev/ipse/internal/observation"
)

// desk is an application with its back end, and the ipse server behind it. What goes to the server is looked at on its way.
type desk struct {
	t        *testing.T
	api      *client.Client
	front    *httptest.Server // the application
	relay    *httptest.Server // the ipse server as the extension reaches it
	mu       sync.Mutex
	sessions []string
	asked    int    // requests for a token
	answer   int    // status with which tokens are refused; 0 when they are given
	sent     []byte // bodies of reports
	reports  int
	headers  []http.Header // of requests for tokens
}

// pageHTML is a page whose own policy allows nothing but what it holds, and whose scripts meddle with what a collector uses.
const pageHTML = `<!doctype html><meta charset="utf-8"><title>Customer Zhukova</title>
<input id="field"><input id="password" type="password"><div data-ipse-exclude><input id="excluded"></div>
<script nonce="n">
window.Worker = window.fetch = window.MessagePort = undefined;
EventTarget.prototype.addEventListener = function () {};
Object.defineProperty(Event.prototype, 'timeStamp', { get: function () { return 1; } });
Array.prototype.push = function () { document.title = 'meddled'; return 0; };
</script>`

const pagePolicy = "default-src 'none'; script-src 'nonce-n'; connect-src 'none'; worker-src 'none'; sandbox allow-scripts allow-same-origin"

func openDesk(t *testing.T) *desk {
	t.Helper()
	server, err := app.Start(t.Context(), app.Options{
		Data: filepath.Join(t.TempDir(), "data"), Listen: "127.0.0.1:0", Patience: 10 * time.Second, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := server.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	d := &desk{t: t, api: client.New(server.URL(), server.APIKey())}
	to, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }}
	d.relay = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.inspect(r)
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(d.relay.Close)

	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "desk", Value: "agent-17", HttpOnly: true, SameSite: http.SameSiteStrictMode, Path: "/"})
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", pagePolicy)
		if _, err := io.WriteString(w, pageHTML); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("POST /collector-token", d.giveToken)
	d.front = httptest.NewServer(mux)
	t.Cleanup(d.front.Close)
	return d
}

// policy is what the administrator lays down: pages under /desk/ are measured.
func (d *desk) policy() map[string]any {
	return map[string]any{
		"endpoint": d.relay.URL, "tokenURL": d.front.URL + "/collector-token", "pages": []string{d.front.URL + "/desk/*"},
		"organisation": "Harbour Ferries", "contact": "the works council, extension 4711",
	}
}

// giveToken is the application's back end: it knows by its own cookie or by a device's secret who is signed in.
func (d *desk) giveToken(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked++
	d.headers = append(d.headers, r.Header.Clone())
	cookie, err := r.Cookie("desk")
	switch {
	case d.answer != 0:
		w.WriteHeader(d.answer)
		return
	case r.Header.Get("X-Ipse-Collector") != "extension":
		w.WriteHeader(http.StatusForbidden)
		return
	case r.Header.Get("X-Device") == "enrolment-secret" && err != nil, err == nil && cookie.Value == "agent-17":
	default:
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	opened, err := d.api.Open(r.Context(), "agent-17", observation.Desktop)
	if err != nil {
		d.t.Error(err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	d.sessions = append(d.sessions, opened.Session)
	if err := json.NewEncoder(w).Encode(map[string]string{"collectorToken": opened.CollectorToken}); err != nil {
		d.t.Error(err)
	}
}

// inspect looks at a request to the ipse server.
func (d *desk) inspect(r *http.Request) {
	if cookies := r.Cookies(); len(cookies) > 0 {
		d.t.Errorf("a request to the ipse server carries cookies: %v", cookies)
	}
	if referer := r.Referer(); referer != "" {
		d.t.Errorf("a request to the ipse server tells an address: %s", referer)
	}
	if r.Method != http.MethodPost || r.URL.Path != "/v1/observations" {
		return
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(strings.NewReader(string(raw)))
	if r.Header.Get("Ipse-Signature") == "" {
		d.t.Error("a report is not signed by the session's key")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent = append(append(d.sent, raw...), '\n')
	d.reports++
}

// refuse lets the back end answer requests for tokens with a status; 0 gives tokens again.
func (d *desk) refuse(status int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answer = status
}

// count gives how many sessions were opened, how often a token was asked for, and how many reports were made.
func (d *desk) count() (sessions, asked, reports int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.sessions), d.asked, d.reports
}

// windows gives when each window began of which observations have left the browser, in Unix milliseconds. A window is sent once for
// each model that the server compares.
func (d *desk) windows(modality observation.Modality) []int64 {
	d.t.Helper()
	var starts []int64
	for _, report := range d.decoded() {
		for _, o := range report.Observations {
			if o.Modality == modality && !slices.Contains(starts, o.StartMS) {
				starts = append(starts, o.StartMS)
			}
		}
	}
	return starts
}

// madeAfter gives how many reports were made after a moment, by what they say themselves: one that was made before it may arrive
// after it.
func (d *desk) madeAfter(moment time.Time) int {
	d.t.Helper()
	n := 0
	for _, report := range d.decoded() {
		if report.SentAtMS > moment.UnixMilli() {
			n++
		}
	}
	return n
}

// decoded gives the reports that have left the browser.
func (d *desk) decoded() []ingest.Report {
	d.t.Helper()
	var reports []ingest.Report
	for _, line := range bytes.Split(bytes.TrimSpace(d.bodies()), []byte("\n")) {
		report, refused := ingest.Decode(line)
		if refused != nil {
			continue // nothing was sent yet
		}
		reports = append(reports, report)
	}
	return reports
}

// untilWindows waits for so many windows in all, and for the server to have applied some of the newest session's.
func (d *desk) untilWindows(modality observation.Modality, want int) {
	d.t.Helper()
	eventually(d.t, fmt.Sprintf("%d windows of %s have been sent and applied", want, modality), func() bool {
		return len(d.windows(modality)) >= want && d.applied(modality) > 0
	})
}

// applied gives how many of the newest session's observations the server has drawn conclusions from.
func (d *desk) applied(modality observation.Modality) int {
	d.t.Helper()
	d.mu.Lock()
	session := d.sessions[len(d.sessions)-1]
	d.mu.Unlock()
	path, err := d.api.Path(d.t.Context(), session)
	if err != nil {
		d.t.Fatal(err)
	}
	n := 0
	for _, p := range path.Points {
		if p.Modality == modality {
			n++
		}
	}
	return n
}

// inBase64 are the fields in which numbers are spelled in letters, of which any four may stand side by side.
var inBase64 = regexp.MustCompile(`"(embedding|sketch)":"[^"]*"`)

// bodies gives what was reported so far.
func (d *desk) bodies() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]byte(nil), d.sent...)
}
