package network

import (
	"math"
	"os"
	"testing"

	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/path"
	"ipse.dev/ipse/internal/window"
)

func (g goldenVector) touchContacts() ([]path.Contact, path.Hold) {
	var all []path.Contact
	var hold path.Hold
	for i, v := range g.Contacts {
		all = append(all, path.Contact{First: i == 0, PauseMS: v[0], IntervalMS: v[1], DurationMS: v[2], Others: v[3],
			Continued: v[4] != 0, Lifted: v[5] != 0, Drawn: v[6] != 0, LengthPX: v[7], DX: v[8], DY: v[9], Speed: v[10], Peak: v[11],
			PeakShare: v[12], Onset: v[13], Tail: v[14], Turn: v[15], SignedTurn: v[16], BowPX: v[17],
			RadiusPX: v[18], RadiusRise: v[19], RadiusSpread: v[20], Pressure: v[21], PressureMax: v[22], PressureRise: v[23]})
		hold = path.Hold{Readings: v[24], Tilt: [3]float64{v[25], v[26], v[27]}}
	}
	return all, hold
}

func smallTouchNetwork(t testing.TB) *Network {
	t.Helper()
	raw, err := os.ReadFile("testdata/small-touch.net")
	if err != nil {
		t.Fatal(err)
	}
	n, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// touched makes a window of taps and strokes in turn.
func touched(strokes int) window.Touch {
	var w window.Touch
	for i := range strokes {
		at := 300 * float64(i)
		s := window.TouchStroke{StartMS: at, EndMS: at + 90, Lifted: true}
		for k := range 1 + 9*(i%2) {
			s.Points = append(s.Points, window.TouchPoint{TimeMS: at + 9*float64(k), DX: 4 * float64(k), DY: float64(k * k), RadiusPX: 10 + float64(i%3), Pressure: 0.2})
		}
		w.Strokes = append(w.Strokes, s)
		w.Motions = append(w.Motions, event.Motion{TimeMS: at, Acceleration: [3]float64{1, 5, 8 + float64(i%2)}})
	}
	return w
}

func TestAnyTouchesGiveAFiniteUnitVector(t *testing.T) {
	pass := smallTouchNetwork(t).NewPass()
	rapid.Check(t, func(t *rapid.T) {
		var w window.Touch
		f := func(name string) float64 { return rapid.Float64().Draw(t, name) }
		for range rapid.IntRange(1, 30).Draw(t, "strokes") {
			s := window.TouchStroke{StartMS: f("start"), EndMS: f("end"), Others: rapid.Int().Draw(t, "others")}
			for range rapid.IntRange(0, 12).Draw(t, "points") {
				s.Points = append(s.Points, window.TouchPoint{TimeMS: f("time"), DX: f("x"), DY: f("y"), RadiusPX: f("radius"), Pressure: f("pressure")})
			}
			w.Strokes = append(w.Strokes, s)
			w.Motions = append(w.Motions, event.Motion{Acceleration: [3]float64{f("acceleration"), math.NaN(), 0}})
		}
		checkUnit(t, pass.Touch(w))
	})
}

func TestTouchesOfAnEmptyWindowAreZero(t *testing.T) {
	pass := smallTouchNetwork(t).NewPass()
	pass.Touch(touched(20))
	for i, v := range pass.Touch(window.Touch{}) {
		if v != 0 {
			t.Errorf("dimension %d is %g, want 0", i, v)
		}
	}
}

func TestTouchDoesNotAllocateInTheSteadyState(t *testing.T) {
	pass := smallTouchNetwork(t).NewPass()
	w := touched(20)
	if n := testing.AllocsPerRun(20, func() { pass.Touch(w) }); n != 0 {
		t.Errorf("%g allocations a window, want none", n)
	}
}

// TestSingleReadingsOfMotionDoNotShow swaps the readings under two taps: only their mean may enter.
func TestSingleReadingsOfMotionDoNotShow(t *testing.T) {
	n := smallTouchNetwork(t)
	w := touched(20)
	a := n.NewPass().Touch(w)
	w.Motions[2].Acceleration, w.Motions[9].Acceleration = w.Motions[9].Acceleration, w.Motions[2].Acceleration
	for i, v := range n.NewPass().Touch(w) {
		if math.Abs(float64(v-a[i])) > 1e-6 {
			t.Errorf("dimension %d went from %g to %g", i, a[i], v)
		}
	}
}
