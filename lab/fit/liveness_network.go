package fit

import (
	"math"
	"math/rand/v2"

	"ipse.dev/ipse/internal/presence"
)

// example is one window's measures, whether an attack made it, and how much it counts.
type example struct {
	measures []float64
	attack   bool
	weight   float64
}

// Training of networks.
const (
	networkEpochs = 14
	networkBatch  = 64
	networkRate   = 0.004
	networkDecay  = 1e-4
)

var networkHidden = []int{32, 12}

// trainNetwork fits a network to examples by weighted logistic loss with Adam (Kingma & Ba 2015). People's examples and
// attacks' examples count the same in all, so that the output is a log-likelihood ratio. It is the same for the same seed.
func trainNetwork(list string, names, inputs []string, examples []example, seed uint64) *presence.Network {
	rng := rand.New(rand.NewPCG(seed, 1))
	n := &presence.Network{List: list, Inputs: inputs}
	if !n.Bind(names) {
		panic("fit: a network's input is not in its list")
	}
	standard(n, names, inputs, examples)
	xs := make([][]float64, len(examples))
	var totals [2]float64
	for i, e := range examples {
		xs[i] = n.Standard(e.measures)
		totals[side(e.attack)] += e.weight
	}
	sizes := append(append([]int{len(inputs)}, networkHidden...), 1)
	for l := 1; l < len(sizes); l++ {
		layer := presence.Layer{}
		for range sizes[l] {
			row := make([]float64, sizes[l-1]+1)
			for j := range row[:sizes[l-1]] {
				row[j] = rng.NormFloat64() / math.Sqrt(float64(sizes[l-1]))
			}
			layer.Rows = append(layer.Rows, row)
		}
		n.Layers = append(n.Layers, layer)
	}
	o := newOptimiser(n)
	order := make([]int, len(examples))
	for i := range order {
		order[i] = i
	}
	steps := networkEpochs * (len(order) + networkBatch - 1) / networkBatch
	step := 0
	for range networkEpochs {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for at := 0; at < len(order); at += networkBatch {
			batch := order[at:min(len(order), at+networkBatch)]
			for _, i := range batch {
				e := examples[i]
				o.gradient(n, xs[i], e.attack, e.weight/totals[side(e.attack)]*float64(len(examples))/2)
			}
			step++
			o.apply(n, networkRate*0.5*(1+math.Cos(math.Pi*float64(step)/float64(steps+1))), float64(len(batch)))
		}
	}
	for _, l := range n.Layers {
		for _, r := range l.Rows {
			for j := range r {
				r[j] = round(r[j])
			}
		}
	}
	return n
}

// averageNetwork gives the one network whose output is the mean of several with the same inputs, each of so many hidden layers:
// their hidden units stand beside one another, and know nothing of one another.
func averageNetwork(of []*presence.Network) *presence.Network {
	out := *of[0]
	out.Layers = nil
	for l := range of[0].Layers {
		last := l+1 == len(of[0].Layers)
		width := 0 // of what comes in
		for _, n := range of {
			width += len(n.Layers[l].Rows[0]) - 1
		}
		if l == 0 {
			width = len(out.Inputs)
		}
		var layer presence.Layer
		at := 0
		for _, n := range of {
			own := len(n.Layers[l].Rows[0]) - 1
			for _, row := range n.Layers[l].Rows {
				wide := make([]float64, width+1)
				copy(wide[at:], row[:own])
				wide[width] = row[own]
				layer.Rows = append(layer.Rows, wide)
			}
			if l > 0 {
				at += own
			}
		}
		if last {
			mean := make([]float64, width+1)
			for _, row := range layer.Rows {
				for j, w := range row {
					mean[j] += w / float64(len(of))
				}
			}
			for j := range mean {
				mean[j] = round(mean[j])
			}
			layer.Rows = [][]float64{mean}
		}
		out.Layers = append(out.Layers, layer)
	}
	return &out
}

func side(attack bool) int {
	if attack {
		return 1
	}
	return 0
}

// standard takes mean and spread of each input from people's examples.
func standard(n *presence.Network, names, inputs []string, examples []example) {
	for _, in := range inputs {
		at := 0
		for i, name := range names {
			if name == in {
				at = i
			}
		}
		var sum, squares, weight float64
		for _, e := range examples {
			if !e.attack {
				sum += e.weight * e.measures[at]
				weight += e.weight
			}
		}
		mean := sum / math.Max(1e-12, weight)
		for _, e := range examples {
			if !e.attack {
				squares += e.weight * (e.measures[at] - mean) * (e.measures[at] - mean)
			}
		}
		n.Mean = append(n.Mean, round(mean))
		n.Scale = append(n.Scale, round(math.Max(0.01, math.Sqrt(squares/math.Max(1e-12, weight)))))
	}
}

// optimiser holds gradients and Adam's moments, shaped as the layers.
type optimiser struct {
	grad, first, second [][][]float64
	acts                [][]float64
	deltas              [][]float64
	t                   float64
}

func newOptimiser(n *presence.Network) *optimiser {
	shape := func() [][][]float64 {
		var out [][][]float64
		for _, l := range n.Layers {
			var rows [][]float64
			for _, r := range l.Rows {
				rows = append(rows, make([]float64, len(r)))
			}
			out = append(out, rows)
		}
		return out
	}
	o := &optimiser{grad: shape(), first: shape(), second: shape()}
	for _, l := range n.Layers {
		o.acts = append(o.acts, make([]float64, len(l.Rows)))
		o.deltas = append(o.deltas, make([]float64, len(l.Rows)))
	}
	return o
}

func (o *optimiser) gradient(n *presence.Network, x []float64, attack bool, weight float64) {
	in := x
	last := len(n.Layers) - 1
	for l, layer := range n.Layers {
		for i, row := range layer.Rows {
			sum := row[len(in)]
			for j, v := range in {
				sum += row[j] * v
			}
			if l < last {
				sum = math.Tanh(sum)
			}
			o.acts[l][i] = sum
		}
		in = o.acts[l]
	}
	o.deltas[last][0] = weight * (1/(1+math.Exp(-in[0])) - float64(side(attack)))
	for l := last; l >= 0; l-- {
		before := x
		if l > 0 {
			before = o.acts[l-1]
			clear(o.deltas[l-1])
		}
		for i, row := range n.Layers[l].Rows {
			d := o.deltas[l][i]
			g := o.grad[l][i]
			for j, v := range before {
				g[j] += d * v
			}
			g[len(before)] += d
			if l > 0 {
				for j := range before {
					o.deltas[l-1][j] += d * row[j]
				}
			}
		}
		if l > 0 {
			for j, v := range before {
				o.deltas[l-1][j] *= 1 - v*v
			}
		}
	}
}

func (o *optimiser) apply(n *presence.Network, rate, batch float64) {
	const beta1, beta2 = 0.9, 0.999
	o.t++
	c1, c2 := 1-math.Pow(beta1, o.t), 1-math.Pow(beta2, o.t)
	for l, layer := range n.Layers {
		for i, row := range layer.Rows {
			g, m, v := o.grad[l][i], o.first[l][i], o.second[l][i]
			for j := range row {
				d := g[j] / batch
				g[j] = 0
				m[j] = beta1*m[j] + (1-beta1)*d
				v[j] = beta2*v[j] + (1-beta2)*d*d
				row[j] -= rate * (m[j]/c1/(math.Sqrt(v[j]/c2)+1e-8) + networkDecay*row[j])
			}
		}
	}
}
