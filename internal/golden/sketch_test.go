package golden

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

// sketchVector is one file of testdata/golden/sketch: key presses [pressMS, releaseMS], places of the pointer
// [timeMS, x, y] or touches [timeMS, kind, contact, x, y] as they follow one another, how many of the first two each window
// takes (touches are cut as always), and the windows' sketches.
type sketchVector struct {
	Strokes  [][2]float64         `json:"strokes,omitempty"`
	Places   [][3]float64         `json:"places,omitempty"`
	Touches  [][5]float64         `json:"touches,omitempty"`
	Windows  []int                `json:"windows,omitempty"`
	Sketches []observation.Sketch `json:"sketches"`
}

func TestGoldenSketches(t *testing.T) {
	names := 0
	for name, got := range map[string]sketchVector{
		"keys":         sketchKeys(1, 0),
		"keys-coarse":  sketchKeys(2, 8),
		"keys-equal":   equalKeys(),
		"places":       sketchPlaces(3, 0),
		"places-whole": sketchPlaces(4, 1),
		"places-still": stillPlaces(),
		"touches":      sketchTouches(5),
	} {
		got.sketch()
		want := kept(t, "sketch/"+name, got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		for _, s := range got.Sketches {
			names += len(s) / observation.SketchNameBytes
		}
	}
	if names < 40 {
		t.Errorf("the vectors hold %d names, want 40 at least", names)
	}
}

func (v *sketchVector) sketch() {
	var typed liveness.KeySketcher
	var moved liveness.PointerSketcher
	if len(v.Touches) > 0 {
		var swept liveness.TouchSketcher
		cutter := window.NewTouchCutter(window.TouchStrokes, window.TouchMinStrokes)
		for _, e := range v.Touches {
			for _, w := range cutter.Push(event.Touch{TimeMS: e[0], Kind: event.TouchKind(e[1]), Contact: int(e[2]), X: e[3], Y: e[4], Trusted: true}) {
				v.Sketches = append(v.Sketches, swept.Next(w))
			}
		}
		return
	}
	at := 0
	for _, n := range v.Windows {
		if len(v.Strokes) > 0 {
			w := window.Keyboard{}
			for _, s := range v.Strokes[at : at+n] {
				w.Strokes = append(w.Strokes, window.Stroke{PressMS: s[0], ReleaseMS: s[1]})
			}
			v.Sketches = append(v.Sketches, typed.Next(w))
		} else {
			w := window.Pointer{}
			for _, p := range v.Places[at : at+n] {
				w.Events = append(w.Events, event.Pointer{TimeMS: p[0], X: p[1], Y: p[2], Trusted: true})
			}
			v.Sketches = append(v.Sketches, moved.Next(w))
		}
		at += n
	}
}

// onClock gives a time as a clock of that step does; 0 is a clock that gives microseconds.
func onClock(t, stepMS float64) float64 {
	if stepMS == 0 {
		return math.Floor(t*1000) / 1000
	}
	return math.Floor(t/stepMS) * stepMS
}

func sketchKeys(seed uint64, stepMS float64) sketchVector {
	r := rand.New(rand.NewPCG(seed, 1))
	v := sketchVector{Windows: []int{30, 30, 17, 30, 30, 30, 30, 30, 15, 30}}
	t := 0.0
	for i := range 272 {
		t += 60 + 90*r.ExpFloat64()
		if r.IntN(40) == 0 {
			t += 3000 * r.Float64()
		}
		if i == 200 {
			t += 40_000
		}
		v.Strokes = append(v.Strokes, [2]float64{onClock(t, stepMS), onClock(t+40+60*r.Float64(), stepMS)})
	}
	return v
}

func equalKeys() sketchVector {
	v := sketchVector{Windows: []int{30, 30}}
	for i := range 60 {
		t := 100 * float64(i)
		if i == 15 || i == 40 {
			t -= 20
		}
		v.Strokes = append(v.Strokes, [2]float64{t, t + 50})
	}
	return v
}

func sketchPlaces(seed uint64, stepPX float64) sketchVector {
	r := rand.New(rand.NewPCG(seed, 2))
	var v sketchVector
	t, x, y := 0.0, 400.0, 300.0
	for range 40 {
		n := 3 + r.IntN(70)
		angle, bend := 7*r.Float64(), 0.3*r.NormFloat64()
		for i := range n {
			speed := 3 + 30*math.Sin(math.Pi*float64(i+1)/float64(n+1))*r.Float64()
			angle += bend * 0.2 * r.Float64()
			x, y = x+speed*math.Cos(angle), y+speed*math.Sin(angle)
			t += 7 + 2*r.Float64()
			v.Places = append(v.Places, [3]float64{onClock(t, 0), onClock(x, stepPX), onClock(y, stepPX)})
		}
		t += 120 + 300*r.Float64()
	}
	for left := len(v.Places); left > 0; left -= 128 {
		v.Windows = append(v.Windows, min(left, 128))
	}
	return v
}

func stillPlaces() sketchVector {
	v := sketchVector{Windows: []int{64, 64}}
	for i := range 128 {
		v.Places = append(v.Places, [3]float64{float64(20*i + 300*(i/40)), float64(i/40) * 5, 7})
	}
	return v
}

// sketchTouches are swipes of one finger and now and then of a second, short ones, and ones that steer for seconds.
func sketchTouches(seed uint64) (v sketchVector) {
	r := rand.New(rand.NewPCG(seed, 1))
	t := 0.0
	for swipe := range 60 {
		places, rest := 8+r.IntN(30), r.IntN(3) == 0
		if swipe%5 == 0 {
			places *= 6
		}
		fingers := 1 + r.IntN(6)/5
		angle, turn, speed := 7*r.Float64(), 0.15*r.NormFloat64(), 3+9*r.Float64()
		x, y := 100+200*r.Float64(), 200+300*r.Float64()
		for i := range places {
			kind := float64(event.TouchMove)
			if i == 0 {
				kind = float64(event.TouchStart)
			}
			if t += 8 + float64(r.IntN(9)); rest && i == places/2 {
				t += 40 + 200*r.Float64()
			}
			angle += turn + 0.1*r.NormFloat64()
			step := speed * (0.3 + math.Sin(3*float64(i+1)/float64(places)))
			x, y = math.Round(10*(x+step*math.Cos(angle)))/10, math.Round(10*(y+step*math.Sin(angle)))/10
			for finger := range fingers {
				v.Touches = append(v.Touches, [5]float64{onClock(t, 0), kind, float64(finger), x + 80*float64(finger), y})
			}
		}
		for finger := range fingers {
			kind := float64(event.TouchEnd)
			if r.IntN(8) == 0 {
				kind = float64(event.TouchCancel)
			}
			v.Touches = append(v.Touches, [5]float64{onClock(t+4, 0), kind, float64(finger), x + 80*float64(finger), y})
		}
		t += 100 + 500*r.Float64()
	}
	return v
}
