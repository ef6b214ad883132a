package presence

import (
	"errors"
	"fmt"
	"math"

	"ipse.dev/ipse/internal/liveness"
)

// Network is a small trained function from the measures of a window to nats: inputs standardised and clipped, hidden
// layers of tanh, one output. It is made by `ipse fit liveness-keyboard` and `ipse fit liveness-pointer`.
type Network struct {
	List    string    `json:"list"`   // the list whose measures it takes
	Inputs  []string  `json:"inputs"` // their names
	Mean    []float64 `json:"mean"`   // of each input among people
	Scale   []float64 `json:"scale"`  // spread of each input among people
	Layers  []Layer   `json:"layers"`
	Fitted  []string  `json:"fitted"`  // families of attacks that it was fitted on
	People  int       `json:"people"`  // how many people it was fitted on
	Windows int       `json:"windows"` // how many of their windows

	at   []int  // where the inputs stand in the list
	mark string // Mark, once Check has been passed
}

// Layer is one layer of weights: Rows[i] holds the weights of output i, its bias last.
type Layer struct {
	Rows [][]float64 `json:"rows"`
}

// clipSigmas bounds a standardised input: what is stranger than that is no more telling.
const clipSigmas = 5

// Bind finds the inputs in a list of names; ok is false where one is missing.
func (n *Network) Bind(names []string) (ok bool) {
	n.at = n.at[:0]
	for _, in := range n.Inputs {
		found := -1
		for i, name := range names {
			if name == in {
				found = i
			}
		}
		if found < 0 {
			return false
		}
		n.at = append(n.at, found)
	}
	return true
}

// Check says what keeps the network from judging by this list; nil where nothing does. It makes the network ready.
func (n *Network) Check(list liveness.List) error {
	names := make([]string, len(list.Measures))
	for i, m := range list.Measures {
		names[i] = m.Name
	}
	switch {
	case n == nil:
		return errors.New("is missing")
	case n.List != list.Name:
		return fmt.Errorf("takes the list %q; want %q", n.List, list.Name)
	case !n.Bind(names):
		return fmt.Errorf("takes a measure that the list %s does not have", n.List)
	case len(n.Mean) != len(n.Inputs) || len(n.Scale) != len(n.Inputs) || len(n.Layers) == 0:
		return fmt.Errorf("has %d inputs, %d means, %d scales and %d layers; want as many of each, and layers", len(n.Inputs), len(n.Mean), len(n.Scale), len(n.Layers))
	}
	width := len(n.Inputs)
	for i, l := range n.Layers {
		for _, row := range l.Rows {
			if len(row) != width+1 {
				return fmt.Errorf("has a row of %d weights in layer %d; want %d", len(row), i+1, width+1)
			}
		}
		width = len(l.Rows)
	}
	if width != 1 {
		return fmt.Errorf("has %d outputs; want 1", width)
	}
	n.mark = n.Mark()
	return nil
}

// Standard gives the network's inputs for the measures of a window.
func (n *Network) Standard(measures []float64) []float64 {
	x := make([]float64, len(n.at))
	for i, at := range n.at {
		x[i] = math.Max(-clipSigmas, math.Min(clipSigmas, (measures[at]-n.Mean[i])/n.Scale[i]))
	}
	return x
}

// Output runs the layers over standardised inputs.
func (n *Network) Output(x []float64) float64 {
	for l, layer := range n.Layers {
		y := make([]float64, len(layer.Rows))
		for i, row := range layer.Rows {
			sum := row[len(x)]
			for j, v := range x {
				sum += row[j] * v
			}
			if l+1 < len(n.Layers) {
				sum = math.Tanh(sum)
			}
			y[i] = sum
		}
		x = y
	}
	return x[0]
}

// Nats is Output of Standard.
func (n *Network) Nats(measures []float64) float64 { return n.Output(n.Standard(measures)) }
