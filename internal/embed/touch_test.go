package embed

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

func anyTouch(t *rapid.T) window.Touch {
	c := window.NewTouchCutter(40, 1)
	at := 0.0
	for range rapid.IntRange(0, 200).Draw(t, "events") {
		at += rapid.SampledFrom([]float64{0, 0.1, 8, 60, 5e4}).Draw(t, "step")
		out := c.Push(event.Touch{TimeMS: at, Kind: event.TouchKind(rapid.IntRange(0, 3).Draw(t, "kind")), Contact: rapid.IntRange(0, 3).Draw(t, "finger"),
			X: rapid.SampledFrom([]float64{-1e6, 0, 1, 40, 1e6}).Draw(t, "x"), Y: rapid.Float64Range(-1e6, 1e6).Draw(t, "y"),
			RadiusPX: rapid.SampledFrom([]float64{0, 1e-300, 12, 1e6}).Draw(t, "radius"), Pressure: rapid.SampledFrom([]float64{0, 1e-300, 0.2, 1}).Draw(t, "pressure")})
		if len(out) > 0 {
			return out[0]
		}
		c.Motion(event.Motion{TimeMS: at, Acceleration: [3]float64{rapid.SampledFrom([]float64{0, 1e-300, 9.8, -1e5}).Draw(t, "acceleration")}})
	}
	for _, w := range c.Flush() {
		return w
	}
	return window.Touch{}
}

func TestTouchIsFiniteForAnyWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anyTouch(t)
		for _, s := range TouchStatistics(w) {
			if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) || !(s.Samples >= 0) || !(s.Caution > 0) {
				t.Fatalf("%+v", s)
			}
		}
		for i, f := range feature.Touch(w) {
			if math.IsNaN(f) || math.IsInf(f, 0) {
				t.Fatalf("feature %d is %g", i, f)
			}
		}
		if n, _ := Dimension(observation.Touch, Model); len(Touch(w)) != n || n == 0 {
			t.Fatalf("%d dimensions, want %d", len(Touch(w)), n)
		}
	})
}

func TestAnEmptyTouchWindowIsEveryonesMean(t *testing.T) {
	for i, v := range Touch(window.Touch{}) {
		if v != 0 {
			t.Errorf("dimension %d is %d, want 0", i, v)
		}
	}
}

// tapped is a window of taps whose durations grow around dwellMS.
func tapped(dwellMS float64) (w window.Touch) {
	for i := range window.TouchStrokes {
		at, dwell := 300*float64(i), dwellMS+float64(i%5)
		w.Strokes = append(w.Strokes, window.TouchStroke{StartMS: at, EndMS: at + dwell, Lifted: true,
			Points: []window.TouchPoint{{TimeMS: at, RadiusPX: 12, Pressure: 0.2}}})
	}
	return w
}

func TestLongerTapsMoveTheDimensionsOfTapDuration(t *testing.T) {
	short, long := Touch(tapped(60)), Touch(tapped(120))
	for i, s := range TouchStatistics(tapped(60)) {
		switch s.Name {
		case "tap_duration", "tap_duration_p10", "tap_duration_p90":
			if long[i] <= short[i] {
				t.Errorf("%s goes from %d to %d when taps last twice as long; want it to grow", s.Name, short[i], long[i])
			}
		case "radius", "pressure", "interval_p50":
			if long[i] != short[i] {
				t.Errorf("%s goes from %d to %d when taps last twice as long; want no change", s.Name, short[i], long[i])
			}
		}
	}
}

func TestTouchModels(t *testing.T) {
	for _, name := range append(LearnedModels(observation.Touch), Model) {
		touch, err := TouchModel(name)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0
		for _, v := range touch(tapped(90)) {
			sum += int(v) * int(v)
		}
		if sum == 0 {
			t.Errorf("%s: the embedding of twenty taps is zero", name)
		}
	}
	if _, err := TouchModel(LearnedModels(observation.Keyboard)[0]); err == nil {
		t.Error("a keyboard model is given for touch; want an error")
	}
}
