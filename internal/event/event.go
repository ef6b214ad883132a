// Package event owns the raw input events of one device: keys (already reduced to their class), pointer, touch, motion,
// and the marks that say when input did not come from hands on a keyboard. Events exist in memory on the device only;
// nothing in this package is ever stored or sent.
//
// Times are milliseconds from an origin that the collector chooses (page load, start of a recording); they are floats
// because browsers report fractions of a millisecond.
package event

// Key is one press or release. Trusted is false when software, not a device, made the event (the DOM's isTrusted).
type Key struct {
	TimeMS  float64
	Class   Class
	Down    bool
	Repeat  bool // the key was already down: the keyboard's own auto-repeat
	Trusted bool
}

// PointerKind says what a pointer event reports.
type PointerKind uint8

// Kinds of pointer events. The numbers are part of the golden vectors.
const (
	Move PointerKind = iota
	Press
	Release
	Wheel
)

// Pointer is one mouse or trackpad event. X and Y are CSS pixels in the viewport; WheelX and WheelY are the wheel's
// movement and zero for other kinds.
type Pointer struct {
	TimeMS         float64
	Kind           PointerKind
	X, Y           float64
	Button         uint8
	WheelX, WheelY float64
	Trusted        bool
}

// TouchKind says what a touch event reports.
type TouchKind uint8

// Kinds of touch events. The numbers are part of the golden vectors.
const (
	TouchStart TouchKind = iota
	TouchMove
	TouchEnd
	TouchCancel // the system took the contact away, to scroll or because a palm lay on the glass
)

// Touch is one contact's event on a touch screen, as W3C touch and pointer events give it: position and radius in CSS
// pixels, pressure from 0 to 1. A radius or a pressure of zero says that the device does not tell it, as the W3C's
// radiusX and force do: no finger touches with none.
type Touch struct {
	TimeMS   float64
	Kind     TouchKind
	Contact  int // tells contacts apart while they last
	X, Y     float64
	RadiusPX float64
	Pressure float64
	Trusted  bool
}

// Motion is one reading of how the device is held and moved, as W3C devicemotion events give it: acceleration with
// gravity in m/s² and rotation in degrees a second, around the device's x (to the right of the screen), y (to its top)
// and z (out of it). A rotation of exactly zero on all axes says that the device does not tell it.
type Motion struct {
	TimeMS       float64
	Acceleration [3]float64
	Rotation     [3]float64
}

// MarkKind names something that happened between events and that a fair comparison must know of.
type MarkKind uint8

// Kinds of marks. The numbers are part of the golden vectors.
const (
	Paste       MarkKind = iota // text came from the clipboard (only the fact is known)
	Composition                 // an input method composed text
	Blur                        // the page or screen lost the focus: keys held now will not be seen released
)

// Mark is one such happening.
type Mark struct {
	TimeMS float64
	Kind   MarkKind
}
