package browsertest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

// strict policies: nothing but what the README asks for.
const (
	foreignPolicy = "default-src 'none'; script-src 'nonce-n' SERVER; connect-src SERVER; worker-src blob:"
	ownPolicy     = "default-src 'none'; script-src 'nonce-n' 'self'; connect-src 'self'; worker-src 'self'"
	noWorkers     = "default-src 'none'; script-src 'nonce-n' SERVER; connect-src SERVER; worker-src 'none'"
)

func TestTypingBecomesObservations(t *testing.T) {
	for name, sameOrigin := range map[string]bool{"server of another origin": false, "server of the page's origin": true} {
		t.Run(name, func(t *testing.T) {
			policy := foreignPolicy
			if sameOrigin {
				policy = ownPolicy
			}
			d := open(t, sameOrigin, policy, "{}")
			d.press("field", 5)
			if n := d.reportCount(); n != 0 {
				t.Errorf("%d reports before start, want none", n)
			}
			before := time.Now().UnixMilli()
			d.start()
			d.byHand("field", 60)
			d.until("two windows have arrived", func() bool { return len(d.observations()) >= 2 })
			for i, o := range d.observations() {
				dimension, _ := embed.Dimension(observation.Keyboard, embed.Model)
				if o.Modality != observation.Keyboard || o.Events != window.KeyboardStrokes || o.Sequence != int64(i+1) ||
					len(o.Embedding) != dimension || o.DeviceClass != observation.Desktop {
					t.Errorf("observation %d = %+v, want a whole keyboard window with %d dimensions", i, o, dimension)
				}
				if o.StartMS < before-1000 || o.StartMS > time.Now().UnixMilli() {
					t.Errorf("observation %d starts at %d, want between %d and now", i, o.StartMS, before)
				}
				if o.Liveness.UntrustedShare != 0 || slices.Contains(o.Quality, observation.Simulated) {
					t.Errorf("observation %d has untrusted share %g and flags %v, want 0 and not simulated", i, o.Liveness.UntrustedShare, o.Quality)
				}
			}
			if asked, reports := d.asked.Load(), d.reportCount(); asked > 1 || reports < 2 {
				t.Errorf("the browser asked %d times whether it may report, for %d reports; want once at most", asked, reports)
			}
			for _, word := range []string{"KeyA", "127.0.0.1", "Zhukova", "abcdef"} {
				if wire := d.wire(); strings.Contains(wire, word) {
					t.Errorf("the wire carries %q:\n%s", word, wire)
				}
			}
			d.mu.Lock()
			defer d.mu.Unlock()
			if len(d.reports[0].Observations) != 0 {
				t.Error("the first report is no hello: it carries observations")
			}
		})
	}
}

func TestMouseBecomesObservations(t *testing.T) {
	d := open(t, false, foreignPolicy, "{}")
	d.start()
	for i := range 150 {
		x, y := float64(10+2*i), float64(20+i)
		d.run(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y), chromedp.Sleep(keptApart))
		if i%20 == 10 {
			d.run(chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, x, y, chromedp.ButtonLeft),
				chromedp.Sleep(30*time.Millisecond),
				chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, x, y, chromedp.ButtonLeft))
		}
	}
	d.until("a window has arrived", func() bool { return len(d.observations()) >= 1 })
	o := d.observations()[0]
	if o.Modality != observation.Pointer || o.Events != 128 || len(o.Features) != len(feature.PointerList.Features) {
		t.Fatalf("observation = %+v, want a pointer window of 128 events", o)
	}
	for i, f := range feature.PointerList.Features {
		if (f.Name == "speed_median_px_s" || f.Name == "click_dwell_median_ms") && o.Features[i] <= 0 {
			t.Errorf("%s = %g, want more than 0", f.Name, o.Features[i])
		}
	}
}

