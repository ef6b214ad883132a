package feature

import (
	"math"
	"testing"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
)

func TestTouchMeasuresWhatItsNamesSay(t *testing.T) {
	swipe := window.TouchStroke{StartMS: 400, EndMS: 500, Lifted: true}
	for i := range 11 { // 100 px to the right at 1,000 px/s
		swipe.Points = append(swipe.Points, window.TouchPoint{TimeMS: 400 + 10*float64(i), DX: 10 * float64(i), RadiusPX: 14, Pressure: 0.5})
	}
	tap := func(startMS, dwellMS float64) window.TouchStroke {
		return window.TouchStroke{StartMS: startMS, EndMS: startMS + dwellMS, Lifted: true, Points: []window.TouchPoint{{TimeMS: startMS, RadiusPX: 10, Pressure: 0.25}}}
	}
	w := window.Touch{
		Strokes: []window.TouchStroke{tap(0, 80), tap(200, 100), swipe},
		Motions: []event.Motion{{Acceleration: [3]float64{0, 0, 9}, Rotation: [3]float64{3, 4, 0}}, {Acceleration: [3]float64{0, 0, 10}}},
	}
	got := Touch(w)
	if len(got) != len(TouchList.Features) {
		t.Fatalf("%d values for %d names", len(got), len(TouchList.Features))
	}
	for name, want := range map[string]float64{
		"tap_duration_median_ms":      90,
		"touch_interval_median_ms":    200,
		"swipe_speed_median_px_s":     1000,
		"swipe_peak_speed_px_s":       1000,
		"swipe_length_median_px":      100,
		"swipe_straightness":          1,
		"swipe_turn_median_deg":       0,
		"touch_radius_median_px":      10,
		"touch_pressure_median_share": 0.25,
		"hold_tremor_m_s2":            1,
		"hold_rotation_deg_s":         5,
	} {
		if v := at(TouchList, name, got); math.Abs(v-want) > 1e-9 {
			t.Errorf("%s = %g, want %g", name, v, want)
		}
	}
	if n := len(Touch(window.Touch{})); n != len(TouchList.Features) {
		t.Errorf("an empty window gives %d values for %d names", n, len(TouchList.Features))
	}
}
