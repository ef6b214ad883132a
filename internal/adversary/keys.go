package adversary

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
)

// KeyMaterial is typing that an attacker has got hold of. Each run is what one person typed without interruption, its strokes
// in order of their presses, times in ms.
type KeyMaterial struct {
	Population [][]window.Stroke // of many people, none of them the victim
	Victim     [][]window.Stroke // of the one person who is attacked
}

// anybody gives the runs that there are, the population's before the victim's.
func (m KeyMaterial) anybody() [][]window.Stroke {
	if len(m.Population) > 0 {
		return m.Population
	}
	return m.Victim
}

// KeyAttack is one way in which a program types.
type KeyAttack struct {
	Family string // in kebab-case; the name by which results are told
	Doc    string // what it does, in one sentence
	Group  KeyGroup

	// Make gives the events of at least so many strokes, the first press at time 0; none where the material is missing.
	Make func(rng *rand.Rand, m KeyMaterial, strokes int) []event.Key
}

// KeyGroup says what an attack works with.
type KeyGroup string

// The groups.
const (
	NaiveKeys      KeyGroup = "naive"      // nobody's hands are imitated
	AutomationKeys KeyGroup = "automation" // what browser automation and agents do by default
	HumanisedKeys  KeyGroup = "humanised"  // delays that someone thought human
	PopulationKeys KeyGroup = "population" // drawn from what many people did
	VictimKeys     KeyGroup = "victim"     // drawn from what the victim did
	HiddenKeys     KeyGroup = "hidden"     // a person types; a program changes when the keys come
)

// KeyAttacks are all there are.
var KeyAttacks = slices.Concat(naiveKeys, automationKeys, humanisedKeys, populationKeys, victimKeys, hiddenKeys)

// keyEvents gives the presses and releases of strokes in order of time, counted from the first press. Of what happens at one
// time, the release of an earlier stroke comes first and a stroke's own press before its release.
func keyEvents(strokes []window.Stroke) []event.Key {
	type step struct {
		event.Key
		stroke int
	}
	var steps []step
	for i, s := range strokes {
		steps = append(steps,
			step{event.Key{TimeMS: s.PressMS, Class: s.Class, Down: true, Trusted: true}, i},
			step{event.Key{TimeMS: math.Max(s.PressMS, s.ReleaseMS), Class: s.Class, Trusted: true}, i})
	}
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Or(cmp.Compare(a.TimeMS, b.TimeMS), cmp.Compare(a.stroke, b.stroke)) })
	out := make([]event.Key, len(steps))
	for i, s := range steps {
		out[i] = s.Key
		out[i].TimeMS -= steps[0].TimeMS
	}
	return out
}

// typist gives the next stroke's dwell and the interval from its press to the next press, both in ms. It may remember.
type typist func(from, to event.Class) (dwellMS, intervalMS float64)

// typeClasses lets a typist type a sequence of classes. A shift is held until the key that it belongs to is down, because the
// text would come out wrong otherwise.
func typeClasses(classes []event.Class, next typist) []event.Key {
	strokes := make([]window.Stroke, len(classes))
	atMS := 0.0
	for i, c := range classes {
		to := c
		if i+1 < len(classes) {
			to = classes[i+1]
		}
		dwellMS, intervalMS := next(c, to)
		dwellMS, intervalMS = math.Max(0, dwellMS), math.Max(0, intervalMS)
		if c == event.Shift {
			dwellMS = math.Max(dwellMS, intervalMS+1)
		}
		strokes[i] = window.Stroke{PressMS: atMS, ReleaseMS: atMS + dwellMS, Class: c}
		atMS += intervalMS
	}
	return keyEvents(strokes)
}

// clampMS keeps a drawn time between two bounds.
func clampMS(x, low, high float64) float64 { return math.Min(high, math.Max(low, x)) }

func uniform(rng *rand.Rand, low, high float64) float64 { return low + (high-low)*rng.Float64() }
