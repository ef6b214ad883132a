// Package feature owns the named, interpretable measures of a window: what an explanation is made of ("keys held 31 %
// longer than usual"). A list of features has a name with a version, an order that never changes, and a unit for each
// entry. The values are finite whatever the window holds.
package feature

// Feature describes one entry of a list.
type Feature struct {
	Name string // stable identifier, lower_snake_case with the unit at the end
	Unit string // "ms", "px/s", "share", "degrees", …
}

// List is a versioned, ordered list of features.
type List struct {
	Name     string
	Features []Feature
}

// KeyboardList is what Keyboard computes, in order.
var KeyboardList = List{Name: "keyboard-1", Features: []Feature{
	{"letter_dwell_median_ms", "ms"},
	{"letter_dwell_spread_ms", "ms"}, // half the distance between the 90th and the 10th percentile
	{"space_dwell_median_ms", "ms"},
	{"letter_interval_median_ms", "ms"}, // press to press, letter after letter
	{"letter_interval_spread_ms", "ms"},
	{"hand_change_interval_median_ms", "ms"},
	{"same_hand_interval_median_ms", "ms"},
	{"space_lead_median_ms", "ms"}, // letter to space
	{"rollover_share", "share"},    // next key down before this one is up
	{"shift_dwell_median_ms", "ms"},
	{"correction_interval_median_ms", "ms"}, // press to press into a backspace
}}

// PointerList is what Pointer computes, in order.
var PointerList = List{Name: "pointer-1", Features: []Feature{
	{"speed_median_px_s", "px/s"},
	{"speed_peak_px_s", "px/s"}, // 95th percentile
	{"acceleration_median_px_s2", "px/s²"},
	{"turn_median_deg", "degrees"}, // change of direction from step to step
	{"straightness", "share"},      // chord over path, of strokes between rests
	{"stroke_length_median_px", "px"},
	{"stroke_duration_median_ms", "ms"},
	{"click_dwell_median_ms", "ms"},
	{"click_settle_median_ms", "ms"}, // from the last movement to the press
	{"time_to_peak_share", "share"},  // of a stroke's duration
}}

// PhraseList is what Phrase computes, in order.
var PhraseList = List{Name: "phrase-1", Features: []Feature{
	{"dwell_median_ms", "ms"},
	{"dwell_spread_ms", "ms"},    // half the distance between the 90th and the 10th percentile
	{"interval_median_ms", "ms"}, // press to press
	{"interval_spread_ms", "ms"},
	{"rollover_share", "share"},
}}

// ByName finds a list by its versioned name.
func ByName(name string) (List, bool) {
	for _, l := range []List{KeyboardList, PointerList, TouchList, PhraseList} {
		if l.Name == name {
			return l, true
		}
	}
	return List{}, false
}
