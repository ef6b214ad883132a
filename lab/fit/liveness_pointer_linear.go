package fit

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/presence"
)

// What keeps discriminants of pointers sober.
const (
	discriminantRidge = 0.1 // added to every variance, in squares of people's spread
	peopleShare       = 0.8 // of people's covariance in the one that is inverted: few false alarms matter more than few misses
	setScatter        = 2   // how many times what sets and rates differ by is added to people's covariance: other tasks will differ too
	leastWidening     = 2.0 // of the Gaussians' variance: people whom nobody recorded spread more
)

// linear is the discriminant of a task, in nats.
func (f *OpenPointerFitter) linear(task pointerTask, against []measuredSource) *presence.Network {
	names := pointerNames()
	n := &presence.Network{List: liveness.PointerMeasures.Name}
	n.Inputs, _ = places(names, task.inputs)
	if !n.Bind(names) {
		panic("fit: a network's input is not in its list")
	}
	var people, calibrating, sets, attacks grouped
	for _, p := range f.people {
		for _, s := range p.streams {
			if !task.people(s.PointerSource) {
				continue
			}
			person := p.set + "/" + p.id
			if p.role() == Calibration {
				calibrating.add(person, s.windows)
				continue
			}
			people.add(person, s.windows)
			sets.add(fmt.Sprint(p.set, s.Equal), s.windows)
			n.Windows += len(s.windows)
		}
	}
	for _, s := range against {
		if task.people(PointerSource{Equal: s.Equal}) {
			attacks.add(s.Family, s.windows)
		}
	}
	n.People, n.Fitted = len(people.names), slices.Sorted(slices.Values(attacks.names))
	raw := momentsOf(people, func(w []float64) []float64 {
		var x []float64
		for i, name := range names {
			if task.inputs(name) {
				x = append(x, w[i])
			}
		}
		return x
	})
	for i, v := range raw.mean {
		n.Mean, n.Scale = append(n.Mean, round(v)), append(n.Scale, round(math.Max(0.01, math.Sqrt(raw.cov.At(i, i)))))
	}
	human, programs := momentsOf(people, n.Standard), momentsOf(attacks, n.Standard)
	human.cov.AddSym(human.cov, scaledSym(setScatter, scatter(sets, n.Standard)))
	row := discriminant(human.mean, programs.mean, human.cov, programs.cov)
	n.Layers = []presence.Layer{{Rows: [][]float64{row}}}
	toNats(n, calibrating, attacks)
	for i := range row {
		row[i] = round(row[i])
	}
	return n
}

// discriminant gives Fisher's direction from people to programs, with the bias 0 as its last number: the inverse of the
// covariance that counts both, times the difference of the means. With people's share above a half it is the direction
// that Anderson and Bahadur (Annals of Mathematical Statistics 33, 1962) find best where few people may be taken for
// programs.
func discriminant(people, programs []float64, peopleCov, programsCov *mat.SymDense) []float64 {
	dim := len(people)
	both := mat.NewSymDense(dim, nil)
	both.AddSym(scaledSym(peopleShare, peopleCov), scaledSym(1-peopleShare, programsCov))
	for i := range dim {
		both.SetSym(i, i, both.At(i, i)+discriminantRidge)
	}
	var chol mat.Cholesky
	if !chol.Factorize(both) {
		panic("fit: a covariance with a ridge is not positive definite")
	}
	var w mat.VecDense
	if err := chol.SolveVecTo(&w, mat.NewVecDense(dim, minus(programs, people))); err != nil {
		panic(fmt.Sprintf("fit: a covariance with a ridge: %v", err))
	}
	return append(slices.Clone(w.RawVector().Data), 0)
}

// toNats scales and shifts a linear network's output to the log-likelihood ratio of two Gaussians of one width, people's who
// calibrate and programs'. They are as much wider than found as makes the mean likelihood ratio of people 1 at most, as it is
// where the Gaussians are right.
func toNats(n *presence.Network, people, programs grouped) {
	humanMean, humanVar := scores(n, people)
	programMean, programVar := scores(n, programs)
	row := n.Layers[0].Rows[0]
	if !(programMean > humanMean) {
		clear(row)
		row[len(row)-1] = -1 // nothing is known by which to tell them
		return
	}
	plain := slices.Clone(row)
	for widen := leastWidening; widen <= 16; widen *= 1.1 {
		variance := widen * (humanVar + programVar) / 2
		slope := (programMean - humanMean) / variance
		for i := range plain {
			row[i] = plain[i] * slope
		}
		row[len(row)-1] = -slope * (programMean + humanMean) / 2
		ratio := people.mean(func(w []float64) float64 { return math.Exp(math.Min(5, n.Nats(w))) })
		if ratio <= 1 {
			return
		}
	}
}

func scores(n *presence.Network, g grouped) (mean, variance float64) {
	mean = g.mean(n.Nats)
	return mean, g.mean(func(w []float64) float64 { d := n.Nats(w) - mean; return d * d })
}
