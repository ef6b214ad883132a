package browsertest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/memory"
	"github.com/chromedp/chromedp"

	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/observation"
)

// framePolicy lets a page show frames of any origin.
const framePolicy = ownPolicy + "; frame-src *"

// unbroken fails the test where the page has heard of an error.
func (d *desk) unbroken() {
	d.t.Helper()
	if broken := evaluate[[]string](d, "broken"); len(broken) > 0 {
		d.t.Errorf("the page hears of errors: %q, want none", broken)
	}
}

// windows waits until so many observations have arrived and gives them.
func (d *desk) windows(n int, of string) []observation.Observation {
	d.t.Helper()
	d.until("there is a window of what is typed "+of, func() bool { return len(d.observations()) >= n })
	all := d.observations()
	if len(all) > n {
		d.t.Errorf("%d observations after %s, want %d", len(all), of, n)
	}
	return all
}

// nothing fails the test where an observation arrives in the time that it takes a window to.
func (d *desk) nothing(why string) {
	d.t.Helper()
	before := len(d.observations())
	d.run(chromedp.Sleep(1500 * time.Millisecond))
	if all := d.observations(); len(all) > before {
		d.t.Fatalf("%s: observations %+v, want none", why, all[before:])
	}
}

// settle waits until a script's promise is fulfilled.
func (d *desk) settle(promise string) {
	d.t.Helper()
	d.do("var settled = false; (" + promise + ").then(function () { settled = true; })")
	d.until(promise+" is done", func() bool { return evaluate[bool](d, "settled") })
}

// named gives the value of a named measure of an observation.
func named(t *testing.T, o observation.Observation, name string) float64 {
	t.Helper()
	list, ok := feature.ByName(o.FeatureList)
	at := slices.IndexFunc(list.Features, func(f feature.Feature) bool { return f.Name == name })
	if !ok || at < 0 {
		t.Fatalf("the list %q has no %s", o.FeatureList, name)
	}
	return o.Features[at]
}

const frameScript = `
function shown(frame) { return new Promise(function (done) { frame.onload = done; }); }
function addFrame(to, src) {
  var frame = document.createElement('iframe');
  var loaded = shown(frame);
  frame.src = src;
  to.appendChild(frame);
  window.latest = frame;
  return loaded;
}
function into(frame, id) { frame.contentWindow.focus(); frame.contentDocument.getElementById(id).focus(); }`

const frameHTML = `<!doctype html><input id="inner"><input id="secret" type="password">`

func TestFramesOfTheSameOriginAreMeasuredAsTheyComeAndGo(t *testing.T) {
	d := openPage(t, embedding{sameOrigin: true, csp: framePolicy, before: frameScript,
		body: `<iframe id="frame" src="/frame.html"></iframe><div id="wrap" data-ipse-exclude></div><div id="host"></div>`, files: map[string]string{"/frame.html": frameHTML}})
	started := time.Now().UnixMilli()
	d.start()
	d.do("into(frame, 'inner')")
	d.handStrokes(30)
	o := d.windows(1, "in a frame")[0]
	if o.Events != 30 || o.StartMS < started-1000 || o.StartMS > time.Now().UnixMilli() || slices.Contains(o.Quality, observation.LostEvents) {
		t.Errorf("observation %+v, want 30 strokes between %d and now", o, started)
	}
	d.do("into(frame, 'secret')")
	d.handStrokes(40)
	d.settle("addFrame(wrap, '/frame.html')")
	d.do("into(latest, 'inner')")
	d.handStrokes(40)
	d.settle("addFrame(document.body, '" + d.page.URL + "')")
	d.do("latest.contentWindow.focus()")
	d.handStrokes(40)
	d.nothing("a password in a frame, a frame in an excluded element, a frame of another origin")

	d.settle("addFrame(document.body, '/frame.html')")
	d.do("into(latest, 'inner')")
	d.handStrokes(30)
	d.windows(2, "in a frame that came later")
	d.do("latest.src = '/frame.html?again'")
	d.settle("shown(latest)")
	d.do("into(latest, 'inner')")
	d.handStrokes(30)
	d.windows(3, "in a frame that has moved on")
	d.settle("addFrame(host.attachShadow({ mode: 'open' }), '/frame.html')")
	d.do("into(latest, 'inner')")
	d.handStrokes(30)
	d.windows(4, "in a frame in a shadow tree")
	d.do("var outer = frame.contentDocument.body, within = frame.contentDocument.createElement('iframe'); within.src = '/frame.html'")
	d.do("var there = shown(within); outer.appendChild(within)")
	d.settle("there")
	d.do("into(within, 'inner')")
	d.handStrokes(30)
	d.windows(5, "in a frame in a frame")
	d.do("document.querySelectorAll('iframe').forEach(function (f) { f.remove(); }); host.remove()")
	d.byHand("field", 30)
	d.windows(6, "after the frames have gone")
	d.do("collector.stop()")
	d.unbroken()
}

