package presence

import "math"

// Network is a small trained function from the measures of a window to nats: inputs standardised and clipped, hidden
// layers of tanh, one output. It is made by `ipse fit liveness`.
type Network struct {
	List    string    `json:"list"`   // the list whose measures it takes
	Inputs  []string  `json:"inputs"` // their names
	Mean    []float64 `json:"mean"`   // of each input among people
	Scale   []float64 `json:"scale"`  // spread of each input among people
	Layers  []Layer   `json:"layers"`
	Fitted  []string  `json:"fitted"`  // families of attacks that it was fitted on
	People  int       `json:"people"`  // how many people it was fitted on
	Windows int       `json:"windows"` // how many of their windows

	at []int // where the inputs stand in the list
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
