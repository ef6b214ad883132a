package presence

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
)

// mediated tells input that a program makes at a person's pace. Among such programs are aids for people who cannot
// use a keyboard or a mouse as others do: a keyboard on the screen that is operated by looking or by a switch, a pointer that
// is moved by keys, set by voice or follows the eyes. Keys come up as they go down, paths are straight, the pointer leaps or
// trembles. Slow attacks do the same, so nobody can tell the two apart by behaviour, and nobody may be accused of the one for
// the other: the answer is "cannot tell". The kind's name says nothing of who may need an aid.
//
// A window's likelihood ratio is of an aid against what explains the window best that is none: a hand, or a program in a
// hurry. `ipse fit mediated` makes it of people and of aids that are generated after how they work, for no public data set
// records such people; docs/decisions/0025-is-a-hand-there.md has what generalises and what does not.
var mediated = Signal{
	Kind:   MediatedInput,
	Source: "fitted by ipse fit mediated on people and on generated aids: weights/mediated.json",
	Least:  MediatedLeast, Most: MediatedMost, Found: mediatedWeights.Found,
	LLR: Window.mediated,
}

// aidSays is what a window says for an aid, once somebody has asked.
type aidSays struct {
	asked, ok bool
	nats      float64
}

// mediated is what the shipped weights make of the window.
func (w Window) mediated() (nats float64, ok bool) {
	if w.aid == nil {
		return mediatedWeights.Nats(w.Observation)
	}
	if !w.aid.asked {
		w.aid.asked = true
		w.aid.nats, w.aid.ok = mediatedWeights.Nats(w.Observation)
	}
	return w.aid.nats, w.aid.ok
}

// Bounds of what one window adds to the sum, in nats.
const (
	MediatedLeast = -0.5 // where one window in six is an aid's, the others are too, and look like something else by chance
	MediatedMost  = 5
)

// mayBeAnAids reports whether a window's input may come from an aid as well as from a program: attacks are not looked for in it.
// A window without the measures is taken for nobody's.
func (w Window) mayBeAnAids() bool {
	nats, ok := w.mediated()
	return ok && nats >= mediatedWeights.Gate[w.Modality]
}

// MediatedWeights tell the ways in which aids handle keys and pointers.
type MediatedWeights struct {
	Card    string   `json:"card"`
	Rebuild string   `json:"rebuild"`
	Aids    []string `json:"aids"`    // that were generated
	People  [2]int   `json:"people"`  // whose typing and whose pointing were counted
	Windows [2]int   `json:"windows"` // of theirs

	Gate  map[observation.Modality]float64 `json:"gate"`  // nats of one window, from which no attack is looked for in it
	Found float64                          `json:"found"` // sum of nats from which the kind is found

	Keys   MeasureTable `json:"keys"`   // released as they are pressed, at a person's pace
	Places MeasureTable `json:"places"` // leaps after rests
	Steps  MeasureTable `json:"steps"`  // straight on, on whole pixels
	Eyes   *Network     `json:"eyes"`   // all the time, through a filter
}

// MeasureTable holds nats by two measures of a list.
type MeasureTable struct {
	Row     MeasureBounds `json:"row"`
	Column  MeasureBounds `json:"column"`
	Without string        `json:"without,omitempty"` // a measure that must be 0, or the table says the least that there is
	Table   [][]float64   `json:"table"`

	row, column, without int
}

// MeasureBounds are bounds of a measure, rising: one place more than bounds.
type MeasureBounds struct {
	Measure string    `json:"measure"`
	Bounds  []float64 `json:"bounds"`
}

// Bind checks a table and finds its measures in a list.
func (t *MeasureTable) Bind(list liveness.List) error {
	t.row, t.column, t.without = placeOf(list, t.Row.Measure), placeOf(list, t.Column.Measure), placeOf(list, t.Without)
	switch {
	case t.row < 0 || t.column < 0 || (t.Without != "" && t.without < 0):
		return fmt.Errorf("takes %q, %q and %q; the list %s does not have them all", t.Row.Measure, t.Column.Measure, t.Without, list.Name)
	case !slices.IsSorted(t.Row.Bounds) || !slices.IsSorted(t.Column.Bounds):
		return errors.New("has bounds that do not rise")
	case len(t.Table) != len(t.Row.Bounds)+1:
		return fmt.Errorf("has %d rows for %d bounds; want one more", len(t.Table), len(t.Row.Bounds))
	}
	for _, row := range t.Table {
		if len(row) != len(t.Column.Bounds)+1 || slices.ContainsFunc(row, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }) {
			return fmt.Errorf("has a row of %d numbers for %d bounds; want one more, all finite", len(row), len(t.Column.Bounds))
		}
	}
	return nil
}

