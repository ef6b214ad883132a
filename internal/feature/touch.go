package feature

import (
	"math"

	"ipse.dev/ipse/internal/path"
	"ipse.dev/ipse/internal/quantile"
	"ipse.dev/ipse/internal/window"
)

// TouchList is what Touch computes, in order.
var TouchList = List{Name: "touch-1", Features: []Feature{
	{"tap_duration_median_ms", "ms"},
	{"touch_interval_median_ms", "ms"}, // from one finger's start to the next
	{"swipe_speed_median_px_s", "px/s"},
	{"swipe_peak_speed_px_s", "px/s"}, // median of the strokes' highest speeds
	{"swipe_length_median_px", "px"},
	{"swipe_straightness", "share"}, // chord over path
	{"swipe_turn_median_deg", "degrees"},
	{"touch_radius_median_px", "px"},
	{"touch_pressure_median_share", "share"},
	{"hold_tremor_m_s2", "m/s²"}, // change of the acceleration from reading to reading
	{"hold_rotation_deg_s", "degrees/s"},
}}

// Touch gives the values of TouchList for a window, in its order. A measure for which the window holds nothing, or that
// the device does not tell, is 0.
func Touch(w window.Touch) []float64 {
	var t path.Touch
	t.Of(w)
	var taps, intervals, speeds, peaks, lengths, straightness, turns, radii, pressures []float64
	for _, c := range t.Contacts {
		if !c.First && !c.Continued && c.IntervalMS <= PauseMS {
			intervals = append(intervals, c.IntervalMS)
		}
		if c.Drawn {
			speeds = append(speeds, c.Speed*1000)
			peaks = append(peaks, c.Peak*1000)
			lengths = append(lengths, c.LengthPX)
			straightness = append(straightness, c.ChordPX/math.Max(1, c.LengthPX))
			turns = append(turns, c.Turn*180/math.Pi)
		} else if c.Lifted && !c.Continued {
			taps = append(taps, c.DurationMS)
		}
		if c.RadiusPX > 0 {
			radii = append(radii, c.RadiusPX)
		}
		if c.Pressure > 0 {
			pressures = append(pressures, c.Pressure)
		}
	}
	return []float64{
		quantile.Of(taps, 0.5),
		quantile.Of(intervals, 0.5),
		quantile.Of(speeds, 0.5),
		quantile.Of(peaks, 0.5),
		quantile.Of(lengths, 0.5),
		quantile.Of(straightness, 0.5),
		quantile.Of(turns, 0.5),
		quantile.Of(radii, 0.5),
		quantile.Of(pressures, 0.5),
		t.Hold.Tremor,
		t.Hold.Rotation,
	}
}
