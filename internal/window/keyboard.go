package window

import (
	"math"

	"ipse.dev/ipse/internal/event"
)

// maxPending bounds the strokes that wait for a release, whatever a hostile page dispatches.
const maxPending = 256

type pendingStroke struct {
	stroke   Stroke
	released bool
}

// KeyboardCutter cuts key events into windows. The zero value is not ready; use NewKeyboardCutter.
type KeyboardCutter struct {
	strokes    int // strokes in a full window
	minStrokes int
	pending    []pendingStroke
	marks      Marks
	lastMS     float64
	started    bool
}

// NewKeyboardCutter cuts windows of the given number of strokes; a pause or Flush also gives shorter ones down to
// minStrokes. The product uses KeyboardStrokes and KeyboardMinStrokes; laboratory protocols that fix another length
// say so.
func NewKeyboardCutter(strokes, minStrokes int) *KeyboardCutter {
	return &KeyboardCutter{strokes: max(1, strokes), minStrokes: max(1, minStrokes)}
}

// Push takes the next key event and returns the windows that it completes (none most of the time, two at most).
// Events whose time is not finite or lies before the last event's are counted as lost and otherwise ignored.
func (c *KeyboardCutter) Push(e event.Key) []Keyboard {
	if math.IsNaN(e.TimeMS) || math.IsInf(e.TimeMS, 0) || !e.Class.Valid() || (c.started && e.TimeMS < c.lastMS) {
		c.marks.Lost++
		return nil
	}
	var out []Keyboard
	if c.started && e.TimeMS-c.lastMS > KeyboardPauseMS {
		out = c.Flush()
	}
	c.started, c.lastMS = true, e.TimeMS
	c.giveUp(e.TimeMS)
	if !e.Trusted {
		c.marks.Untrusted++
	}
	switch {
	case e.Repeat:
		c.marks.Repeats++
	case e.Down:
		c.pending = append(c.pending, pendingStroke{stroke: Stroke{PressMS: e.TimeMS, ReleaseMS: e.TimeMS, Class: e.Class}})
	default:
		c.release(e)
	}
	if w, ok := c.full(); ok {
		out = append(out, w)
	}
	if !e.Down && !e.Repeat && c.noHand() {
		out = append(out, c.take(len(c.pending)))
	}
	return out
}

// Mark notes something that happened in the window being filled. Blur gives up every key that is still held.
func (c *KeyboardCutter) Mark(m event.Mark) {
	switch m.Kind {
	case event.Paste:
		c.marks.Pastes++
	case event.Composition:
		c.marks.Compositions++
	case event.Blur:
		c.dropHeld(func(Stroke) bool { return true })
	}
}

// Flush ends the window being filled. It returns one window if enough strokes are complete, none otherwise.
func (c *KeyboardCutter) Flush() []Keyboard {
	c.dropHeld(func(Stroke) bool { return true })
	defer func() { c.pending, c.marks = nil, Marks{} }()
	if len(c.pending) < c.minStrokes {
		return nil
	}
	return []Keyboard{c.take(min(len(c.pending), c.strokes))}
}

func (c *KeyboardCutter) release(e event.Key) {
	for i := range c.pending {
		p := &c.pending[i]
		if !p.released && p.stroke.Class == e.Class {
			p.stroke.ReleaseMS, p.released = e.TimeMS, true
			return
		}
	}
	// The press was given up, or came before the collector started: nothing to pair.
}

func (c *KeyboardCutter) giveUp(nowMS float64) {
	c.dropHeld(func(s Stroke) bool { return nowMS-s.PressMS > LostReleaseMS })
	if excess := len(c.pending) - maxPending; excess > 0 {
		c.pending = append(c.pending[:0], c.pending[excess:]...)
		c.marks.Lost += excess
	}
}

func (c *KeyboardCutter) dropHeld(lost func(Stroke) bool) {
	kept := c.pending[:0]
	for _, p := range c.pending {
		if !p.released && lost(p.stroke) {
			c.marks.Lost++
			continue
		}
		kept = append(kept, p)
	}
	c.pending = kept
}

func (c *KeyboardCutter) full() (Keyboard, bool) {
	if len(c.pending) < c.strokes {
		return Keyboard{}, false
	}
	for _, p := range c.pending[:c.strokes] {
		if !p.released {
			return Keyboard{}, false
		}
	}
	return c.take(c.strokes), true
}

// noHand reports whether the window being filled is to end early, because its last KeyboardBurstStrokes strokes are complete
// and came as no hand can press them: all of them faster, or each of them more briefly.
func (c *KeyboardCutter) noHand() bool {
	n := len(c.pending)
	if n < KeyboardBurstStrokes || n < c.minStrokes || n >= c.strokes {
		return false
	}
	last := c.pending[n-KeyboardBurstStrokes:]
	longestMS := 0.0
	for _, p := range last {
		if !p.released {
			return false
		}
		longestMS = math.Max(longestMS, p.stroke.DwellMS())
	}
	spanMS := last[KeyboardBurstStrokes-1].stroke.PressMS - last[0].stroke.PressMS
	return spanMS < KeyboardBurstMS*(KeyboardBurstStrokes-1) || longestMS < KeyboardBurstDwellMS
}

func (c *KeyboardCutter) take(n int) Keyboard {
	w := Keyboard{Strokes: make([]Stroke, n), Marks: c.marks}
	for i := range w.Strokes {
		w.Strokes[i] = c.pending[i].stroke
	}
	c.pending = append(c.pending[:0], c.pending[n:]...)
	c.marks = Marks{}
	return w
}
