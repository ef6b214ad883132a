package browsertest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/ingest"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/signature"
	"ipse.dev/ipse/sdk/web"
)

// desk is a page that embeds the SDK, the server that it reports to, and a browser that has it open.
type desk struct {
	t       *testing.T
	ctx     context.Context
	server  *httptest.Server
	asked   atomic.Int32 // how often a browser asked whether the page may report
	models  fs.FS        // weights files that the server has; the built-in ones when nil
	loaded  atomic.Int32 // how often one was asked for
	page    *httptest.Server
	mu      sync.Mutex
	reports []ingest.Report
	raw     []byte
	tokens  []string
	reply   map[string]any
}

const pageHTML = `<!doctype html><title>Customer 4711</title>
<input id="field"><input id="password" type="password"><div data-ipse-exclude><input id="excluded"></div>
<script nonce="n" src="%[1]s/sdk/ipse.js"></script>
<script nonce="n">
var errors = [], states = [], listening = false, add = window.addEventListener;
window.addEventListener = function (name) {
  listening = listening || name === 'keydown';
  return add.apply(window, arguments);
};
var collector = ipse.createIpse(Object.assign({ endpoint: %[2]q, token: %[4]q }, %[3]s));
collector.on('error', function (e) { errors.push(e.code + ': ' + e.message); });
collector.on('state', function (s) { states.push(s); });
function dispatchStrokes(n) {
  for (var i = 0; i < n; i++) {
    document.getElementById('field').dispatchEvent(new KeyboardEvent('keydown', { code: 'KeyA', bubbles: true }));
    document.getElementById('field').dispatchEvent(new KeyboardEvent('keyup', { code: 'KeyA', bubbles: true }));
  }
}
</script>`