func TestAPointerThatEntersAFrameDoesNotJump(t *testing.T) {
	d := openPage(t, embedding{sameOrigin: true, csp: framePolicy + "; style-src 'unsafe-inline'", files: map[string]string{"/frame.html": frameHTML},
		body: `<iframe id="frame" src="/frame.html" style="position:absolute; left:200px; top:150px; width:300px; height:300px"></iframe>`})
	d.start()
	for i := range 160 {
		at := float64(60 + 2*i) // 2 px right and 2 px down at a time, the frame lies in the middle of the way
		d.run(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at, at), chromedp.Sleep(keptApart))
	}
	o := d.windows(1, "nothing but the pointer's path")[0]
	if got := named(t, o, "straightness"); got < 0.999 {
		t.Errorf("straightness of a straight way into a frame = %g, want 1", got)
	}
}

func TestFramesThatWentLeaveNothingBehind(t *testing.T) {
	d := openPage(t, embedding{sameOrigin: true, csp: framePolicy, before: frameScript, files: map[string]string{"/frame.html": frameHTML}})
	d.start()
	documents := func() int64 {
		for range 2 {
			if _, err := chromedp.Call(d.ctx, heapprofiler.CollectGarbage, struct{}{}); err != nil {
				t.Fatal(err)
			}
		}
		counted, err := chromedp.Call(d.ctx, memory.GetDOMCounters, struct{}{})
		if err != nil {
			t.Fatal(err)
		}
		return counted.Documents
	}
	before := documents()
	d.do(`var rounds = (async function () {
  for (var i = 0; i < 60; i++) { await addFrame(document.body, '/frame.html'); latest.remove(); }
  latest = undefined;
})()`)
	d.settle("rounds")
	after := documents()
	for deadline := time.Now().Add(mostOfAWait); after > before+10 && time.Now().Before(deadline); after = documents() {
		time.Sleep(100 * time.Millisecond) // the browser lets go when it has the time
	}
	if after > before+10 {
		t.Errorf("%d documents after 60 frames came and went, %d before; want no more than a few that are yet to be let go", after, before)
	}
	d.byHand("field", 30)
	d.windows(1, "in the page")
	d.unbroken()
}

func TestShadowTreesAreMeasuredAsFarAsTheyAreOpen(t *testing.T) {
	d := openPage(t, embedding{csp: foreignPolicy, body: `<div id="host"></div><x-closed id="box"></x-closed>`})
	d.do(`var opened = host.attachShadow({ mode: 'open' }), shut = box.attachShadow({ mode: 'closed' });
opened.innerHTML = '<input id="plain"><p data-ipse-exclude><input id="left"></p><input id="secret" type="password">'; shut.innerHTML = '<input id="plain">'`)
	d.start()
	for _, secret := range []string{"opened.getElementById('secret')", "opened.getElementById('left')", "shut.querySelector('#plain')"} {
		d.do(secret + ".focus()")
		d.handStrokes(35)
	}
	d.nothing("passwords and what is excluded in an open tree, and what is in a closed one")
	d.do("opened.getElementById('plain').focus()")
	d.handStrokes(30)
	d.windows(1, "in an open tree")
	d.unbroken()
}

func TestAPointerInAShadowTreeIsJudgedByTheInnermostElement(t *testing.T) {
	d := openPage(t, embedding{csp: foreignPolicy + "; style-src 'unsafe-inline'", body: `<div id="host"></div>`})
	d.do(`host.attachShadow({ mode: 'open' }).innerHTML = '<p style="position:absolute; margin:0; left:0; top:100px; width:200px; height:200px"></p>' +
'<p data-ipse-exclude style="position:absolute; margin:0; left:200px; top:100px; width:200px; height:200px"></p>'`)
	d.start()
	moves := func(n int, left float64) {
		for i := range n {
			d.run(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, left+float64(i), 200))
		}
	}
	moves(20, 20)
	moves(140, 220)
	d.nothing("a pointer over an excluded element of a shadow tree")
	moves(120, 20)
	d.windows(1, "beside it")
	d.unbroken()
}

