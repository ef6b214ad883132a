package window

import (
	"cmp"
	"math"
	"slices"

	"ipse.dev/ipse/internal/event"
)

// TouchPoint is one moment of a stroke. DX and DY are CSS pixels from where the stroke began; a radius or pressure of
// zero is one that the device does not tell.
type TouchPoint struct {
	TimeMS   float64
	DX, DY   float64
	RadiusPX float64
	Pressure float64
}

// TouchStroke is what one finger does from its start to its end, or a piece of at most TouchPieceMS of it: steering a
// game or scrolling back and forth can last for minutes.
type TouchStroke struct {
	StartMS, EndMS float64      // from the contact's start, or the piece's first point, to its end or the last point
	Points         []TouchPoint // at least one, in order of time, the first at (0, 0)
	Others         int          // other fingers that were down when it began
	Continued      bool         // it goes on from an earlier piece, or its start was not seen
	Lifted         bool         // the finger's end was seen
}

// Touch is one window of a touch screen's use: its strokes in the order of their starts, at least one, and how the
// device was held meanwhile.
//
// A window holds no place on the screen and no way from one stroke to the next: every stroke begins at (0, 0). So a tap
// on a soft keyboard cannot be read back from it. What told the keys apart, where the taps lie, is subtracted when the
// event arrives, and neither a tap's place nor the distance between two of them can be computed from what is kept. What
// is left of a tap is what is left of a key on a keyboard, when it began and ended, and how the finger lay on the
// glass. The little by which the device sways under each tap would tell where it was hit (Cai and Chen, "TouchLogger",
// 2011; Xu, Bai and Zhu, "TapLogger", 2012); that is why readings of motion are not tied to strokes here, and why
// package path takes means over a window's readings only. The window itself never leaves the device.
type Touch struct {
	Strokes []TouchStroke
	Motions []event.Motion // in order of time; none where the device does not tell
	Marks   Marks
}

// Bounds of what a cutter holds, whatever a hostile page dispatches.
const (
	maxContacts    = 10   // fingers
	maxPiecePoints = 256  // events of a stroke
	maxMotions     = 1024 // readings of motion in a window; later ones are left out
)

const (
	motionAroundMS = 250    // how long after a touch readings of motion still belong to it
	touchRestMS    = 150    // without movement: the next piece does not reach back over it
	lostContactMS  = 10_000 // a contact that is silent for so long is taken to have ended unseen
)

// contact is a finger that is down: where the piece being filled began, where the finger was last, and the piece.
type contact struct {
	id               int
	originX, originY float64
	lastX, lastY     float64
	lastMS           float64
	stroke           TouchStroke
}

// TouchCutter cuts touch events into windows. The zero value is not ready; use NewTouchCutter.
type TouchCutter struct {
	strokes    int // strokes in a full window
	minStrokes int
	contacts   []contact // in order of their starts
	done       []TouchStroke
	motions    []event.Motion
	marks      Marks
	lastMS     float64 // of touch events
	started    bool
}

// NewTouchCutter cuts windows of the given number of strokes; a pause or Flush also gives shorter ones down to
// minStrokes. The product uses TouchStrokes and TouchMinStrokes.
func NewTouchCutter(strokes, minStrokes int) *TouchCutter {
	return &TouchCutter{strokes: max(1, strokes), minStrokes: max(1, minStrokes)}
}

// Push takes the next touch event and returns the windows that it completes (none most of the time, two at most).
// Events that are not finite, out of range or before the last one's time are counted as lost and otherwise ignored.
func (c *TouchCutter) Push(e event.Touch) []Touch {
	if !plausibleTouch(e) || (c.started && e.TimeMS < c.lastMS) {
		c.marks.Lost++
		return nil
	}
	var out []Touch
	if c.started && e.TimeMS-c.lastMS > TouchPauseMS {
		out = c.Flush()
	}
	c.started, c.lastMS = true, e.TimeMS
	if !e.Trusted {
		c.marks.Untrusted++
	}
	c.giveUp(e.TimeMS)
	switch at := c.find(e.Contact); e.Kind {
	case event.TouchStart:
		if at >= 0 { // its end was not seen
			c.marks.Lost++
			c.end(at)
		}
		c.begin(e, false)
	case event.TouchMove:
		if at < 0 {
			c.begin(e, true)
		} else {
			c.move(&c.contacts[at], e)
		}
	default:
		if at < 0 {
			c.marks.Lost++
			break
		}
		s := &c.contacts[at].stroke
		s.EndMS, s.Lifted = e.TimeMS, e.Kind == event.TouchEnd
		c.end(at)
	}
	// A full contact table may end a stroke besides the one that the event ends.
	for len(c.done) >= c.strokes {
		out = append(out, c.take(c.strokes))
	}
	return out
}

