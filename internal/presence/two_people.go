package presence

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"ipse.dev/ipse/internal/observation"
)

// Typing and pointing at the same time takes two people, or one hand for each. What the pointer's movement leaves of the
// time of typing (OverlapIn) tells: the table says how much likelier so little is left while two people work than while
// one does, in whichever innocent way explains it best: by turns, with the time that a hand takes from the keys to the
// pointer and back, or typing with one hand. `ipse fit two-people` counts it on people who type beside others who point
// (docs/decisions/0025-is-a-hand-there.md). How fast somebody types is no evidence: every pace has its own column.
//
// A keyboard window is judged once, when the pointer window that was being filled then has come too.
var twoPeople = TwoPeopleSignal(twoPeopleWeights)

// TwoPeopleSignal gives the signal by other weights than those that are built in; they must have passed Check.
func TwoPeopleSignal(weights TwoPeopleWeights) Signal {
	return Signal{
		Kind:   TwoPeople,
		Source: "counted by ipse fit two-people on people who type beside others who point: weights/two-people.json",
		Least:  TwoPeopleLeast, Most: TwoPeopleMost, Found: weights.Found,
		LLR: func(w Window) (float64, bool) {
			if w.Modality != observation.Keyboard && w.Modality != observation.Pointer {
				return 0, false
			}
			if o, ok := OverlapIn(w); ok {
				return weights.Nats(o), true
			}
			return 0, true // what was found holds until something speaks against it
		},
	}
}

// Bounds of what one keyboard window adds to the sum, in nats: neighbouring windows are of the same hands.
const (
	TwoPeopleLeast = -2
	TwoPeopleMost  = 2
)

// apartNats is what a keyboard window says during which no pointer moved. How often that is so depends on the work, so nothing
// is counted: it lets what was found be forgotten within twenty windows after the second person has gone.
const apartNats = -0.5

// TwoPeopleWeights are the table and how it was made.
type TwoPeopleWeights struct {
	Card     string   `json:"card"`
	Rebuild  string   `json:"rebuild"`
	Innocent []string `json:"innocent"` // ways in which one person types and points
	People   int      `json:"people"`   // who typed
	Windows  int      `json:"windows"`  // in which the pointer moved

	Found    float64     `json:"found"`    // sum of nats from which two people are found
	StrokeMS []float64   `json:"strokeMS"` // bounds between columns, by Overlap.StrokeMS, rising
	Left     []float64   `json:"left"`     // bounds between rows, by Overlap.Left, rising
	Table    [][]float64 `json:"table"`    // nats, one row more than Left has bounds and one column more than StrokeMS
}

// Check says what is wrong with weights; nil for ones that can be used.
func (t TwoPeopleWeights) Check() error {
	switch {
	case !(t.Found > 0):
		return fmt.Errorf("presence: two people are found from %g nats; want a positive number", t.Found)
	case len(t.Left) == 0 || len(t.StrokeMS) == 0 || !slices.IsSorted(t.Left) || !slices.IsSorted(t.StrokeMS):
		return errors.New("presence: the bounds of the table of two people are missing or do not rise")
	case len(t.Table) != len(t.Left)+1:
		return fmt.Errorf("presence: the table of two people has %d rows for %d bounds; want one more", len(t.Table), len(t.Left))
	}
	for _, row := range t.Table {
		if len(row) != len(t.StrokeMS)+1 {
			return fmt.Errorf("presence: the table of two people has a row of %d columns for %d bounds; want one more", len(row), len(t.StrokeMS))
		}
		if slices.ContainsFunc(row, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }) {
			return errors.New("presence: the table of two people holds what is no number")
		}
	}
	return nil
}

// Place gives the place of an overlap in the table.
func (t TwoPeopleWeights) Place(o Overlap) (row, column int) {
	return above(t.Left, o.Left), above(t.StrokeMS, o.StrokeMS)
}

// Nats is what an overlap says for two people.
func (t TwoPeopleWeights) Nats(o Overlap) float64 {
	if math.IsInf(o.Left, 1) {
		return apartNats
	}
	row, column := t.Place(o)
	return t.Table[row][column]
}

// above counts the bounds that a value reaches.
func above(bounds []float64, x float64) int {
	n, _ := slices.BinarySearchFunc(bounds, x, func(bound, x float64) int {
		if bound <= x {
			return -1
		}
		return 1
	})
	return n
}

var twoPeopleWeights = builtIn[TwoPeopleWeights]("two-people")

// ShippedTwoPeopleWeights gives the weights that are built in.
func ShippedTwoPeopleWeights() TwoPeopleWeights { return twoPeopleWeights }
