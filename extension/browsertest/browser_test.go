package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// extensionID follows from the key that the build puts into Chromium's manifest.
const extensionID = "blgejhoihbofcbgpciplfkcokfbdmmkm"

// browser is a Chromium with a fresh profile in which the extension is installed.
type browser struct {
	t      *testing.T
	ctx    context.Context
	policy policyFeed
	own    *tab // the extension's page "What is collected", from which the tests ask
}

// tab is one tab of a browser.
type tab struct {
	t        *testing.T
	ctx      context.Context
	mu       sync.Mutex
	contexts map[string]string // origins of the worlds in which scripts run
}

// startBrowser installs the extension, built to be allowed on 127.0.0.1, in a browser of the given language.
func startBrowser(t *testing.T, language string, feed func(*testing.T) policyFeed, buildFlags ...string) *browser {
	t.Helper()
	folder := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", append([]string{"run", "ipse.dev/ipse/extension/build", "-out", folder}, buildFlags...)...)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the extension: %v\n%s", err, out)
	}
	b := &browser{t: t, policy: feed(t)}
	unpacked := filepath.Join(folder, "chromium")
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.ExecPath(b.policy.program()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-extensions", false), chromedp.Flag("lang", language), chromedp.Env("LANGUAGE="+language),
		chromedp.Flag("load-extension", unpacked), chromedp.Flag("disable-extensions-except", unpacked))
	ctx, stopAllocator := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stopAllocator)
	ctx, stopBrowser := chromedp.NewContext(ctx)
	t.Cleanup(stopBrowser)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("these tests need Chromium (Debian's package chromium), which does not start: %v", err)
	}
	ctx, stopWaiting := context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(stopWaiting)
	b.ctx = ctx
	b.own = &tab{t: t, ctx: ctx}
	b.own.visit(own("collected.html"))
	b.policy.attach(b)
	return b
}

// own gives the address of one of the extension's pages.
func own(page string) string { return "chrome-extension://" + extensionID + "/" + page }

// open opens a page in a tab of its own.
func (b *browser) open(address string) *tab {
	b.t.Helper()
	p := &tab{t: b.t, contexts: map[string]string{}}
	ctx, closeTab := chromedp.NewContext(b.ctx, chromedp.WithListener(p.hear))
	b.t.Cleanup(closeTab)
	p.ctx = ctx
	p.visit(address)
	return p
}

// attach gives the browser's target of which is true, once there is one.
func (b *browser) attach(what string, is func(*target.Info) bool) *tab {
	b.t.Helper()
	var found target.ID
	eventually(b.t, what, func() bool {
		infos, err := chromedp.Targets(b.ctx)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, info := range infos {
			if is(info) {
				found = info.TargetID
			}
		}
		return found != ""
	})
	ctx, detach := chromedp.NewContext(b.ctx, chromedp.WithTargetID(found))
	b.t.Cleanup(detach)
	return &tab{t: b.t, ctx: ctx}
}

// status is as much of the extension's own account as the tests look at.
type status struct {
	Policy struct {
		Kind     string
		Problems []struct{ Field, Message, Value string }
	}
	Missing []string
	Host    struct {
		Session string
		Locked  bool
		Tabs    []int
		Error   *struct{ Code, Message string }
	}
}

func (b *browser) status() status {
	b.t.Helper()
	raw := evaluate[string](b.own, `chrome.runtime.sendMessage({to: 'control', type: 'status'}).then((s) => JSON.stringify(s))`)
	var s status
	if err := json.Unmarshal([]byte(raw), &s); err != nil {
		b.t.Fatalf("the extension says %q of its status: %v", raw, err)
	}
	return s
}

