// Package network owns the forward pass of learned behaviour models: a window goes in, a unit vector comes out, in plain
// Go. The networks are made by train/ and read from weights files (see Parse).
//
// All networks have one shape: a convolution over events, convolutions with a residual connection, a widening one,
// attention over time by several heads, weighted means and spreads, and one matrix to the embedding. What differs by
// modality is how an event becomes numbers (inputs.go). A network may have several members, trained apart: their unit
// vectors follow one another, scaled so that the whole is a unit vector. train/model.py and train/features.py compute the
// same, and so does sdk/web/src/network.ts; golden vectors keep them equal.
package network

import (
	"math"

	"ipse.dev/ipse/internal/path"
)

// MaxEvents is how many events of a window are read; those after them are left out.
const MaxEvents = 256

// Network is one learned model, ready to run. It does not change and may be shared; each goroutine takes a Pass of its
// own.
type Network struct {
	header  Header
	members []member
}

// member is one of the networks of which a Network is made.
type member struct {
	shape  Shape
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
	inputs []float32 // rows of values, with padding before the first and after the last
	width  int       // values an event becomes
	pad    int       // rows of padding on either side: what the widest kernel wants
	passes []memberPass
	result []float32
	touch  path.Touch
}

type memberPass struct {
	*member
	hidden, change []float32 // hidden with padding, as inputs
	wide, attended []float32
	pooled, result []float32 // result is a part of the Pass's
}

// NewPass gives the memory to run the network on windows of up to MaxEvents events.
func (n *Network) NewPass() *Pass {
	p := &Pass{width: n.header.Members[0].Inputs, result: make([]float32, n.header.Dimensions())}
	rest := p.result
	for i := range n.members {
		s := n.members[i].shape
		p.pad = max(p.pad, s.Kernel/2)
		p.passes = append(p.passes, memberPass{
			member:   &n.members[i],
			hidden:   make([]float32, (MaxEvents+s.Kernel-1)*s.Channels),
			change:   make([]float32, MaxEvents*s.Channels),
			wide:     make([]float32, MaxEvents*s.Wide),
			attended: make([]float32, MaxEvents*s.Heads),
			pooled:   make([]float32, 2*s.Wide),
			result:   rest[:s.Dimensions],
		})
		rest = rest[s.Dimensions:]
	}
	p.inputs = make([]float32, (MaxEvents+2*p.pad)*p.width)
	return p
}

// rows gives where the inputs of the first event go, and those of the others behind it.
func (p *Pass) rows() []float32 { return p.inputs[p.pad*p.width:] }

// run computes the embedding of length events whose inputs are in place. The result is the Pass's own memory.
func (p *Pass) run(length int) []float32 {
	if length == 0 {
		clear(p.result)
		return p.result
	}
	clear(p.rows()[length*p.width : (length+p.pad)*p.width])
	for i := range p.passes {
		m := &p.passes[i]
		m.run(p.inputs[(p.pad-m.shape.Kernel/2)*p.width:], length)
		scale(m.result, 1/math.Sqrt(float64(len(p.passes))))
	}
	return p.result
}

// run computes the member's unit vector. Inputs begin with the padding that its kernel wants.
func (m *memberPass) run(inputs []float32, length int) {
	pad, channels := m.shape.Kernel/2, m.shape.Channels
	hidden := m.hidden[pad*channels:][:length*channels]
	clear(m.hidden[pad*channels+len(hidden):][:pad*channels])
	m.first.rectified(hidden, inputs, length)
	for i := range m.blocks {
		m.blocks[i].rectified(m.change, m.hidden, length)
		for j, v := range m.change[:len(hidden)] {
			hidden[j] += v
		}
	}
	m.widen.rectified(m.wide, hidden, length)
	m.attend.apply(m.attended, m.wide, length)
	m.pool(length)
	m.out.apply(m.result, m.pooled, 1)
	unit(m.result)
}

// leastVariance keeps the spread of a channel that does not change away from zero, where its root has no slope.
const leastVariance = 1e-4

// pool gives each channel's mean and standard deviation over time, weighted by the attention of the channel's head.
func (m *memberPass) pool(length int) {
	s := m.shape
	perHead := s.Wide / s.Heads
	for h := range s.Heads {
		top := math.Inf(-1)
		for t := range length {
			top = math.Max(top, float64(m.attended[t*s.Heads+h]))
		}
		sum := 0.0
		for t := range length {
			w := math.Exp(float64(m.attended[t*s.Heads+h]) - top)
			m.attended[t*s.Heads+h] = float32(w)
			sum += w
		}
		for c := h * perHead; c < (h+1)*perHead; c++ {
			mean, variance := 0.0, 0.0
			for t := range length {
				mean += float64(m.attended[t*s.Heads+h]) * float64(m.wide[t*s.Wide+c])
			}
			mean /= sum
			for t := range length {
				d := float64(m.wide[t*s.Wide+c]) - mean
				variance += float64(m.attended[t*s.Heads+h]) * d * d
			}
			m.pooled[c] = float32(mean)
			m.pooled[s.Wide+c] = float32(math.Sqrt(math.Max(leastVariance, variance/sum)))
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
	scale(v, 1/length)
}

func scale(v []float32, by float64) {
	for i := range v {
		v[i] = float32(float64(v[i]) * by)
	}
}
