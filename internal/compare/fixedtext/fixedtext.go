// Package fixedtext owns the comparison of one text that everybody types, such as a pass phrase or a password: timings
// position by position, learnt from a person's repetitions, become a score. It is pure: no clock, no store. What the
// text is, and which key stands at which position, it never knows.
//
// Timings come as embed.Phrase writes them down: how long each position's key was held, then how long after the one
// before each from the second was pressed, on the scale asinh(t/20 ms). Each has a density of its own: a mixture of
// Laplace kernels around the person's repetitions. What is known of such timings is built in:
//
//   - Typing of a text changes with practice (Killourhy & Maxion, "Comparing anomaly-detection algorithms for keystroke
//     dynamics", DSN 2009, see it over eight sessions), so the last repetitions count most: a repetition's weight halves
//     with every HalfLife that follow it.
//   - Now and then one position goes wrong (a slip, a pause to think). A small share of every density is flat, so that
//     one odd position costs a bounded amount. The gain of bounding outliers is reported by Zhong, Deng & Jain,
//     "Keystroke dynamics for user authentication", CVPR workshops 2012.
//   - Five repetitions do not tell how far a person's repetitions lie apart, but people are alike in that: the spread of
//     a position is drawn towards what is usual among people who typed some other text (Typing).
//   - Where another person's timing would lie is not known without somebody else who types this text, but it follows
//     loosely from the subject's own: a position that takes one person long takes most people long. Typing says how
//     loosely, and the score is the ratio of the two likelihoods.
//   - Where people who typed this very text are known, they say more (Background).
package fixedtext

import (
	"errors"
	"fmt"
	"math"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/observation"
)

// Errors by which a caller decides what to do.
var (
	ErrTooFew = errors.New("fixedtext: too few repetitions")
	ErrShape  = errors.New("fixedtext: the timings do not have the right shape")
	ErrTyping = errors.New("fixedtext: impossible figures of how people type")
)

// The constants were chosen by the mean EER per subject of those 39 people of the CMU set whom lab/fit.RoleOf does not
// keep unseen, with figures of people who typed another password (train/README.md, "Fixed text").
const (
	HalfLife  = 15   // repetitions
	Kept      = 64   // repetitions: what lies farther back weighs a twentieth of everything
	caution   = 15   // repetitions that the usual spread is worth
	kernel    = 0.6  // width of a kernel, in spreads of the position
	flatShare = 0.05 // of a density
	flatWidth = 10.0 // of the flat share, in spreads of the position
	minSpread = 0.03 // on the asinh scale: a step of the timings
	tail      = 8.0  // degrees of freedom of other people's timings
)

// Typing is what is known of how people type any text, on the scale of timings. It has no room for a text or a person.
type Typing struct {
	Dwell    Habit `json:"dwell"`
	Interval Habit `json:"interval"` // press to press
}

// Habit is what is known of one kind of timing.
type Habit struct {
	Spread float64 `json:"spread"` // usual standard deviation of one person's repetitions at one position
	Base   float64 `json:"base"`   // another person's timing lies around Base + Share × the subject's usual one …
	Share  float64 `json:"share"`
	Width  float64 `json:"width"` // … at this distance
}

// Validate reports figures that cannot be compared with.
func (t Typing) Validate() error {
	for name, h := range map[string]Habit{"dwell": t.Dwell, "interval": t.Interval} {
		for _, x := range []float64{h.Spread, h.Base, h.Share, h.Width} {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return fmt.Errorf("%w: %s has a figure that is not finite", ErrTyping, name)
			}
		}
		if !(h.Spread > 0 && h.Width > 0) {
			return fmt.Errorf("%w: %s has spread %g and width %g; want both above 0", ErrTyping, name, h.Spread, h.Width)
		}
	}
	return nil
}

// of gives what is known of the timing at an index of so many.
func (t Typing) of(index, timings int) Habit {
	if index < (timings+1)/2 {
		return t.Dwell
	}
	return t.Interval
}

// Timings is one typing of the text, of 2P−1 timings for P positions.
type Timings = observation.Embedding

// on gives a timing on the asinh scale.
func on(timing int8) float64 { return (float64(timing) + 128) / embed.PhraseSteps }

// Model is what was learnt of one person. It must not be changed while it is used.
type Model struct {
	typing    Typing
	densities []density
}

// Learn takes a person's repetitions, oldest first, of which the last Kept count. It fails with ErrTooFew or ErrShape.
func Learn(t Typing, repetitions []Timings) (*Model, error) { return learn(t, repetitions, HalfLife) }

func learn(t Typing, repetitions []Timings, halfLife float64) (*Model, error) {
	if len(repetitions) == 0 {
		return nil, fmt.Errorf("%w: none; want at least one", ErrTooFew)
	}
	repetitions = repetitions[max(0, len(repetitions)-Kept):]
	width := len(repetitions[0])
	if width == 0 || width%2 == 0 {
		return nil, fmt.Errorf("%w: %d timings; want 2P-1 for P positions", ErrShape, width)
	}
	weights := make([]float64, len(repetitions))
	for i := range weights {
		weights[i] = math.Exp2(-float64(len(repetitions)-1-i) / halfLife)
	}
	m := &Model{typing: t, densities: make([]density, width)}
	at := make([]float64, len(repetitions))
	for p := range m.densities {
		for i, r := range repetitions {
			if len(r) != width {
				return nil, fmt.Errorf("%w: %d timings; want %d", ErrShape, len(r), width)
			}
			at[i] = on(r[p])
		}
		m.densities[p] = newDensity(at, weights, t.of(p, width).Spread)
	}
	return m, nil
}

// Score gives the log-likelihood ratio of a repetition, natural log: typed by the person against typed by somebody of
// whom nothing is known. It is finite. Timings are taken for independent of each other, which they are not: a caller
// that adds scores to other evidence must calibrate them first.
func (m *Model) Score(r Timings) (float64, error) {
	if err := m.fits(r); err != nil {
		return 0, err
	}
	sum := 0.0
	for p, timing := range r {
		h, d := m.typing.of(p, len(r)), m.densities[p]
		z := (on(timing) - h.Base - h.Share*d.median) / h.Width
		// Anybody slips: the flat share is the same for both, so that a pause to think speaks for nobody.
		other := (1-flatShare)*math.Exp(logStudent(z))/h.Width + d.flat
		sum += math.Log(d.at(on(timing)) / other)
	}
	return sum, nil
}

func (m *Model) fits(r Timings) error {
	if len(r) != len(m.densities) {
		return fmt.Errorf("%w: %d timings; want %d", ErrShape, len(r), len(m.densities))
	}
	return nil
}

// logStudent is the log-density of Student's t distribution with tail degrees of freedom.
func logStudent(z float64) float64 {
	return studentNorm - (tail+1)/2*math.Log1p(z*z/tail)
}

var studentNorm = func() float64 {
	above, _ := math.Lgamma((tail + 1) / 2)
	below, _ := math.Lgamma(tail / 2)
	return above - below - math.Log(tail*math.Pi)/2
}()
