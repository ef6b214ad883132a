// Package network owns the forward pass of learned behaviour models: a window goes in, a unit vector comes out, in plain
// Go. The networks are made by train/ and read from weights files (see Parse).
//
// All networks have one shape: a convolution over events, convolutions with a residual connection, a widening one,
// attention over time by several heads, weighted means and spreads, and one matrix to the embedding. What differs by
// modality is how an event becomes numbers (inputs.go). train/model.py and train/features.py compute the same; golden
// vectors keep them equal.
package network

import "math"

// MaxEvents is how many events of a window are read; those after them are left out.
const MaxEvents = 256

// Network is one learned model, ready to run. It does not change and may be shared; each goroutine takes a Pass of its
// own.
type Network struct {
	header Header
	first  layer
	blocks []layer
	widen  layer
	attend layer
	out    layer
}

// Header gives what the weights file says of itself. The caller does not change its maps and slices.
func (n *Network) Header() Header { return n.header }

// layer is a convolution with its bias: rows of weights, one for each output, each kernel × inputs long with the inputs
// of one event together.
type layer struct {
	inputs, outputs, kernel int
	weights, bias           []float32
}

// rectified computes the layer over length events and cuts negative values off. Input rows lie one after the other and
// begin kernel/2 rows of padding before the first event.
func (l *layer) rectified(out, in []float32, length int) {
	l.apply(out, in, length)
	for i, v := range out[:length*l.outputs] {
		if !(v > 0) {
			out[i] = 0
		}
	}
}

// apply computes four outputs of two events at a time: their sums stay in registers, and each number that is loaded is
// used more than once. That is what keeps a window below 3 ms.
func (l *layer) apply(out, in []float32, length int) {
	span := l.kernel * l.inputs
	t := 0
	for ; t+1 < length; t += 2 {
		a := in[t*l.inputs:][:span]
		b := in[(t+1)*l.inputs:][:span]
		toA := out[t*l.outputs:][:l.outputs]
		toB := out[(t+1)*l.outputs:][:l.outputs]
		for o := 0; o < l.outputs; o += 4 {
			w := l.weights[o*span:][:4*span]
			bias := l.bias[o:][:4]
			w0, w1, w2, w3 := w[:span], w[span:][:span], w[2*span:][:span], w[3*span:][:span]
			var a0, a1, a2, a3, b0, b1, b2, b3 float32
			for i, x := range a {
				y := b[i]
				v0, v1, v2, v3 := w0[i], w1[i], w2[i], w3[i]
				a0 += x * v0
				b0 += y * v0
				a1 += x * v1
				b1 += y * v1
				a2 += x * v2
				b2 += y * v2
				a3 += x * v3
				b3 += y * v3
			}
			ra, rb := toA[o:][:4], toB[o:][:4]
			ra[0], ra[1], ra[2], ra[3] = a0+bias[0], a1+bias[1], a2+bias[2], a3+bias[3]
			rb[0], rb[1], rb[2], rb[3] = b0+bias[0], b1+bias[1], b2+bias[2], b3+bias[3]
		}
	}
	if t < length {
		a := in[t*l.inputs:][:span]
		to := out[t*l.outputs:][:l.outputs]
		for o := range to {
			w := l.weights[o*span:][:span]
			sum := float32(0)
			for i, x := range a {
				sum += x * w[i]
			}
			to[o] = sum + l.bias[o]
		}
	}
}

// Pass is the memory of one forward pass. It may be used again and again, by one goroutine at a time.
type Pass struct {
	network        *Network
	inputs         []float32 // with padding, as hidden
	hidden, change []float32
	wide, attend   []float32
	pooled, result []float32
}

// NewPass gives the memory to run the network on windows of up to MaxEvents events.
func (n *Network) NewPass() *Pass {
	s := n.header.Shape
	padded := MaxEvents + s.Kernel - 1
	return &Pass{
		network: n,
		inputs:  make([]float32, padded*s.Inputs),
		hidden:  make([]float32, padded*s.Channels),
		change:  make([]float32, MaxEvents*s.Channels),
		wide:    make([]float32, MaxEvents*s.Wide),
		attend:  make([]float32, MaxEvents*s.Heads),
		pooled:  make([]float32, 2*s.Wide),
		result:  make([]float32, s.Dimensions),
	}
}

// run computes the embedding of length events whose inputs are in place. The result is the Pass's own memory.
func (p *Pass) run(length int) []float32 {
	n, s := p.network, p.network.header.Shape
	if length == 0 {
		clear(p.result)
		return p.result
	}
	pad := s.Kernel / 2
	clear(p.inputs[(pad+length)*s.Inputs : (2*pad+length)*s.Inputs])
	clear(p.hidden[(pad+length)*s.Channels : (2*pad+length)*s.Channels])
	hidden := p.hidden[pad*s.Channels:][:length*s.Channels]
	n.first.rectified(hidden, p.inputs, length)
	for i := range n.blocks {
		n.blocks[i].rectified(p.change, p.hidden, length)
		for j, v := range p.change[:len(hidden)] {
			hidden[j] += v
		}
	}
	n.widen.rectified(p.wide, hidden, length)
	n.attend.apply(p.attend, p.wide, length)
	p.pool(length)
	n.out.apply(p.result, p.pooled, 1)
	unit(p.result)
	return p.result
}

// leastVariance keeps the spread of a channel that does not change away from zero, where its root has no slope.
const leastVariance = 1e-4

// pool gives each channel's mean and standard deviation over time, weighted by the attention of the channel's head.
func (p *Pass) pool(length int) {
	s := p.network.header.Shape
	perHead := s.Wide / s.Heads
	for h := range s.Heads {
		top := math.Inf(-1)
		for t := range length {
			top = math.Max(top, float64(p.attend[t*s.Heads+h]))
		}
		sum := 0.0
		for t := range length {
			w := math.Exp(float64(p.attend[t*s.Heads+h]) - top)
			p.attend[t*s.Heads+h] = float32(w)
			sum += w
		}
		for c := h * perHead; c < (h+1)*perHead; c++ {
			mean, variance := 0.0, 0.0
			for t := range length {
				mean += float64(p.attend[t*s.Heads+h]) * float64(p.wide[t*s.Wide+c])
			}
			mean /= sum
			for t := range length {
				d := float64(p.wide[t*s.Wide+c]) - mean
				variance += float64(p.attend[t*s.Heads+h]) * d * d
			}
			p.pooled[c] = float32(mean)
			p.pooled[s.Wide+c] = float32(math.Sqrt(math.Max(leastVariance, variance/sum)))
		}
	}
}

// unit scales a vector to length one. One that has no finite length becomes zero, which says nothing about anybody.
func unit(v []float32) {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	length := math.Sqrt(sum)
	if !(length > 1e-12) || math.IsInf(length, 0) {
		clear(v)
		return
	}
	for i := range v {
		v[i] = float32(float64(v[i]) / length)
	}
}
