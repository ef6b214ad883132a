package golden

import (
	"math"
	"math/rand/v2"
	"path/filepath"
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

// touchStream is one golden file of touch events: touches are [timeMS, kind, contact, x, y, radiusPX, pressure, trusted],
// readings of motion [timeMS, ax, ay, az, rx, ry, rz]; items carry them in the order in which they happened, and a flush
// comes at the end.
type touchStream struct {
	Name    string              `json:"name"`
	Items   []touchItem         `json:"items"`
	Windows []touchStreamWindow `json:"windows"`
}

type touchItem struct {
	Touch  []float64 `json:"touch,omitempty"`
	Motion []float64 `json:"motion,omitempty"`
}

type touchStreamWindow struct {
	Strokes   []window.TouchStroke  `json:"strokes"`
	Motions   int                   `json:"motions"`
	Marks     window.Marks          `json:"marks"`
	Features  []float64             `json:"features"`
	Embedding observation.Embedding `json:"embedding"`
	Liveness  observation.Liveness  `json:"liveness"`
	Quality   []observation.Flag    `json:"quality"`
}

func TestGoldenTouchStreams(t *testing.T) {
	windows := 0
	for name, items := range touchStreams() {
		got := touchStream{Name: name, Items: items, Windows: cutTouches(items)}
		want := kept(t, filepath.Join("touchstreams", name), got)
		if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-9, 1e-12), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		windows += len(got.Windows)
	}
	if windows < 8 {
		t.Errorf("the streams give %d windows, want eight at least", windows)
	}
}

func cutTouches(items []touchItem) []touchStreamWindow {
	cutter := window.NewTouchCutter(window.TouchStrokes, window.TouchMinStrokes)
	out := []touchStreamWindow{}
	add := func(windows []window.Touch) {
		for _, w := range windows {
			v := touchStreamWindow{Strokes: w.Strokes, Motions: len(w.Motions), Marks: w.Marks,
				Features: feature.Touch(w), Embedding: embed.Touch(w), Liveness: liveness.Touch(w)}
			v.Quality = liveness.TouchFlags(w, v.Liveness, false)
			out = append(out, v)
		}
	}
	for _, it := range items {
		if m := it.Motion; m != nil {
			cutter.Motion(event.Motion{TimeMS: m[0], Acceleration: [3]float64(m[1:4]), Rotation: [3]float64(m[4:7])})
			continue
		}
		e := it.Touch
		add(cutter.Push(event.Touch{TimeMS: e[0], Kind: event.TouchKind(e[1]), Contact: int(e[2]), X: e[3], Y: e[4],
			RadiusPX: e[5], Pressure: e[6], Trusted: e[7] == 1}))
	}
	add(cutter.Flush())
	return out
}

// touchStreams are made by a seeded generator of no resemblance to any person.
func touchStreams() map[string][]touchItem {
	untold := fingers(2, 25)
	for _, it := range untold {
		if it.Touch != nil {
			it.Touch[5], it.Touch[6] = 0, 0
		}
	}
	late := fingers(4, 15)
	for _, it := range late {
		for _, values := range [][]float64{it.Touch, it.Motion} {
			if values != nil {
				values[0] += 2 * window.TouchPauseMS
			}
		}
	}
	return map[string][]touchItem{
		"usual": fingers(1, 45), "untold": untold, "pause": append(fingers(3, 15), late...), "game": game(), "absurd": absurdTouches(), "none": {},
	}
}

func touch(t float64, kind event.TouchKind, contact int, x, y, radius, pressure float64) touchItem {
	return touchItem{Touch: []float64{t, float64(kind), float64(contact), x, y, radius, pressure, 1}}
}

// fingers taps and draws in turn, now and then with two fingers at once, now and then loses a finger's end.
func fingers(seed uint64, strokes int) []touchItem {
	r := rand.New(rand.NewPCG(seed, 3))
	tenth := func(v float64) float64 { return math.Round(10*v) / 10 }
	var out []touchItem
	at := 1000.0
	for i := range strokes {
		at += tenth(40 + 300*r.Float64())
		x, y, radius, pressure := tenth(300*r.Float64()), tenth(600*r.Float64()), tenth(8+6*r.Float64()), tenth(0.1+0.5*r.Float64())
		out = append(out, touch(at, event.TouchStart, i, x, y, radius, pressure))
		second := r.IntN(6) == 0
		if second {
			out = append(out, touch(at, event.TouchStart, -i-1, x+80, y, radius, pressure))
		}
		steps, reach := r.IntN(3), 0.5
		if r.IntN(2) == 0 {
			steps, reach = 6+r.IntN(60), 8
		}
		for range steps {
			at += tenth(8 + 2*r.Float64())
			x, y, radius = x+tenth(reach*r.Float64()), y+tenth(reach*r.NormFloat64()), tenth(radius+0.2*r.NormFloat64())
			out = append(out, touch(at, event.TouchMove, i, x, y, math.Max(0, radius), pressure))
			if r.IntN(2) == 0 {
				out = append(out, touchItem{Motion: []float64{at, tenth(r.NormFloat64()), tenth(4 + r.NormFloat64()), tenth(8 + r.NormFloat64()), tenth(r.NormFloat64()), 0, 0}})
			}
		}
		at += tenth(10 + 60*r.Float64())
		if second {
			out = append(out, touch(at, event.TouchCancel, -i-1, x+80, y, radius, pressure))
		}
		if r.IntN(20) > 0 {
			out = append(out, touch(at, event.TouchEnd, i, x, y, 0, 0))
		}
		out = append(out, touchItem{Motion: []float64{at + 300, 0, 0, 9.8, 0, 0, 0}}) // too late to belong to the touch
	}
	return out
}

// game keeps one finger on the glass for seconds, with rests.
func game() []touchItem {
	out := []touchItem{touch(0, event.TouchStart, 1, 100, 100, 11, 0.3)}
	at := 0.0
	for i := range 800 {
		at += 9
		if i%100 == 99 {
			at += 400
		}
		out = append(out, touch(at, event.TouchMove, 1, 100+math.Round(50*math.Sin(at/200)), 100+math.Round(50*math.Cos(at/300)), 11, 0.3))
	}
	return append(out, touch(at+30, event.TouchEnd, 1, 100, 100, 0, 0))
}

// absurdTouches holds what no hand does: thirty fingers, times that go back, kinds and places out of range.
func absurdTouches() []touchItem {
	var out []touchItem
	for i := range 600 {
		t := float64(i * 37 % 500)
		it := touch(t, event.TouchKind(i%5), i%31, 4e5*float64(i%4), -5, float64(i%3), float64(i%4)/2)
		it.Touch[7] = float64(i % 2)
		out = append(out, it, touchItem{Motion: []float64{t, 1e5 * float64(i%3), 0, 0, 0, 0, 1}})
	}
	for i := range 60 {
		out = append(out, touch(1e12, event.TouchKind(i%2*2), i/2, 1e6, -1e6, 1e6, 1))
	}
	return out
}
