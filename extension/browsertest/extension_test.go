package browsertest

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"ipse.dev/ipse/internal/observation"
)

// ofHosts builds for an organisation whose pages lie on 127.0.0.1.
var ofHosts = []string{"-hosts", "http://127.0.0.1/*"}

func TestListedPagesAreMeasuredAndNoOthers(t *testing.T) {
	began := time.Now().UnixMilli()
	d := openDesk(t)
	b := startBrowser(t, "en", mounted, ofHosts...)
	first := b.open(d.front.URL + "/desk/first")
	b.policy.set(d.policy())
	b.untilPolicy("valid")
	b.untilSession("running", 1) // the page that was open before the policy came
	first.press("field", 30)     // no more: what is left over would become a window after a pause
	first.move(170)
	d.untilWindows(observation.Keyboard, 1)
	d.untilWindows(observation.Pointer, 1)

	second := b.open(d.front.URL + "/desk/second")
	b.untilSession("running", 2)
	second.press("field", 30)
	d.untilWindows(observation.Keyboard, 2)
	if sessions, asked, _ := d.count(); sessions != 1 || asked != 1 {
		t.Errorf("two tabs: %d sessions and %d requests for a token, want one session across tabs", sessions, asked)
	}
	for _, start := range d.windows(observation.Keyboard) {
		if now := time.Now().UnixMilli(); start > now || start < began {
			t.Errorf("a window begins at %d, want between %d and %d", start, began, now)
		}
	}

	other := b.open(d.front.URL + "/other")
	b.untilSession("running", 2)
	if worlds := other.worlds(); len(worlds) > 0 {
		t.Errorf("on a page that is not listed the extension runs in %v, want nowhere", worlds)
	}
	if worlds := second.worlds(); len(worlds) != 1 {
		t.Errorf("on a listed page the extension runs in %v, want one isolated world", worlds)
	}
	before := len(d.windows(observation.Keyboard))
	other.press("field", 35)
	second.press("password", 35)
	second.press("excluded", 35)
	_, _, reports := d.count()
	eventually(t, "two more reports were made", func() bool { _, _, now := d.count(); return now >= reports+2 })
	if n := len(d.windows(observation.Keyboard)) - before; n != 0 {
		t.Errorf("typing on an unlisted page, in a password field and in an excluded one gave %d windows, want none", n)
	}
	wire := inBase64.ReplaceAllString(string(d.bodies()), "")
	for _, word := range []string{"KeyA", "Zhukova", "agent-17", "/desk", "abcdef", "meddled"} {
		if strings.Contains(wire, word) {
			t.Errorf("the wire carries %q:\n%s", word, wire)
		}
	}
}

func TestPolicyComesAndGoes(t *testing.T) {
	for name, feed := range map[string]func(*testing.T) policyFeed{"file": mounted, "told to the worker": told} {
		t.Run(name, func(t *testing.T) {
			d := openDesk(t)
			b := startBrowser(t, "en", feed, ofHosts...)
			page := b.open(d.front.URL + "/desk/")
			b.policy.set(d.policy())
			b.untilSession("running", 1)
			b.policy.set(nil)
			b.untilPolicy("none")
			b.untilSession("idle", 0)
			removed := time.Now()
			page.press("field", 35)
			later := b.open(d.front.URL + "/desk/later")
			later.press("field", 35)
			time.Sleep(time.Second)
			if late := d.madeAfter(removed); late != 0 {
				t.Errorf("%d reports after the policy was removed, want none", late)
			}
			if worlds := later.worlds(); len(worlds) > 0 {
				t.Errorf("after the policy was removed the extension runs in %v, want nowhere", worlds)
			}

			b.policy.set(d.policy())
			b.untilSession("running", 2)
			later.press("field", 30)
			d.untilWindows(observation.Keyboard, 1)
		})
	}
}

