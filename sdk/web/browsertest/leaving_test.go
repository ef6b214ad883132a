package browsertest

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// untilHeard waits until the page has just heard from the server: all that it has reported is answered, and its next report is
// seconds away. What is on its way while a page leaves may be lost, and is told again.
func (d *desk) untilHeard() {
	d.t.Helper()
	before := evaluate[int](d, "risks")
	d.until("the page hears from the server", func() bool { return evaluate[int](d, "risks") > before })
}

// A page that is kept for going back to is the same page when it comes back: one session and one key, numbers that go on, and
// nothing told twice.
func TestAPageThatIsGoneBackToGoesOn(t *testing.T) {
	o := openOffice(t)
	page, shut := o.tab("/")
	defer shut()
	page.do(`window.shown = []; addEventListener('pageshow', function (e) { shown.push(e.persisted); });
		window.broken = []; addEventListener('error', function (e) { broken.push(e.message); });
		addEventListener('unhandledrejection', function (e) { broken.push(String(e.reason)); })`)
	page.byHand("field", 40)
	page.until("a window has arrived", func() bool { return o.starts() == 1 })
	page.untilHeard()
	page.run(chromedp.Navigate(o.pages.URL + "/elsewhere"))
	page.start()
	page.byHand("field", 30)
	page.until("the page in between has reported", func() bool { return o.starts() == 2 })
	page.untilHeard()
	page.do("history.back()")
	page.until("the first page is back as it was left", func() bool {
		kept, err := chromedp.Run(page.ctx, chromedp.Evaluate[bool]("!!window.shown && shown.join() === 'true'"))
		return err == nil && kept
	})
	page.do("states.length = 0; risks = 0")
	page.byHand("field", 40)
	page.until("it goes on measuring and reporting", func() bool { return o.starts() >= 3 })
	page.until("it hears of the risk", func() bool { return evaluate[int](page, "risks") > 0 })
	o.check()
	if errors, broken := evaluate[[]string](page, "errors"), evaluate[[]string](page, "broken"); len(errors)+len(broken) > 0 {
		t.Errorf("errors %q, the page heard of %q; want none", errors, broken)
	}
	if keys := keptKeys(page); len(keys) != 1 {
		t.Errorf("keys of the sessions %q are kept, want one", keys)
	}
}

// The key outlives the page. A page that signs somebody out must not leave it behind, whether it has started a collector
// before or not.
func TestForgettingBeforeTheSessionsScriptIsThereDropsTheKey(t *testing.T) {
	for name, forget := range map[string]string{
		"before it is started":   "collector.forget()",
		"as soon as it was":      "collector.start(); collector.forget()",
		"twice, and then leaves": "collector.forget(); collector.start(); collector.forget()",
	} {
		t.Run(name, func(t *testing.T) {
			o := openOffice(t)
			page, shut := o.tab("/")
			defer shut()
			page.until("the first page has made a key", func() bool { return len(keptKeys(page)) == 1 })
			page.run(chromedp.Navigate(fmt.Sprintf("%s/?again", o.pages.URL)))
			page.do(forget)
			page.until("the key is dropped", func() bool { return len(keptKeys(page)) == 0 })
			if states := evaluate[[]string](page, "states"); len(states) > 0 && states[len(states)-1] != "stopped" {
				t.Errorf("states %q, want it stopped in the end", states)
			}
			if errors := evaluate[[]string](page, "errors"); len(errors) > 0 {
				t.Errorf("errors %q, want none", errors)
			}
		})
	}
}
