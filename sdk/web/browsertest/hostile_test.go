package browsertest

import (
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"ipse.dev/ipse/internal/observation"
)

// Nothing that a page does may make ipse throw into it or hold it up, even where the page breaks what ipse stands on.
func TestAPageThatBreaksThePlatformIsNotBrokenByIpse(t *testing.T) {
	for name, before := range map[string]string{
		"arrays that throw": `['push', 'map', 'forEach', 'some', 'slice', 'splice', 'flatMap', 'filter', 'indexOf', 'includes', 'sort'].forEach(function (n) {
  Object.defineProperty(Array.prototype, n, { value: function () { throw new Error(n); } }); });`,
		"arrays without iterator": `delete Array.prototype[Symbol.iterator];`,
		"objects with options": `['once', 'signal', 'capture', 'toJSON', 'then', 'value', 'get', 'keepalive'].forEach(function (n) {
  Object.defineProperty(Object.prototype, n, { __proto__: null, get: function () { throw new Error(n); }, set: function () {} }); });`,
		"events that throw": `['timeStamp', 'type', 'target'].forEach(function (n) {
  Object.defineProperty(Event.prototype, n, { get: function () { throw new Error(n); } }); });
Event.prototype.composedPath = function () { throw new Error('path'); };`,
		"listeners that get proxies": `var listen = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (name, fn, o) {
  if (this !== window || typeof fn !== 'function' || name === 'error') return listen.call(this, name, fn, o);
  return listen.call(this, name, function (e) { fn(new Proxy(e, { get: function (_, n) { if (n === 'isTrusted') return true; throw new Error(String(n)); } })); }, o);
};`,
		"no listeners":           `EventTarget.prototype.addEventListener = function () { throw new Error('no'); };`,
		"timers that throw":      `window.setTimeout = function () { throw new Error('no'); };`,
		"workers that throw":     `window.Worker = function () { throw new Error('no'); };`,
		"workers of its own":     `window.Worker = function () { return { postMessage: function () { throw new Error('no'); }, terminate: 7 }; };`,
		"a network that lies":    `window.fetch = function () { return { then: 7 }; };`,
		"numbers without typing": `window.Float64Array = undefined; window.Promise.prototype.finally = undefined;`,
	} {
		t.Run(name, func(t *testing.T) {
			d := openPage(t, embedding{csp: foreignPolicy, before: "var typed = 0; window.oninput = function () { typed++; };" + before})
			for _, call := range []string{"collector.start()", "collector.phrase(1, 12, field).drop()", "collector.renew('" + tokenOf("session-1") + "')", "collector.on('risk', function () {})"} {
				d.do(call)
			}
			d.run(chromedp.Sleep(500 * time.Millisecond))
			d.byHand("field", 35)
			d.do("dispatchStrokes(5)")
			d.run(chromedp.Sleep(500 * time.Millisecond))
			for _, call := range []string{"collector.stop()", "collector.start()", "collector.forget()"} {
				d.do(call)
			}
			if typed := evaluate[int](d, "typed"); typed != 35 {
				t.Errorf("the page's own listener has heard of %d letters, want 35", typed)
			}
			d.unbroken()
		})
	}
}

func TestWhatThePageChangesLaterChangesNothing(t *testing.T) {
	d := open(t, false, foreignPolicy, "{}")
	d.do(`addEventListener('keydown', function (e) { Object.defineProperty(e, 'code', { value: 'Escape' }); }, true);
[[Event, 'timeStamp isTrusted type target'], [KeyboardEvent, 'code repeat isComposing'], [Node, 'nodeType parentNode'],
 [Element, 'localName shadowRoot assignedSlot']].forEach(function (of) {
  of[1].split(' ').forEach(function (n) { Object.defineProperty(of[0].prototype, n, { get: function () { throw new Error(n); }, configurable: true }); });
});
Event.prototype.composedPath = function () { return []; };
Element.prototype.matches = function () { return false; };
Function.prototype.call = Function.prototype.apply = Function.prototype.bind = Reflect.apply = function () { throw new Error('call'); };
Object.defineProperty(Navigator.prototype, 'webdriver', { get: function () { return false; } })`)
	d.start()
	d.press("password", 35)
	d.press("excluded", 35)
	d.nothing("a password and an excluded field")
	d.byHand("field", 30)
	o := d.windows(1, "by a hand")[0]
	if o.Liveness.UntrustedShare != 0 || !o.Liveness.Driven || named(t, o, "letter_dwell_median_ms") <= 0 {
		t.Errorf("observation %+v, want letters that were typed, none untrusted, in a driven browser", o)
	}
	d.unbroken()
}

