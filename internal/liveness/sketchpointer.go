package liveness

import (
	"math"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/path"
	"ipse.dev/ipse/internal/window"
)

// Stretches of pointer use: strokes between rests, of so many places where the pointer was.
const (
	leastPlaces = 12
	mostPlaces  = 512 // a longer stroke has no name; a page that floods events costs no more
	strokeParts = 12  // of a stroke that are described
	entryScale  = 16
)

// What all strokes have in common is no name's business: they are fast and turn at first, then less and less. Both are means
// over the background people of SapiMouse, in steps.
var (
	usualSpeed = [strokeParts]int{414, 569, 592, 554, 496, 430, 380, 353, 330, 304, 264, 179}
	usualTurn  = [strokeParts - 1]int{65, 110, 113, 100, 73, 57, 46, 38, 33, 24, 10}
)

// PointerSketcher names strokes, in windows that come one after the other: a stroke belongs to the window in which it ends.
// The zero value has seen nothing. What it keeps is the stroke that is under way, in memory.
type PointerSketcher struct {
	stroke []event.Pointer // no two places in a row are the same
	long   bool            // the stroke under way has too many places
}

// Next gives the sketch of the next window.
func (p *PointerSketcher) Next(w window.Pointer) observation.Sketch {
	var found []stretch
	for _, e := range w.Events {
		if e.Kind != event.Move {
			continue
		}
		if s, ok := p.push(e, path.RestMS); ok {
			found = append(found, s)
		}
	}
	return sketchOf(found)
}

// push takes the next place and gives the stroke that it shows to have ended, because there was a rest before it.
func (p *PointerSketcher) push(e event.Pointer, restMS float64) (s stretch, ok bool) {
	if n := len(p.stroke); n > 0 {
		last := p.stroke[n-1]
		if e.X == last.X && e.Y == last.Y {
			return stretch{}, false
		}
		if rest := e.TimeMS - last.TimeMS; rest > restMS || rest < 0 {
			s, ok = p.end()
		} else if n == mostPlaces {
			p.stroke, p.long = p.stroke[:0], true
		}
	}
	p.stroke = append(p.stroke, e)
	return s, ok
}

// end gives the stroke under way and begins anew.
func (p *PointerSketcher) end() (s stretch, ok bool) {
	if !p.long {
		s, ok = describeStroke(p.stroke)
	}
	p.stroke, p.long = p.stroke[:0], false
	return s, ok
}

// describeStroke describes a stroke by how fast each twelfth of its places was gone through, beside the stroke's mean, and
// by how sharply each turned from the one before, positive to the side to which the stroke turns on the whole: neither where
// on the screen, how large, in which direction, how long it took nor a mirror enters. Parts are counted in places because their times are what jitter changes.
func describeStroke(places []event.Pointer) (stretch, bool) {
	if len(places) < leastPlaces {
		return stretch{}, false
	}
	var dx, dy, speed [strokeParts]float64
	x, y, sum := places[0].X, places[0].Y, 0.0
	for i := range strokeParts {
		nextX, nextY := placeAt(places, float64((i+1)*(len(places)-1))/strokeParts)
		dx[i], dy[i] = nextX-x, nextY-y
		speed[i] = math.Sqrt(float64(dx[i]*dx[i]) + float64(dy[i]*dy[i]))
		x, y, sum = nextX, nextY, sum+speed[i]
	}
	mean := sum / strokeParts
	if mean == 0 {
		return stretch{}, false
	}
	entry := make([]int, 0, 2*strokeParts-1)
	for i, v := range speed {
		entry = append(entry, entryScale*(steps(v/(v+mean))-usualSpeed[i]))
	}
	soft := float64(mean * mean / 4) // so that a slow part does not turn wildly
	var turn [strokeParts - 1]int
	side := 0
	for i := range turn {
		cross := float64(dx[i]*dy[i+1]) - float64(dy[i]*dx[i+1])
		turn[i] = steps(cross / (float64(speed[i]*speed[i+1]) + soft))
		side += turn[i]
	}
	for i, t := range turn {
		if side < 0 {
			t = -t
		}
		entry = append(entry, entryScale*(t-usualTurn[i]))
	}
	return stretch{weight: float64(len(places)), entry: entry}, natural(entry)
}

// placeAt gives the place at a fractional index. The conversions keep every processor from fusing the operations, so that
// all give the same.
func placeAt(places []event.Pointer, at float64) (x, y float64) {
	i := min(int(at), len(places)-2)
	part := at - float64(i)
	a, b := places[i], places[i+1]
	return a.X + float64(part*(b.X-a.X)), a.Y + float64(part*(b.Y-a.Y))
}
