package browsertest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/ingest"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/signature"
)

// office is a real server behind a proxy that notes what passes, and a browser with pages of one session.
type office struct {
	t       *testing.T
	api     *client.Client
	opened  client.Opened
	proxy   *httptest.Server
	pages   *httptest.Server
	browser context.Context

	mu      sync.Mutex
	reports []noted
}

// noted is one report that passed the proxy.
type noted struct {
	header http.Header
	body   []byte
	status int
	report ingest.Report
}

// officeHTML is a page with a field and a frame of its own origin, unless it is the frame.
const officeHTML = `<!doctype html><title>Desk</title><input id="field">%[3]s
<script>
var errors = [], states = [], risks = 0, listening = false, add = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (name) { // before the SDK loads
  listening = listening || this === window && name === 'keydown';
  return add.apply(this, arguments);
};
%[4]s
</script>
<script src="%[1]s/sdk/ipse.js"></script>
<script>
var collector = ipse.createIpse({ endpoint: %[1]q, token: %[2]q });
collector.on('error', function (e) { errors.push(e.code + ': ' + e.message); });
collector.on('state', function (s) { states.push(s); });
collector.on('risk', function () { risks++; });
</script>`

func openOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t}
	server, err := app.Start(t.Context(), app.Options{
		Data: filepath.Join(t.TempDir(), "data"), Listen: "127.0.0.1:0", QueueBytes: 64 << 20, Patience: 10 * time.Second, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := server.Close(ctx); err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	target, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	o.proxy = httptest.NewServer(o.note(httputil.NewSingleHostReverseProxy(target)))
	t.Cleanup(o.proxy.Close)
	o.api = client.New(server.URL(), server.APIKey())
	if o.opened, err = o.api.Open(t.Context(), "agent-17", observation.Desktop); err != nil {
		t.Fatal(err)
	}
	o.pages = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		frame := ""
		if r.URL.Path == "/with-frame" {
			frame = `<iframe id="frame" src="/"></iframe>`
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, officeHTML, o.proxy.URL, o.opened.CollectorToken, frame, finished)
	}))
	t.Cleanup(o.pages.Close)
	var stop context.CancelFunc
	o.browser, stop = browser(t)
	t.Cleanup(stop)
	return o
}

func (o *office) note(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		recorder := httptest.NewRecorder()
		header := r.Header.Clone()
		next.ServeHTTP(recorder, r)
		sent, _ := ingest.Decode(body)
		o.mu.Lock()
		o.reports = append(o.reports, noted{header, body, recorder.Code, sent})
		o.mu.Unlock()
		for name, values := range recorder.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(recorder.Code)
		_, _ = w.Write(recorder.Body.Bytes())
	})
}

// tab opens a page in a tab of its own and starts its collector; close closes the tab.
func (o *office) tab(path string) (page *desk, shut func()) {
	o.t.Helper()
	ctx, cancel := chromedp.NewContext(o.browser)
	ctx, stop := context.WithTimeout(ctx, mostOfATest)
	page = &desk{t: o.t, ctx: ctx}
	page.run(chromedp.Navigate(o.pages.URL + path))
	page.start()
	return page, func() { cancel(); stop() }
}

// byHand makes strokes at a hand's pace: what is faster ends windows early.
func (d *desk) byHand(field string, strokes int) {
	d.t.Helper()
	d.do(fmt.Sprintf("document.getElementById(%q).focus()", field))
	d.handStrokes(strokes)
}

// handStrokes makes them where the focus is. Each event says when the hand made it, which a machine that is held up between two
// of them does not change: a key that seemed to be held for seconds would be given up.
func (d *desk) handStrokes(strokes int) {
	d.t.Helper()
	at := time.Now()
	send := func(p input.DispatchKeyEventParams, after time.Duration) {
		d.t.Helper()
		at = at.Add(after)
		time.Sleep(time.Until(at))
		p.Timestamp = input.TimeSinceEpoch(float64(at.UnixMicro()) / 1e6)
		if _, err := chromedp.Call(d.ctx, input.DispatchKeyEvent, p); err != nil {
			d.t.Fatal(err)
		}
	}
	for i := range strokes {
		key := string(rune('a' + i%26))
		p := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Code: "Key" + strings.ToUpper(key), Key: key, Text: key}
		send(p, 30*time.Millisecond)
		p.Type, p.Text = input.DispatchKeyEventTypeKeyUp, ""
		send(p, 60*time.Millisecond)
	}
}

// taken gives the keyboard windows that the server has taken, by their start and model, and how often each came.
func (o *office) taken() (windows map[string]int, sequences []int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	windows = map[string]int{}
	for _, r := range o.reports {
		if r.status != http.StatusOK {
			continue
		}
		for _, w := range r.report.Observations {
			if w.Modality == observation.Keyboard {
				windows[fmt.Sprint(w.StartMS, w.DurationMS, w.Model)]++
				sequences = append(sequences, w.Sequence)
			}
		}
	}
	return windows, sequences
}

