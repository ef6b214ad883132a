package window

import (
	"math"

	"ipse.dev/ipse/internal/event"
)

// maxCoordinate bounds positions and wheel turns; no screen is larger.
const maxCoordinate = 1e6

// PointerCutter thins the pointer's movement and cuts what is left into windows. The zero value is not ready; use
// NewPointerCutter.
type PointerCutter struct {
	events    int
	minEvents int
	pending   []event.Pointer
	thinned   int
	thinnedMS []float64
	marks     Marks

	lastMS, keptMS float64 // of the last event that came, and of the last that was kept
	held           event.Pointer
	holds          bool
}

// NewPointerCutter cuts windows of the given number of events; a pause or Flush also gives shorter ones down to
// minEvents. The product uses PointerEvents and PointerMinEvents.
func NewPointerCutter(events, minEvents int) *PointerCutter {
	return &PointerCutter{events: max(1, events), minEvents: max(1, minEvents), lastMS: math.Inf(-1), keptMS: math.Inf(-1)}
}

// Push takes the next pointer event and gives the windows that it completes (none most of the time, two at most).
// Events that are not finite, lie a million pixels away or before the last one's time are counted as lost and otherwise
// ignored.
//
// A move within PointerFastMS of the event before it and within PointerApartMS of the last one kept is held back. Another
// move within PointerFastMS takes its place; anything else, or Flush, lets it go first. So the last place before a button,
// the wheel, a rest or a pause is always kept, and what a device of 125 reports a second or fewer sends passes as it comes.
// Thinning what is thinned changes nothing.
func (c *PointerCutter) Push(e event.Pointer) []Pointer {
	under := c.holds || len(c.pending) > 0
	if !plausible(e) || (under && e.TimeMS < c.lastMS) {
		c.marks.Lost++
		return nil
	}
	sinceMS := e.TimeMS - c.lastMS // negative where the clock was set back between windows
	near := e.Kind == event.Move && sinceMS >= 0 && sinceMS < PointerFastMS
	var out []Pointer
	if !near {
		out = c.release()
	}
	if under && sinceMS > PointerPauseMS {
		out = append(out, c.Flush()...)
	}
	if !e.Trusted {
		c.marks.Untrusted++
	}
	if c.holds {
		c.drop()
	}
	c.lastMS = e.TimeMS
	if near && e.TimeMS-c.keptMS < PointerApartMS {
		c.held, c.holds = e, true
		return out
	}
	return append(out, c.keep(e)...)
}

// Flush ends the window being filled. It returns the window that it completes if it holds enough events, none otherwise.
func (c *PointerCutter) Flush() []Pointer {
	out := c.release()
	if len(c.pending) < c.minEvents {
		c.take()
		return out
	}
	return append(out, c.take())
}

// release keeps the move that is held back, if there is one.
func (c *PointerCutter) release() []Pointer {
	if !c.holds {
		return nil
	}
	c.holds = false
	return c.keep(c.held)
}

func (c *PointerCutter) keep(e event.Pointer) []Pointer {
	c.keptMS = e.TimeMS
	c.pending = append(c.pending, e)
	if len(c.pending) < c.events {
		return nil
	}
	return []Pointer{c.take()}
}

// drop counts the move that is held back, whose place another takes.
func (c *PointerCutter) drop() {
	c.holds = false
	c.thinned++
	if len(c.thinnedMS) < PointerThinnedTimes {
		c.thinnedMS = append(c.thinnedMS, c.held.TimeMS)
	}
}

func (c *PointerCutter) take() Pointer {
	w := Pointer{Events: c.pending, Thinned: c.thinned, ThinnedMS: c.thinnedMS, Marks: c.marks}
	c.pending, c.thinned, c.thinnedMS, c.marks = nil, 0, nil, Marks{}
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
