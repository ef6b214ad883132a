package golden

import (
	"flag"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

var update = flag.Bool("update", false, "write the golden files anew")

// vector is one golden file. Key events are [timeMS, class, down, repeat, trusted], pointer events
// [timeMS, kind, x, y, button, wheelX, wheelY, trusted], marks [timeMS, kind], with 0 and 1 for false and true; items
// carry them in the order in which they happened, and a flush comes at the end.
type vector struct {
	Name    string         `json:"name"`
	Items   []item         `json:"items"`
	Windows []windowVector `json:"windows"`
}

type item struct {
	Key     []float64 `json:"key,omitempty"`
	Pointer []float64 `json:"pointer,omitempty"`
	Mark    []float64 `json:"mark,omitempty"`
}

type windowVector struct {
	Modality  observation.Modality  `json:"modality"`
	Strokes   [][3]float64          `json:"strokes,omitempty"` // pressMS, releaseMS, class
	Events    int                   `json:"events"`
	Thinned   int                   `json:"thinned,omitempty"`
	Marks     window.Marks          `json:"marks"`
	Features  []float64             `json:"features"`
	Embedding observation.Embedding `json:"embedding"`
	Liveness  observation.Liveness  `json:"liveness"`
	Quality   []observation.Flag    `json:"quality"`
}

func TestGoldenVectors(t *testing.T) {
	for name, items := range streams() {
		got := vector{Name: name, Items: items, Windows: run(items)}
		want := kept(t, name, got)
		if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-9, 1e-12), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		for i, w := range got.Windows {
			for j, f := range w.Features {
				if math.IsNaN(f) || math.IsInf(f, 0) {
					t.Errorf("%s window %d: feature %d is %g", name, i, j, f)
				}
			}
		}
	}
}

func run(items []item) []windowVector {
	keyboard := window.NewKeyboardCutter(window.KeyboardStrokes, window.KeyboardMinStrokes)
	pointer := window.NewPointerCutter(window.PointerEvents, window.PointerMinEvents)
	out := []windowVector{}
	keys := func(ws []window.Keyboard) {
		for _, w := range ws {
			v := windowVector{
				Modality: observation.Keyboard, Events: len(w.Strokes), Marks: w.Marks,
				Features: feature.Keyboard(w), Embedding: embed.Keyboard(w), Liveness: liveness.Keyboard(w),
			}
			v.Quality = liveness.KeyboardFlags(w, v.Liveness, false)
			for _, s := range w.Strokes {
				v.Strokes = append(v.Strokes, [3]float64{s.PressMS, s.ReleaseMS, float64(s.Class)})
			}
			out = append(out, v)
		}
	}
	points := func(ws []window.Pointer) {
		for _, w := range ws {
			v := windowVector{
				Modality: observation.Pointer, Events: len(w.Events), Thinned: w.Thinned, Marks: w.Marks,
				Features: feature.Pointer(w), Embedding: embed.Pointer(w), Liveness: liveness.Pointer(w),
			}
			v.Quality = liveness.PointerFlags(w, v.Liveness, true)
			out = append(out, v)
		}
	}
	for _, it := range items {
		switch {
		case it.Key != nil:
			k := it.Key
			keys(keyboard.Push(event.Key{TimeMS: k[0], Class: event.Class(k[1]), Down: k[2] == 1, Repeat: k[3] == 1, Trusted: k[4] == 1}))
		case it.Pointer != nil:
			p := it.Pointer
			points(pointer.Push(event.Pointer{TimeMS: p[0], Kind: event.PointerKind(p[1]), X: p[2], Y: p[3], Button: uint8(p[4]), WheelX: p[5], WheelY: p[6], Trusted: p[7] == 1}))
		case it.Mark != nil:
			keyboard.Mark(event.Mark{TimeMS: it.Mark[0], Kind: event.MarkKind(it.Mark[1])})
		}
	}
	keys(keyboard.Flush())
	points(pointer.Flush())
	return out
}