func TestASinglePageThatMovesOnLosesNothing(t *testing.T) {
	d := openPage(t, embedding{sameOrigin: true, csp: ownPolicy})
	d.start()
	d.byHand("field", 15)
	d.do("history.pushState({}, '', '/elsewhere'); document.body.innerHTML = '<input id=\"field\">'")
	d.byHand("field", 14)
	d.do("history.replaceState({}, '', '/desk'); document.body.replaceChildren(document.getElementById('field').cloneNode())")
	d.byHand("field", 1)
	if o := d.windows(1, "across views")[0]; o.Events != 30 || slices.Contains(o.Quality, observation.LostEvents) {
		t.Errorf("observation %+v, want 30 strokes and none lost", o)
	}
	d.unbroken()
}

func TestFieldsOfSecretsAndWhatThePageExcludesAreLeftOut(t *testing.T) {
	d := openPage(t, embedding{csp: foreignPolicy, options: "{exclude: '.private, #notes'}",
		body: `<div class="private"><input id="a"></div><textarea id="notes"></textarea><input id="b" autocomplete="one-time-code"><input id="c" autocomplete="section-x cc-number">
<input id="d" autocomplete="new-password"><input id="e" autocomplete="Current-Password"><input id="f" type="PASSWORD"><input id="g" type="password"><div id="h" contenteditable data-ipse-exclude></div>`})
	d.start()
	for _, field := range []string{"a", "notes", "b", "c", "d", "e", "f", "g", "h"} {
		d.press(field, 10)
	}
	d.do("document.getElementById('g').type = 'text'") // shown: it is a password all the same
	d.press("g", 40)
	d.nothing("secrets and excluded elements")
	d.byHand("field", 30)
	d.windows(1, "elsewhere")
}

func TestAnExclusionThatCannotBeUnderstoodMeasuresNothing(t *testing.T) {
	for _, selector := range []string{"'##'", "7", "{}"} {
		d := openPage(t, embedding{csp: foreignPolicy, options: "{exclude: " + selector + "}"})
		d.start()
		d.byHand("field", 35)
		d.nothing("nobody knows what " + selector + " excludes")
		if problems := evaluate[[]string](d, "errors"); len(problems) != 1 {
			t.Errorf("exclude %s: errors = %q, want one", selector, problems)
		}
		d.unbroken()
	}
}

func TestTextThatComesByNoKeyIsMarked(t *testing.T) {
	d := open(t, false, foreignPolicy, "{}")
	d.start()
	d.byHand("field", 12)
	if _, err := chromedp.Call(d.ctx, input.InsertText, input.InsertTextParams{Text: "dictated"}); err != nil {
		t.Fatal(err)
	}
	d.byHand("field", 18)
	if o := d.windows(1, "with a word in between")[0]; !slices.Contains(o.Quality, observation.InputMethod) {
		t.Errorf("flags %v, want input_method", o.Quality)
	}
	d.byHand("field", 30)
	if o := d.windows(2, "without")[1]; len(o.Quality) != 0 {
		t.Errorf("flags %v of plain typing, want none", o.Quality)
	}
}

func TestABrowserThatAProgramDrivesSaysSo(t *testing.T) {
	d := open(t, false, foreignPolicy, "{}")
	d.start()
	d.byHand("field", 30)
	if o := d.windows(1, "by a driven browser")[0]; !o.Liveness.Driven {
		t.Errorf("liveness %+v, want driven: this browser is under automation", o.Liveness)
	}
	p := openPage(t, embedding{csp: foreignPolicy, before: "Object.defineProperty(Navigator.prototype, 'webdriver', { get: function () { return false; } });"})
	p.start()
	p.byHand("field", 30)
	if o := p.windows(1, "by a browser that denies it")[0]; o.Liveness.Driven {
		t.Errorf("liveness %+v, want not driven: who changes the browser before the SDK loads is believed", o.Liveness)
	}
}

// finger makes strokes as a touch screen does: taps and swipes in turn. Each event says when the finger made it, which a machine
// that is held up between two of them does not change: a swipe that seemed to last long would be cut into pieces. Every stroke
// begins at the present, so that it falls on what the device tells meanwhile of its motion.
func (d *desk) finger(strokes int, x, y float64) {
	d.t.Helper()
	one, rx, ry, force := 1.0, 9.0, 11.0, 0.375
	var at time.Time
	touch := func(kind input.DispatchTouchEventType, points ...*input.TouchPoint) {
		d.t.Helper()
		at = at.Add(12 * time.Millisecond)
		time.Sleep(time.Until(at))
		p := input.DispatchTouchEventParams{Type: kind, TouchPoints: points, Timestamp: input.TimeSinceEpoch(float64(at.UnixMicro()) / 1e6)}
		if _, err := chromedp.Call(d.ctx, input.DispatchTouchEvent, p); err != nil {
			d.t.Fatal(err)
		}
	}
	point := func(dx float64) *input.TouchPoint {
		return &input.TouchPoint{X: x + dx, Y: y, ID: &one, RadiusX: &rx, RadiusY: &ry, Force: &force}
	}
	for i := range strokes {
		at = time.Now()
		touch(input.DispatchTouchEventTypeTouchStart, point(0))
		for k := 1; k <= i%2*9; k++ {
			touch(input.DispatchTouchEventTypeTouchMove, point(float64(6*k)))
		}
		touch(input.DispatchTouchEventTypeTouchEnd)
	}
}

