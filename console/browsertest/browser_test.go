// Package browsertest opens the console's pages in Chromium.
package browsertest

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"ipse.dev/ipse/console"
	"ipse.dev/ipse/console/consoletest"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/review"
)

// evening is when tests take place: the pages fit their screens also where day and month have the longest names.
var evening = time.Date(2026, time.September, 30, 22, 58, 0, 0, time.UTC)

// window is a browser window in which a reviewer has signed in.
type window struct {
	t        *testing.T
	ctx      context.Context
	base     string
	source   *consoletest.Source
	mu       sync.Mutex
	problems []string // exceptions, and what the page's own policy has blocked
}

func open(t *testing.T) *window {
	t.Helper()
	w := &window{t: t, source: consoletest.Desk(evening)}
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { handler.ServeHTTP(rw, r) }))
	t.Cleanup(server.Close)
	c, err := console.New(console.Options{
		Sessions: w.source, Cases: w.source, Budget: w.source, Subjects: w.source, Corrections: w.source, BaseURL: server.URL, Logger: slog.New(slog.DiscardHandler),
		Location: time.UTC, Now: func() time.Time { return evening },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	handler, w.base = c.Handler(), server.URL

	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("accept-lang", "en"))
	ctx, stopAllocator := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stopAllocator)
	ctx, stopBrowser := chromedp.NewContext(ctx)
	t.Cleanup(stopBrowser)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("these tests need Chromium (Debian's package chromium), which does not start: %v", err)
	}
	ctx, stopWaiting := context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(stopWaiting)
	w.ctx = ctx
	err = chromedp.Listen(ctx, func(event any) {
		w.mu.Lock()
		defer w.mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			w.problems = append(w.problems, e.ExceptionDetails.Text)
		case *cdplog.EventEntryAdded:
			w.problems = append(w.problems, e.Entry.Text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	// By keyboard alone: the button is the first stop after skip link, brand and languages.
	w.do(chromedp.Navigate(c.OneTimeLink()), chromedp.Focus(chromedp.CSS("button.primary")), chromedp.KeyEvent(kb.Enter),
		chromedp.WaitVisible(chromedp.CSS("table.sessions")))
	t.Cleanup(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, p := range w.problems {
			t.Errorf("the browser complains: %s", p)
		}
	})
	return w
}

func (w *window) do(steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, steps...); err != nil {
		w.t.Fatal(err)
	}
}

func eval[T any](w *window, script string) T {
	w.t.Helper()
	v, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](script))
	if err != nil {
		w.t.Fatalf("%s: %v", script, err)
	}
	return v
}

// until waits for a script to give true.
func (w *window) until(what, script string) {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); !eval[bool](w, script); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("waited in vain until %s", what)
		}
	}
}

func (w *window) live() {
	w.t.Helper()
	w.until("the page is live", `document.getElementById("connection").classList.contains("on")`)
}

// show sets the size and the colours of the window.
func (w *window) show(width int64, scheme string) {
	w.t.Helper()
	size := emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 800, DeviceScaleFactor: 1, Mobile: width < 500}
	if _, err := chromedp.Call(w.ctx, emulation.SetDeviceMetricsOverride, size); err != nil {
		w.t.Fatal(err)
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	if _, err := chromedp.Call(w.ctx, emulation.SetEmulatedMedia, media); err != nil {
		w.t.Fatal(err)
	}
}

func TestListIsLiveAndKeepsTheFocus(t *testing.T) {
	w := open(t)
	w.live()
	w.do(chromedp.Focus(chromedp.CSS(`#row-s-trusted a`)))
	d, err := w.source.Session(w.ctx, "s-trusted")
	if err != nil {
		t.Fatal(err)
	}
	d.Level, d.Answer, d.Trust = policy.High, policy.SomeoneElse, 0.004
	w.source.Put(d)
	w.until("the row shows the new level", `document.querySelector("#row-s-trusted .level").classList.contains("high")`)
	if focused := eval[string](w, `document.activeElement.closest("tr")?.id ?? document.activeElement.tagName`); focused != "row-s-trusted" {
		t.Errorf("after the update the focus is on %q, want the row that had it", focused)
	}
	w.until("a screen reader is told that three sessions are at high risk", `document.getElementById("told").textContent === "3 sessions at high risk"`)
	w.source.PutCase(review.Case{ID: "c-new", Session: d.ID, Subject: d.Subject, OpenedAt: evening, Level: policy.High})
	w.until("the navigation counts the new alarm", `document.getElementById("open-alarms").textContent.trim() === "3 open"`)
}