// starts counts different windows, whatever the models.
func (o *office) starts() int {
	windows, _ := o.taken()
	starts := map[string]bool{}
	for w := range windows {
		starts[strings.Fields(w)[0]] = true
	}
	return len(starts)
}

func (o *office) check() {
	o.t.Helper()
	windows, sequences := o.taken()
	for w, n := range windows {
		if n != 1 {
			o.t.Errorf("the window %s was taken %d times, want once", w, n)
		}
	}
	for i := 1; i < len(sequences); i++ {
		if sequences[i] <= sequences[i-1] {
			o.t.Errorf("sequences %v, want them to grow", sequences)
			break
		}
	}
}

func TestTwoTabsOfOneSession(t *testing.T) {
	o := openOffice(t)
	first, closeFirst := o.tab("/")
	second, closeSecond := o.tab("/")
	defer closeSecond()
	first.byHand("field", 30)
	second.byHand("field", 30)
	second.until("both tabs' windows have arrived", func() bool { return o.starts() == 2 })
	second.until("the tab that does not send hears of the risk", func() bool { return evaluate[int](second, "risks") > 0 })

	before := evaluate[int](first, "finished")
	first.byHand("field", 30)
	first.untilReady(before)
	closeFirst()
	second.byHand("field", 30)
	second.until("the other tab has taken over", func() bool { return o.starts() == 4 })
	third, closeThird := o.tab("/with-frame")
	defer closeThird()
	third.byHand("field", 30)
	third.until("a third tab's window has arrived", func() bool { return o.starts() == 5 })
	if got := evaluate[[]string](third, "errors"); len(got) != 0 {
		t.Errorf("errors %q, want none", got)
	}
	o.check()

	o.mu.Lock()
	defer o.mu.Unlock()
	signers := map[string]bool{}
	for _, r := range o.reports {
		signed, err := signature.Parse(r.header.Get(signature.Header))
		if err != nil {
			t.Fatalf("a report is not signed: %v", err)
		}
		signers[signed.Signer] = true
	}
	if len(signers) != 1 {
		t.Errorf("%d keys have signed, want one for all tabs", len(signers))
	}
}

func TestAFrameOfTheSameOriginJoins(t *testing.T) {
	o := openOffice(t)
	page, shut := o.tab("/with-frame")
	defer shut()
	page.do("document.getElementById('frame').contentWindow.collector.start()")
	page.until("the frame runs", func() bool {
		return evaluate[bool](page, "(function (f) { return f.states.includes('running') && f.listening; })(document.getElementById('frame').contentWindow)")
	})
	page.byHand("field", 30)
	page.do("document.getElementById('frame').contentWindow.collector.stop()")
	page.byHand("field", 30)
	page.until("the windows have arrived", func() bool { return o.starts() == 2 })
	o.check()
}

// Whoever has the token, and all that ever went over the line, is refused; so is another browser, until the user has
// signed in again.
func TestAnotherMachineCannotGoOn(t *testing.T) {
	o := openOffice(t)
	page, shut := o.tab("/")
	defer shut()
	page.byHand("field", 30)
	page.until("a window has arrived", func() bool { return o.starts() == 1 })
	o.mu.Lock()
	captured := o.reports[len(o.reports)-1]
	o.mu.Unlock()
	again, err := http.NewRequestWithContext(t.Context(), http.MethodPost, o.proxy.URL+"/v1/observations", bytes.NewReader(captured.body))
	if err != nil {
		t.Fatal(err)
	}
	again.Header = captured.header.Clone()
	if got := problemOf(t, again); got != "signature-replayed" {
		t.Errorf("a captured report again: %q, want signature-replayed", got)
	}
	if _, err := o.api.Reporter(o.opened).Report(t.Context()); err == nil || !strings.Contains(err.Error(), "another browser or machine") {
		t.Errorf("another machine with the token: %v, want it refused as another key", err)
	}
	page.do("collector.forget()") // drops the key, as clearing the browser's data does
	page.until("the key is dropped", func() bool { return len(keptKeys(page)) == 0 })
	page.run(chromedp.Navigate(o.pages.URL))
	page.do("collector.start()")
	page.until("the page is told that its key is another", func() bool {
		return strings.Contains(strings.Join(evaluate[[]string](page, "errors"), " "), "key: the session belongs to the key of another browser")
	})
	if _, err := o.api.Reauthenticated(t.Context(), o.opened.Session, "webauthn"); err != nil {
		t.Fatal(err)
	}
	page.until("the page goes on by itself", func() bool { return evaluate[bool](page, "states.includes('running')") })
}

func problemOf(t *testing.T, r *http.Request) string {
	t.Helper()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	_, name, _ := strings.Cut(string(raw), `"urn:ipse:problem:`)
	name, _, _ = strings.Cut(name, `"`)
	return name
}
