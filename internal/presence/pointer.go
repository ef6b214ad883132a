package presence

import (
	"fmt"
	"math"
	"slices"

	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
)

// PointerWeights judge windows of pointer use.
type PointerWeights struct {
	Card     string                `json:"card"`            // what they were made from, and on what terms
	Found    map[Kind]float64      `json:"found,omitempty"` // sums of nats from which kinds are found, in place of the signals' own
	Usual    map[Kind]*UsualBounds `json:"usual,omitempty"` // what to make of the subject's own, for the kinds that ask
	Networks map[string]*Network   `json:"networks"`        // by name: generated, transformed, turned, jiggler, remote
}

// pointerSource says where the nats of pointers come from.
const pointerSource = "fitted by ipse fit liveness-pointer: weights/pointer-*.json say on whom and on which attacks"

// pointerNetworks names them.
var pointerNetworks = []string{"generated", "transformed", "turned", "jiggler", "remote"}

// Check says what is wrong with weights; nil for ones that can be used. It makes them ready.
func (w PointerWeights) Check() error {
	for _, name := range pointerNetworks {
		if err := w.Networks[name].Check(liveness.PointerMeasures); err != nil {
			return fmt.Errorf("presence: the network %s %w", name, err)
		}
	}
	for kind, found := range w.Found {
		if !slices.Contains(pointerKinds, kind) || !(found > 0) {
			return fmt.Errorf("presence: a bound of %g for the kind %q; want positive ones, for some of %q", found, kind, pointerKinds)
		}
	}
	for kind, u := range w.Usual {
		if kind != TurnedPath || u == nil || !(u.Windows > 0 && u.Most > 0) {
			return fmt.Errorf("presence: the kind %q has %+v for what is usual; want positive windows and most, for %q alone", kind, u, TurnedPath)
		}
	}
	return nil
}

// pointerKinds are the kinds that Signals tell.
var pointerKinds = []Kind{GeneratedPath, TurnedPath, Jiggler, RemoteControl}

// Signals gives the signals that judge by these weights; they must have passed Check.
func (w PointerWeights) Signals() []Signal {
	n := w.Networks
	signals := []Signal{generatedPath(n["generated"], n["transformed"]), turnedPath(n["turned"], w.Usual[TurnedPath]), jiggler(n["jiggler"]), remoteControl(n["remote"])}
	for i := range signals {
		if found, own := w.Found[signals[i].Kind]; own {
			signals[i].Found = found
		}
	}
	return signals
}

// pointerMeasures gives a window's measures; ok is false where it has none or not enough was seen in it.
func pointerMeasures(w Window) (measures []float64, ok bool) {
	l := w.Liveness
	if w.Modality != observation.Pointer || l.MeasureList != liveness.PointerMeasures.Name || len(l.Measures) != len(liveness.PointerMeasures.Measures) {
		return nil, false
	}
	return l.Measures, true
}

// mixed is the likelihood ratio of an attack that is of the second kind in a share of cases, and else of the first.
func mixed(a, b, share float64) float64 {
	high := math.Max(a, b)
	return high + math.Log((1-share)*math.Exp(a-high)+share*math.Exp(b-high))
}
