package presence

import (
	"math"
	"slices"

	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
)

// mediated tells input that a program makes at a person's pace. Among such programs are aids for people who cannot
// use a keyboard or a mouse as others do: a keyboard on the screen that is operated by looking or by a switch, a pointer that
// is moved by keys or set by voice. Keys come up as they go down, paths are straight, the pointer leaps. Slow attacks do the
// same, so nobody can tell the two apart by behaviour, and nobody may be accused of the one for the other: the answer is
// "cannot tell". The kind's name says nothing of who may need an aid.
//
// No public data set records such people. The rules are from how the aids work, and from how far people are from them who use
// none: docs/decisions/0025-is-a-hand-there.md has both.
var mediated = Signal{
	Kind:  MediatedInput,
	Least: -1, Most: 2, Found: 2,
	LLR: func(w Window) (float64, bool) {
		switch w.Modality {
		case observation.Keyboard, observation.Pointer:
			if Mediated(w.Observation) {
				return 2, true
			}
			return -1, true
		}
		return 0, false
	},
}

// Bounds of what an aid does, and programs that are in no hurry.
const (
	aidDwellMS    = 25   // half of the keys come up within this time,
	aidDwellTopMS = 60   // nine of ten within this,
	aidIntervalMS = 300  // and even the fastest ten follow one another this slowly: who looks at keys, or waits for a row to light up, needs longer
	aidLeaps      = 0.5  // this share of movements are leaps after a rest,
	aidRestMS     = 1000 // of this length: naming a place takes seconds
	aidStraight   = 0.9  // this share of longer steps go on exactly in the last's direction, none on fractions of a pixel: a key has eight,
	aidRevisits   = 0.5  // and fewer movements than this lead back to where the pointer was: an aid is used to get somewhere
)

// Mediated reports whether a window's input may come from an aid as well as from a program. A window without the measures is
// taken for nobody's.
func Mediated(o observation.Observation) bool {
	switch {
	case o.Modality == observation.Keyboard && o.Liveness.MeasureList == liveness.KeyboardMeasures.Name:
		m := o.Liveness.Measures
		return len(m) == len(liveness.KeyboardMeasures.Measures) &&
			m[aidKeys["dwellMedian"]] < aidDwellMS && m[aidKeys["dwellHigh"]] < aidDwellTopMS && m[aidKeys["fastestRun"]] >= aidIntervalMS
	case o.Modality == observation.Pointer && o.Liveness.MeasureList == liveness.PointerMeasures.Name:
		m := o.Liveness.Measures
		if len(m) != len(liveness.PointerMeasures.Measures) {
			return false
		}
		named := m[aidPointer["leapShare"]] >= aidLeaps && m[aidPointer["restLog"]] >= math.Log(aidRestMS)
		stepped := m[aidPointer["collinearShare"]] >= aidStraight && m[aidPointer["fractionShare"]] == 0 && m[aidPointer["revisitShare"]] < aidRevisits
		return named || stepped
	}
	return false
}

// Places of the measures in their lists.
var (
	aidKeys    = placesOf(liveness.KeyboardMeasures, "dwellMedian", "dwellHigh", "fastestRun")
	aidPointer = placesOf(liveness.PointerMeasures, "leapShare", "restLog", "collinearShare", "fractionShare", "revisitShare")
)

func placesOf(l liveness.List, names ...string) map[string]int {
	at := map[string]int{}
	for i, m := range l.Measures {
		if slices.Contains(names, m.Name) {
			at[m.Name] = i
		}
	}
	return at
}

// unlessMediated keeps a signal of an attack from judging what an aid may have made.
func unlessMediated(s Signal) Signal {
	judge := s.LLR
	s.LLR = func(w Window) (float64, bool) {
		if Mediated(w.Observation) {
			return 0, false
		}
		return judge(w)
	}
	return s
}
