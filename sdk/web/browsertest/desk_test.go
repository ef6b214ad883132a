package browsertest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
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

// Bounds of waiting. What is waited for comes within a second or two, or much later on a machine that has other work; only a
// test that fails waits so long.
const (
	mostOfAWait = time.Minute
	mostOfATest = 5 * time.Minute
)

// desk is a page that embeds the SDK, the server that it reports to, and a browser that has it open.
type desk struct {
	t       testing.TB
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

const pageHTML = `<!doctype html><title>Customer Zhukova</title>
<input id="field"><input id="password" type="password"><div data-ipse-exclude><input id="excluded"></div>
%[4]s
<script nonce="n">
var broken = [];
window.addEventListener('error', function (e) { broken[broken.length] = String(e.message); });
window.addEventListener('unhandledrejection', function (e) { broken[broken.length] = String(e.reason); });
var errors = [], states = [], listening = false, add = EventTarget.prototype.addEventListener, apply = Reflect.apply;
EventTarget.prototype.addEventListener = function (name) { // before the SDK loads: it keeps what it finds then
  listening = listening || this === window && name === 'keydown';
  return apply(add, this, arguments);
};
%[5]s
</script>
<script nonce="n" src="%[1]s/sdk/ipse.js"></script>
<script nonce="n">
var collector = ipse.createIpse(Object.assign({ endpoint: %[2]q, token: %[6]q }, %[3]s));
collector.on('error', function (e) { errors[errors.length] = e.code + ': ' + e.message; });
collector.on('state', function (s) { states[states.length] = s; });
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

// embedding says how a page embeds the SDK.
type embedding struct {
	sameOrigin bool              // page and server have one origin
	csp        string            // may name the server as SERVER
	options    string            // of createIpse, beside endpoint and token
	body       string            // more of the page's HTML
	before     string            // script that runs before the SDK loads
	files      map[string]string // what the server has beside the page, by path
}

// open gives a desk whose page is of another origin than the server, unless sameOrigin. csp may name the server as SERVER.
func open(t testing.TB, sameOrigin bool, csp, options string) *desk {
	t.Helper()
	return openPage(t, embedding{sameOrigin: sameOrigin, csp: csp, options: options})
}

// openPage gives a desk with a page of its own.
func openPage(t testing.TB, e embedding) *desk {
	t.Helper()
	if e.options == "" {
		e.options = "{}"
	}
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
		if e.sameOrigin {
			endpoint = ""
		}
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", strings.ReplaceAll(e.csp, "SERVER", d.server.URL))
		if _, err := fmt.Fprintf(w, pageHTML, endpoint, endpoint, e.options, e.body, e.before, tokenOf("session-1")); err != nil {
			t.Error(err)
		}
	}
	mux.HandleFunc("GET /desk", showPage)
	for name, content := range e.files {
		mux.HandleFunc("GET "+name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
			w.Header().Set("Content-Security-Policy", e.csp)
			if _, err := io.WriteString(w, content); err != nil {
				t.Error(err)
			}
		})
	}
	d.page = httptest.NewServer(http.HandlerFunc(showPage))
	t.Cleanup(d.page.Close)

	var stop context.CancelFunc
	d.ctx, stop = browser(t)
	t.Cleanup(stop)
	url := d.page.URL
	if e.sameOrigin {
		url = d.server.URL + "/desk"
	}
	d.run(chromedp.Navigate(url))
	return d
}

// browser starts a Chromium of its own, with a fresh profile.
func browser(t testing.TB) (context.Context, context.CancelFunc) {
	t.Helper()
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, stopAllocator := chromedp.NewExecAllocator(t.Context(), options...)
	ctx, stopBrowser := chromedp.NewContext(ctx)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("these tests need Chromium (Debian's package chromium), which does not start: %v", err)
	}
	ctx, stopWaiting := context.WithTimeout(ctx, mostOfATest)
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

// inBase64 are the fields in which numbers are spelled in letters, of which any four may stand side by side.
var inBase64 = regexp.MustCompile(`"(embedding|sketch)":"[^"]*"`)

// wire gives what has been reported so far, without what is in base64.
func (d *desk) wire() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return inBase64.ReplaceAllString(string(d.raw), "")
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
	deadline := time.Now().Add(mostOfAWait)
	for !done() {
		if time.Now().After(deadline) {
			d.t.Fatalf("waited too long until %s; the collector's states and errors, where the page keeps them: %s", what,
				evaluate[string](d, "JSON.stringify([window.states, window.errors])"))
		}
		d.run(chromedp.Sleep(50 * time.Millisecond))
	}
}

// press makes strokes as a keyboard does: the page sees trusted events.
func (d *desk) press(field string, strokes int) {
	d.t.Helper()
	d.do(fmt.Sprintf("document.getElementById(%q).focus()", field))
	d.strokes(strokes)
}

// strokes makes them where the focus is.
func (d *desk) strokes(n int) {
	d.t.Helper()
	for i := range n {
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