func TestSessionIsLiveAndKeepsWhatIsOpen(t *testing.T) {
	w := open(t)
	w.do(chromedp.Navigate(w.base + "/console/sessions/s-taken"))
	w.live()
	w.do(chromedp.Click(chromedp.CSS("summary")))
	d, err := w.source.Session(w.ctx, "s-taken")
	if err != nil {
		t.Fatal(err)
	}
	d.Level, d.Answer, d.Trust = policy.Low, policy.SamePerson, 0.95
	w.source.Put(d)
	w.until("the page shows the new answer", `document.querySelector(".answer-words h2").textContent === "Same person"`)
	if !eval[bool](w, `document.querySelector("details").open`) {
		t.Error("the update closed the table that the reader had opened")
	}
}

func TestVerdictByKeyboard(t *testing.T) {
	w := open(t)
	w.do(chromedp.Navigate(w.base+"/console/alarms/c-taken"), chromedp.Focus(chromedp.CSS("#verdict-impostor")),
		chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS(`#verdict-impostor[aria-pressed="true"]`)))
	k, err := w.source.Case(w.ctx, "c-taken")
	if err != nil || k.Verdict != review.Impostor {
		t.Errorf("stored %q (%v), want impostor", k.Verdict, err)
	}
	w.live()
	if err := w.source.Decide(w.ctx, "c-taken", review.RightPerson, evening); err != nil {
		t.Fatal(err)
	}
	w.until("another reviewer's verdict is shown", `document.querySelector('#verdict-right_person').getAttribute("aria-pressed") === "true"`)
}

func TestRollBackByKeyboard(t *testing.T) {
	w := open(t)
	w.do(chromedp.Navigate(w.base+"/console/subjects/"+consoletest.KnownSubject), chromedp.Focus(chromedp.CSS("#to-keyboard-desktop")),
		chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS("p.notice")))
	asked := w.source.Asked()
	d, err := w.source.Subject(w.ctx, consoletest.KnownSubject)
	if err != nil {
		t.Fatal(err)
	}
	want := d.References[0].Kept[len(d.References[0].Kept)-2].At
	if len(asked) != 1 || asked[0].Action != console.RollBack || asked[0].To.UnixMilli() != want.UnixMilli() {
		t.Errorf("asked for %+v, want the keyboard's references rolled back to %s, the last version but one", asked, want)
	}
}

func TestSkipLinkIsTheFirstStop(t *testing.T) {
	w := open(t)
	w.do(chromedp.Navigate(w.base+"/console/"), chromedp.KeyEvent(kb.Tab))
	if first := eval[string](w, `document.activeElement.className`); first != "skip" {
		t.Errorf("the first stop of the tab key is %q, want the skip link", first)
	}
	if top := eval[float64](w, `document.activeElement.getBoundingClientRect().top`); top < 0 {
		t.Errorf("the focused skip link lies at %g, out of sight", top)
	}
	w.do(chromedp.KeyEvent(kb.Enter))
	if id := eval[string](w, `document.activeElement.id`); id != "main" {
		t.Errorf("the skip link leads to %q, want main", id)
	}
}

func TestPagesFitTheirScreens(t *testing.T) {
	w := open(t)
	for _, width := range []int64{320, 360, 768, 961, 1280} {
		w.show(width, "light")
		for _, path := range []string{
			"/console/", "/console/sessions/s-long", "/console/sessions/s-quiet", "/console/alarms", "/console/alarms/c-long", "/console/alarms/c-decided", "/console/budget",
			"/console/subjects/" + consoletest.KnownSubject, "/console/subjects/" + consoletest.NewSubject, "/console/subjects/" + consoletest.LongSubject,
		} {
			for _, language := range []string{"en", "fr"} {
				w.do(chromedp.Navigate(w.base + path + "?lang=" + language))
				if got := eval[int64](w, `document.documentElement.scrollWidth`); got > width {
					t.Errorf("%s in %s on %d pixels is %d wide", path, language, width, got)
				}
				wide := eval[[]string](w, `[...document.querySelectorAll("main *")]
					.filter(e => !e.closest(".unseen, svg, thead, .scroll") && e.getBoundingClientRect().right > innerWidth + 1)
					.map(e => e.tagName + "." + e.className)`)
				if len(wide) > 0 {
					t.Errorf("%s in %s on %d pixels: %v reach beyond the screen", path, language, width, wide)
				}
			}
		}
	}
}

func TestDarkAndLight(t *testing.T) {
	w := open(t)
	grounds := map[string]string{}
	for _, scheme := range []string{"light", "dark"} {
		w.show(1280, scheme)
		w.until("the style sheet is there", `document.readyState === "complete" && document.styleSheets.length > 0`)
		grounds[scheme] = eval[string](w, `getComputedStyle(document.body).backgroundColor`)
	}
	if grounds["light"] != "rgb(247, 247, 244)" || grounds["dark"] != "rgb(19, 22, 25)" {
		t.Errorf("grounds %v, want the light and the dark one of the style sheet", grounds)
	}
}
