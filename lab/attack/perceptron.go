package attack

import (
	"context"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// PerceptronOptions are how the neural attacker learns.
type PerceptronOptions struct {
	Hidden    int
	Rounds    int // over the training windows, at most
	Patience  int // rounds without a better loss on the calibration windows after which learning stops
	Rate      float64
	Dropout   float64 // share of the inputs that are left out at each step
	Seed      uint64
	OnRound   func(round int) // hears of every round; may be nil
	BatchSize int
}

// DefaultPerceptron is what the protocol trains.
var DefaultPerceptron = PerceptronOptions{Hidden: 64, Rounds: 10, Patience: 2, Rate: 1.5e-3, Dropout: 0.2, Seed: 1, BatchSize: 64}

// layer is one affine map with its Adam moments (Kingma and Ba, 2015). The last column of the weights is the bias.
type layer struct {
	weights, gradient, mean, square *mat.Dense // outputs × inputs + 1
}

func newLayer(outputs, inputs int, spread float64, random *rand.Rand) layer {
	l := layer{mat.NewDense(outputs, inputs+1, nil), mat.NewDense(outputs, inputs+1, nil), mat.NewDense(outputs, inputs+1, nil), mat.NewDense(outputs, inputs+1, nil)}
	for i := range outputs {
		for j := range inputs {
			l.weights.Set(i, j, spread*random.NormFloat64())
		}
	}
	return l
}

// step moves the weights against the gradient; n counts steps from 1.
func (l *layer) step(rate float64, n int) {
	const keepMean, keepSquare, decay = 0.9, 0.999, 1e-4
	correctMean, correctSquare := 1-math.Pow(keepMean, float64(n)), 1-math.Pow(keepSquare, float64(n))
	w, g, m, s := l.weights.RawMatrix().Data, l.gradient.RawMatrix().Data, l.mean.RawMatrix().Data, l.square.RawMatrix().Data
	for i, v := range g {
		m[i] = keepMean*m[i] + (1-keepMean)*v
		s[i] = keepSquare*s[i] + (1-keepSquare)*v*v
		w[i] -= rate * (m[i]/correctMean/(math.Sqrt(s[i]/correctSquare)+1e-8) + decay*w[i])
	}
}

// perceptron is a network with one hidden layer of rectifiers and one logistic output for each label.
type perceptron struct {
	targets       *Targets
	scaler        scaler
	hidden, outer layer
}

// Perceptron trains a network on the training windows and keeps the weights that fit the calibration windows best. The
// same seed gives the same network.
func Perceptron(ctx context.Context, t *Targets, examples, calibration []Example, opt PerceptronOptions) (Attacker, error) {
	d, o := len(examples[0].Inputs), t.outputs()
	if d == 0 {
		return Ignorant(t), nil
	}
	random := rand.New(rand.NewPCG(opt.Seed, 0))
	a := &perceptron{targets: t, scaler: newScaler(examples)}
	a.hidden = newLayer(opt.Hidden, d, math.Sqrt(2/float64(d)), random)
	a.outer = newLayer(o, opt.Hidden, 0, random) // without a say of the inputs, the network begins as the ignorant attacker
	for i, p := range (&linear{targets: t}).base() {
		p = clampProbability(p)
		a.outer.weights.Set(i, opt.Hidden, math.Log(p/(1-p)))
	}
	b := newBatch(a, opt.BatchSize)
	best, worse, steps := math.Inf(1), 0, 0
	var kept [2]mat.Dense
	for round := range opt.Rounds {
		order := random.Perm(len(examples))
		rate := opt.Rate * 0.5 * (1 + math.Cos(math.Pi*float64(round)/float64(opt.Rounds)))
		for from := 0; from < len(order); from += opt.BatchSize {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			b.load(examples, order[from:min(len(order), from+opt.BatchSize)])
			b.dropInputs(random, opt.Dropout)
			b.forward()
			b.backward()
			steps++
			a.hidden.step(rate, steps)
			a.outer.step(rate, steps)
		}
		if opt.OnRound != nil {
			opt.OnRound(round)
		}
		if loss := b.meanLoss(calibration); loss < best {
			best, worse = loss, 0
			kept[0].CloneFrom(a.hidden.weights)
			kept[1].CloneFrom(a.outer.weights)
		} else if worse++; worse >= opt.Patience {
			break
		}
	}
	a.hidden.weights.Copy(&kept[0])
	a.outer.weights.Copy(&kept[1])
	return a, nil
}

func (a *perceptron) Beliefs(e Example) Beliefs {
	b := newBatch(a, 1)
	b.load([]Example{e}, []int{0})
	b.forward()
	return a.targets.beliefs(b.out.RawRowView(0))
}

// batch is the room that one pass of some windows through a perceptron needs.
type batch struct {
	of                             *perceptron
	rows                           int
	in, mid, out, truth, back, err *mat.Dense // in and mid end in a column of ones
}

func newBatch(a *perceptron, rows int) *batch {
	h, d := a.hidden.weights.Dims()
	o, _ := a.outer.weights.Dims()
	dense := func(columns int) *mat.Dense { return mat.NewDense(rows, columns, nil) }
	return &batch{a, rows, dense(d), dense(h + 1), dense(o), dense(o), dense(h + 1), dense(o)}
}

// load takes the chosen windows; rows that stay over repeat nothing and have no truth to err from.
func (b *batch) load(examples []Example, chosen []int) {
	b.in.Zero()
	b.rows = len(chosen)
	_, d := b.in.Dims()
	for row, i := range chosen {
		x := b.in.RawRowView(row)
		b.of.scaler.scale(examples[i].Inputs, x[:d-1])
		x[d-1] = 1
		b.of.targets.labels(&examples[i].Text, b.truth.RawRowView(row))
	}
}

func (b *batch) dropInputs(random *rand.Rand, share float64) {
	_, d := b.in.Dims()
	for row := range b.rows {
		x := b.in.RawRowView(row)[:d-1]
		for j := range x {
			if random.Float64() < share {
				x[j] = 0
			} else {
				x[j] /= 1 - share
			}
		}
	}
}

func (b *batch) forward() {
	rows, columns := b.mid.Dims()
	h := columns - 1
	b.mid.Slice(0, rows, 0, h).(*mat.Dense).Mul(b.in, b.of.hidden.weights.T())
	for row := range rows {
		x := b.mid.RawRowView(row)
		for j, v := range x[:h] {
			x[j] = max(0, v)
		}
		x[h] = 1
	}
	b.out.Mul(b.mid, b.of.outer.weights.T())
	out := b.out.RawMatrix().Data
	for i, v := range out {
		out[i] = 1 / (1 + math.Exp(-v))
	}
}

// backward leaves the gradient of the mean cross-entropy in the layers.
func (b *batch) backward() {
	b.err.Sub(b.out, b.truth)
	b.err.Scale(1/float64(b.rows), b.err)
	for row := b.rows; row < b.err.RawMatrix().Rows; row++ {
		clear(b.err.RawRowView(row))
	}
	b.of.outer.gradient.Mul(b.err.T(), b.mid)
	b.back.Mul(b.err, b.of.outer.weights)
	rows, columns := b.mid.Dims()
	for row := range rows {
		x := b.mid.RawRowView(row)
		g := b.back.RawRowView(row)
		for j, v := range x {
			if v <= 0 {
				g[j] = 0
			}
		}
	}
	b.of.hidden.gradient.Mul(b.back.Slice(0, rows, 0, columns-1).T(), b.in)
}

// meanLoss is the mean cross-entropy of windows, in nats a window.
func (b *batch) meanLoss(examples []Example) float64 {
	sum, size := 0.0, b.in.RawMatrix().Rows
	for from := 0; from < len(examples); from += size {
		var chosen []int
		for i := from; i < min(len(examples), from+size); i++ {
			chosen = append(chosen, i)
		}
		b.load(examples, chosen)
		b.forward()
		for row := range b.rows {
			truth := b.truth.RawRowView(row)
			for j, p := range b.out.RawRowView(row) {
				p = clampProbability(p)
				sum -= math.Log(math.Abs(1 - truth[j] - p))
			}
		}
	}
	return sum / float64(max(1, len(examples)))
}