func TestToolbarSaysHowThingsAre(t *testing.T) {
	d := openDesk(t)
	b := startBrowser(t, "en", mounted, ofHosts...)
	b.untilPolicy("none")
	eventually(t, "the icon says that the extension is not set up", func() bool {
		badge, title := b.toolbar(0)
		return badge == "" && title == "ipse: Not set up"
	})
	wrong := d.policy()
	wrong["pages"] = []string{"*://*/*", d.front.URL + "/desk/*"}
	wrong["endpoint"] = "http://ipse.example"
	b.policy.set(wrong)
	s := b.untilPolicy("invalid")
	if len(s.Policy.Problems) != 2 || s.Policy.Problems[0].Field != "endpoint" || s.Policy.Problems[1].Field != "pages" {
		t.Errorf("problems of the policy = %+v, want those of endpoint and pages", s.Policy.Problems)
	}
	page := b.open(d.front.URL + "/desk/")
	if worlds := page.worlds(); len(worlds) > 0 {
		t.Errorf("under an invalid policy the extension runs in %v, want nowhere", worlds)
	}
	eventually(t, "the icon warns of the policy", func() bool {
		badge, title := b.toolbar(0)
		return badge == "!" && title == "ipse: Wrongly set up"
	})

	d.refuse(http.StatusUnauthorized)
	b.policy.set(d.policy())
	b.untilSession("signedOut", 1)
	number := b.status().Host.Tabs[0]
	eventually(t, "the icon of the tab says that nothing is measured", func() bool {
		badge, title := b.toolbar(number)
		return badge == "!" && title == "ipse: Cannot measure"
	})
	d.refuse(0)
	b.untilSession("running", 1)
	eventually(t, "the icon of the tab says that it is measured", func() bool {
		badge, title := b.toolbar(number)
		return badge == "●" && title == "ipse: This page is measured"
	})
	eventually(t, "other tabs say that they are not measured", func() bool {
		badge, title := b.toolbar(0)
		return badge == "" && title == "ipse: Not on this page"
	})
	d.mu.Lock()
	session := d.sessions[0]
	d.mu.Unlock()
	if err := d.api.Close(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	b.untilSession("ended", 0)
	page.visit(d.front.URL + "/desk/again")
	b.untilSession("running", 1)
	if sessions, _, _ := d.count(); sessions != 2 {
		t.Errorf("%d sessions after the first was closed and a listed page opened, want 2", sessions)
	}
}

func TestApplicationMayDecline(t *testing.T) {
	d := openDesk(t)
	b := startBrowser(t, "en", mounted, ofHosts...)
	d.refuse(http.StatusNoContent)
	b.policy.set(d.policy())
	b.untilPolicy("valid")
	b.open(d.front.URL+"/desk/").press("field", 40)
	b.untilSession("declined", 0)
	time.Sleep(2 * time.Second)
	if _, asked, reports := d.count(); asked != 1 || reports != 0 {
		t.Errorf("asked %d times for a token and reported %d times, want once and never", asked, reports)
	}
}

func TestDeviceSecretInsteadOfCookies(t *testing.T) {
	d := openDesk(t)
	b := startBrowser(t, "en", mounted, ofHosts...)
	p := d.policy()
	p["tokenHeader"] = map[string]string{"name": "X-Device", "value": "enrolment-secret"}
	b.policy.set(p)
	b.untilPolicy("valid")
	page := b.open(d.front.URL + "/desk/")
	b.untilSession("running", 1)
	d.mu.Lock()
	if cookie := d.headers[0].Get("Cookie"); cookie != "" {
		t.Errorf("the request for a token carries the cookie %q beside the device's secret, want none", cookie)
	}
	d.mu.Unlock()
	page.press("field", 35)
	d.untilWindows(observation.Keyboard, 1)
	if raw := evaluate[string](b.own, `chrome.runtime.sendMessage({to: 'control', type: 'status'}).then((s) => JSON.stringify(s))`); bytes.Contains([]byte(raw), []byte("enrolment-secret")) {
		t.Errorf("the extension's pages are told the device's secret: %s", raw)
	}
}

func TestLeavingTheListedAddressWithoutLoading(t *testing.T) {
	d := openDesk(t)
	b := startBrowser(t, "en", mounted, ofHosts...)
	b.policy.set(d.policy())
	b.untilPolicy("valid")
	page := b.open(d.front.URL + "/desk/")
	b.untilSession("running", 1)
	page.press("field", 10)
	page.do(`history.pushState(null, '', '/private')`)
	page.press("field", 25)
	b.untilSession("running", 0)
	page.do(`history.pushState(null, '', '/desk/back')`)
	page.press("field", 20)
	b.untilSession("running", 1)
	d.untilWindows(observation.Keyboard, 1)
	page.visit(d.front.URL + "/other")
	b.untilSession("running", 0)
	page.do(`history.back()`)
	b.untilSession("running", 1)
	_, _, reports := d.count()
	eventually(t, "two more reports were made", func() bool { _, _, now := d.count(); return now >= reports+2 })
	if n := len(d.windows(observation.Keyboard)); n != 1 {
		t.Errorf("%d windows of 10 strokes on a listed address, 25 elsewhere and 20 back, want 1", n)
	}
}

func TestWithoutPermissionNothingHappens(t *testing.T) {
	d := openDesk(t)
	b := startBrowser(t, "en", mounted)
	b.policy.set(d.policy())
	s := b.untilPolicy("valid")
	if len(s.Missing) != 2 {
		t.Errorf("missing permissions = %v, want those of the pages and of the token's address", s.Missing)
	}
	page := b.open(d.front.URL + "/desk/")
	page.press("field", 40)
	time.Sleep(time.Second)
	if worlds := page.worlds(); len(worlds) > 0 {
		t.Errorf("without permission the extension runs in %v, want nowhere", worlds)
	}
	if _, asked, reports := d.count(); asked+reports != 0 {
		t.Errorf("without permission a token was asked for %d times and %d reports were made, want none", asked, reports)
	}
	eventually(t, "the icon warns that permission is waited for", func() bool {
		badge, title := b.toolbar(0)
		return badge == "!" && title == "ipse: Waiting for your permission"
	})
	popup := b.popup()
	popup.untilText("title", "Waiting for your permission")
	popup.do(`chrome.permissions.request = (p) => { window.asked = p.origins; return Promise.resolve(false); }`) // the browser's own question follows
	popup.do(`document.getElementById('allow').click()`)
	want := []string{d.front.URL + "/desk/*", d.front.URL + "/*"}
	if asked := evaluate[[]string](popup, `window.asked`); !slices.Equal(asked, want) {
		t.Errorf("the popup asks to be allowed on %v, want %v and nothing else", asked, want)
	}
}