// untilSession waits for the session to stand as wanted.
func (b *browser) untilSession(want string, tabs int) {
	b.t.Helper()
	var last status
	deadline := time.Now().Add(time.Minute)
	for {
		if last = b.status(); last.Host.Session == want && len(last.Host.Tabs) == tabs {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("the extension's status is %+v (%+v), want the session %q on %d tabs", last, last.Host.Error, want, tabs)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// untilPolicy waits for the policy to be read as wanted.
func (b *browser) untilPolicy(kind string) status {
	b.t.Helper()
	var last status
	eventually(b.t, "the policy is "+kind, func() bool { last = b.status(); return last.Policy.Kind == kind })
	return last
}

// toolbar gives the text of the badge and the words of the icon: on a tab, or where none says otherwise with a number of 0.
func (b *browser) toolbar(tabID int) (badge, title string) {
	b.t.Helper()
	which := "{}"
	if tabID != 0 {
		which = fmt.Sprintf("{tabId: %d}", tabID)
	}
	both := evaluate[[]string](b.own, fmt.Sprintf(`Promise.all([chrome.action.getBadgeText(%[1]s), chrome.action.getTitle(%[1]s)])`, which))
	return both[0], both[1]
}

func (p *tab) visit(address string) {
	p.t.Helper()
	p.run(chromedp.Navigate(address))
}

func (p *tab) run(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// evaluate runs a script and decodes what it gives, or what it promises.
func evaluate[T any](p *tab, script string) T {
	p.t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", script, err)
	}
	return value
}

func (p *tab) do(script string) {
	p.t.Helper()
	p.run(chromedp.Evaluate[chromedp.Void](script + "; undefined"))
}

// press makes strokes as a keyboard does: the page sees trusted events. They come at a hand's pace, and each says when the hand
// made it: strokes that no hand makes, or that a machine which is held up seems to make, end windows early, and no test could
// tell how many windows there will be.
func (p *tab) press(field string, strokes int) {
	p.t.Helper()
	p.do(fmt.Sprintf("document.getElementById(%q).focus()", field))
	at := time.Now()
	send := func(e input.DispatchKeyEventParams, after time.Duration) {
		p.t.Helper()
		at = at.Add(after)
		time.Sleep(time.Until(at))
		e.Timestamp = input.TimeSinceEpoch(float64(at.UnixMicro()) / 1e6)
		if _, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, e); err != nil {
			p.t.Fatal(err)
		}
	}
	for i := range strokes {
		key := string(rune('a' + i%26))
		e := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Code: "Key" + strings.ToUpper(key), Key: key, Text: key}
		send(e, 30*time.Millisecond)
		e.Type, e.Text = input.DispatchKeyEventTypeKeyUp, ""
		send(e, 60*time.Millisecond)
	}
}

// move moves the pointer over the page and clicks now and then.
func (p *tab) move(events int) {
	p.t.Helper()
	for i := range events {
		x, y := float64(10+2*i), float64(20+i)
		p.run(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y), chromedp.Sleep(10*time.Millisecond)) // those that come faster are thinned
	}
}

// picture saves what a tab shows, where IPSE_PICTURES names a folder for people to look at.
func (p *tab) picture(name string) {
	p.t.Helper()
	folder := os.Getenv("IPSE_PICTURES")
	if folder == "" {
		return
	}
	png, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		png, err = chromedp.Run(p.ctx, chromedp.CaptureScreenshot()) // popups cannot be made longer than they are
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// eventually waits until something is.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited too long until %s", what)
		}
	}
}

func (p *tab) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExecutionContextCreated:
		p.contexts[e.Context.UniqueID] = e.Context.Origin
	case *runtime.EventExecutionContextDestroyed:
		delete(p.contexts, e.ExecutionContextUniqueID)
	case *runtime.EventExecutionContextsCleared:
		clear(p.contexts)
	}
}

// worlds gives the extension's isolated worlds in a page: the places where a content script of it runs.
func (p *tab) worlds() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []string
	for _, origin := range p.contexts {
		if strings.HasPrefix(origin, "chrome-extension:") {
			found = append(found, origin)
		}
	}
	return found
}
