package protocol

import (
	"sort"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
)

// pauseMS bounds what the time between two events counts as input: a hand that rests longer is not at work, and what
// follows is another stretch of input.
const pauseMS = 5_000

// moment is one window on its way to the server: the observation, and what has passed since the moment before it.
type moment struct {
	observation observation.Observation // without sequence and start, which a stream gives it

	passed span // since the moment before it, or since the session's first event
	own    span // since the window's own first event: what has passed where somebody begins with this window
}

// span is what passes between two moments.
type span struct {
	wallMS  float64 // by the recording's clock, pauses and all
	inputMS float64 // of which at the keyboard or pointer: between events, at most pauseMS for each pair of them
	actions int     // presses of keys and pointer events
}

func (s span) plus(t span) span {
	return span{s.wallMS + t.wallMS, s.inputMS + t.inputMS, s.actions + t.actions}
}

func (s span) minus(t span) span {
	return span{s.wallMS - t.wallMS, s.inputMS - t.inputMS, s.actions - t.actions}
}

// clock tells what has passed since a session's first event, by the times of its events.
type clock struct {
	timesMS []float64
	passed  []span // up to and with the event of the same index
}

func (c *clock) tick(timeMS float64, isAction bool) {
	var s span
	if n := len(c.timesMS); n > 0 {
		s = c.passed[n-1]
		gap := max(0, timeMS-c.timesMS[n-1])
		s.wallMS += gap
		s.inputMS += min(gap, pauseMS)
	}
	if isAction {
		s.actions++
	}
	c.timesMS, c.passed = append(c.timesMS, timeMS), append(c.passed, s)
}

// before is what has passed before the first event at or after the time: that event is yet to come.
func (c *clock) before(timeMS float64) span {
	i := sort.SearchFloat64s(c.timesMS, timeMS)
	if i == len(c.timesMS) {
		return c.passed[i-1]
	}
	s := c.passed[i]
	s.actions--
	return s
}

func (c *clock) now() span { return c.passed[len(c.passed)-1] }

// moments cuts one session of typing or of pointing as a collector does, and embeds its windows by the model under test.
// A session holds one of the two; of one that holds both, keys come first.
func (r *run) moments(s dataset.Session) []moment {
	return append(r.keyboardMoments(s.Keys), r.pointerMoments(s.Pointers)...)
}

func (r *run) keyboardMoments(keys []event.Key) []moment {
	cutter := window.NewKeyboardCutter(window.KeyboardStrokes, window.KeyboardMinStrokes)
	return momentsOf(keys, cutter, func(e event.Key) (timeMS float64, isAction bool) { return e.TimeMS, e.Down && !e.Repeat },
		func(w window.Keyboard) (firstMS float64, o observation.Observation) {
			return w.Strokes[0].PressMS, r.keyboardObservation(w)
		})
}

func (r *run) pointerMoments(events []event.Pointer) []moment {
	cutter := window.NewPointerCutter(window.PointerEvents, window.PointerMinEvents)
	return momentsOf(events, cutter, func(e event.Pointer) (timeMS float64, isAction bool) { return e.TimeMS, true },
		func(w window.Pointer) (firstMS float64, o observation.Observation) {
			return w.Events[0].TimeMS, r.pointerObservation(w)
		})
}

// cutter makes windows of events, as the collectors' do.
type cutter[E, W any] interface {
	Push(E) []W
	Flush() []W
}

// momentsOf cuts events into windows. tell says when an event was and whether it is an action, observe when a window began
// and what a collector sends of it.
func momentsOf[E, W any](events []E, by cutter[E, W], tell func(E) (timeMS float64, isAction bool), observe func(W) (firstMS float64, o observation.Observation)) []moment {
	var c clock
	var last span
	var out []moment
	take := func(windows []W) {
		for _, w := range windows {
			firstMS, o := observe(w)
			out, last = append(out, moment{observation: o, passed: c.now().minus(last), own: c.now().minus(c.before(firstMS))}), c.now()
		}
	}
	for _, e := range events {
		c.tick(tell(e))
		take(by.Push(e))
	}
	take(by.Flush())
	return out
}

// keyboardObservation gives what a collector sends of a window of typing. Its embedding is that of the first model that
// the weights compare, which decides: references of the others ripen beside it and are never compared.
func (r *run) keyboardObservation(w window.Keyboard) observation.Observation {
	o := r.observe(w)
	o.Model = r.Model.first(observation.Keyboard)
	return o
}

func (r *run) pointerObservation(w window.Pointer) observation.Observation {
	l := liveness.Pointer(w)
	return observation.Observation{
		Modality: observation.Pointer, Model: r.Model.first(observation.Pointer), DeviceClass: observation.Desktop,
		DurationMS: int64(w.Events[len(w.Events)-1].TimeMS - w.Events[0].TimeMS + 0.5),
		Events:     len(w.Events), Embedding: r.Model.EmbedPointer(w),
		FeatureList: feature.PointerList.Name, Features: feature.Pointer(w),
		Liveness: l, Quality: liveness.PointerFlags(w, l, false),
	}
}

// first names the model that the weights compare first of a modality.
func (m Model) first(modality observation.Modality) string {
	c, err := m.Weights.First(modality)
	if err != nil {
		return ""
	}
	return c.Model
}
