package dataset

import "ipse.dev/ipse/internal/window"

// TouchWindows cuts a session's touches, with the motion around them, as a collector does that takes touches and motion
// as they come; windows that a pause or the end makes shorter than least strokes are dropped.
func (s Session) TouchWindows(strokes, least int) []window.Touch {
	cutter := window.NewTouchCutter(strokes, least)
	motions := s.Motions
	var out []window.Touch
	for _, e := range s.Touches {
		for len(motions) > 0 && motions[0].TimeMS < e.TimeMS {
			cutter.Motion(motions[0])
			motions = motions[1:]
		}
		out = append(out, cutter.Push(e)...)
	}
	for _, m := range motions {
		cutter.Motion(m)
	}
	return append(out, cutter.Flush()...)
}
