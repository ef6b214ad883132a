package liveness

import (
	"encoding/binary"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

func drawnStrokes(seed uint64, n int) []window.Stroke {
	r := rand.New(rand.NewPCG(seed, 3))
	out := make([]window.Stroke, n)
	t := 0.0
	for i := range out {
		t += 70 + 100*r.ExpFloat64()
		out[i] = window.Stroke{PressMS: t, ReleaseMS: t + 50 + 70*r.Float64()}
	}
	return out
}

// keyNames sketches strokes in windows of 30 from an offset on.
func keyNames(strokes []window.Stroke, from int) (names []uint64) {
	var k KeySketcher
	for ; from+window.KeyboardStrokes <= len(strokes); from += window.KeyboardStrokes {
		names = append(names, namesOf(k.Next(window.Keyboard{Strokes: strokes[from : from+window.KeyboardStrokes]}))...)
	}
	return names
}

func namesOf(s observation.Sketch) (names []uint64) {
	for ; len(s) > 0; s = s[8:] {
		names = append(names, binary.BigEndian.Uint64(s))
	}
	return names
}

// shareWithin is the share of names that differ in so few bits from one of the others.
func shareWithin(names, others []uint64, apart int) float64 {
	n := 0.0
	for _, a := range names {
		for _, b := range others {
			if bits.OnesCount64(a^b) <= apart {
				n++
				break
			}
		}
	}
	return n / float64(max(1, len(names)))
}

func TestTypingReplayedHasTheSameNames(t *testing.T) {
	strokes := drawnStrokes(1, 3000)
	known := keyNames(strokes, 0)
	if len(known) < 100 {
		t.Fatalf("%d names of 100 windows, want one for each at least", len(known))
	}
	r := rand.New(rand.NewPCG(2, 2))
	changed := func(f func(float64) float64) []window.Stroke {
		out := make([]window.Stroke, len(strokes))
		for i, s := range strokes {
			out[i] = window.Stroke{PressMS: f(s.PressMS), ReleaseMS: f(s.ReleaseMS), Class: event.Space}
		}
		return out
	}
	for _, c := range []struct {
		name   string
		played []uint64
		apart  int
		want   float64
	}{
		{"as it was", keyNames(strokes, 0), 0, 1},
		{"later, half as slow again, other keys", keyNames(changed(func(ms float64) float64 { return 1e6 + 1.5*ms }), 0), 0, 1},
		{"windows cut elsewhere", keyNames(strokes, 13), 0, 0.9},
		{"moved by 5 ms", keyNames(changed(func(ms float64) float64 { return ms + 10*r.Float64() - 5 }), 0), 10, 0.9},
		{"on a clock of 8 ms", keyNames(changed(func(ms float64) float64 { return 8 * math.Floor(ms/8) }), 0), 10, 0.9},
		{"other strokes", nil, 10, 0},
	} {
		if c.played == nil {
			if got := shareWithin(keyNames(drawnStrokes(9, 3000), 0), known, c.apart); got > 0.01 {
				t.Errorf("%s: %.3f of the names are within %d bits, want nearly none", c.name, got, c.apart)
			}
			continue
		}
		if got := shareWithin(c.played, known, c.apart); got < c.want {
			t.Errorf("%s: %.3f of the names are within %d bits, want %g", c.name, got, c.apart, c.want)
		}
	}
}

func placesOf(seed uint64, strokes int) []event.Pointer {
	r := rand.New(rand.NewPCG(seed, 4))
	var out []event.Pointer
	t, x, y := 0.0, 500.0, 500.0
	for range strokes {
		n := 20 + r.IntN(50)
		angle, turn, tilt := 7*r.Float64(), 0.1*r.NormFloat64(), 1+r.Float64()
		for i := range n {
			v := 2 + 20*math.Pow(math.Sin(math.Pi*math.Pow(float64(i+1)/float64(n+1), tilt)), 2) + 5*r.Float64()
			angle += turn + 0.05*r.NormFloat64()
			x, y, t = x+v*math.Cos(angle), y+v*math.Sin(angle), t+8+r.Float64()
			out = append(out, event.Pointer{TimeMS: t, X: x, Y: y, Trusted: true})
		}
		t += 200 + 300*r.Float64()
	}
	return out
}

func pointerNames(places []event.Pointer, from int) (names []uint64) {
	var p PointerSketcher
	for ; from < len(places); from += window.PointerEvents {
		names = append(names, namesOf(p.Next(window.Pointer{Events: places[from:min(len(places), from+window.PointerEvents)]}))...)
	}
	return names
}

func TestPointerStrokesReplayedHaveTheSameNames(t *testing.T) {
	places := placesOf(1, 400)
	known := pointerNames(places, 0)
	if len(known) < 200 {
		t.Fatalf("%d names of 400 strokes, want half as many at least", len(known))
	}
	mapped := func(xx, xy, yx, yy float64, round bool, scale float64) []event.Pointer {
		out := make([]event.Pointer, len(places))
		for i, e := range places {
			e.X, e.Y = xx*e.X+xy*e.Y+40, yx*e.X+yy*e.Y-90
			if e.TimeMS *= scale; round {
				e.X, e.Y = math.Round(e.X), math.Round(e.Y)
			}
			out[i] = e
		}
		return out
	}
	for _, c := range []struct {
		name   string
		played []uint64
		apart  int
		want   float64
	}{
		{"as it was", pointerNames(places, 0), 0, 1},
		{"windows cut elsewhere", pointerNames(places, 50), 0, 0.75},
		{"turned, larger, in whole pixels", pointerNames(mapped(0.9, -1.1, 1.1, 0.9, true, 1), 0), 10, 0.8},
		{"mirrored", pointerNames(mapped(-1, 0, 0, 1, false, 1), 0), 5, 0.9},
		{"a tenth slower", pointerNames(mapped(1, 0, 0, 1, false, 1.1), 0), 0, 0.95},
		{"stretched and sheared", pointerNames(mapped(1.2, 0.15, 0, 0.85, true, 1), 0), 16, 0.75},
	} {
		if got := shareWithin(c.played, known, c.apart); got < c.want {
			t.Errorf("%s: %.3f of the names are within %d bits, want %g", c.name, got, c.apart, c.want)
		}
	}
}

// swipesOf are swipes of one finger, every third of which lasts longer than a piece.
func swipesOf(seed uint64, swipes int) []event.Touch {
	r := rand.New(rand.NewPCG(seed, 6))
	var out []event.Touch
	t := 0.0
	for swipe := range swipes {
		n := 14 + r.IntN(30)
		if swipe%3 == 0 {
			n *= 4
		}
		x, y := 300*r.Float64(), 600*r.Float64()
		angle, turn, tilt := 7*r.Float64(), 0.1*r.NormFloat64(), 1+r.Float64()
		for i := range n {
			v := 2 + 20*math.Pow(math.Sin(math.Pi*math.Pow(float64(i+1)/float64(n+1), tilt)), 2) + 5*r.Float64()
			turn += 0.06 * r.NormFloat64()
			angle += turn
			x, y, t = x+v*math.Cos(angle), y+v*math.Sin(angle), t+8+r.Float64()
			kind := event.TouchMove
			if i == 0 {
				kind = event.TouchStart
			}
			out = append(out, event.Touch{TimeMS: t, Kind: kind, Contact: swipe, X: x, Y: y, Trusted: true})
		}
		out = append(out, event.Touch{TimeMS: t + 5, Kind: event.TouchEnd, Contact: swipe, X: x, Y: y, Trusted: true})
		t += 200 + 300*r.Float64()
	}
	return out
}

// touchNames sketches touches as a collector cuts them that begins with one of them.
func touchNames(touches []event.Touch, from int) (names []uint64) {
	var s TouchSketcher
	c := window.NewTouchCutter(window.TouchStrokes, window.TouchMinStrokes)
	for _, e := range touches[from:] {
		for _, w := range c.Push(e) {
			names = append(names, namesOf(s.Next(w))...)
		}
	}
	return names
}

func TestSwipesReplayedHaveTheSameNames(t *testing.T) {
	touches := swipesOf(1, 600)
	known := touchNames(touches, 0)
	if len(known) < 60 {
		t.Fatalf("%d names of 600 swipes, want 60 at least", len(known))
	}
	r := rand.New(rand.NewPCG(7, 7))
	changed := func(f func(*event.Touch)) []event.Touch {
		out := append([]event.Touch(nil), touches...)
		for i := range out {
			f(&out[i])
		}
		return out
	}
	for _, c := range []struct {
		name   string
		played []uint64
		apart  int
		want   float64
	}{
		{"as it was", touchNames(touches, 0), 0, 1},
		{"elsewhere, larger, in whole pixels", touchNames(changed(func(e *event.Touch) { e.X, e.Y = math.Round(1.3*e.X+50), math.Round(1.3*e.Y-40) }), 0), 8, 0.8},
		{"mirrored", touchNames(changed(func(e *event.Touch) { e.X = -e.X }), 0), 5, 0.9},
		{"a tenth slower", touchNames(changed(func(e *event.Touch) { e.TimeMS *= 1.1 }), 0), 0, 0.7},
		{"moved by 3 ms", touchNames(changed(func(e *event.Touch) { e.TimeMS += 6*r.Float64() - 3 }), 0), 0, 0.7},
		{"windows cut elsewhere", touchNames(touches, 300), 0, 0.4},
	} {
		if got := shareWithin(c.played, known, c.apart); got < c.want {
			t.Errorf("%s: %.3f of the names are within %d bits, want %g", c.name, got, c.apart, c.want)
		}
	}
	if got := shareWithin(touchNames(swipesOf(9, 600), 0), known, 5); got > 0.1 {
		t.Errorf("other swipes: %.3f of the names are within 5 bits, want hardly any", got)
	}
	var taps []event.Touch
	for i := range 100 {
		for _, kind := range []event.TouchKind{event.TouchStart, event.TouchEnd} {
			taps = append(taps, event.Touch{TimeMS: 300*float64(i) + 80*float64(kind), Kind: kind, Contact: i, X: float64(30 * (i % 7)), Y: 500, Trusted: true})
		}
	}
	if got := touchNames(taps, 0); len(got) != 0 {
		t.Errorf("taps have the names %x, want none", got)
	}
}

func TestWhatIsKeptOfFingersIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s TouchSketcher
		for range 30 {
			w := window.Touch{}
			for range rapid.IntRange(1, 20).Draw(t, "strokes") {
				start := rapid.Float64Range(-1e6, 1e6).Draw(t, "start")
				stroke := window.TouchStroke{StartMS: start, Continued: rapid.Bool().Draw(t, "continued"), Lifted: rapid.Bool().Draw(t, "lifted")}
				for i := range rapid.IntRange(0, 40).Draw(t, "points") {
					at := rapid.Float64Range(-1e6, 1e6)
					stroke.Points = append(stroke.Points, window.TouchPoint{TimeMS: start + float64(i), DX: at.Draw(t, "x"), DY: at.Draw(t, "y")})
				}
				w.Strokes = append(w.Strokes, stroke)
			}
			if sketch := s.Next(w); len(sketch) > observation.MaxSketchBytes || len(sketch)%observation.SketchNameBytes != 0 {
				t.Fatalf("a sketch of %d bytes, want whole names and %d at most", len(sketch), observation.MaxSketchBytes)
			}
			if len(s.fingers) > fingersKept {
				t.Fatalf("%d fingers are kept, want %d at most", len(s.fingers), fingersKept)
			}
			for _, f := range s.fingers {
				if len(f.path.stroke) > mostPlaces {
					t.Fatalf("%d places of a finger are kept, want %d at most", len(f.path.stroke), mostPlaces)
				}
			}
		}
	})
}

