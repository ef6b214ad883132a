package demo

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/device"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/sim"
)

// browser opens pages in a Chromium of its own.
type browser struct {
	t   *testing.T
	ctx context.Context
}

func newBrowser(t *testing.T, limit time.Duration) *browser {
	t.Helper()
	found := false
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		_, err := exec.LookPath(name)
		found = found || err == nil
	}
	if !found {
		t.Fatal("there is no Chromium on this machine: install Debian's package chromium (apt-get install chromium)")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1280, 800),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", "en"))
	ctx, stopAllocator := chromedp.NewExecAllocator(t.Context(), options...)
	ctx, stopBrowser := chromedp.NewContext(ctx)
	ctx, stopWaiting := context.WithTimeout(ctx, limit)
	t.Cleanup(func() { stopWaiting(); stopBrowser(); stopAllocator() })
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 800)); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	return &browser{t, ctx}
}

func (b *browser) run(a chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, a); err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) do(script string) {
	b.t.Helper()
	b.run(chromedp.Evaluate[chromedp.Void](script + "; undefined"))
}

func evaluate[T any](b *browser, script string, options ...chromedp.EvaluateOption) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script, options...))
	if err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
	return value
}

// until waits for a condition and gives how long it took. At the end of the limit it says what was seen last. While the page
// leads on to another one there is nothing to ask; the next try sees it.
func (b *browser) until(what string, limit time.Duration, condition string) time.Duration {
	b.t.Helper()
	start := time.Now()
	for {
		if is, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](condition)); err == nil && is {
			return time.Since(start)
		} else if time.Since(start) > limit || b.ctx.Err() != nil {
			b.t.Fatalf("waited %v until %s (%v); the indicator says %q, errors: %q", limit, what, err,
				evaluate[string](b, `document.getElementById('indicator')?.textContent ?? location.href`), evaluate[[]string](b, `window.errors ?? []`))
		}
		b.run(chromedp.Sleep(250 * time.Millisecond))
	}
}

// signIn signs an employee in at a desk, as a visitor does.
func (b *browser) signIn(base, employee string) {
	b.t.Helper()
	b.run(chromedp.Navigate(base + "/sign-in"))
	b.do(`document.querySelector('input[value="` + employee + `"]').click(); document.querySelector('main button.primary').click()`)
	b.until("the desk is shown", time.Minute, `document.readyState === 'complete' && !!document.getElementById('reply-text')`)
	b.do(`window.errors = [];
		addEventListener('error', (e) => errors.push(e.message));
		addEventListener('unhandledrejection', (e) => errors.push(String(e.reason)));
		console.warn = (...words) => errors.push(words.join(' '));
		document.querySelector('#stage summary').click()`)
}

// enrol lets ipse learn a generated person from minutes of work, through the HTTP API.
func enrol(t *testing.T, api *client.Client, userID string, p sim.Person, minutes float64) {
	t.Helper()
	opened, err := api.Open(t.Context(), userID, observation.Desktop)
	if err != nil {
		t.Fatal(err)
	}
	work := p.Session(1).Work("en", 0, minutes*60_000)
	origin := time.Now().Add(-time.Duration(work.EndMS) * time.Millisecond)
	r := api.Reporter(opened)
	hello, err := r.Report(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := device.NewCollector(device.Options{OriginUnixMS: origin.UnixMilli(), Simulated: true, Models: hello.Models})
	r.Add(append(c.Play(work.Keys, work.Pointers), c.Flush()...)...)
	if _, err := r.Report(t.Context()); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute)
	for {
		subject, err := api.Subject(t.Context(), opened.Subject)
		if err != nil {
			t.Fatal(err)
		}
		immature := slices.ContainsFunc(subject.References, func(r client.Reference) bool { return !r.Mature })
		if want := len(hello.Models[observation.Keyboard]) + len(hello.Models[observation.Pointer]); len(subject.References) == want && !immature {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%v minutes of work gave the references %+v, want a mature one for each model", minutes, subject.References)
		}
		time.Sleep(200 * time.Millisecond)
	}
	if err := api.Close(t.Context(), opened.Session); err != nil {
		t.Fatal(err)
	}
}