// Motion takes a reading of motion. Those that do not fall on a touch or shortly after it are let go, and so are those
// that are not finite or come out of order.
func (c *TouchCutter) Motion(m event.Motion) {
	for _, v := range [...]float64{m.TimeMS, m.Acceleration[0], m.Acceleration[1], m.Acceleration[2], m.Rotation[0], m.Rotation[1], m.Rotation[2]} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return
		}
	}
	for i := range 3 {
		if math.Abs(m.Acceleration[i]) > maxMotion || math.Abs(m.Rotation[i]) > maxMotion {
			return
		}
	}
	n := len(c.motions)
	if !c.started || n >= maxMotions || (n > 0 && m.TimeMS < c.motions[n-1].TimeMS) {
		return
	}
	if len(c.contacts) > 0 || m.TimeMS-c.lastMS <= motionAroundMS {
		c.motions = append(c.motions, m)
	}
}

// Flush ends the window being filled, with what the fingers that are down have done. It returns one window if that is
// enough strokes, none otherwise.
func (c *TouchCutter) Flush() []Touch {
	c.marks.Lost += len(c.contacts)
	for len(c.contacts) > 0 {
		c.end(0)
	}
	defer func() { c.done, c.motions, c.marks = nil, nil, Marks{} }()
	if len(c.done) < c.minStrokes {
		return nil
	}
	return []Touch{c.take(min(len(c.done), c.strokes))}
}

func (c *TouchCutter) find(id int) int {
	return slices.IndexFunc(c.contacts, func(x contact) bool { return x.id == id })
}

func (c *TouchCutter) begin(e event.Touch, continued bool) {
	if len(c.contacts) == maxContacts {
		c.marks.Lost++
		c.end(0)
	}
	x := contact{id: e.Contact}
	x.piece(e, continued, len(c.contacts))
	c.contacts = append(c.contacts, x)
}

// piece begins a stroke at an event.
func (x *contact) piece(e event.Touch, continued bool, others int) {
	x.originX, x.originY = e.X, e.Y
	x.stroke = TouchStroke{StartMS: e.TimeMS, EndMS: e.TimeMS, Others: others, Continued: continued}
	x.add(e)
}

func (x *contact) add(e event.Touch) {
	x.lastX, x.lastY, x.lastMS = e.X, e.Y, e.TimeMS
	x.stroke.EndMS = e.TimeMS
	x.stroke.Points = append(x.stroke.Points, TouchPoint{TimeMS: e.TimeMS, DX: e.X - x.originX, DY: e.Y - x.originY,
		RadiusPX: e.RadiusPX, Pressure: e.Pressure})
}

func (c *TouchCutter) move(x *contact, e event.Touch) {
	if e.TimeMS-x.stroke.StartMS <= TouchPieceMS && len(x.stroke.Points) < maxPiecePoints {
		x.add(e)
		return
	}
	// A new piece begins at the last point, so that no step is lost, unless the finger rested there.
	last := x.stroke.Points[len(x.stroke.Points)-1]
	from := event.Touch{TimeMS: x.lastMS, X: x.lastX, Y: x.lastY, RadiusPX: last.RadiusPX, Pressure: last.Pressure}
	c.done = append(c.done, x.stroke)
	if e.TimeMS-from.TimeMS > touchRestMS {
		x.piece(e, true, len(c.contacts)-1)
		return
	}
	x.piece(from, true, len(c.contacts)-1)
	x.add(e)
}

func (c *TouchCutter) end(at int) {
	c.done = append(c.done, c.contacts[at].stroke)
	c.contacts = slices.Delete(c.contacts, at, at+1)
}

func (c *TouchCutter) giveUp(nowMS float64) {
	for i := 0; i < len(c.contacts); {
		if nowMS-c.contacts[i].lastMS > lostContactMS {
			c.end(i)
			continue
		}
		i++
	}
}

func (c *TouchCutter) take(n int) Touch {
	w := Touch{Strokes: slices.Clone(c.done[:n]), Motions: c.motions, Marks: c.marks}
	slices.SortStableFunc(w.Strokes, func(a, b TouchStroke) int { return cmp.Compare(a.StartMS, b.StartMS) })
	c.done = append(c.done[:0], c.done[n:]...)
	c.motions, c.marks = nil, Marks{}
	return w
}

// maxMotion bounds a reading of motion, in m/s² or degrees a second.
const maxMotion = 1e5

func plausibleTouch(e event.Touch) bool {
	if math.IsNaN(e.TimeMS) || math.IsInf(e.TimeMS, 0) || e.Kind > event.TouchCancel {
		return false
	}
	return math.Abs(e.X) <= maxCoordinate && math.Abs(e.Y) <= maxCoordinate &&
		e.RadiusPX >= 0 && e.RadiusPX <= maxCoordinate && e.Pressure >= 0 && e.Pressure <= 1
}