// streams are made by a seeded generator of no resemblance to any person.
func streams() map[string][]item {
	return map[string][]item{
		"typing":       typing(1, 400, 110, 95),
		"fast-typing":  typing(2, 300, 60, 110),
		"slow-typing":  typing(3, 120, 600, 140),
		"pointing":     pointing(4, 600),
		"fast-mouse":   fastMouse(10, 2500),
		"mixed":        append(typing(5, 100, 150, 80), pointing(6, 300)...),
		"pauses":       pauses(),
		"lost-keys":    lostKeys(),
		"absurd":       absurd(),
		"empty":        {},
		"one-class":    oneClass(),
		"zero-motion":  zeroMotion(),
		"short-window": typing(9, window.KeyboardMinStrokes, 120, 90),
	}
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func key(t float64, c event.Class, down, repeat, trusted bool) item {
	return item{Key: []float64{t, float64(c), bit(down), bit(repeat), bit(trusted)}}
}

func typing(seed uint64, strokes int, interval, dwell float64) []item {
	r := rand.New(rand.NewPCG(seed, 0))
	type timed struct {
		at float64
		it item
	}
	var all []timed
	t := 1000.0
	for range strokes {
		c := event.Class(r.IntN(2))
		switch x := r.Float64(); {
		case x < 0.15:
			c = event.Space
		case x < 0.20:
			c = event.Backspace
		case x < 0.24:
			c = event.Shift
		case x < 0.30:
			c = event.Class(r.IntN(event.ClassCount))
		}
		t += math.Floor(interval*math.Exp(0.4*r.NormFloat64())*10) / 10
		if r.Float64() < 0.02 {
			t += 1800
		}
		up := t + math.Floor(dwell*math.Exp(0.3*r.NormFloat64())*10)/10
		all = append(all, timed{t, key(t, c, true, false, true)}, timed{up, key(up, c, false, false, true)})
		if r.Float64() < 0.02 {
			all = append(all, timed{t + 1, key(t+1, c, true, true, true)})
		}
		if r.Float64() < 0.01 {
			all = append(all, timed{t + 2, item{Mark: []float64{t + 2, float64(r.IntN(2))}}})
		}
	}
	for i := 1; i < len(all); i++ { // insertion sort: stable, and the streams are nearly sorted
		for j := i; j > 0 && all[j].at < all[j-1].at; j-- {
			all[j], all[j-1] = all[j-1], all[j]
		}
	}
	out := make([]item, len(all))
	for i, x := range all {
		out[i] = x.it
	}
	return out
}

func pointing(seed uint64, events int) []item {
	r := rand.New(rand.NewPCG(seed, 0))
	var out []item
	t, x, y, vx, vy := 500.0, 400.0, 300.0, 3.0, 1.0
	for len(out) < events {
		t += math.Floor((7+3*r.Float64())*100) / 100
		vx += r.NormFloat64()
		vy += r.NormFloat64()
		x, y = math.Floor(x+vx), math.Floor(y+vy)
		add := func(kind event.PointerKind, wheel float64) {
			out = append(out, item{Pointer: []float64{t, float64(kind), x, y, 0, 0, wheel, 1}})
		}
		add(event.Move, 0)
		switch p := r.Float64(); {
		case p < 0.02:
			t += 200 * r.Float64()
			add(event.Press, 0)
			t += 60 + 60*r.Float64()
			add(event.Release, 0)
		case p < 0.04:
			add(event.Wheel, 120)
			t += 50
			add(event.Wheel, 120)
		case p < 0.06:
			t += 400
			vx, vy = 4*r.NormFloat64(), 4*r.NormFloat64()
		}
	}
	return out
}

// fastMouse reports 1,000 times a second, a little unevenly, with the batches and gaps that a busy page sees.
func fastMouse(seed uint64, events int) []item {
	r := rand.New(rand.NewPCG(seed, 0))
	var out []item
	t, x, y, vx, vy := 500.0, 400.0, 300.0, 0.5, 0.2
	for len(out) < events {
		t += math.Floor((0.9+0.2*r.Float64())*10+0.5) / 10
		vx, vy = 0.98*vx+0.05*r.NormFloat64(), 0.98*vy+0.05*r.NormFloat64()
		x, y = x+vx, y+vy
		add := func(kind event.PointerKind, wheel float64) {
			out = append(out, item{Pointer: []float64{math.Floor(t*10+0.5) / 10, float64(kind), math.Floor(x), math.Floor(y), 0, 0, wheel, bit(r.IntN(50) > 0)}})
		}
		add(event.Move, 0)
		switch p := r.Float64(); {
		case p < 0.004:
			t += 30 * r.Float64()
			add(event.Press, 0)
			t += 60 + 60*r.Float64()
			add(event.Release, 0)
		case p < 0.006:
			add(event.Wheel, 120)
		case p < 0.01:
			t += 4 + 8*r.Float64()
		case p < 0.012:
			t += 400
		case p < 0.014:
			t -= 2
		}
	}
	return out
}

func pauses() []item {
	out := typing(7, 20, 120, 90)
	last := out[len(out)-1].Key[0]
	for _, it := range typing(8, 40, 120, 90) {
		if it.Key != nil {
			it.Key[0] += last + window.KeyboardPauseMS
		}
		out = append(out, it)
	}
	return out
}

func lostKeys() []item {
	var out []item
	for i := range 90 {
		t := float64(i) * 150
		out = append(out, key(t, event.Class(i%2), true, false, i%3 != 0))
		if i%5 != 0 {
			out = append(out, key(t+90, event.Class(i%2), false, false, true))
		}
		if i%30 == 29 {
			out = append(out, item{Mark: []float64{t + 95, float64(event.Blur)}})
		}
	}
	return out
}

// absurd holds what no hand does: times that go back, classes and coordinates out of range, everything at one time.
func absurd() []item {
	var out []item
	for i := range 200 {
		t := float64(i * 37 % 100)
		out = append(out, key(t, event.Class(i%11), i%2 == 0, i%7 == 0, false))
		out = append(out, item{Pointer: []float64{t, float64(i % 5), 1e9 * float64(i%3), -5, 9, 0, 0, 0}})
	}
	for i := range 70 {
		out = append(out, key(1e12, event.Class(i%9), true, false, true), key(1e12, event.Class(i%9), false, false, true))
	}
	for i := range 140 {
		out = append(out, item{Pointer: []float64{1e12, float64(i % 4), float64(i%2) * 1e6, 0, 0, 0, 1, 1}})
	}
	return out
}

func oneClass() []item {
	var out []item
	for i := range 65 {
		t := float64(i) * 100
		out = append(out, key(t, event.Other, true, false, true), key(t+50, event.Other, false, false, true))
	}
	return out
}

func zeroMotion() []item {
	var out []item
	for i := range window.PointerEvents {
		out = append(out, item{Pointer: []float64{float64(i) * 10, 0, 5, 5, 0, 0, 0, 1}})
	}
	return out
}