// touchDesk is a desk with a touch screen, of a size that shows the whole page: a window of the browser's own choosing may
// end above what the tests touch.
func touchDesk(t *testing.T, e embedding) *desk {
	t.Helper()
	e.csp = foreignPolicy + "; style-src 'unsafe-inline'"
	e.body += `<div data-ipse-exclude style="position:absolute; left:0; top:400px; width:400px; height:100px"></div>`
	d := openPage(t, e)
	d.run(chromedp.EmulateViewport(800, 600))
	if _, err := chromedp.Call(d.ctx, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true, MaxTouchPoints: 2}); err != nil {
		t.Fatal(err)
	}
	d.start()
	return d
}

func TestTouchBecomesObservations(t *testing.T) {
	d := touchDesk(t, embedding{options: "{deviceClass: 'phone'}"})
	for _, x := range []int{100, 154} { // both ends of a swipe
		if at := fmt.Sprintf("document.elementFromPoint(%d, 450).hasAttribute('data-ipse-exclude')", x); !evaluate[bool](d, at) {
			t.Fatalf("%s is false, want the excluded element under the finger", at)
		}
	}
	d.finger(25, 100, 450)
	d.nothing("touches of an excluded element")
	d.finger(20, 100, 200)
	o := d.windows(1, "nothing but touches")[0]
	if o.Modality != observation.Touch || o.Events != 20 || o.DeviceClass != observation.Phone || slices.Contains(o.Quality, observation.LostEvents) {
		t.Errorf("observation %+v, want a window of 20 strokes of a finger", o)
	}
	for name, want := range map[string]float64{"touch_radius_median_px": 10, "touch_pressure_median_share": 0.375, "swipe_straightness": 1, "hold_tremor_m_s2": 0} {
		if got := named(t, o, name); got != want {
			t.Errorf("%s = %g, want %g", name, got, want)
		}
	}
	if got := named(t, o, "swipe_speed_median_px_s"); got <= 0 {
		t.Errorf("swipe_speed_median_px_s = %g, want more than 0", got)
	}
	d.unbroken()
}

func TestMotionIsMeasuredOnlyAfterConsent(t *testing.T) {
	const before = `var asked = 0, answer = 'ANSWER';
DeviceMotionEvent.requestPermission = function () { asked++; return answer === 'broken' ? Promise.reject(new Error('no')) : Promise.resolve(answer); };
setInterval(function () {
  var tilt = { x: Math.random(), y: 3, z: 9 };
  dispatchEvent(new DeviceMotionEvent('devicemotion', { accelerationIncludingGravity: tilt, rotationRate: { alpha: 5, beta: 0, gamma: 0 } }));
}, 5);`
	for _, c := range []struct {
		answer, motion string
		asked          int
		measured       bool
	}{{"granted", "true", 1, true}, {"denied", "true", 1, false}, {"broken", "true", 1, false}, {"granted", "undefined", 0, false}} {
		t.Run(c.answer+" "+c.motion, func(t *testing.T) {
			d := touchDesk(t, embedding{options: "{acceptSimulated: true, motion: " + c.motion + "}", before: strings.ReplaceAll(before, "ANSWER", c.answer)})
			if asked := evaluate[int](d, "asked"); asked != 0 {
				t.Errorf("the person was asked %d times before any gesture, want none", asked)
			}
			for range 2 {
				d.run(chromedp.MouseClickXY(300, 300))
			}
			if asked := evaluate[int](d, "asked"); asked != c.asked {
				t.Errorf("the person was asked %d times, want %d", asked, c.asked)
			}
			d.finger(20, 100, 200)
			o := d.windows(1, "nothing but touches")[0]
			if got := named(t, o, "hold_rotation_deg_s") > 0 && named(t, o, "hold_tremor_m_s2") > 0; got != c.measured {
				t.Errorf("how the device is held is measured: %v (%v), want %v", got, o.Features, c.measured)
			}
			d.unbroken()
		})
	}
}
