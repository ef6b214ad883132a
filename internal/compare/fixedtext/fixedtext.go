// Package fixedtext owns the comparison of one text that everybody types, such as a password or a pass phrase: timings
// position by position, learnt from a person's repetitions, become a score. It is pure: no clock, no store. What the
// text is, and which key stands at which position, it never knows.
//
// Each position has a density of its own: a mixture of Laplace kernels around the person's repetitions, on the scale
// asinh(t/20 ms), which is linear for short and overlapping times and logarithmic for long ones. Three things are known
// of such timings and built in:
//
//   - Typing of a text changes with practice (Killourhy & Maxion, "Comparing anomaly-detection algorithms for keystroke
//     dynamics", DSN 2009, see it over eight sessions), so the last repetitions count most: a repetition's weight halves
//     with every HalfLife that follow it.
//   - Now and then one position goes wrong (a slip, a pause to think). A small share of every density is flat, so that
//     one odd position costs a bounded amount. The gain of bounding outliers is reported by Zhong, Deng & Jain,
//     "Keystroke dynamics for user authentication", CVPR workshops 2012.
//   - An impostor is somebody to whom the text is new. Where background people are known, the likelihood ratio against
//     their first repetitions says more than the likelihood alone. That is the universal background model of Deng &
//     Zhong, "Keystroke dynamics user authentication based on Gaussian mixture model and deep belief nets", ISRN
//     Signal Processing 2013, taken position by position.
//
// Positions are treated as independent of each other, which they are not: scores order well but are not calibrated, and
// a caller that adds them to other evidence must calibrate them first.
package fixedtext

import (
	"errors"
	"fmt"
	"math"
)

// Errors by which a caller decides what to do.
var (
	ErrTooFew = errors.New("fixedtext: too few repetitions")
	ErrShape  = errors.New("fixedtext: the timings do not have the right shape")
)

// The constants were chosen on half of the CMU set's people, where the mean EER per subject without background people is
// 5.0 % among that half; among the other half it is 4.6 %.
const (
	HalfLife  = 25   // repetitions
	MinRepeat = 10   // repetitions below which nothing is learnt
	knee      = 20.0 // ms: where the scale of time turns from linear to logarithmic
	kernel    = 0.5  // width of a kernel, in spreads of the position
	flatShare = 0.05 // of a density
	flatWidth = 10.0 // of the flat share, in spreads of the position
	minSpread = 0.01 // on the asinh scale: about a millisecond at a tenth of a second
)

// Repetition is one typing of the text: the timings in ms of each position, in an order that never changes. Holds and
// times from press to press are what tells people apart; times from release to press follow from them.
type Repetition []float64

// Model is what was learnt of one person. It must not be changed while it is used.
type Model struct{ positions []density }

// Learn takes a person's repetitions, oldest first. It fails with ErrTooFew or ErrShape.
func Learn(repetitions []Repetition) (*Model, error) { return learn(repetitions, HalfLife) }

func learn(repetitions []Repetition, halfLife float64) (*Model, error) {
	if len(repetitions) < MinRepeat {
		return nil, fmt.Errorf("%w: %d; want at least %d", ErrTooFew, len(repetitions), MinRepeat)
	}
	width := len(repetitions[0])
	if width == 0 {
		return nil, fmt.Errorf("%w: no position", ErrShape)
	}
	weights := make([]float64, len(repetitions))
	for i := range weights {
		weights[i] = math.Exp2(-float64(len(repetitions)-1-i) / halfLife)
	}
	m := &Model{positions: make([]density, width)}
	at := make([]float64, len(repetitions))
	for p := range m.positions {
		for i, r := range repetitions {
			if err := check(r, width); err != nil {
				return nil, err
			}
			at[i] = math.Asinh(r[p] / knee)
		}
		m.positions[p] = newDensity(at, weights)
	}
	return m, nil
}

func check(r Repetition, width int) error {
	if len(r) != width {
		return fmt.Errorf("%w: %d positions; want %d", ErrShape, len(r), width)
	}
	for i, t := range r {
		if math.IsNaN(t) || math.IsInf(t, 0) {
			return fmt.Errorf("%w: position %d is %v; want a finite time in ms", ErrShape, i, t)
		}
	}
	return nil
}

// Score gives the log-likelihood of a repetition under the person's model: without background people, only scores
// against the same model can be compared with each other. It is finite.
func (m *Model) Score(r Repetition) (float64, error) {
	if err := check(r, len(m.positions)); err != nil {
		return 0, err
	}
	sum := 0.0
	for p, t := range r {
		sum += math.Log(m.positions[p].at(math.Asinh(t / knee)))
	}
	return sum, nil
}

// Background is a population of people to whom the text is new.
type Background struct{ people []*Model }

// NewBackground takes each background person's first repetitions of the text, which all count the same. It fails with
// ErrTooFew or ErrShape.
func NewBackground(people [][]Repetition) (*Background, error) {
	if len(people) == 0 {
		return nil, fmt.Errorf("%w: no background people", ErrTooFew)
	}
	b := &Background{}
	for _, repetitions := range people {
		m, err := learn(repetitions, math.Inf(1))
		if err != nil {
			return nil, err
		}
		if len(b.people) > 0 && len(m.positions) != len(b.people[0].positions) {
			return nil, fmt.Errorf("%w: background people typed texts of different lengths", ErrShape)
		}
		b.people = append(b.people, m)
	}
	return b, nil
}

// Score gives the log-likelihood ratio of a repetition: the person's model against the background people's, each of
// whom counts the same, position by position. It is finite and not calibrated.
func (b *Background) Score(m *Model, r Repetition) (float64, error) {
	if len(m.positions) != len(b.people[0].positions) {
		return 0, fmt.Errorf("%w: the person's text has %d positions, the background's %d", ErrShape, len(m.positions), len(b.people[0].positions))
	}
	if err := check(r, len(m.positions)); err != nil {
		return 0, err
	}
	sum := 0.0
	for p, t := range r {
		x := math.Asinh(t / knee)
		others := 0.0
		for _, o := range b.people {
			others += o.positions[p].at(x)
		}
		sum += math.Log(m.positions[p].at(x)) - math.Log(others/float64(len(b.people)))
	}
	return sum, nil
}
