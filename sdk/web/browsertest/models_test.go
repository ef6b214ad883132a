package browsertest

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

// learnt is a model that is built in.
var learnt = embed.Newest(observation.Keyboard, false)

func TestAWantedModelIsLoadedAndComputed(t *testing.T) {
	for name, sameOrigin := range map[string]bool{"server of another origin": false, "server of the page's origin": true} {
		t.Run(name, func(t *testing.T) {
			policy := foreignPolicy
			if sameOrigin {
				policy = ownPolicy
			}
			d := open(t, sameOrigin, policy, "{}")
			d.reply["models"] = map[string][]string{"keyboard": {learnt, embed.Model}}
			d.start()
			d.until("the network is fetched", func() bool { return d.loaded.Load() > 0 })
			// A fetched network is not a network at work: the worker reads it first, for as long as the machine takes. Windows
			// until then are the plain model's alone, so one is typed after another until the learned model answers.
			by := func(model string) (n int) {
				for _, o := range d.observations() {
					if o.Model == model {
						n++
					}
				}
				return n
			}
			const most = 30
			for typed := 1; by(learnt) == 0 && typed <= most; typed++ {
				d.press("field", 30)
				d.until("the plain model's observation of a window has arrived", func() bool { return by(embed.Model) >= typed })
			}
			if by(learnt) == 0 {
				t.Fatalf("after %d windows none was of %s; the collector's errors: %q", most, learnt, evaluate[[]string](d, "errors"))
			}
			for _, o := range d.observations() {
				// Keys that no hand presses so fast end a window early: after the last of so many that came fast enough, which on a
				// slow machine need not be the window's first.
				if n, _ := embed.Dimension(observation.Keyboard, o.Model); len(o.Embedding) != n || o.Events < window.KeyboardBurstStrokes || o.Events > window.KeyboardStrokes {
					t.Errorf("%d dimensions by %s of %d strokes, want %d of %d to %d", len(o.Embedding), o.Model, o.Events, n, window.KeyboardBurstStrokes, window.KeyboardStrokes)
				}
			}
			if n := d.loaded.Load(); n != 1 {
				t.Errorf("the network was fetched %d times, want once", n)
			}
			if problems := evaluate[[]string](d, "errors"); len(problems) > 0 {
				t.Errorf("errors = %q, want none", problems)
			}
		})
	}
}

func TestWithoutTheWantedModelThePlainOneGoesOn(t *testing.T) {
	for name, models := range map[string]fs.FS{
		"the server has none": fstest.MapFS{}, "the server sends garbage": fstest.MapFS{learnt + ".net": {Data: []byte("<!doctype html>")}},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, false, foreignPolicy, "{}")
			d.models = models
			d.reply["models"] = map[string][]string{"keyboard": {learnt}}
			d.start()
			d.until("the page is told", func() bool { return len(evaluate[[]string](d, "errors")) > 0 })
			d.press("field", 30)
			d.until("a window has arrived", func() bool { return len(d.observations()) >= 1 })
			if o := d.observations()[0]; o.Model != embed.Model {
				t.Errorf("the observation is by %s, want %s", o.Model, embed.Model)
			}
			problems := evaluate[[]string](d, "errors")
			if len(problems) != 1 || !strings.HasPrefix(problems[0], "model: behaviour is measured by the plain model") {
				t.Errorf("errors = %q, want one that tells of the model", problems)
			}
		})
	}
}
