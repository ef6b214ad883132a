package attack

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// Options say which attackers are trained.
type Options struct {
	Perceptron PerceptronOptions
	Neighbours []int     // how many neighbours vote
	Ridges     []float64 // strengths of the linear attacker's penalty, as shares of the windows
	Progress   func(stage string, done, total int)
}

// DefaultOptions are what the protocol trains.
var DefaultOptions = Options{Perceptron: DefaultPerceptron, Neighbours: []int{40}, Ridges: []float64{0.01, 0.1}}

func (o Options) progress(stage string, done, total int) {
	if o.Progress != nil {
		o.Progress(stage, done, total)
	}
}

// Recovered is what one guess got of one window: shares of the truth, 0 to 1.
type Recovered struct {
	Characters float64
	OfLength   float64 // Characters of an attacker who is told how many there are
	Lengths    float64 // of words
	Words      float64
}

// named is one attacker that may be chosen.
type named struct {
	name string
	Attacker
}

// choice is the attacker that does best by one measure, and the rule by which it does best to guess words.
type choice struct {
	by    named
	words WordRule
}

// Attack is a set of attackers that were trained on the same windows; for each measure the one that does best on the
// calibration windows attacks.
type Attack struct {
	Targets   *Targets
	Sentences *Sentences // nil where the inputs tell nothing of sentences

	characters, lengths, words choice
	Kinds                      []named
}

// Names tells which attacker was chosen by characters, lengths and words.
func (a *Attack) Names() (characters, lengths, words string) {
	return a.characters.by.name, a.lengths.by.name, a.words.by.name
}

// Train trains every kind of attacker on the training windows and chooses by the calibration windows.
func Train(ctx context.Context, t *Targets, examples, calibration []Example, opt Options) (*Attack, error) {
	if len(examples) == 0 || len(calibration) == 0 {
		return nil, ErrTooFew
	}
	a := &Attack{Targets: t}
	kinds := []named{{"counting", Counting(t, examples)}}
	for i, ridge := range opt.Ridges {
		opt.progress("train linear attackers", i, len(opt.Ridges))
		linear, err := Linear(t, examples, ridge)
		if err != nil {
			return nil, err
		}
		kinds = append(kinds, named{fmt.Sprintf("linear (ridge %g)", ridge), linear})
	}
	sentences, err := NewSentences(t, examples, calibration)
	switch {
	case err == nil:
		a.Sentences = sentences
		kinds = append(kinds, named{"sentences", sentences})
		for _, n := range opt.Neighbours {
			kinds = append(kinds, named{fmt.Sprintf("%d nearest neighbours", n), Neighbours(sentences, n)})
		}
	case !errors.Is(err, ErrAlike) && !errors.Is(err, ErrTooFew):
		return nil, err
	}
	if opt.Perceptron.Rounds > 0 {
		p := opt.Perceptron
		p.OnRound = func(round int) { opt.progress("train the neural attacker", round+1, p.Rounds) }
		network, err := Perceptron(ctx, t, examples, calibration, p)
		if err != nil {
			return nil, err
		}
		kinds = append(kinds, named{"network", network})
	}
	return a, a.choose(ctx, kinds, calibration, opt)
}

// choose keeps the best attacker for each measure. The mean of the beliefs of all is a candidate as well.
func (a *Attack) choose(ctx context.Context, kinds []named, calibration []Example, opt Options) error {
	trials := make([][]trial, len(calibration))
	err := inParallel(ctx, len(calibration), func(i int) {
		var all []Beliefs
		for _, k := range kinds {
			all = append(all, k.Beliefs(calibration[i]))
		}
		for _, b := range append(all, meanOf(all)) {
			trials[i] = append(trials[i], a.Targets.try(b, &calibration[i].Text))
		}
	}, func(done int) { opt.progress("choose the strongest attacker", done, len(calibration)) })
	if err != nil {
		return err
	}
	everybody := make(committee, len(kinds))
	for k := range kinds {
		everybody[k] = kinds[k].Attacker
	}
	best := Recovered{Characters: -1, Lengths: -1, Words: -1}
	for k, by := range append(kinds, named{"committee", everybody}) {
		words, got := summary(trials, k)
		if got.Characters > best.Characters {
			best.Characters, a.characters = got.Characters, choice{by, words}
		}
		if got.Lengths > best.Lengths {
			best.Lengths, a.lengths = got.Lengths, choice{by, words}
		}
		if got.Words > best.Words {
			best.Words, a.words = got.Words, choice{by, words}
		}
	}
	return nil
}