// tokenOf gives what a page takes for the token of a session.
func tokenOf(session string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"`+session+`"}`)) + ".c2ln"
}

// open gives a desk whose page is of another origin than the server, unless sameOrigin. csp may name the server as SERVER.
func open(t *testing.T, sameOrigin bool, csp, options string) *desk {
	t.Helper()
	d := &desk{t: t, reply: map[string]any{"riskLevel": "LOW", "answer": "cannot_tell", "directives": []string{}, "reportAfterSeconds": 1}}
	mux := http.NewServeMux()
	mux.Handle("/sdk/", http.StripPrefix("/sdk", web.Handler()))
	mux.HandleFunc("/sdk/models/", func(w http.ResponseWriter, r *http.Request) {
		d.loaded.Add(1)
		files := d.models
		if files == nil {
			files = embed.NetworkFiles()
		}
		http.StripPrefix("/sdk/models", web.Models(files)).ServeHTTP(w, r)
	})
	mux.HandleFunc("POST /v1/observations", d.take)
	mux.HandleFunc("OPTIONS /v1/observations", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Headers", "authorization, content-type, ipse-signature")
		w.Header().Set("Access-Control-Max-Age", "7200")
		d.asked.Add(1)
	})
	d.server = httptest.NewServer(mux)
	t.Cleanup(d.server.Close)
	showPage := func(w http.ResponseWriter, r *http.Request) {
		endpoint := d.server.URL
		if sameOrigin {
			endpoint = ""
		}
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", strings.ReplaceAll(csp, "SERVER", d.server.URL))
		if _, err := fmt.Fprintf(w, pageHTML, endpoint, endpoint, options, tokenOf("session-1")); err != nil {
			t.Error(err)
		}
	}
	mux.HandleFunc("GET /desk", showPage)
	d.page = httptest.NewServer(http.HandlerFunc(showPage))
	t.Cleanup(d.page.Close)

	var stop context.CancelFunc
	d.ctx, stop = browser(t)
	t.Cleanup(stop)
	url := d.page.URL
	if sameOrigin {
		url = d.server.URL + "/desk"
	}
	d.run(chromedp.Navigate(url))
	return d
}

// browser starts a Chromium of its own, with a fresh profile.
func browser(t testing.TB) (context.Context, context.CancelFunc) {
	t.Helper()
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, stopAllocator := chromedp.NewExecAllocator(t.Context(), options...)
	ctx, stopBrowser := chromedp.NewContext(ctx)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("these tests need Chromium (Debian's package chromium), which does not start: %v", err)
	}
	ctx, stopWaiting := context.WithTimeout(ctx, 90*time.Second)
	return ctx, func() { stopWaiting(); stopBrowser(); stopAllocator() }
}

func (d *desk) take(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	sent, refused := ingest.Decode(raw)
	if refused == nil {
		refused = ingest.Validate(sent, embed.Dimension, time.Now())
	}
	if refused != nil {
		d.t.Errorf("the server would refuse a report: %v\n%s", refused, raw)
	}
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if signed, err := signature.Parse(r.Header.Get(signature.Header)); err != nil || !signed.Holds(token, raw) {
		d.t.Errorf("a report is not signed for what it is: %v, %q", err, r.Header.Get(signature.Header))
	}
	if cookies := r.Cookies(); len(cookies) > 0 {
		d.t.Errorf("a report carries cookies: %v", cookies)
	}
	if referer := r.Referer(); referer != "" {
		d.t.Errorf("a report tells the page's address: %s", referer)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reports = append(d.reports, sent)
	d.raw = append(d.raw, raw...)
	d.tokens = append(d.tokens, r.Header.Get("Authorization"))
	through := int64(0)
	for _, o := range d.observationsLocked() {
		through = o.Sequence
	}
	d.reply["acceptedThrough"] = through
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(d.reply); err != nil {
		d.t.Error(err)
	}
}

func (d *desk) observationsLocked() []observation.Observation {
	var all []observation.Observation
	for _, r := range d.reports {
		all = append(all, r.Observations...)
	}
	return all
}

// observations gives what has arrived so far.
func (d *desk) observations() []observation.Observation {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.observationsLocked()
}

func (d *desk) reportCount() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.reports)
}

func (d *desk) run(actions ...chromedp.Action[chromedp.Void]) {
	d.t.Helper()
	if err := chromedp.Do(d.ctx, actions...); err != nil {
		d.t.Fatal(err)
	}
}

// evaluate runs a script in the page and decodes what it gives.
func evaluate[T any](d *desk, script string) T {
	d.t.Helper()
	value, err := chromedp.Run(d.ctx, chromedp.Evaluate[T](script))
	if err != nil {
		d.t.Fatalf("%s: %v", script, err)
	}
	return value
}

// do runs a script in the page, whatever it gives.
func (d *desk) do(script string) {
	d.t.Helper()
	d.run(chromedp.Evaluate[chromedp.Void](script + "; undefined"))
}

// start starts the collector and waits until it listens.
func (d *desk) start() {
	d.t.Helper()
	d.do("collector.start()")
	d.until("the server has answered and the collector listens, or says why it does not", func() bool {
		return evaluate[bool](d, "states.includes('running') && (listening || errors.length > 0)")
	})
}

func (d *desk) until(what string, done func() bool) {
	d.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			d.t.Fatalf("waited too long until %s; the collector's states %q and errors %q", what, evaluate[[]string](d, "states"), evaluate[[]string](d, "errors"))
		}
		d.run(chromedp.Sleep(50 * time.Millisecond))
	}
}

// press makes strokes as a keyboard does: the page sees trusted events.
func (d *desk) press(field string, strokes int) {
	d.t.Helper()
	d.do(fmt.Sprintf("document.getElementById(%q).focus()", field))
	for i := range strokes {
		key := string(rune('a' + i%26))
		code := "Key" + strings.ToUpper(key)
		for _, p := range []input.DispatchKeyEventParams{
			{Type: input.DispatchKeyEventTypeKeyDown, Code: code, Key: key, Text: key},
			{Type: input.DispatchKeyEventTypeKeyUp, Code: code, Key: key},
		} {
			if _, err := chromedp.Call(d.ctx, input.DispatchKeyEvent, p); err != nil {
				d.t.Fatal(err)
			}
		}
	}
}