func placeOf(list liveness.List, name string) int {
	return slices.IndexFunc(list.Measures, func(m liveness.Measure) bool { return m.Name == name })
}

// Place gives the place of a window in the table; ok is false for one that has none. The table must have passed Bind.
func (t *MeasureTable) Place(measures []float64) (row, column int, ok bool) {
	if t.without >= 0 && measures[t.without] != 0 {
		return 0, 0, false
	}
	return above(t.Row.Bounds, measures[t.row]), above(t.Column.Bounds, measures[t.column]), true
}

// outsideNats is what a table says of a window that it has no place for.
const outsideNats = -8

func (t *MeasureTable) nats(measures []float64) float64 {
	row, column, ok := t.Place(measures)
	if !ok {
		return outsideNats
	}
	return t.Table[row][column]
}

// Check says what is wrong with weights; nil for ones that can be used. It makes them ready.
func (w *MediatedWeights) Check() error {
	for _, t := range []struct {
		name  string
		table *MeasureTable
		list  liveness.List
	}{{"keys", &w.Keys, liveness.KeyboardMeasures}, {"places", &w.Places, liveness.PointerMeasures}, {"steps", &w.Steps, liveness.PointerMeasures}} {
		if err := t.table.Bind(t.list); err != nil {
			return fmt.Errorf("presence: the table of %s %w", t.name, err)
		}
	}
	if err := w.Eyes.Check(liveness.PointerMeasures); err != nil {
		return fmt.Errorf("presence: the network of eyes %w", err)
	}
	_, keys := w.Gate[observation.Keyboard]
	_, pointers := w.Gate[observation.Pointer]
	if !keys || !pointers || !(w.Found > 0) {
		return fmt.Errorf("presence: mediated input has the gates %v and is found from %g nats; want one for keys, one for pointers, and a positive number", w.Gate, w.Found)
	}
	return nil
}

// Nats is what a window says for an aid; ok is false for one that has not the measures. Of pointers three ways of handling
// are as likely, and a network that knows so many people is believed for no more than odds of as many to one. The weights
// must have passed Check.
func (w *MediatedWeights) Nats(o observation.Observation) (nats float64, ok bool) {
	m := o.Liveness.Measures
	switch {
	case o.Modality == observation.Keyboard && o.Liveness.MeasureList == liveness.KeyboardMeasures.Name && len(m) == len(liveness.KeyboardMeasures.Measures):
		return w.Keys.nats(m), true
	case o.Modality == observation.Pointer && o.Liveness.MeasureList == liveness.PointerMeasures.Name && len(m) == len(liveness.PointerMeasures.Measures):
		return anyOf(w.Places.nats(m), w.Steps.nats(m), math.Min(w.Eyes.Nats(m), math.Log(float64(max(1, w.Eyes.People))))), true
	}
	return 0, false
}

// anyOf is the likelihood ratio of one of several that are as likely.
func anyOf(nats ...float64) float64 {
	high, sum := slices.Max(nats), 0.0
	for _, n := range nats {
		sum += math.Exp(n - high)
	}
	return high + math.Log(sum/float64(len(nats)))
}

var mediatedWeights = builtIn[MediatedWeights]("mediated")

// ShippedMediatedWeights gives the weights that are built in.
func ShippedMediatedWeights() MediatedWeights { return mediatedWeights }

func placesOf(l liveness.List, names ...string) map[string]int {
	at := map[string]int{}
	for i, m := range l.Measures {
		if slices.Contains(names, m.Name) {
			at[m.Name] = i
		}
	}
	return at
}

// unlessMediated keeps a signal of an attack from judging what an aid may have made: it speaks against the attack as strongly
// as a window may, because the next one of the same aid may look like the attack. So do all windows of a pointer while the
// kind is found, for single windows of a pointer that follows the eyes look like nothing else; of keys each window tells by itself.
func unlessMediated(s Signal) Signal {
	judge := s.LLR
	s.LLR = func(w Window) (float64, bool) {
		if w.mayBeAnAids() {
			return s.Least, true
		}
		return judge(w)
	}
	if run := s.Since; run != nil {
		s.Since = func(since Since, w Window) Since {
			if w.mayBeAnAids() { // tells nothing of a session's hand
				return since
			}
			return run(since, w)
		}
	}
	if slices.Contains(pointerKinds, s.Kind) {
		s.Unless = MediatedInput
	}
	return s
}
