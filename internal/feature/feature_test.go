package feature

import (
	"math"
	"strings"
	"testing"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
)

func at(list List, name string, values []float64) float64 {
	for i, f := range list.Features {
		if f.Name == name {
			return values[i]
		}
	}
	return math.NaN()
}

func TestKeyboardMeasuresWhatItsNamesSay(t *testing.T) {
	w := window.Keyboard{Strokes: []window.Stroke{
		{PressMS: 0, ReleaseMS: 100, Class: event.LeftLetter},
		{PressMS: 80, ReleaseMS: 200, Class: event.RightLetter}, // down before the one before is up; the other hand
		{PressMS: 280, ReleaseMS: 360, Class: event.RightLetter},
		{PressMS: 430, ReleaseMS: 500, Class: event.Space},
		{PressMS: 600, ReleaseMS: 900, Class: event.Shift},
		{PressMS: 700, ReleaseMS: 790, Class: event.LeftLetter},
		{PressMS: 1100, ReleaseMS: 1150, Class: event.Backspace},
		{PressMS: 9000, ReleaseMS: 9070, Class: event.LeftLetter}, // after a pause: no interval
	}}
	got := Keyboard(w)
	for name, want := range map[string]float64{
		"letter_dwell_median_ms":         90,
		"letter_dwell_spread_ms":         (112 - 74) / 2.0,
		"space_dwell_median_ms":          70,
		"letter_interval_median_ms":      140,
		"hand_change_interval_median_ms": 80,
		"same_hand_interval_median_ms":   200,
		"space_lead_median_ms":           150,
		"rollover_share":                 0.5,
		"shift_dwell_median_ms":          300,
		"correction_interval_median_ms":  400,
	} {
		if v := at(KeyboardList, name, got); math.Abs(v-want) > 1e-9 {
			t.Errorf("%s = %g, want %g", name, v, want)
		}
	}
}

func TestPointerMeasuresWhatItsNamesSay(t *testing.T) {
	var w window.Pointer
	for i := range 11 { // 100 px to the right at 1,000 px/s, then 100 px down at the same speed
		w.Events = append(w.Events, event.Pointer{TimeMS: float64(i * 10), X: float64(i * 10)})
	}
	for i := range 10 {
		w.Events = append(w.Events, event.Pointer{TimeMS: 110 + float64(i*10), X: 100, Y: float64(i*10 + 10)})
	}
	w.Events = append(w.Events,
		event.Pointer{TimeMS: 260, Kind: event.Press, X: 100, Y: 100},
		event.Pointer{TimeMS: 340, Kind: event.Release, X: 100, Y: 100})
	got := Pointer(w)
	for name, want := range map[string]float64{
		"speed_median_px_s":         1000,
		"speed_peak_px_s":           1000,
		"acceleration_median_px_s2": 0,
		"turn_median_deg":           0,
		"straightness":              math.Sqrt2 / 2,
		"stroke_length_median_px":   200,
		"stroke_duration_median_ms": 200,
		"click_dwell_median_ms":     80,
		"click_settle_median_ms":    60,
	} {
		if v := at(PointerList, name, got); math.Abs(v-want) > 1e-9 {
			t.Errorf("%s = %g, want %g", name, v, want)
		}
	}
}

func TestListsAreVersionedAndWhole(t *testing.T) {
	for _, l := range []List{KeyboardList, PointerList} {
		if found, ok := ByName(l.Name); !ok || found.Name != l.Name || !strings.Contains(l.Name, "-") {
			t.Errorf("%q is not found by its versioned name", l.Name)
		}
		seen := map[string]bool{}
		for _, f := range l.Features {
			if f.Name == "" || f.Unit == "" || seen[f.Name] {
				t.Errorf("%s: %+v is empty or there twice", l.Name, f)
			}
			seen[f.Name] = true
		}
	}
	if n := len(Keyboard(window.Keyboard{})); n != len(KeyboardList.Features) {
		t.Errorf("keyboard gives %d values for %d names", n, len(KeyboardList.Features))
	}
	if n := len(Pointer(window.Pointer{})); n != len(PointerList.Features) {
		t.Errorf("pointer gives %d values for %d names", n, len(PointerList.Features))
	}
	if _, ok := ByName("keyboard-0"); ok {
		t.Error("a list that does not exist is found")
	}
}