// TestTheDeskNoticesWhoSitsThere is the main job, end to end: the right person works and stays trusted, another takes
// over and the desk locks with reasons, a sign-in restores trust.
func TestTheDeskNoticesWhoSitsThere(t *testing.T) {
	b := newBrowser(t, 20*time.Minute) // more than all that is waited for adds up to
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + listener.Addr().String()
	logger := slog.New(slog.DiscardHandler)
	server, err := app.Start(t.Context(), app.Options{
		Data: filepath.Join(t.TempDir(), "data"), Listen: "127.0.0.1:0", Show: &app.Show{Thresholds: Thresholds}, AcceptSimulated: true,
		WebhookURL: base + WebhookPath, WebhookSecret: testSecret, Patience: 10 * time.Second, Logger: logger,
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
	desk, err := New(Options{Server: server.URL(), APIKey: server.APIKey(), WebhookSecret: testSecret, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	front := &http.Server{Handler: desk.Handler(), BaseContext: func(net.Listener) context.Context { return t.Context() }}
	go front.Serve(listener)
	t.Cleanup(func() { front.Close() })

	amara := employees[0]
	api := client.New(server.URL(), server.APIKey())
	enrol(t, api, amara.ID, sim.NewPerson(amara.StandIn), 16)

	b.signIn(base, amara.ID)
	session := desk.anySession()
	state := `document.getElementById('indicator').dataset.state`
	b.do(`document.querySelector('[data-colleague=self]').click()`)
	b.until("ipse says that it is the right person", 3*time.Minute, state+` === 'known' && document.getElementById('indicator-detail').textContent !== ''`)
	// For a minute, or for as long as it takes a machine that plays the work late and in pieces.
	v := view(t, api, session)
	sure := func() bool { return v.RiskLevel == policy.Low && v.Answer == policy.SamePerson && v.Trust >= 0.95 }
	for began := time.Now(); time.Since(began) < time.Minute || !sure() && time.Since(began) < 4*time.Minute; v = view(t, api, session) {
		b.run(chromedp.Sleep(time.Second))
		if got := evaluate[string](b, state); got != "known" {
			t.Fatalf("the right person works and the indicator says %q, want known all the time", got)
		}
	}
	if !sure() {
		t.Errorf("after minutes of the right person: level %s, answer %s, trust %.3f; want LOW, same_person, at least 0.95", v.RiskLevel, v.Answer, v.Trust)
	}

	b.until("the page has loaded the model that decides", time.Minute, `performance.getEntriesByType('resource').some((r) =>
		r.name.endsWith('/sdk/models/`+embed.Newest(observation.Keyboard, false)+`.net'))`)

	b.do(`document.querySelector('[data-colleague=ada]').click()`)
	took := b.until("the desk locks after the takeover", 3*time.Minute, `document.getElementById('lock').open`)
	t.Logf("the desk locked %v after the takeover", took.Round(100*time.Millisecond))
	v = view(t, api, session)
	if v.RiskLevel != policy.High || v.Answer != policy.SomeoneElse || !slices.Contains(v.Reasons, policy.Mismatch) {
		t.Errorf("after the takeover: level %s, answer %s, reasons %v; want HIGH, someone_else, %s", v.RiskLevel, v.Answer, v.Reasons, policy.Mismatch)
	}
	deviations := 0
	for _, e := range v.Evidence {
		deviations += len(e.Deviations)
	}
	if deviations == 0 {
		t.Errorf("the alarm names no feature that moved: %+v", v.Evidence)
	}
	if got := evaluate[string](b, state); got != "locked" {
		t.Errorf("the indicator says %q on a locked desk", got)
	}
	deadline := time.Now().Add(time.Minute)
	for !desk.seatOfSession(session).isLocked() && time.Now().Before(deadline) {
		time.Sleep(100 * time.Millisecond)
	}
	if !desk.seatOfSession(session).isLocked() {
		t.Error("the desk's own back end is not locked")
	}

	b.do(`document.getElementById('lock-submit').click()`)
	b.until("the sign-in opens the desk", time.Minute, `!document.getElementById('lock').open`)
	// A window of the other person's that was under way may count after the sign-in: how the session stood then is in its path.
	path, err := api.Path(t.Context(), session)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(path.Points, func(p client.Point) bool { return p.Event == "reauthenticated" })
	if i < 0 {
		t.Fatalf("the path of trust has no sign-in: %+v", path.Points)
	}
	if p := path.Points[i]; p.RiskLevel != policy.Low || p.Trust < 0.9 {
		t.Errorf("at the sign-in: level %s, trust %.3f; want LOW and at least 0.9", p.RiskLevel, p.Trust)
	}
	b.do(`document.querySelector('[data-colleague=self]').click()`)
	b.until("the right person is known again", 3*time.Minute, state+` === 'known' && !document.getElementById('lock').open`)
	if errors := evaluate[[]string](b, `errors`); len(errors) > 0 {
		t.Errorf("errors in the page: %q", errors)
	}
}

// What came of an attack stands in sight wherever in the panel the visitor is, however wide the window.
func TestWhatCameOfAnAttackStaysInSight(t *testing.T) {
	b := newBrowser(t, 2*time.Minute)
	_, _, v := open(t)
	b.signIn(v.base, "desk-wei")
	b.do(`document.getElementById('stage').open = true`)
	for _, width := range []int64{1400, 1000, 400} {
		b.run(chromedp.EmulateViewport(width, 800))
		b.do(`document.getElementById('attack-state').hidden = true; document.querySelector('[data-attacker=replay]').click()`) // of whom nothing has been typed
		b.until("the panel says what is needed", 20*time.Second, `!document.getElementById('attack-state').hidden && document.getElementById('running').hidden`)
		b.do(`document.querySelector('[data-attacker=injector]').scrollIntoView({ block: 'center' })`)
		b.until("that is in sight", 10*time.Second, `(() => {
			const r = document.getElementById('attack-state').getBoundingClientRect();
			return r.height > 0 && r.top >= 0 && r.bottom <= innerHeight;
		})()`)
	}
}

func view(t *testing.T, api *client.Client, session string) client.View {
	t.Helper()
	v, err := api.Session(t.Context(), session)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// anySession gives the session of the one visitor at the desk.
func (d *Desk) anySession() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.seats {
		return s.session()
	}
	return ""
}

func TestARecordingPlaysWhatWasTyped(t *testing.T) {
	b := newBrowser(t, 5*time.Minute)
	_, _, v := open(t)
	b.signIn(v.base, "desk-wei")
	b.do(`document.getElementById('rec-start').click()`)
	const text = "the ferry leaves the old harbour"
	for _, c := range text {
		code := "Space"
		if c != ' ' {
			code = "Key" + strings.ToUpper(string(c))
		}
		for _, p := range []input.DispatchKeyEventParams{
			{Type: input.DispatchKeyEventTypeKeyDown, Code: code, Key: string(c), Text: string(c)},
			{Type: input.DispatchKeyEventTypeKeyUp, Code: code, Key: string(c)},
		} {
			if _, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, p); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := evaluate[string](b, `document.getElementById('rec-field').value`); got != text {
		t.Errorf("while recording, the field holds %q, want %q", got, text)
	}
	b.do(`document.getElementById('rec-start').click()`)
	saved := evaluate[string](b, `import('/static/recording.js').then((m) => {
		const events = [{ t: 0, k: 'down', c: 'KeyA' }, { t: 80.5, p: 'move', x: 1, y: 2 }, { t: 90, k: 'up', c: 'KeyA' }];
		const again = m.parse(m.serialise(events));
		const bad = [
			'', '{"ipse":"recording/2"}', '{"ipse":"recording/1"}\n{"t":1,"k":"down","c":"KeyA"}\n{"t":0,"k":"up","c":"KeyA"}',
			'{"ipse":"recording/1"}\n{"t":null,"k":"down","c":"KeyA"}', '{"ipse":"recording/1"}\n{"t":1,"p":"move","x":"a","y":1}', 'null\n[]',
		].map((text) => m.parse(text).badLine);
		return JSON.stringify([JSON.stringify(again.events) === JSON.stringify(events), again.badLine, ...bad]);
	})`, chromedp.EvalAwaitPromise)
	if want := "[true,0,1,1,3,2,2,1]"; saved != want {
		t.Errorf("writing and reading recordings gives %s, want %s", saved, want)
	}
	b.until("the recording can be played", time.Minute, `!document.getElementById('rec-play').disabled`)
	b.do(`window.seen = []; addEventListener('keydown', (e) => seen.push(e.isTrusted));
		document.getElementById('rec-play').click()`)
	b.until("the recording has been played once", time.Minute, `document.getElementById('reply-text').value.startsWith('`+text+`')`)
	if evaluate[bool](b, `seen.includes(true)`) {
		t.Error("events of the player are trusted; only a device's may be")
	}
	b.do(`document.getElementById('running-stop').click()`)
	b.until("the colleague has left", time.Minute, `document.getElementById('running').hidden && !document.getElementById('ghost')`)
	if errors := evaluate[[]string](b, `errors`); len(errors) > 0 {
		t.Errorf("errors in the page: %q", errors)
	}
}
