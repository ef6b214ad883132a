package liveness

import (
	"slices"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

const (
	// touchRestMS parts strokes of a finger. It is shorter than a pointer's rest, because a finger that steers or scrolls
	// hardly ever rests, and longer than a screen may take for three reports.
	touchRestMS = 50

	fingersKept  = 10
	fingerGoneMS = 1000 // after which a piece does not go on: the next one begins where it ended and is shorter
)

// TouchSketcher names what fingers draw between rests, as PointerSketcher does of a pointer, in windows that come one after
// the other. Windows hold strokes in pieces, which are joined again. Taps have no path and no name. The zero value has seen
// nothing. What it keeps is the strokes that are under way, in memory, and they begin at (0, 0) as those of windows do.
type TouchSketcher struct{ fingers []finger }

// finger is one that was down at the end of the last piece.
type finger struct {
	path  PointerSketcher
	x, y  float64 // of the end, from where the first piece began
	endMS float64
}

// Next gives the sketch of the next window.
func (t *TouchSketcher) Next(w window.Touch) observation.Sketch {
	var found []stretch
	end := func(f finger) {
		if s, ok := f.path.end(); ok {
			found = append(found, s)
		}
	}
	for _, s := range w.Strokes {
		t.fingers = slices.DeleteFunc(t.fingers, func(f finger) bool {
			gone := s.StartMS-f.endMS > fingerGoneMS || s.StartMS < f.endMS-fingerGoneMS
			if gone {
				end(f)
			}
			return gone
		})
		f := t.lift(s)
		x, y := f.x, f.y
		for _, p := range s.Points {
			f.x, f.y, f.endMS = x+p.DX, y+p.DY, p.TimeMS
			if s, ok := f.path.push(event.Pointer{TimeMS: p.TimeMS, X: f.x, Y: f.y}, touchRestMS); ok {
				found = append(found, s)
			}
		}
		if s.Lifted || len(t.fingers) == fingersKept {
			end(f)
		} else {
			t.fingers = append(t.fingers, f)
		}
	}
	return sketchOf(found)
}

// lift takes out the finger whose stroke goes on in a piece; a new one where there is none.
func (t *TouchSketcher) lift(piece window.TouchStroke) finger {
	for i, f := range t.fingers {
		if piece.Continued && f.endMS == piece.StartMS {
			t.fingers = slices.Delete(t.fingers, i, i+1)
			return f
		}
	}
	return finger{}
}