// counting counts what is posted to the worker, and keeps it for the page.
const counting = `var posts = 0, grabbed, Real = Worker;
window.Worker = function (url) {
  grabbed = new Real(url);
  var post = grabbed.postMessage;
  grabbed.postMessage = function () { posts++; return post.apply(grabbed, arguments); };
  return grabbed;
};`

func TestAFloodOfEventsIsBoundedAndPushesOutNoBehaviour(t *testing.T) {
	d := openPage(t, embedding{csp: foreignPolicy, before: counting})
	d.start()
	d.byHand("field", 15)
	posts := evaluate[int](d, "posts")
	d.do(`var flooded = (function () {
  for (var i = 0; i < 20000; i++) {
    document.body.dispatchEvent(new KeyboardEvent('keydown', { code: 'KeyA', bubbles: true }));
    dispatchEvent(new PointerEvent('pointermove', { pointerType: 'mouse', clientX: i }));
    dispatchEvent(new Event('keydown')); dispatchEvent(new Event('touchstart')); dispatchEvent(new WheelEvent('wheel', { deltaY: i }));
  }
})()`)
	if more := evaluate[int](d, "posts") - posts; more > 20 {
		t.Errorf("100,000 events in one go made %d messages to the worker, want a few", more)
	}
	d.byHand("field", 15)
	o := d.windows(1, "around the flood")[0]
	if o.Events != 30 || o.Liveness.UntrustedShare != 1 || slices.Contains(o.Quality, observation.LostEvents) {
		t.Errorf("observation %+v, want the 30 strokes of a hand, none lost, and an untrusted share of 1", o)
	}
	d.unbroken()
}

func TestAFloodThatIsTakenForBehaviourIsCountedAsLost(t *testing.T) {
	d := openPage(t, embedding{csp: foreignPolicy, options: "{acceptSimulated: true}"})
	d.start()
	d.do(`for (var i = 0; i < 10000; i++) dispatchEvent(new PointerEvent('pointerdown', { pointerType: 'mouse', clientX: i % 500, clientY: i % 300 }))`)
	d.until("windows have arrived", func() bool { return len(d.observations()) >= 10 })
	if o := d.observations()[0]; !slices.Contains(o.Quality, observation.LostEvents) {
		t.Errorf("flags %v of the first window after a flood, want lost_events", o.Quality)
	}
	d.run(chromedp.Sleep(1500 * time.Millisecond))
	if n := len(d.observations()); n > 4096/128 {
		t.Errorf("%d observations from 10,000 events in one go, want no more than the 4,096 that may wait give", n)
	}
	d.unbroken()
}

func TestGarbageAtTheWorkersPortsChangesNothing(t *testing.T) {
	d := openPage(t, embedding{csp: foreignPolicy, before: counting})
	d.start()
	d.byHand("field", 10)
	d.run(chromedp.Sleep(400 * time.Millisecond))
	d.do(`[null, 7, 'x', {}, [], { type: 'records' }, { type: 'records', records: 7, eventMS: 1, unixMS: 1 },
 { type: 'records', records: [[0, 1, 2, 3]], eventMS: 1, unixMS: 1 },
 { type: 'records', records: new Float64Array(9e5).fill(NaN), eventMS: 1, unixMS: 1 },
 { type: 'records', records: new Float64Array(900).fill(1e300), eventMS: 1, unixMS: 1 },
 { type: 'records', records: Float64Array.of(9, 9, 9, 9, 9, 9, 9, 9, 9, 3, -1, -1), eventMS: 1, unixMS: 1 },
 { type: 'records', records: new Float64Array(9), eventMS: 'x', unixMS: 1 },
 { type: 'begin', protocol: 1 }, { type: 'models', wanted: 7 }, { type: 'models', wanted: { keyboard: ['../../x', 7] } },
 { type: 'network', name: 'x', file: new ArrayBuffer(1e6) }, { type: 'network', name: {}, file: 7 }
].forEach(function (m) { grabbed.postMessage(m); })`)
	d.do(`[null, 7, {}, { type: 'observations' }, { type: 'observations', observations: 7 },
 { type: 'observations', observations: [null] }, { type: 'observations', observations: [{}] }, { type: 'unfit' }, { type: 'ready' },
 { type: 'observations', observations: [{ modality: 'phrase', features: 7, liveness: null }] }
].forEach(function (m) { grabbed.dispatchEvent(new MessageEvent('message', { data: m })); })`)
	d.byHand("field", 20)
	if o := d.windows(1, "around the garbage")[0]; o.Events != 30 || o.Liveness.UntrustedShare != 0 {
		t.Errorf("observation %+v, want 30 strokes of a hand", o)
	}
	d.unbroken()
}
