package presence

import (
	_ "embed" // the table
	"encoding/json"
	"fmt"
	"math"

	"ipse.dev/ipse/internal/observation"
)

// A recording that is played back gives names as near to those of the recording as its player is exact. People come near
// to themselves too, who type the same password or sentence: then they are near to themselves many times over, and how near
// the third nearest name is tells so. The table says, for each such crowding, how much likelier so near a nearest name is
// under replay than under a hand. `ipse fit replayed` counts it on people who work freely and on people who type
// one password hundreds of times (docs/decisions/0020-replays.md).
//
// One window alone is never enough, however near its names: a page that sends it again would be one. One typing of a phrase
// may be, because there is no more of it in a session; the same observation sent twice is known by its start.
var replayed = ReplaySignal(replayWeights)

// ReplaySignal gives the signal by other weights than those that are built in.
func ReplaySignal(weights ReplayWeights) Signal {
	return Signal{
		Kind: Replayed, Source: "counted by ipse fit replayed: weights/replayed.json says on whom and on which replays",
		Least: -2, Most: replayFound, Found: replayFound, LLR: weights.nats,
	}
}

// Bounds in nats. Somebody types a phrase some ten times a day and makes hundreds of windows: as many false alarms come of
// phrases where e^3 times the chance of one is taken for each.
const (
	replayFound  = 14.0
	phraseFound  = 11.0 // of phrases alone; what they say counts so much more that they reach replayFound there
	mostOfWindow = 12.0
)

// ReplayBins is the number of distances that the table tells apart; the last stands for all beyond.
const ReplayBins = 25

// ReplayTable holds nats, of replay against a hand, by how near the third nearest earlier name is (ReplayRow) and how near
// the nearest.
type ReplayTable [9][ReplayBins]float64

// ReplayWeights are the tables by modality, and how they were made.
type ReplayWeights struct {
	Rebuild  string                               `json:"rebuild"`
	Sets     []string                             `json:"sets"`
	Families []string                             `json:"families"` // of replays that were counted
	People   int                                  `json:"people"`
	Names    int                                  `json:"names"` // that people made
	Tables   map[observation.Modality]ReplayTable `json:"tables"`
	Typings  int                                  `json:"typings"` // of phrases, that people made
	Phrases  PhraseTable                          `json:"phrases"`
}

//go:embed weights/replayed.json
var replayFile []byte

var replayWeights = func() ReplayWeights {
	var w ReplayWeights
	if err := json.Unmarshal(replayFile, &w); err != nil {
		panic(fmt.Sprintf("presence: weights/replayed.json: %v", err))
	}
	return w
}()

// ShippedReplayWeights gives the weights that are built in.
func ShippedReplayWeights() ReplayWeights { return replayWeights }

// ReplayPlace gives the place of a name's distances in a table: one row for every three bits of the third nearest, one
// column for every bit of the nearest.
func ReplayPlace(first, third int) (row, column int) {
	return min(max(third-1, 0)/3, len(ReplayTable{})-1), min(first, ReplayBins-1)
}

func (r ReplayWeights) nats(w Window) (float64, bool) {
	if w.Modality == observation.Phrase {
		first, third, ok := w.Past.NearestTyping(w.Observation)
		if !ok {
			return 0, false
		}
		row, column := PhrasePlace(w.Events, first, third)
		return r.Phrases[row][column] * replayFound / phraseFound, true
	}
	table, known := r.Tables[w.Modality]
	history := w.Past[w.Modality]
	if !known || !named(w.Observation) || len(history.Recent) < leastNames {
		return 0, false
	}
	nats := 0.0
	for _, name := range Names(w.Liveness.Sketch) {
		row, column := ReplayPlace(history.Nearest(name))
		nats += table[row][column]
	}
	return math.Min(nats, mostOfWindow), true
}

// leastNames is how many names a history must hold: of fewer nobody can tell whether the subject repeats themselves.
const leastNames = 8

// blurredMS is a clock's step from which all stretches look alike.
const blurredMS = 20

// named reports whether an observation has names that say something.
func named(o observation.Observation) bool {
	return len(o.Liveness.Sketch) >= observation.SketchNameBytes && o.Liveness.TimestampQuantumMS < blurredMS
}
