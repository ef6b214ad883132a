package attack

import (
	"cmp"
	"math"
	"slices"
)

// Sentences is the attacker who has seen others copy the same sentences and tells which one a window comes from: each
// sentence's window of each position is a group of the two-covariance model. People copy published sentences in a data
// set; elsewhere the same text is seldom typed by many.
type Sentences struct {
	targets     *Targets
	scaler      scaler
	model       *Grouped
	groups      [][]sentence // by position
	temperature float64

	examples []Example
	single   [][]float64 // coordinates of training windows
}

type sentence struct {
	number  int
	n       float64 // training windows
	centre  []float64
	compare Comparison      // of one window with the mean of n
	levels  []float64       // shares of the group's windows
	words   map[int]float64 // shares, by index in the vocabulary
}

// group numbers a sentence's window of one position.
func group(e *Example) int { return e.Sentence*maxPositions + min(e.Position, maxPositions-1) }

// maxPositions is how many windows of a sentence are told apart.
const maxPositions = 8

// NewSentences trains on the training windows and finds, on the calibration windows, how far the model's certainty can be
// trusted. ErrAlike and ErrTooFew say that the inputs tell nothing of the sentence.
func NewSentences(t *Targets, examples, calibration []Example) (*Sentences, error) {
	a := &Sentences{targets: t, scaler: newScaler(examples), examples: examples, groups: make([][]sentence, maxPositions)}
	scaled := make([][]float64, len(examples))
	numbers := make([]int, len(examples))
	for i := range examples {
		scaled[i] = a.scaler.scale(examples[i].Inputs, make([]float64, len(examples[i].Inputs)))
		numbers[i] = group(&examples[i])
	}
	var err error
	if a.model, err = FitGrouped(scaled, numbers); err != nil {
		return nil, err
	}
	a.single = make([][]float64, len(examples))
	members := map[int][]int{}
	for i, x := range scaled {
		a.single[i] = a.model.Project(x)
		members[numbers[i]] = append(members[numbers[i]], i)
	}
	for _, g := range sortedKeys(members) {
		s := a.gather(members[g])
		s.number = g / maxPositions
		a.groups[g%maxPositions] = append(a.groups[g%maxPositions], s)
	}
	a.calibrate(calibration)
	return a, nil
}

// gather makes one group of training windows.
func (a *Sentences) gather(members []int) sentence {
	s := sentence{n: float64(len(members)), centre: make([]float64, len(a.model.Between))}
	s.compare = a.model.Compare(s.n, 1)
	s.levels, s.words = make([]float64, len(a.targets.Levels)), map[int]float64{}
	levels := make([]float64, len(a.targets.Levels))
	for _, i := range members {
		for j, v := range a.single[i] {
			s.centre[j] += v / s.n
		}
		a.targets.holds(&a.examples[i].Text, levels, func(w int) { s.words[w] += 1 / s.n })
		for j, v := range levels {
			s.levels[j] += v / s.n
		}
	}
	return s
}

// Ranked is one sentence with the logarithm of its weight against the others.
type Ranked struct {
	Sentence int
	LogScore float64
}

// Rank gives the sentences that a window of this position may come from, the likeliest first.
func (a *Sentences) Rank(e Example) []Ranked {
	out := a.scores(e)
	slices.SortStableFunc(out, func(x, y Ranked) int { return cmp.Compare(y.LogScore, x.LogScore) })
	return out
}

// Commonest gives, by position, the sentences of the training windows, the commonest first: what an attacker names who
// has no observation.
func Commonest(examples []Example) func(position int) []Ranked {
	counts := make([]map[int]int, maxPositions)
	for i := range examples {
		at := min(examples[i].Position, maxPositions-1)
		if counts[at] == nil {
			counts[at] = map[int]int{}
		}
		counts[at][examples[i].Sentence]++
	}
	ranked := make([][]Ranked, maxPositions)
	for at := range counts {
		for number, n := range counts[at] {
			ranked[at] = append(ranked[at], Ranked{number, math.Log(float64(n))})
		}
		slices.SortFunc(ranked[at], func(x, y Ranked) int {
			return cmp.Or(cmp.Compare(y.LogScore, x.LogScore), cmp.Compare(x.Sentence, y.Sentence))
		})
	}
	return func(position int) []Ranked { return ranked[min(position, maxPositions-1)] }
}

func (a *Sentences) scores(e Example) []Ranked {
	u := a.model.Project(a.scaler.scale(e.Inputs, make([]float64, len(e.Inputs))))
	groups := a.groups[min(e.Position, maxPositions-1)]
	out := make([]Ranked, len(groups))
	for i := range groups {
		s := &groups[i]
		out[i] = Ranked{s.number, s.compare.Score(s.centre, u) + math.Log(s.n)}
	}
	return out
}

// calibrate chooses the temperature under which the right sentences of the calibration windows are likeliest.
func (a *Sentences) calibrate(calibration []Example) {
	best := math.Inf(-1)
	a.temperature = 1
	var all [][]Ranked
	for i := range calibration {
		all = append(all, a.scores(calibration[i]))
	}
	for _, temperature := range []float64{0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8} {
		sum := 0.0
		for i, scores := range all {
			weights := softmax(scores, temperature)
			found := 1e-6
			for j, s := range scores {
				if s.Sentence == calibration[i].Sentence {
					found += weights[j]
				}
			}
			sum += math.Log(found)
		}
		if sum > best {
			best, a.temperature = sum, temperature
		}
	}
}

func softmax(scores []Ranked, temperature float64) []float64 {
	highest := math.Inf(-1)
	for _, s := range scores {
		highest = max(highest, s.LogScore)
	}
	out, sum := make([]float64, len(scores)), 0.0
	for i, s := range scores {
		out[i] = math.Exp((s.LogScore - highest) / temperature)
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

// leastWeight is the share of belief from which a sentence's text is looked at.
const leastWeight = 1e-4

// Beliefs mixes what is usual of each sentence, by how likely it is.
func (a *Sentences) Beliefs(e Example) Beliefs {
	groups := a.groups[min(e.Position, maxPositions-1)]
	if len(groups) == 0 {
		return a.targets.Base
	}
	b := Beliefs{make([]float64, len(a.targets.Levels)), make([]float64, len(a.targets.Vocabulary))}
	for i, weight := range softmax(a.scores(e), a.temperature) {
		if weight < leastWeight {
			continue
		}
		for l, v := range groups[i].levels {
			b.Levels[l] += weight * v
		}
		for w, v := range groups[i].words {
			b.Words[w] += weight * v
		}
	}
	return b
}
