package attack

import (
	"errors"
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// learntWords is how many of the commonest words the linear and the neural attacker learn; of rarer ones they believe what
// is usual.
const learntWords = 150

// labels writes what the linear and the neural attackers learn of one text: the levels, then the commonest words.
func (t *Targets) labels(x *Text, out []float64) {
	levels := len(t.Levels)
	clear(out[levels:])
	t.holds(x, out[:levels], func(w int) {
		if w < len(out)-levels {
			out[levels+w] = 1
		}
	})
}

func (t *Targets) outputs() int { return len(t.Levels) + min(learntWords, len(t.Vocabulary)) }

// beliefs puts learnt outputs beside what is usual of rarer words.
func (t *Targets) beliefs(outputs []float64) Beliefs {
	levels := len(t.Levels)
	b := Beliefs{make([]float64, levels), make([]float64, len(t.Vocabulary))}
	for i, v := range outputs[:levels] {
		b.Levels[i] = clampProbability(v)
	}
	copy(b.Words, t.Base.Words)
	for i, v := range outputs[levels:] {
		b.Words[i] = clampProbability(v)
	}
	return b
}

// linear is ridge regression from inputs to labels.
type linear struct {
	targets *Targets
	scaler  scaler
	weights *mat.Dense // outputs × inputs
}

// Linear trains ridge regression on the training windows. Ridge is the strength of the penalty, as a share of the windows.
func Linear(t *Targets, examples []Example, ridge float64) (Attacker, error) {
	d, o := len(examples[0].Inputs), t.outputs()
	if d == 0 {
		return Ignorant(t), nil
	}
	a := &linear{targets: t, scaler: newScaler(examples), weights: mat.NewDense(o, d, nil)}
	base := a.base()
	gram, cross := mat.NewSymDense(d, nil), mat.NewDense(d, o, nil)
	const block = 512
	x, y := mat.NewDense(block, d, nil), mat.NewDense(block, o, nil)
	var product mat.SymDense
	var part mat.Dense
	for from := 0; from < len(examples); from += block {
		x.Zero()
		y.Zero()
		for i := from; i < min(len(examples), from+block); i++ {
			a.scaler.scale(examples[i].Inputs, x.RawRowView(i-from))
			row := y.RawRowView(i - from)
			t.labels(&examples[i].Text, row)
			for j := range row {
				row[j] -= base[j]
			}
		}
		product.SymOuterK(1, x.T())
		gram.AddSym(gram, &product)
		part.Mul(x.T(), y)
		cross.Add(cross, &part)
	}
	for i := range d {
		gram.SetSym(i, i, gram.At(i, i)+ridge*float64(len(examples)))
	}
	var factor mat.Cholesky
	if !factor.Factorize(gram) {
		return nil, errors.New("attack: the inputs' moments have no Cholesky factor; want finite inputs and a ridge above 0")
	}
	var solved mat.Dense
	if err := factor.SolveTo(&solved, cross); err != nil {
		return nil, fmt.Errorf("attack: ridge regression: %w", err)
	}
	a.weights.Copy(solved.T())
	return a, nil
}

func (a *linear) base() []float64 {
	t := a.targets
	return append(append([]float64{}, t.Base.Levels...), t.Base.Words[:t.outputs()-len(t.Levels)]...)
}

func (a *linear) Beliefs(e Example) Beliefs {
	x := a.scaler.scale(e.Inputs, make([]float64, len(e.Inputs)))
	var y mat.VecDense
	y.MulVec(a.weights, mat.NewVecDense(len(x), x))
	out := a.base()
	for i := range out {
		out[i] += y.AtVec(i)
	}
	return a.targets.beliefs(out)
}