func TestPastedAndComposedTextIsMarked(t *testing.T) {
	d := open(t, false, foreignPolicy, "{}")
	d.start()
	d.press("field", 10)
	for _, command := range []string{"selectAll", "copy", "paste", "paste"} {
		p := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Code: "F5", Key: "F5", Commands: []string{command}}
		if _, err := chromedp.Call(d.ctx, input.DispatchKeyEvent, p); err != nil {
			t.Fatal(err)
		}
		p.Type, p.Commands = input.DispatchKeyEventTypeKeyUp, nil
		if _, err := chromedp.Call(d.ctx, input.DispatchKeyEvent, p); err != nil {
			t.Fatal(err)
		}
	}
	compose := input.ImeSetCompositionParams{Text: "ni", SelectionStart: 2, SelectionEnd: 2}
	if _, err := chromedp.Call(d.ctx, input.ImeSetComposition, compose); err != nil {
		t.Fatal(err)
	}
	d.press("field", 16)
	d.until("a window has arrived", func() bool { return len(d.observations()) >= 1 })
	o := d.observations()[0]
	if o.Liveness.Pastes != 2 || !slices.Contains(o.Quality, observation.PasteHeavy) || !slices.Contains(o.Quality, observation.InputMethod) {
		t.Errorf("%d pastes and flags %v, want 2, paste_heavy and input_method", o.Liveness.Pastes, o.Quality)
	}
}

func TestWhatIsExcludedIsNotMeasured(t *testing.T) {
	d := open(t, false, foreignPolicy, "{}")
	d.start()
	d.press("password", 40)
	d.press("excluded", 40)
	d.do("document.getElementById('password').autocomplete = 'current-password'; document.getElementById('password').type = 'text'")
	d.press("password", 40)
	d.do("dispatchStrokes(40)")
	d.run(chromedp.Sleep(1500 * time.Millisecond))
	if all := d.observations(); len(all) != 0 {
		t.Fatalf("observations = %+v, want none from password fields, excluded fields and scripts", all)
	}
	d.press("field", 30)
	d.until("a window has arrived", func() bool { return len(d.observations()) >= 1 })
	if o := d.observations()[0]; o.Liveness.UntrustedShare != 1 {
		t.Errorf("untrusted share = %g after 80 scripted events and 60 real ones, want 1", o.Liveness.UntrustedShare)
	}
}

func TestSimulatedEventsAreTakenAndMarkedWhereThePageSaysSo(t *testing.T) {
	d := open(t, true, ownPolicy, "{acceptSimulated: true}")
	d.start()
	d.do("dispatchStrokes(20)") // so fast that they are a window
	d.until("a window has arrived", func() bool { return len(d.observations()) >= 1 })
	o := d.observations()[0]
	if !slices.Contains(o.Quality, observation.Simulated) || o.Liveness.UntrustedShare != 1 {
		t.Errorf("flags %v and untrusted share %g, want simulated and 1", o.Quality, o.Liveness.UntrustedShare)
	}
	d.byHand("field", 30)
	d.until("a window of a keyboard has arrived", func() bool { return len(d.observations()) >= 2 })
	if o := d.observations()[1]; slices.Contains(o.Quality, observation.Simulated) || !o.Liveness.Driven {
		t.Errorf("a driven keyboard on the same page: flags %v, driven %v; want it judged like anywhere", o.Quality, o.Liveness.Driven)
	}
}

func TestWithoutWorkersThePageGoesOn(t *testing.T) {
	d := open(t, false, noWorkers, "{}")
	d.start()
	d.press("field", 40)
	errors := evaluate[[]string](d, "errors")
	if len(errors) != 1 || !bytes.HasPrefix([]byte(errors[0]), []byte("worker: behaviour is not measured")) {
		t.Errorf("errors = %q, want one that tells that behaviour is not measured", errors)
	}
	typed := evaluate[string](d, "document.getElementById('field').value")
	if len(typed) != 40 {
		t.Errorf("the field holds %q, want the 40 letters typed", typed)
	}
	if all := d.observations(); len(all) != 0 {
		t.Errorf("observations = %+v, want none", all)
	}
}

// finished counts the messages of observations that workers have given their pages: what is finished and may not be sent yet.
// Beside it stands how often something was to be signed, and how often that is over: a page that goes away sends what is signed.
const finished = `var finished = 0, signing = 0, signed = 0, Started = Worker, sign = SubtleCrypto.prototype.sign;
window.Worker = function (url) {
  var worker = new Started(url);
  worker.addEventListener('message', function (m) { if (m.data.type === 'observations') finished++; });
  return worker;
};
SubtleCrypto.prototype.sign = function () {
  signing++;
  return sign.apply(this, arguments).finally(function () { signed++; });
};`

