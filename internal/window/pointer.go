package window

import (
	"math"

	"ipse.dev/ipse/internal/event"
)

// maxCoordinate bounds positions and wheel turns; no screen is larger.
const maxCoordinate = 1e6

// PointerCutter cuts pointer events into windows. The zero value is not ready; use NewPointerCutter.
type PointerCutter struct {
	events    int
	minEvents int
	pending   []event.Pointer
	marks     Marks
}

// NewPointerCutter cuts windows of the given number of events; a pause or Flush also gives shorter ones down to
// minEvents. The product uses PointerEvents and PointerMinEvents.
func NewPointerCutter(events, minEvents int) *PointerCutter {
	return &PointerCutter{events: max(1, events), minEvents: max(1, minEvents)}
}

// Push takes the next pointer event and returns the windows that it completes (none most of the time, two at most).
// Events that are not finite, lie a million pixels away or before the last one's time are counted as lost and otherwise
// ignored.
func (c *PointerCutter) Push(e event.Pointer) []Pointer {
	last := len(c.pending) - 1
	if !plausible(e) || (last >= 0 && e.TimeMS < c.pending[last].TimeMS) {
		c.marks.Lost++
		return nil
	}
	var out []Pointer
	if last >= 0 && e.TimeMS-c.pending[last].TimeMS > PointerPauseMS {
		out = c.Flush()
	}
	if !e.Trusted {
		c.marks.Untrusted++
	}
	c.pending = append(c.pending, e)
	if len(c.pending) == c.events {
		out = append(out, c.take())
	}
	return out
}

// Flush ends the window being filled. It returns one window if it holds enough events, none otherwise.
func (c *PointerCutter) Flush() []Pointer {
	if len(c.pending) < c.minEvents {
		c.pending, c.marks = nil, Marks{}
		return nil
	}
	return []Pointer{c.take()}
}

func (c *PointerCutter) take() Pointer {
	w := Pointer{Events: c.pending, Marks: c.marks}
	c.pending, c.marks = nil, Marks{}
	return w
}

func plausible(e event.Pointer) bool {
	if math.IsNaN(e.TimeMS) || math.IsInf(e.TimeMS, 0) {
		return false
	}
	for _, v := range [...]float64{e.X, e.Y, e.WheelX, e.WheelY} {
		if !(math.Abs(v) <= maxCoordinate) {
			return false
		}
	}
	return e.Kind <= event.Wheel
}
