package liveness

import "ipse.dev/ipse/internal/observation"

// MaxMagnitude bounds every measure; one that would be larger is cut to it.
const MaxMagnitude = 1e6

// List names the measures of one modality's windows, in the order in which an observation carries them. A list never
// changes: other measures make another list.
type List struct {
	Name     string
	Modality observation.Modality
	Measures []Measure
}

// Measure is one number of a window by which hands differ from programs.
type Measure struct {
	Name    string // in camelCase
	Unit    string // "ms", "share", "1" for a pure number
	Meaning string // what it is, in one sentence
}

// lists are all that this version knows.
var lists = []List{
	KeyboardMeasures,
	PointerMeasures,
}

// ByName gives the list of that name; ok is false where there is none.
func ByName(name string) (l List, ok bool) {
	for _, l := range lists {
		if l.Name == name {
			return l, true
		}
	}
	return List{}, false
}
