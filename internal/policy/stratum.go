package policy

import (
	"math"
	"strings"
)

// Stratum is what genuine streams are told apart by, because false alarms come more often in some than in others: whether
// the references are young, and what the session shows.
type Stratum struct {
	Ripe     bool `json:"ripe"` // every reference that was compared with has taken in behaviour well beyond what makes it mature
	Keyboard bool `json:"keyboard"`
	Pointer  bool `json:"pointer"`
}

// mostAbove is how far, in nats, a stratum's thresholds lie above the common ones at most. Where references are young some
// streams never come back, whatever the threshold: a person has begun another task. No threshold cures that, and one far
// above the others would only let takeovers go unseen.
const mostAbove = 3.0

// InStratum gives a stratum's thresholds beside the common ones.
func InStratum(common, own Thresholds) Thresholds {
	own.High = math.Min(own.High, common.High+mostAbove)
	own.Medium = math.Min(own.Medium, common.Medium+mostAbove)
	return bounded(own)
}

// String says it in words, for logs.
func (c Stratum) String() string {
	words := []string{"young reference"}
	if c.Ripe {
		words[0] = "ripe reference"
	}
	if c.Keyboard {
		words = append(words, "keyboard")
	}
	if c.Pointer {
		words = append(words, "pointer")
	}
	return strings.Join(words, ", ")
}