func TestWhatHasNoShapeHasNoName(t *testing.T) {
	var equal []window.Stroke
	for i := range 90 {
		at := 100 * float64(i)
		if i%20 == 0 {
			at -= 1
		}
		equal = append(equal, window.Stroke{PressMS: at, ReleaseMS: at + 50})
	}
	if got := keyNames(equal, 0); len(got) != 0 {
		t.Errorf("strokes at equal distances have the names %x, want none", got)
	}
	var still []event.Pointer
	for i := range 300 {
		still = append(still, event.Pointer{TimeMS: float64(20 * i), X: 5, Y: 5})
	}
	if got := pointerNames(still, 0); len(got) != 0 {
		t.Errorf("a pointer that rests has the names %x, want none", got)
	}
}

func TestNoInputBreaksASketch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times := rapid.SliceOfN(rapid.Float64Range(-1e9, 1e9), 15, 30)
		var k KeySketcher
		var p PointerSketcher
		for range 4 {
			var w window.Keyboard
			for _, at := range times.Draw(t, "presses") {
				w.Strokes = append(w.Strokes, window.Stroke{PressMS: at, ReleaseMS: at + rapid.Float64Range(0, 2000).Draw(t, "dwell")})
			}
			var events []event.Pointer
			for _, at := range times.Draw(t, "moves") {
				coordinate := rapid.Float64Range(-1e6, 1e6)
				events = append(events, event.Pointer{TimeMS: at, X: coordinate.Draw(t, "x"), Y: coordinate.Draw(t, "y")})
			}
			for _, s := range []observation.Sketch{k.Next(w), p.Next(window.Pointer{Events: events})} {
				if len(s) > observation.MaxSketchBytes || len(s)%observation.SketchNameBytes != 0 {
					t.Fatalf("a sketch of %d bytes, want whole names and %d at most", len(s), observation.MaxSketchBytes)
				}
			}
			if len(k.last) > keysKept || len(p.stroke) > mostPlaces {
				t.Fatalf("%d strokes and %d places are kept, want %d and %d at most", len(k.last), len(p.stroke), keysKept, mostPlaces)
			}
		}
	})
}
