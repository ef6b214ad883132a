package presence

import "strings"

// Names of the weights by which pointers are judged, as those of the comparison weights whose terms they keep to.
const (
	OpenWeights     = "open"     // data whose terms allow any use, statistics over populations, and what ipse itself drew
	ResearchWeights = "research" // any recording
)

// Default gives the judge that the server uses: Open.
func Default() Judge { return Open() }

// Open gives the judge whose weights of pointers hold no recording.
func Open() Judge { return judgeBy(OpenWeights) }

// Research gives the judge whose weights of pointers have learnt from any recording there is.
func Research() Judge { return judgeBy(ResearchWeights) }

func judgeBy(weights string) Judge {
	keys, pointers := shippedKeys(), shippedPointers(weights)
	signals := []Signal{automation, twoPeople, replayed, mediated}
	for _, s := range append(keys.Signals(), pointers.Signals()...) {
		if effect, _ := s.Kind.Effect(); effect != Silence { // of itself, or where the operator says so
			s = unlessMediated(s)
		}
		signals = append(signals, s)
	}
	return Judge{Card: strings.TrimSpace(keys[ForgedNetwork].Card + " " + pointers.Card), Signals: signals}
}
