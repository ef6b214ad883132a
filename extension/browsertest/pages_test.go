package browsertest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

const longName = "Zweckverband für die gemeinsame Datenverarbeitung der Krankenhäuser und Rehabilitationseinrichtungen Nordrhein-Westfalens"

// TestPopupAndPageSayWhatIsGoingOn reads both in two languages, with a name that is longer than any row, and looks that nothing
// sticks out at the width of a phone.
func TestPopupAndPageSayWhatIsGoingOn(t *testing.T) {
	for language, want := range map[string]struct{ measured, elsewhere, invalid, collected string }{
		"en": {"This page is measured", "Not on this page", "Wrongly set up", "What is collected"},
		"fr": {"Cette page est mesurée", "Pas sur cette page", "Mal configurée", "Ce qui est recueilli"},
	} {
		t.Run(language, func(t *testing.T) {
			d := openDesk(t)
			b := startBrowser(t, language, told, ofHosts...)
			p := d.policy()
			p["organisation"] = longName
			p["contact"] = "datenschutz-und-mitbestimmung@" + strings.Repeat("verwaltung.", 8) + "example"
			b.policy.set(p)
			listed := b.open(d.front.URL + "/desk/")
			b.untilSession("running", 1)

			popup := b.popup()
			popup.untilText("title", want.measured)
			if got := evaluate[string](popup, `document.getElementById('organisation').textContent`); got != longName {
				t.Errorf("the popup names the organisation %q, want %q", got, longName)
			}
			popup.looks(language+"-popup-measured", asItIs)
			popup.shut()

			listed.visit(d.front.URL + "/other")
			popup = b.popup()
			popup.untilText("title", want.elsewhere)
			popup.looks(language+"-popup-elsewhere", asItIs)
			popup.shut()

			b.own.visit(own("collected.html"))
			b.own.untilText("organisation", longName)
			if got := evaluate[string](b.own, `document.querySelector('h1').textContent + '|' + document.documentElement.lang`); got != want.collected+"|"+language {
				t.Errorf("the page says %q, want %q", got, want.collected+"|"+language)
			}
			if untranslated := evaluate[[]string](b.own, `[...document.querySelectorAll('[data-words]')].filter((e) => e.textContent === e.dataset.words).map((e) => e.textContent)`); len(untranslated) > 0 {
				t.Errorf("without words in %s: %v", language, untranslated)
			}
			b.own.looks(language+"-page", 320, 900)

			p["pages"] = []string{"*://*/*", "https://*.com/*"}
			delete(p, "tokenURL")
			b.policy.set(p)
			b.untilPolicy("invalid")
			b.own.visit(own("collected.html"))
			eventually(t, "the page names three problems", func() bool {
				return evaluate[int](b.own, `document.querySelectorAll('#problems li').length`) == 3
			})
			b.own.looks(language+"-page-invalid", 320, 900)
			popup = b.popup()
			popup.untilText("title", want.invalid)
			popup.looks(language+"-popup-invalid", asItIs)
		})
	}
}

// popup opens the extension's popup over the tab in front. A browser that is busy refuses to, for instance while it closes the
// one before, and is asked again.
func (b *browser) popup() *tab {
	b.t.Helper()
	before := b.popups()
	isNew := func(id target.ID) bool { return !slices.Contains(before, id) }
	eventually(b.t, "the browser opens the popup", func() bool {
		if slices.ContainsFunc(b.popups(), isNew) {
			return true
		}
		b.own.do(`window.opening ??= chrome.action.openPopup().catch(() => {}).finally(() => { window.opening = undefined; })`)
		return false
	})
	return b.attach("the popup is open", func(i *target.Info) bool { return i.URL == own("popup.html") && isNew(i.TargetID) })
}

func (b *browser) popups() []target.ID {
	b.t.Helper()
	infos, err := chromedp.Targets(b.ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	var found []target.ID
	for _, i := range infos {
		if i.URL == own("popup.html") {
			found = append(found, i.TargetID)
		}
	}
	return found
}

// shut closes the popup. It may be gone before it can say that it has heard.
func (p *tab) shut() {
	p.t.Helper()
	_ = chromedp.Do(p.ctx, chromedp.Evaluate[chromedp.Void]("setTimeout(close); undefined"))
	eventually(p.t, "the popup is closed", func() bool { return chromedp.Do(p.ctx, chromedp.Evaluate[chromedp.Void]("undefined")) != nil })
}

func (p *tab) untilText(id, want string) {
	p.t.Helper()
	got := ""
	for deadline := time.Now().Add(time.Minute); got != want; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("#%s says %q, want %q", id, got, want)
		}
		got = evaluate[string](p, fmt.Sprintf(`document.getElementById(%q)?.textContent ?? ''`, id))
	}
}

// asItIs leaves a popup at the width that the browser gives it.
const asItIs = 0

// looks sees to it that nothing sticks out at any width and in both colours, and keeps pictures for people to look at.
func (p *tab) looks(name string, widths ...int64) {
	p.t.Helper()
	for _, width := range widths {
		for _, scheme := range []string{"light", "dark"} {
			if width != asItIs {
				size := emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 700, DeviceScaleFactor: 1}
				if _, err := chromedp.Call(p.ctx, emulation.SetDeviceMetricsOverride, size); err != nil {
					p.t.Fatal(err)
				}
			}
			media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
			if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, media); err != nil {
				p.t.Fatal(err)
			}
			if over := evaluate[int](p, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
				p.t.Errorf("%s: at a width of %d px the page is %d px too wide", name, width, over)
			}
			p.picture(fmt.Sprintf("%s-%d-%s", name, width, scheme))
		}
	}
}
