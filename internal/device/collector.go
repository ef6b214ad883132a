// Package device owns a collector's pipeline in Go, from events to observations: windows are cut, and what is computed
// from each is kept, never the events. The endpoint agent, the simulated colleagues and the replay run it; the web SDK is
// its mirror in TypeScript.
//
// In: events of one device in the order of their times. Out: observations, numbered from one upward. While the
// application has a phrase typed, key events are the phrase's and no window's.
package device

import (
	"math"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

// Options say whose events a Collector takes.
type Options struct {
	DeviceClass  observation.DeviceClass // Desktop when empty
	OriginUnixMS int64                   // the moment that the events' times count from, Unix milliseconds
	Simulated    bool                    // the events are known to come from no hand: every observation says so

	// Models names the models that windows are embedded by, as the server's reply does, until Want is called: a window
	// becomes one observation for each that is built in, in this order. embed.Model stands in where none is.
	Models map[observation.Modality][]string
}

// Collector turns one device's events into observations. It is not safe for concurrent use.
type Collector struct {
	options  Options
	keyboard *window.KeyboardCutter
	pointer  *window.PointerCutter
	touch    *window.TouchCutter
	sequence int64

	typed liveness.KeySketcher
	moved liveness.PointerSketcher
	swept liveness.TouchSketcher

	phrase *window.PhraseCutter // while the application has one typed
	number int64                // of that phrase

	keyboardModels []embedder[window.Keyboard]
	pointerModels  []embedder[window.Pointer]
	touchModels    []embedder[window.Touch]
}

// embedder is one model of a modality.
type embedder[W any] struct {
	model string
	embed func(W) observation.Embedding
}

// embedders gives the named models that there are, or the plain one.
func embedders[W any](names []string, find func(string) (func(W) observation.Embedding, error)) []embedder[W] {
	var out []embedder[W]
	for _, name := range names {
		if f, err := find(name); err == nil {
			out = append(out, embedder[W]{name, f})
		}
	}
	if len(out) == 0 {
		return embedders([]string{embed.Model}, find) // which is always there
	}
	return out
}

// NewCollector gives a collector that has seen nothing.
func NewCollector(o Options) *Collector {
	if o.DeviceClass == "" {
		o.DeviceClass = observation.Desktop
	}
	c := &Collector{
		options:  o,
		keyboard: window.NewKeyboardCutter(window.KeyboardStrokes, window.KeyboardMinStrokes),
		pointer:  window.NewPointerCutter(window.PointerEvents, window.PointerMinEvents),
		touch:    window.NewTouchCutter(window.TouchStrokes, window.TouchMinStrokes),
	}
	c.Want(o.Models)
	return c
}

// Want takes the models that the server's latest reply names; windows are embedded by them from now on.
func (c *Collector) Want(models map[observation.Modality][]string) {
	c.keyboardModels = embedders(models[observation.Keyboard], embed.KeyboardModel)
	c.pointerModels = embedders(models[observation.Pointer], embed.PointerModel)
	c.touchModels = embedders(models[observation.Touch], embed.TouchModel)
}

// Key takes the next key event and gives the observations that it completes, most often none.
func (c *Collector) Key(e event.Key) []observation.Observation {
	if c.phrase != nil {
		return c.observePhrase(c.phrase.Push(e))
	}
	return c.observeKeyboard(c.keyboard.Push(e))
}

// Pointer takes the next pointer event and gives the observations that it completes, most often none.
func (c *Collector) Pointer(e event.Pointer) []observation.Observation {
	return c.observePointer(c.pointer.Push(e))
}

// Touch takes the next touch event and gives the observations that it completes, most often none.
func (c *Collector) Touch(e event.Touch) []observation.Observation {
	return c.observeTouch(c.touch.Push(e))
}

// Motion takes the next reading of how the device is held, in order of time with the touches.
func (c *Collector) Motion(m event.Motion) { c.touch.Motion(m) }

// Mark notes something that happened between events.
func (c *Collector) Mark(m event.Mark) {
	if c.phrase != nil {
		c.phrase.Mark(m)
	}
	if c.phrase == nil || m.Kind == event.Blur {
		c.keyboard.Mark(m)
	}
}

// Flush ends the windows being filled, as at the end of a session, and gives what they hold if it is enough.
func (c *Collector) Flush() []observation.Observation {
	out := append(c.flushPhrase(), c.observeKeyboard(c.keyboard.Flush())...)
	out = append(out, c.observePointer(c.pointer.Flush())...)
	return append(out, c.observeTouch(c.touch.Flush())...)
}

// Play takes a stretch of both kinds of events, each in order of time, merges them, and gives the observations that they
// complete. The windows being filled stay open: more may follow.
func (c *Collector) Play(keys []event.Key, pointers []event.Pointer) []observation.Observation {
	var out []observation.Observation
	for len(keys) > 0 || len(pointers) > 0 {
		if len(pointers) == 0 || (len(keys) > 0 && keys[0].TimeMS <= pointers[0].TimeMS) {
			out = append(out, c.Key(keys[0])...)
			keys = keys[1:]
		} else {
			out = append(out, c.Pointer(pointers[0])...)
			pointers = pointers[1:]
		}
	}
	return out
}

func (c *Collector) observeKeyboard(windows []window.Keyboard) []observation.Observation {
	var out []observation.Observation
	for _, w := range windows {
		startMS, endMS := w.Strokes[0].PressMS, w.Strokes[0].ReleaseMS
		for _, s := range w.Strokes {
			endMS = math.Max(endMS, s.ReleaseMS)
		}
		o := c.begin(observation.Keyboard, startMS, endMS)
		o.Events = len(w.Strokes)
		o.FeatureList, o.Features = feature.KeyboardList.Name, feature.Keyboard(w)
		o.Liveness = liveness.Keyboard(w)
		o.Liveness.Sketch = c.typed.Next(w)
		o.Quality = liveness.KeyboardFlags(w, o.Liveness, c.options.Simulated)
		out = append(out, byModels(c, o, c.keyboardModels, w)...)
	}
	return out
}

func (c *Collector) observePointer(windows []window.Pointer) []observation.Observation {
	var out []observation.Observation
	for _, w := range windows {
		o := c.begin(observation.Pointer, w.Events[0].TimeMS, w.Events[len(w.Events)-1].TimeMS)
		o.Events = len(w.Events)
		o.FeatureList, o.Features = feature.PointerList.Name, feature.Pointer(w)
		o.Liveness = liveness.Pointer(w)
		o.Liveness.Sketch = c.moved.Next(w)
		o.Quality = liveness.PointerFlags(w, o.Liveness, c.options.Simulated)
		out = append(out, byModels(c, o, c.pointerModels, w)...)
	}
	return out
}

func (c *Collector) observeTouch(windows []window.Touch) []observation.Observation {
	var out []observation.Observation
	for _, w := range windows {
		startMS, endMS := w.Strokes[0].StartMS, w.Strokes[0].EndMS
		for _, s := range w.Strokes {
			endMS = math.Max(endMS, s.EndMS)
		}
		o := c.begin(observation.Touch, startMS, endMS)
		o.Events = len(w.Strokes)
		o.FeatureList, o.Features = feature.TouchList.Name, feature.Touch(w)
		o.Liveness = liveness.Touch(w)
		o.Liveness.Sketch = c.swept.Next(w)
		o.Quality = liveness.TouchFlags(w, o.Liveness, c.options.Simulated)
		out = append(out, byModels(c, o, c.touchModels, w)...)
	}
	return out
}

// byModels gives one observation of a window for each model, numbered in their order.
func byModels[W any](c *Collector, o observation.Observation, models []embedder[W], w W) []observation.Observation {
	out := make([]observation.Observation, len(models))
	for i, m := range models {
		c.sequence++
		o.Sequence, o.Model, o.Embedding = c.sequence, m.model, m.embed(w)
		out[i] = o
	}
	return out
}

func (c *Collector) begin(modality observation.Modality, startMS, endMS float64) observation.Observation {
	return observation.Observation{
		Modality:    modality,
		DeviceClass: c.options.DeviceClass,
		StartMS:     c.options.OriginUnixMS + int64(math.Round(startMS)),
		DurationMS:  int64(math.Round(endMS - startMS)),
	}
}

// EndMS is the time, Unix milliseconds, at which an observation's window ended.
func EndMS(o observation.Observation) int64 { return o.StartMS + o.DurationMS }
