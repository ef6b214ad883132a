package presence

import (
	"fmt"
	"math"
	"slices"

	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
)

// Names of the networks that judge windows of typing.
const (
	InjectedNetwork = "injected" // programs that imitate nobody, against hands
	ForgedNetwork   = "forged"   // programs that draw from what people did, against hands
	HiddenNetwork   = "hidden"   // hands whose times a program changes, against hands and forgeries
)

// keySource says where the nats of typing come from.
const keySource = "fitted by ipse fit liveness-keyboard: weights/keyboard.json says on whom and on which attacks"

// Bounds of what one window of typing adds to a sum that windows share, in nats.
const (
	KeyLeast = -3
	KeyMost  = 2.5
)

// KeyJudge is a network with its calibration on people whom it has not learnt from: nats = Slope × output + Offset.
type KeyJudge struct {
	Card    string       `json:"card,omitempty"` // what it was made from, and on what terms
	Slope   float64      `json:"slope"`
	Offset  float64      `json:"offset"`
	Found   float64      `json:"found"`           // sum of nats from which the kind is found
	Usual   *UsualBounds `json:"usual,omitempty"` // what to make of the subject's own; nil where it is not asked for
	Network *Network     `json:"network"`
}

// Nats is what a window with these measures says.
func (j *KeyJudge) Nats(measures []float64) float64 {
	return j.Judged(j.Network.Nats(measures), Usual{})
}

// Judged is what an output of the network says of a subject whose windows usually are so; of one of whom nothing is known
// the zero Usual is given. The network must have passed Check.
func (j *KeyJudge) Judged(output float64, usual Usual) float64 {
	if j.Usual != nil {
		output -= j.Usual.Allowance(usual, j.Network.mark)
	}
	return j.Slope*output + j.Offset
}

// Since gives what a session has come to with one more window: the network's output, and the nats that speak for hidden times,
// which are taken off. usual is what is usual of the subject now; it counts where a session begins. The network must have
// passed Check, and SessionBounds be there.
func (j *KeyJudge) Since(s Since, usual Usual, output, hidden float64) Since {
	return j.Usual.Session.add(j.Usual.Mean, s.Begin(j.Network.mark, usual), output, math.Max(0, hidden)/j.Slope)
}

// KeyWeights are the judges of windows of typing, by name. They are made by `ipse fit liveness-keyboard`.
type KeyWeights map[string]*KeyJudge

// Check says what is wrong with weights; nil for ones that can be used. It makes them ready.
func (w KeyWeights) Check() error {
	for _, name := range []string{InjectedNetwork, ForgedNetwork, HiddenNetwork} {
		j := w[name]
		if j == nil {
			return fmt.Errorf("presence: the network %s is missing", name)
		}
		if err := j.Network.Check(liveness.KeyboardMeasures); err != nil {
			return fmt.Errorf("presence: the network %s %w", name, err)
		}
		if !(j.Slope > 0 && j.Found > 0) {
			return fmt.Errorf("presence: the network %s has slope %g and bound %g; want positive ones", name, j.Slope, j.Found)
		}
		if u := j.Usual; u != nil && !(u.Windows > 0 && u.Most > 0) {
			return fmt.Errorf("presence: the network %s has %g windows of a subject count as much as people's mean, and allows for %g nats; want positive numbers", name, u.Windows, u.Most)
		}
		if u := j.Usual; u != nil && u.Session != nil && !u.Session.usable() {
			return fmt.Errorf("presence: the network %s has %+v for sessions; want positive variances, a positive scale and most above least", name, *u.Session)
		}
	}
	return nil
}

// Signals gives the signals that judge by these weights; they must have passed Check.
func (w KeyWeights) Signals() []Signal {
	return []Signal{injectedKeys(w), forgedKeys(w), hiddenKeyTimes(w)}
}

// typed reports whether a window is typing with measures, and with none of what makes key times no hand's on honest ways: an
// input method, or lost events.
func typed(w Window) bool {
	return w.Modality == observation.Keyboard && w.Liveness.MeasureList == liveness.KeyboardMeasures.Name &&
		len(w.Liveness.Measures) == len(liveness.KeyboardMeasures.Measures) &&
		!slices.Contains(w.Quality, observation.InputMethod) && !slices.Contains(w.Quality, observation.LostEvents)
}

// keyBounded bounds nats before one kind's are taken from another's.
func keyBounded(x float64) float64 { return math.Max(KeyLeast, math.Min(KeyMost, x)) }