// trial is what one attacker's beliefs about one window are worth; words by rule, in the order of wordRules.
type trial struct {
	characters, lengths float64
	words               []float64
}

func (t *Targets) try(b Beliefs, truth *Text) trial {
	guess := t.Guess(b, WordRule{})
	out := trial{ShareOfCharacters(&guess, truth), ShareOfLengths(&guess, truth), make([]float64, len(wordRules))}
	likeliest := highest(b.Words, mostWords)
	common := make([]int, len(likeliest)+1) // by the number of words that are guessed
	for m, i := range likeliest {
		common[m+1] = common[m]
		if truth.holdsWord(t.Vocabulary[i]) {
			common[m+1]++
		}
	}
	for r, rule := range wordRules {
		n := rule.count(b, likeliest)
		out.words[r] = share(common[n], n, len(truth.Words))
	}
	return out
}

// summary gives the means of the k-th attacker's trials, and the rule by which it is best to guess words.
func summary(trials [][]trial, k int) (words WordRule, got Recovered) {
	byRule := make([]float64, len(wordRules))
	n := float64(len(trials))
	for _, t := range trials {
		got.Characters += t[k].characters / n
		got.Lengths += t[k].lengths / n
		for r, v := range t[k].words {
			byRule[r] += v / n
		}
	}
	got.Words = -1
	for r, v := range byRule {
		if v > got.Words {
			words, got.Words = wordRules[r], v
		}
	}
	return words, got
}

// Recover gives what the attack gets of windows.
func (a *Attack) Recover(ctx context.Context, windows []Example, progress func(done int)) ([]Recovered, error) {
	out := make([]Recovered, len(windows))
	err := inParallel(ctx, len(windows), func(i int) {
		truth := &windows[i].Text
		known := map[string]Beliefs{} // most often one attacker is the best by every measure
		beliefs := func(by named) Beliefs {
			if _, ok := known[by.name]; !ok {
				known[by.name] = by.Beliefs(windows[i])
			}
			return known[by.name]
		}
		b := beliefs(a.characters.by)
		guess, told := a.Targets.Guess(b, WordRule{}), a.Targets.guess(b, WordRule{}, truth.Length())
		out[i].Characters, out[i].OfLength = ShareOfCharacters(&guess, truth), ShareOfCharacters(&told, truth)
		guess = a.Targets.Guess(beliefs(a.lengths.by), WordRule{})
		out[i].Lengths = ShareOfLengths(&guess, truth)
		guess = a.Targets.Guess(beliefs(a.words.by), a.words.words)
		out[i].Words = ShareOfWords(&guess, truth)
	}, progress)
	return out, err
}

// Only makes an attack of one attacker, which guesses words by the rule that does best on the calibration windows.
func Only(t *Targets, attacker Attacker, calibration []Example) *Attack {
	trials := make([][]trial, len(calibration))
	for i := range calibration {
		trials[i] = []trial{t.try(attacker.Beliefs(calibration[i]), &calibration[i].Text)}
	}
	words, _ := summary(trials, 0)
	c := choice{named{"only", attacker}, words}
	return &Attack{Targets: t, characters: c, lengths: c, words: c}
}

// committee believes the mean of what its members believe.
type committee []Attacker

func (c committee) Beliefs(e Example) Beliefs {
	var all []Beliefs
	for _, a := range c {
		all = append(all, a.Beliefs(e))
	}
	return meanOf(all)
}

func meanOf(all []Beliefs) Beliefs {
	out := Beliefs{make([]float64, len(all[0].Levels)), make([]float64, len(all[0].Words))}
	for _, b := range all {
		for i, v := range b.Levels {
			out.Levels[i] += v / float64(len(all))
		}
		for i, v := range b.Words {
			out.Words[i] += v / float64(len(all))
		}
	}
	return out
}

// inParallel does n pieces of work, as many at once as there are processors, and tells how many are done.
func inParallel(ctx context.Context, n int, work func(int), progress func(done int)) error {
	var wait sync.WaitGroup
	var next, done atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				work(i)
				if d := int(done.Add(1)); progress != nil && (d%64 == 0 || d == n) {
					progress(d)
				}
			}
		})
	}
	wait.Wait()
	return ctx.Err()
}
