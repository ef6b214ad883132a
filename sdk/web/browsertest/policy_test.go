package browsertest

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/observation"
)

// strictest is a policy with nothing inline, no nonce, no Blob and no unsafe- keyword.
const strictest = "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func TestTheStrictestPolicyIsKept(t *testing.T) {
	d := openPage(t, embedding{sameOrigin: true, csp: strictest, files: map[string]string{
		"/strict.html": `<!doctype html><title>Strict</title><input id="field"><script src="/page.js"></script><script src="/sdk/ipse.js"></script><script src="/start.js"></script>`,
		"/module.html": `<!doctype html><title>Strict</title><input id="field"><script src="/page.js"></script><script type="module" src="/module.js"></script>`,
		"/page.js": `var errors = [], states = [], broken = [], violations = [], listening = false, collector;
document.addEventListener('securitypolicyviolation', function (e) { violations.push(e.violatedDirective + ' ' + e.blockedURI); });
window.addEventListener('error', function (e) { broken.push(e.message); });
function embed(createIpse) {
  collector = createIpse({ endpoint: '', token: '` + tokenOf("session-1") + `' });
  collector.on('error', function (e) { errors.push(e.message); });
  collector.on('state', function (s) { states.push(s); listening = true; });
}`,
		"/start.js":  `embed(ipse.createIpse);`,
		"/module.js": `import { createIpse } from '/sdk/ipse.mjs'; embed(createIpse);`,
	}})
	d.reply["models"] = map[string][]string{"keyboard": {learnt, embed.Model}}
	for _, page := range []string{"/strict.html", "/module.html"} {
		before := len(d.observations())
		d.run(chromedp.Navigate(d.server.URL + page))
		d.until("the module has run", func() bool { return evaluate[bool](d, "Boolean(collector)") })
		d.start()
		d.until("a window of the learned model has arrived", func() bool {
			d.press("field", 10)
			return slices.ContainsFunc(d.observations()[before:], func(o observation.Observation) bool { return o.Model == learnt })
		})
		for what, got := range map[string][]string{
			"violations": evaluate[[]string](d, "violations"), "errors": evaluate[[]string](d, "errors"), "broken": evaluate[[]string](d, "broken"),
		} {
			if len(got) > 0 {
				t.Errorf("%s: %s = %q, want none", page, what, got)
			}
		}
	}
}

// watching counts whatever a page can store, or can tell browsers apart by.
const watching = `var used = {};
[[Document, 'cookie title referrer fonts'], [Navigator, 'userAgent plugins mimeTypes languages language hardwareConcurrency deviceMemory platform vendor userAgentData connection mediaDevices getBattery maxTouchPoints permissions'],
 [Screen, 'colorDepth pixelDepth availWidth availHeight orientation'], [History, 'length'], [Storage, 'getItem setItem key length'], [CacheStorage, 'open keys'],
 [HTMLCanvasElement, 'getContext toDataURL toBlob'], [Date, 'getTimezoneOffset'], [Performance, 'memory'], [Intl.DateTimeFormat, 'resolvedOptions'],
 [RTCPeerConnection, 'createDataChannel createOffer'], [MediaDevices, 'enumerateDevices'], [SpeechSynthesis, 'getVoices'],
 [BaseAudioContext, 'createOscillator'], [KeyboardEvent, 'key keyCode charCode'], [UIEvent, 'which'], [InputEvent, 'data'], [ClipboardEvent, 'clipboardData'],
 [HTMLInputElement, 'value'], [Node, 'textContent'], [HTMLElement, 'innerText']
].forEach(function (of) {
  of[1].split(' ').forEach(function (name) {
    var was = Object.getOwnPropertyDescriptor(of[0].prototype, name);
    if (!was) return;
    var note = function (part) { return was[part] && function () { used[of[0].name + '.' + name] = true; return was[part].apply(this, arguments); }; };
    if (was.get) Object.defineProperty(of[0].prototype, name, { get: note('get'), set: was.set, configurable: true });
    else if (typeof was.value === 'function') Object.defineProperty(of[0].prototype, name, { value: note('value'), configurable: true });
  });
});
['localStorage', 'sessionStorage', 'name', 'speechSynthesis', 'devicePixelRatio', 'innerWidth', 'outerWidth'].forEach(function (name) {
  var was = Object.getOwnPropertyDescriptor(window, name);
  if (was && was.get) Object.defineProperty(window, name, { get: function () { used['window.' + name] = true; return was.get.call(window); }, configurable: true });
});
['AudioContext', 'OffscreenCanvas', 'RTCPeerConnection'].forEach(function (name) { var Was = window[name]; window[name] = function () { used[name] = true; return new Was(); }; });`

func TestNothingIsStoredAndNoBrowserIsToldApart(t *testing.T) {
	d := openPage(t, embedding{sameOrigin: true, csp: ownPolicy, before: watching})
	d.start()
	d.byHand("field", 30)
	d.do("for (var i = 0; i < 9; i++) document.body.dispatchEvent(new TouchEvent('touchstart', { bubbles: true }))")
	d.windows(1, "in the page")
	if used := evaluate[map[string]bool](d, "used"); len(used) > 0 {
		t.Errorf("ipse has used %v, want nothing that stores, reads what is typed or tells browsers apart", used)
	}
	d.do("var kept = null; Promise.all([indexedDB.databases(), caches.keys()]).then(function (all) { kept = all[0].map(function (b) { return b.name; }).concat(all[1]); })")
	d.until("the stores are listed", func() bool { return evaluate[bool](d, "kept !== null") })
	kept := evaluate[[]string](d, "kept")
	// A key for the session's signatures is all that may be kept.
	if len(kept) > 1 || len(kept) == 1 && !strings.HasPrefix(kept[0], "ipse") {
		t.Errorf("stores %q, want at most one, of ipse's key", kept)
	}
	if stored := evaluate[string](d, "document.cookie + localStorage.length + sessionStorage.length + window.name"); stored != "00" {
		t.Errorf("cookies, local and session storage and the window's name = %q, want none, 0, 0 and none", stored)
	}
}
