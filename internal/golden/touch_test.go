package golden

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ipse.dev/ipse/internal/embed/network"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/path"
	"ipse.dev/ipse/internal/window"
)

// touchVector is one golden file of touch: a window, what its strokes come to, and how a small untrained network embeds
// it. Names within are those of the Go types.
type touchVector struct {
	Name      string               `json:"name"`
	Strokes   []window.TouchStroke `json:"strokes"`
	Motions   []event.Motion       `json:"motions"`
	Contacts  []path.Contact       `json:"contacts"`
	Hold      path.Hold            `json:"hold"`
	Embedding []float32            `json:"embedding"`
}

func TestGoldenTouches(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "embed", "network", "testdata", "small-touch.net"))
	if err != nil {
		t.Fatal(err)
	}
	n, err := network.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	pass := n.NewPass()
	for name, w := range touches() {
		var p path.Touch
		p.Of(w)
		got := touchVector{Name: name, Strokes: w.Strokes, Motions: w.Motions, Contacts: p.Contacts, Hold: p.Hold, Embedding: pass.Touch(w)}
		want := kept(t, filepath.Join("touches", name), got)
		near := cmp.Options{cmpopts.EquateApprox(1e-9, 1e-9), cmpopts.EquateEmpty(), cmpopts.IgnoreFields(touchVector{}, "Embedding")}
		if diff := cmp.Diff(want, got, near); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(want.Embedding, got.Embedding, cmpopts.EquateApprox(0, 1e-4)); diff != "" {
			t.Errorf("%s: embedding (-want +got):\n%s", name, diff)
		}
	}
}

// touches are made by a seeded generator of no resemblance to any person.
func touches() map[string]window.Touch {
	still := touched(3, 12)
	for i := range still.Motions {
		still.Motions[i].Acceleration = [3]float64{}
	}
	untold := touched(4, 12)
	untold.Motions = nil
	for _, s := range untold.Strokes {
		for i := range s.Points {
			s.Points[i].RadiusPX, s.Points[i].Pressure = 0, 0
		}
	}
	absurd := window.Touch{Strokes: []window.TouchStroke{{}, {StartMS: 1e15, EndMS: -1e15, Others: 1 << 30}, {Points: make([]window.TouchPoint, 9)}}}
	for i := range 40 {
		far := 1e7 * math.Pow(-1, float64(i))
		absurd.Strokes[1].Points = append(absurd.Strokes[1].Points, window.TouchPoint{TimeMS: -float64(i), DX: far, DY: -far, RadiusPX: 1e7, Pressure: 1e-300})
		absurd.Motions = append(absurd.Motions, event.Motion{Acceleration: [3]float64{far / 100, 0, 0}, Rotation: [3]float64{0, far / 100, 0}})
	}
	return map[string]window.Touch{
		"usual": touched(1, 20), "one": touched(2, 1), "still": still, "untold": untold, "absurd": absurd, "none": {},
	}
}

// touched gives taps and strokes in turn, some of two fingers at once, with whole and tenth parts of units.
func touched(seed uint64, strokes int) window.Touch {
	r := rand.New(rand.NewPCG(seed, 0))
	tenth := func(v float64) float64 { return math.Round(10*v) / 10 }
	var w window.Touch
	at := 0.0
	for range strokes {
		at += tenth(60 + 300*r.Float64())
		s := window.TouchStroke{StartMS: at, Others: r.IntN(2), Continued: r.IntN(5) == 0, Lifted: r.IntN(5) > 0}
		steps, reach := 1+r.IntN(3), 0.4
		if r.IntN(2) == 0 {
			steps, reach = 5+r.IntN(12), 9.0
		}
		p := window.TouchPoint{TimeMS: at}
		for range steps {
			p.RadiusPX, p.Pressure = tenth(9+5*r.Float64()), tenth(0.1+0.4*r.Float64())
			s.Points = append(s.Points, p)
			p.TimeMS += 8 + float64(r.IntN(3))
			p.DX, p.DY = tenth(p.DX+reach*r.Float64()), tenth(p.DY+reach*r.NormFloat64())
		}
		s.EndMS = tenth(p.TimeMS + 20*r.Float64())
		w.Strokes = append(w.Strokes, s)
		w.Motions = append(w.Motions, event.Motion{
			TimeMS: at, Acceleration: [3]float64{tenth(r.NormFloat64()), tenth(5 + r.NormFloat64()), tenth(8 + r.NormFloat64())},
			Rotation: [3]float64{tenth(r.NormFloat64()), 0, tenth(r.NormFloat64())},
		})
	}
	return w
}
