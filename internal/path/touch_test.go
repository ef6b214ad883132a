package path

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
)

func close(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) < 1e-9) {
		t.Errorf("%s is %g, want %g", what, got, want)
	}
}

// swipe goes 3 px right and 4 px down every 10 ms, twice as fast in its second half.
func swipe(startMS float64) window.TouchStroke {
	s := window.TouchStroke{StartMS: startMS, EndMS: startMS + 100, Lifted: true}
	x, y := 0.0, 0.0
	for i := range 11 {
		s.Points = append(s.Points, window.TouchPoint{TimeMS: startMS + 10*float64(i), DX: x, DY: y, RadiusPX: 10, Pressure: 0.1 + 0.01*float64(i)})
		step := 1.0
		if i >= 5 {
			step = 2
		}
		x, y = x+3*step, y+4*step
	}
	s.Points[0].RadiusPX = 5
	return s
}

func TestAStraightStrokeHasTheShapeItWasDrawnWith(t *testing.T) {
	var p Touch
	p.Of(window.Touch{Strokes: []window.TouchStroke{swipe(0), swipe(300)}})
	c := p.Contacts[1]
	close(t, "length", c.LengthPX, 75)
	close(t, "chord", c.ChordPX, 75)
	close(t, "peak", c.Peak, 1)
	close(t, "share of the duration to the peak", c.PeakShare, 0.6)
	close(t, "onset", c.Onset, 0.5)
	close(t, "tail", c.Tail, 1)
	close(t, "turn", c.Turn, 0)
	close(t, "bow", c.BowPX, 0)
	close(t, "radius", c.RadiusPX, 10)
	close(t, "rise of the radius", c.RadiusRise, math.Ln2)
	close(t, "pressure", c.Pressure, 0.15)
	close(t, "highest pressure", c.PressureMax, 0.2)
	close(t, "pause", c.PauseMS, 200)
	close(t, "interval", c.IntervalMS, 300)
	close(t, "duration", c.DurationMS, 100)
	if !c.Drawn || !c.Lifted || c.First || !p.Contacts[0].First || p.Contacts[0].PauseMS != 0 {
		t.Errorf("got %+v after %+v; want a drawn, lifted stroke after a first one without pause", c, p.Contacts[0])
	}
}

func TestBowAndTurnTellSidesApart(t *testing.T) {
	arc := func(side float64) window.Touch {
		s := window.TouchStroke{}
		for i := range 21 {
			angle := math.Pi * float64(i) / 20
			s.Points = append(s.Points, window.TouchPoint{TimeMS: 10 * float64(i), DX: 50 - 50*math.Cos(angle), DY: side * 50 * math.Sin(angle)})
		}
		return window.Touch{Strokes: []window.TouchStroke{s}}
	}
	var down, up Touch
	down.Of(arc(1))
	up.Of(arc(-1))
	close(t, "bow of the arc below", down.Contacts[0].BowPX, 50)
	close(t, "bow of the arc above", up.Contacts[0].BowPX, -50)
	close(t, "turn of a half circle in 19 turns", down.Contacts[0].Turn, math.Pi/20)
	close(t, "signed turns together", down.Contacts[0].SignedTurn+up.Contacts[0].SignedTurn, 0)
}

func TestATapHasNoShape(t *testing.T) {
	var p Touch
	p.Of(window.Touch{Strokes: []window.TouchStroke{{EndMS: 90, Lifted: true, Points: []window.TouchPoint{{}, {TimeMS: 20, DX: 2}}}}})
	if c := p.Contacts[0]; c.Drawn || c.Peak != 0 || c.LengthPX != 2 || c.RadiusPX != 0 || c.Pressure != 0 {
		t.Errorf("got %+v; want two pixels, no shape, no radius and no pressure", c)
	}
}

func TestHoldIsAMeanOfTheWindow(t *testing.T) {
	w := window.Touch{Motions: []event.Motion{
		{Acceleration: [3]float64{0, 3, 4}}, {Acceleration: [3]float64{0, 4, 3}, Rotation: [3]float64{0, 6, 8}}, {},
	}}
	var p Touch
	p.Of(w)
	h := p.Hold
	close(t, "readings", h.Readings, 2)
	close(t, "tilt to the top", h.Tilt[1], 0.7)
	close(t, "tilt out", h.Tilt[2], 0.7)
	close(t, "sway", h.Sway, math.Pi/4-math.Asin(0.6))
	close(t, "tremor", h.Tremor, math.Sqrt((2.0+25)/2))
	close(t, "rotation", h.Rotation, 10)
}

func TestAnyWindowComesToFiniteNumbers(t *testing.T) {
	var p Touch // used again and again: nothing of the window before may show
	rapid.Check(t, func(t *rapid.T) {
		var w window.Touch
		at := 0.0
		for range rapid.IntRange(0, 12).Draw(t, "strokes") {
			s := window.TouchStroke{StartMS: at, Others: rapid.IntRange(0, 9).Draw(t, "others")}
			for range rapid.IntRange(1, 9).Draw(t, "points") {
				at += rapid.SampledFrom([]float64{0, 1e-9, 8, 1e5}).Draw(t, "step")
				s.Points = append(s.Points, window.TouchPoint{TimeMS: at, DX: rapid.Float64Range(-2e6, 2e6).Draw(t, "x"), DY: rapid.Float64Range(-2e6, 2e6).Draw(t, "y"),
					RadiusPX: rapid.Float64Range(0, 1e6).Draw(t, "radius"), Pressure: rapid.Float64Range(0, 1).Draw(t, "pressure")})
			}
			s.EndMS = at
			w.Strokes = append(w.Strokes, s)
			w.Motions = append(w.Motions, event.Motion{Acceleration: [3]float64{rapid.Float64Range(-1e5, 1e5).Draw(t, "acceleration"), 0, 0}})
		}
		p.Of(w)
		var fresh Touch
		fresh.Of(w)
		for i, c := range p.Contacts {
			if c != fresh.Contacts[i] {
				t.Fatalf("stroke %d is %+v and %+v in new memory", i, c, fresh.Contacts[i])
			}
			for _, v := range []float64{c.PauseMS, c.IntervalMS, c.DurationMS, c.LengthPX, c.ChordPX, c.Speed, c.Peak, c.PeakShare, c.Onset, c.Tail,
				c.Turn, c.SignedTurn, c.BowPX, c.TremorPX, c.RadiusPX, c.RadiusRise, c.RadiusSpread, c.Pressure, c.PressureMax, c.PressureRise,
				p.Hold.Tilt[0], p.Hold.Sway, p.Hold.Tremor, p.Hold.Rotation} {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Fatalf("stroke %d is %+v, held %+v", i, c, p.Hold)
				}
			}
		}
	})
}
