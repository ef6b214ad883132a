package presence

import (
	"embed"
	"encoding/json"
	"fmt"
	"math"
	"sync"

	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
)

//go:embed weights/pointer.json
var pointerFiles embed.FS

// PointerWeights are the networks that judge windows of pointer use, by name: generated, transformed, jiggler, remote.
type PointerWeights map[string]*Network

// pointerNetworks names them.
var pointerNetworks = []string{"generated", "transformed", "jiggler", "remote"}

// Check says what is wrong with weights; nil for ones that can be used. It makes them ready.
func (w PointerWeights) Check() error {
	var names []string
	for _, m := range liveness.PointerMeasures.Measures {
		names = append(names, m.Name)
	}
	for _, name := range pointerNetworks {
		n := w[name]
		switch {
		case n == nil:
			return fmt.Errorf("presence: the network %s is missing", name)
		case n.List != liveness.PointerMeasures.Name:
			return fmt.Errorf("presence: the network %s takes the list %q; want %q", name, n.List, liveness.PointerMeasures.Name)
		case !n.Bind(names):
			return fmt.Errorf("presence: the network %s takes a measure that the list %s does not have", name, n.List)
		case len(n.Mean) != len(n.Inputs) || len(n.Scale) != len(n.Inputs) || len(n.Layers) == 0:
			return fmt.Errorf("presence: the network %s has %d inputs, %d means and %d scales; want as many of each, and layers", name, len(n.Inputs), len(n.Mean), len(n.Scale))
		}
		width := len(n.Inputs)
		for i, l := range n.Layers {
			for _, row := range l.Rows {
				if len(row) != width+1 {
					return fmt.Errorf("presence: layer %d of the network %s has a row of %d weights; want %d", i+1, name, len(row), width+1)
				}
			}
			width = len(l.Rows)
		}
		if width != 1 {
			return fmt.Errorf("presence: the network %s has %d outputs; want 1", name, width)
		}
	}
	return nil
}

// Signals gives the signals that judge by these weights; they must have passed Check.
func (w PointerWeights) Signals() []Signal {
	return []Signal{generatedPath(w["generated"], w["transformed"]), jiggler(w["jiggler"]), remoteControl(w["remote"])}
}

// shippedPointers are the signals by the weights inside the binary, which a test checks.
var shippedPointers = sync.OnceValue(func() []Signal {
	raw, err := pointerFiles.ReadFile("weights/pointer.json")
	if err != nil {
		return nil
	}
	var w PointerWeights
	if json.Unmarshal(raw, &w) != nil || w.Check() != nil {
		return nil
	}
	return w.Signals()
})

// pointerMeasures gives a window's measures; ok is false where it has none or not enough was seen in it.
func pointerMeasures(w Window) (measures []float64, ok bool) {
	l := w.Liveness
	if w.Modality != observation.Pointer || l.MeasureList != liveness.PointerMeasures.Name || len(l.Measures) != len(liveness.PointerMeasures.Measures) {
		return nil, false
	}
	return l.Measures, true
}

// either is the likelihood ratio of one of two attacks that are as likely.
func either(a, b float64) float64 {
	high := math.Max(a, b)
	return high + math.Log(0.5*math.Exp(a-high)+0.5*math.Exp(b-high))
}