// untilReady waits until one more window is finished than so many, and signed ahead: it is signed in the turn that it came in.
func (d *desk) untilReady(windows int) {
	d.t.Helper()
	d.until("a window is finished and signed", func() bool {
		return evaluate[bool](d, fmt.Sprintf("finished > %d && signed === signing", windows))
	})
}

func TestLeavingThePageSendsWhatIsFinished(t *testing.T) {
	d := openPage(t, embedding{csp: foreignPolicy, before: finished})
	d.reply["reportAfterSeconds"] = 300
	d.start()
	d.byHand("field", 30) // a window that ends early would be sent at once
	d.untilReady(0)
	if n := len(d.observations()); n != 0 {
		t.Fatalf("%d observations before the page goes, want none", n)
	}
	d.run(chromedp.Navigate("about:blank"))
	for deadline := time.Now().Add(mostOfAWait); len(d.observations()) == 0 && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	if n := len(d.observations()); n != 1 {
		t.Errorf("%d observations after the page has gone, want 1", n)
	}
}

func TestStopAndForget(t *testing.T) {
	d := open(t, false, foreignPolicy, "{}")
	d.start()
	d.press("field", 29)
	d.do("collector.stop()")
	d.press("field", 40)
	d.run(chromedp.Sleep(1500 * time.Millisecond))
	stopped := d.reportCount()
	d.do("dispatchStrokes(40); collector.forget(); states.length = 0; listening = false")
	d.run(chromedp.Sleep(1500 * time.Millisecond))
	if n := d.reportCount(); n != stopped {
		t.Errorf("%d reports after stop, want none", n-stopped)
	}
	d.do("collector.renew('" + tokenOf("session-2") + "')")
	d.start()
	d.press("field", 30)
	d.until("a window has arrived", func() bool { return len(d.observations()) >= 1 })
	d.mu.Lock()
	defer d.mu.Unlock()
	if last := d.tokens[len(d.tokens)-1]; last != "Bearer "+tokenOf("session-2") {
		t.Errorf("the last report has %q, want the new token", last)
	}
}

func TestThePageStoresNothingButItsKey(t *testing.T) {
	d := open(t, true, ownPolicy, "{}")
	d.start()
	d.press("field", 30)
	d.until("a window has arrived", func() bool { return len(d.observations()) >= 1 })
	stored := evaluate[string](d, "document.cookie + localStorage.length + sessionStorage.length")
	if stored != "00" {
		t.Errorf("cookies, local and session storage = %q, want none, 0 and 0", stored)
	}
	kept := keptKeys(d)
	if want := "session-1: ECDSA P-256 private, extractable false; madeMS,pair"; len(kept) != 1 || kept[0] != want {
		t.Errorf("IndexedDB holds %q, want %q alone", kept, want)
	}
	d.do("collector.forget()")
	d.until("the key is dropped", func() bool { return len(keptKeys(d)) == 0 })
}

// keptKeys lists what the SDK keeps in the page's IndexedDB.
func keptKeys(d *desk) []string {
	d.t.Helper()
	d.do(`window.kept = undefined;
	  (function () {
	    var opening = indexedDB.open('ipse', 1);
	    opening.onsuccess = function () {
	      var keys = opening.result.transaction('keys').objectStore('keys'), names = keys.getAllKeys(), all = keys.getAll();
	      all.onsuccess = function () {
	        opening.result.close();
	        window.kept = all.result.map(function (k, i) {
	          var key = k.pair.privateKey;
	          return names.result[i] + ': ' + key.algorithm.name + ' ' + key.algorithm.namedCurve + ' ' + key.type +
	            ', extractable ' + key.extractable + '; ' + Object.keys(k).sort();
	        });
	      };
	    };
	  })()`)
	d.until("the keys are read", func() bool { return evaluate[bool](d, "window.kept !== undefined") })
	return evaluate[[]string](d, "window.kept")
}
