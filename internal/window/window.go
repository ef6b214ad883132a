// Package window owns the cutting of a stream of events into windows: runs of consecutive events of one modality, long
// enough to describe behaviour. Events come in one by one in the order of their times; windows go out as they fill.
//
// Nothing here knows which key was pressed. A release is paired with the oldest press of the same class that is still
// held: on 224,610 strokes of free typing this differs from pairing by key in 0.8 % of strokes
// (docs/decisions/0002-pairing-by-class.md).
package window

import "ipse.dev/ipse/internal/event"

// Sizes of the windows that the product cuts.
const (
	KeyboardStrokes    = 30  // strokes in a full keyboard window
	KeyboardMinStrokes = 15  // strokes below which a keyboard window that a pause ends is dropped
	PointerEvents      = 128 // events in a full pointer window
	PointerMinEvents   = 64  // events below which a pointer window that a pause ends is dropped
	TouchStrokes       = 20  // strokes of fingers in a full touch window
	TouchMinStrokes    = 10  // strokes below which a touch window that a pause ends is dropped
)

// Times that end or mend a window, in milliseconds.
const (
	KeyboardPauseMS = 30_000  // a pause between presses that ends a keyboard window
	PointerPauseMS  = 300_000 // a pause between pointer events that ends a pointer window
	TouchPauseMS    = 60_000  // a pause between touch events that ends a touch window
	TouchPieceMS    = 500     // a finger that stays longer on the glass begins a new stroke
	LostReleaseMS   = 2_000   // a press whose release has not come after this time is given up
)

// How the pointer's movement is thinned, so that a device of 1,000 reports a second fills a window with the same stretch of
// movement as one of 125 (docs/decisions/0026-thinned-movement.md).
const (
	PointerFastMS  = 6.5 // moves closer to the event before are thinned,
	PointerApartMS = 7.5 // so that they lie at least so far from the last that is kept

	PointerThinnedTimes = 384 // of moves that were thinned out are known in a window: enough for the clock's step
)

// When a keyboard window ends early, so that programs that type are judged at once. Of 967,000 runs of twenty strokes of
// Aalto, BB-MAS and Villani none is held so briefly throughout, and 115 are so fast, all of one person who mashes keys in
// two places. Such a window is short and says so.
const (
	KeyboardBurstStrokes = 20 // complete strokes that end a window when they came as no hand can press them:
	KeyboardBurstMS      = 60 // a mean time from press to press that is shorter
	KeyboardBurstDwellMS = 40 // no stroke held as long as this
)

// Stroke is one press of a key with its release.
type Stroke struct {
	PressMS   float64
	ReleaseMS float64
	Class     event.Class
}

// DwellMS is the time from press to release.
func (s Stroke) DwellMS() float64 { return s.ReleaseMS - s.PressMS }

// Marks counts what happened in a window that a fair comparison must know of.
type Marks struct {
	Untrusted    int // events made by software
	Repeats      int // auto-repeated presses; they are no strokes
	Lost         int // presses given up because their release never came
	Pastes       int
	Compositions int
}

// Keyboard is one window of typing, its strokes in the order of their presses. There is at least one stroke, and every
// dwell is finite and not negative.
type Keyboard struct {
	Strokes []Stroke
	Marks   Marks
}

// Pointer is one window of pointer use, its events in order of time, thinned. There is at least one event.
type Pointer struct {
	Events    []event.Pointer
	Thinned   int       // moves for which the next one stands
	ThinnedMS []float64 // when they came, the first PointerThinnedTimes of them
	Marks     Marks
}

// Came is how many events there were, those thinned out among them.
func (p Pointer) Came() int { return len(p.Events) + p.Thinned }
