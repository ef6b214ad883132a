package presence

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
)

// Usual is what a network makes of the windows that were taken for the subject's own, on average: how much this person's
// behaviour looks like an attack anyway. It is two numbers and tells nothing else of the person. The zero value is nobody
// known.
type Usual struct {
	By      string  `json:"by"`      // Mark of the network
	Windows int     `json:"windows"` // how many, 1 to usualWindows
	Nats    float64 `json:"nats"`    // the network's mean output, within usualMost of 0
}

// Bounds of what is kept: after so many windows old ones fade, because people change, and no output counts for more.
const (
	usualWindows = 200
	usualMost    = 10 // nats
)

// Add gives what is usual with one more window. Up to usualWindows it is the plain mean, in which their order does not
// matter. What another network made of earlier windows is forgotten.
func (u Usual) Add(by string, nats float64) Usual {
	if u.By != by || u.Windows < 1 {
		u = Usual{By: by}
	}
	u.Windows = min(max(0, u.Windows)+1, usualWindows)
	u.Nats += (math.Max(-usualMost, math.Min(usualMost, nats)) - u.Nats) / float64(u.Windows)
	return u
}

// UsualBounds say what to make of a subject's Usual.
type UsualBounds struct {
	Mean    float64 `json:"mean"`    // of the network's output, among people
	Windows float64 `json:"windows"` // so many windows of the subject's count as much as the mean of people
	Most    float64 `json:"most"`    // nats: nobody's allowance is more, so that no program that was there from the beginning is forgiven all

	Session *SessionBounds `json:"session,omitempty"` // what to make of a whole session beside earlier ones; nil where it is not asked for
}

// Allowance is how much of what a network says of a subject's window is due to the person, in nats: how far their usual
// output lies above people's mean, drawn towards it while few windows are known (an empirical Bayes estimate: the mean of n
// windows counts n/(n+Windows)). It is never below 0. For people whose typing is unlike a forgery a forgery moves the output
// no further than for others, and what lies below the mean is left as a margin.
func (b UsualBounds) Allowance(u Usual, by string) float64 {
	known := b.Known(u, by)
	if known == 0 {
		return 0
	}
	return math.Max(0, math.Min(b.Most, known*(u.Nats-b.Mean)))
}

// Known is how well what is usual of a subject is known, 0 to 1: what the mean of their windows counts beside people's.
func (b UsualBounds) Known(u Usual, by string) float64 {
	if u.By != by || u.Windows < 1 || math.IsNaN(u.Nats) {
		return 0
	}
	n := float64(min(u.Windows, usualWindows))
	return n / (n + b.Windows)
}

// Mark names a network by what it computes.
func (n *Network) Mark() string {
	h := fnv.New64a()
	if err := json.NewEncoder(h).Encode([]any{n.List, n.Inputs, n.Mean, n.Scale, n.Layers}); err != nil {
		return "" // a network that cannot be written has no mark, and nothing is usual by it
	}
	return fmt.Sprintf("%016x", h.Sum64())
}
