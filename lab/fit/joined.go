package fit

import (
	"slices"

	"ipse.dev/ipse/internal/presence"
)

// joined is one network whose output is the mean of several of one shape and the same inputs: their layers side by side,
// each fed by its own alone. Inputs are standardised as each does it; one mean and scale, the first's, stand for all.
func joined(networks []*presence.Network) *presence.Network {
	first := networks[0]
	out := *first
	out.Layers = nil
	for l := range first.Layers {
		var layer presence.Layer
		for i, n := range networks {
			for _, row := range rowsFor(n, first, l) {
				layer.Rows = append(layer.Rows, widened(row, i, len(networks), l))
			}
		}
		if l == len(first.Layers)-1 {
			layer.Rows = [][]float64{meanRow(layer.Rows)}
		}
		out.Layers = append(out.Layers, layer)
	}
	return &out
}

// rowsFor gives a layer of n for inputs that are standardised as first's are.
func rowsFor(n, first *presence.Network, layer int) [][]float64 {
	if layer > 0 {
		return n.Layers[layer].Rows
	}
	var out [][]float64
	for _, row := range n.Layers[0].Rows {
		own := slices.Clone(row)
		for j := range n.Inputs {
			own[j] = row[j] * first.Scale[j] / n.Scale[j]
			own[len(own)-1] += row[j] * (first.Mean[j] - n.Mean[j]) / n.Scale[j]
		}
		out = append(out, own)
	}
	return out
}

// widened places a row among zeros for the other networks' outputs; the first layer sees all inputs.
func widened(row []float64, at, of, layer int) []float64 {
	if layer == 0 {
		return row
	}
	width := len(row) - 1
	out := make([]float64, width*of+1)
	copy(out[at*width:], row[:width])
	out[len(out)-1] = row[width]
	return out
}

func meanRow(rows [][]float64) []float64 {
	out := make([]float64, len(rows[0]))
	for _, row := range rows {
		for i, v := range row {
			out[i] += v / float64(len(rows))
		}
	}
	return out
}
