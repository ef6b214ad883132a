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

// layer is a convolution with its bias. Outputs go together by two: weights holds, for one pair of outputs after the other,
// what each of the kernel × inputs numbers that they read weighs for both. The inputs of one event are together.
type layer struct {
	inputs, outputs, kernel int // outputs are even
	weights                 [][2]float32
	bias                    []float32
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

// apply computes two outputs of three events at a time: each number that is loaded is used more than once, and the sums and
// products stay in registers, which two outputs or one event more would not leave enough of. That is what keeps a window
// below 3 ms.
func (l *layer) apply(out, in []float32, length int) {
	span := l.kernel * l.inputs
	t := 0
	for ; t+2 < length; t += 3 {
		a, b, c := in[t*l.inputs:][:span], in[(t+1)*l.inputs:][:span], in[(t+2)*l.inputs:][:span]
		toA, toB, toC := out[t*l.outputs:][:l.outputs], out[(t+1)*l.outputs:][:l.outputs], out[(t+2)*l.outputs:][:l.outputs]
		for o := 0; o < l.outputs; o += 2 {
			sum := weighThree(a, b, c, l.weights[o/2*span:][:span])
			p, q := l.bias[o], l.bias[o+1]
			toA[o], toA[o+1] = sum[0]+p, sum[1]+q
			toB[o], toB[o+1] = sum[2]+p, sum[3]+q
			toC[o], toC[o+1] = sum[4]+p, sum[5]+q
		}
	}
	for ; t < length; t++ {
		a, to := in[t*l.inputs:][:span], out[t*l.outputs:][:l.outputs]
		for o := 0; o < l.outputs; o += 2 {
			sum := weigh(a, l.weights[o/2*span:][:span])
			to[o], to[o+1] = sum[0]+l.bias[o], sum[1]+l.bias[o+1]
		}
	}
}

// weighThree gives the weighted sums of three events' inputs: both outputs of the first event, of the second, of the third. It
// reads and writes nothing but its arguments, and the race detector would make a pass some forty times slower.
//
//go:norace
func weighThree(a, b, c []float32, weights [][2]float32) [6]float32 {
	b, c, weights = b[:len(a)], c[:len(a)], weights[:len(a)]
	var a0, a1, b0, b1, c0, c1 float32
	for i, x := range a {
		w := &weights[i]
		y, z := b[i], c[i]
		a0 += x * w[0]
		b0 += y * w[0]
		c0 += z * w[0]
		a1 += x * w[1]
		b1 += y * w[1]
		c1 += z * w[1]
	}
	return [6]float32{a0, a1, b0, b1, c0, c1}
}

// weigh gives the weighted sums of one event's inputs; the race detector passes it over as it does weighThree.
//
//go:norace
func weigh(a []float32, weights [][2]float32) [2]float32 {
	weights = weights[:len(a)]
	var a0, a1 float32
	for i, x := range a {
		w := &weights[i]
		a0 += x * w[0]
		a1 += x * w[1]
	}
	return [2]float32{a0, a1}
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
