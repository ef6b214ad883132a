package protocol

import (
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"ipse.dev/ipse/lab/attack"
	"ipse.dev/ipse/lab/fit"
	"ipse.dev/ipse/lab/metric"
)

// textRun is one run of the attack on ourselves.
type textRun struct {
	*run
	people    []*copyist
	sentences map[string]int // prompt → number
}

// text measures what an attacker gets of the text behind observations: one who has as many labelled pairs as the set
// gives, trained on background people, chosen on calibration people, attacking people whom neither the attacker nor the
// weights have seen. Every figure is a mean over people of a mean over their windows.
func text(r *run) (Result, error) {
	if err := r.unseenOnly(); err != nil {
		return Result{}, err
	}
	people, err := r.copyists()
	if err != nil {
		return Result{}, err
	}
	t := &textRun{run: r, people: people, sentences: map[string]int{}}
	for _, c := range people {
		for _, s := range c.sessions {
			if _, ok := t.sentences[s.Prompt]; !ok {
				t.sentences[s.Prompt] = len(t.sentences)
			}
		}
	}
	for _, part := range []func() error{t.known, t.fields, t.new, t.intercepted, t.phrases} {
		if err := part(); err != nil {
			if errors.Is(err, attack.ErrTooFew) {
				err = fmt.Errorf("%w: the attack needs windows of background, calibration and unseen people: %w", ErrTooFew, err)
			}
			return Result{}, err
		}
	}
	return r.result, nil
}

// unseenOnly refuses people who are chosen by hand: attackers learn from background people and are chosen on calibration
// people, so only unseen people can be attacked.
func (r *run) unseenOnly() error {
	if r.Keep != nil {
		return fmt.Errorf("%w: the attack learns from background and calibration people; it can be measured on unseen people only", ErrTooFew)
	}
	return nil
}

func everything(fit.Role, string) bool { return true }

// Sentences are put into eight parts by their text alone. An attacker who must not know the sentences learns from the
// background people's sentences of five parts, is chosen by the calibration people's of one and attacks the unseen
// people's of two.
const (
	testParts   = 2
	chooseParts = 3 // the parts of tests among them
	parts       = 8
)

func partOf(prompt string) int {
	h := fnv.New32a()
	h.Write([]byte(prompt))
	return int(h.Sum32() % parts)
}

func newOnly(role fit.Role, prompt string) bool {
	switch part := partOf(prompt); role {
	case fit.Background:
		return part >= chooseParts
	case fit.Calibration:
		return part >= testParts && part < chooseParts
	default:
		return part < testParts
	}
}

// known attacks sentences that people in training have copied too.
func (t *textRun) known() error {
	p := pairsOf(t.people, t.sentences, fieldsShown(attack.AllFields), everything)
	trained, err := t.attack("", p, attack.DefaultOptions)
	if err != nil {
		return err
	}
	words := newByPerson(len(t.people))
	for _, e := range p.test {
		words.add(e.Person, float64(len(e.Text.Words)))
	}
	t.note("a window holds %.1f different whole words on average", metric.Mean(words.means()))
	byCharacters, byLengths, byWords := trained.Names()
	t.note("the attackers learnt from %d windows of background people and attack %d windows of unseen people; on calibration people the strongest were: %s for characters, %s for lengths of words, %s for words",
		len(p.train), len(p.test), byCharacters, byLengths, byWords)
	t.identify(trained, p)
	return nil
}

// new attacks sentences that nobody in training has copied.
func (t *textRun) new() error {
	p := pairsOf(t.people, t.sentences, fieldsShown(attack.AllFields), newOnly)
	_, err := t.attack("new_sentences.", p, attack.DefaultOptions)
	if errors.Is(err, attack.ErrTooFew) {
		t.note("no figure for new sentences: the set has too few to keep some from training")
		return nil
	}
	return err
}

// fields attacks by one part of the observation at a time, beside the number of strokes; by what no observation says, how
// many keys of each class there were; and by observations that a longer window protects.
func (t *textRun) fields() error {
	opt := attack.DefaultOptions
	opt.Neighbours, opt.Ridges = nil, opt.Ridges[:1]
	for _, part := range []struct {
		name string
		see  shown
	}{
		{"duration", fieldsShown(attack.Counts | attack.Duration)},
		{"features", fieldsShown(attack.Counts | attack.Features)},
		{"liveness", fieldsShown(attack.Counts | attack.Liveness)},
		{"embedding", fieldsShown(attack.Counts | attack.Embedding)},
		{"sketch", fieldsShown(attack.Counts | attack.Sketch)},
		{"class_counts", classesShown},
		{"mean_of_4", blocksShown(4)},
	} {
		if _, err := t.attack("only_"+part.name+".", pairsOf(t.people, t.sentences, part.see, everything), opt); err != nil {
			return err
		}
	}
	return nil
}

// attack trains on pairs, attacks the test's windows and keeps the figures under the prefix.
func (t *textRun) attack(prefix string, p pairs, opt attack.Options) (*attack.Attack, error) {
	if len(p.test) == 0 || len(p.choose) == 0 {
		return nil, attack.ErrTooFew
	}
	opt.Progress = func(stage string, done, total int) { t.progress(prefix+" "+stage, done, total) }
	targets, err := attack.NewTargets(p.train)
	if err != nil {
		return nil, err
	}
	trained, err := attack.Train(t.ctx, targets, p.train, p.choose, opt)
	if err != nil {
		return nil, err
	}
	var got [3][]attack.Recovered
	for i, a := range []*attack.Attack{
		trained,
		attack.Only(targets, attack.Ignorant(targets), p.choose),
		attack.Only(targets, attack.Counting(targets, p.train), p.choose),
	} {
		got[i], err = a.Recover(t.ctx, p.test, func(done int) { t.progress(prefix+" attack", done, len(p.test)) })
		if err != nil {
			return nil, err
		}
	}
	t.keepRecovered(prefix, p.test, got[0], got[1], got[2])
	return trained, nil
}

// measures are what is counted of a recovered text.
var measures = []struct {
	name string
	of   func(attack.Recovered) float64
}{
	{"chars", func(r attack.Recovered) float64 { return r.Characters }},
	{"words", func(r attack.Recovered) float64 { return r.Words }},
	{"chars_of_told_length", func(r attack.Recovered) float64 { return r.OfLength }},
	{"word_lengths", func(r attack.Recovered) float64 { return r.Lengths }},
}

// keepRecovered keeps what an attack got beside what the same attacker gets who has no observation, and beside one who
// knows of it only how many strokes there were. Of attackers who see one field, only the last difference is kept.
func (t *textRun) keepRecovered(prefix string, test []attack.Example, attacked, ignorant, counting []attack.Recovered) {
	for _, m := range measures {
		byPerson := func(got []attack.Recovered) byPerson {
			out := newByPerson(len(t.people))
			for i, w := range got {
				out.add(test[i].Person, m.of(w))
			}
			return out
		}
		recovered, nothing, counts := byPerson(attacked), byPerson(ignorant), byPerson(counting)
		if strings.HasPrefix(prefix, "only_") {
			if m.name == "chars" || m.name == "words" {
				t.mean(prefix+m.name+"_recovered_above_counts", recovered.minus(counts))
			}
			continue
		}
		above := recovered.minus(nothing)
		t.mean(prefix+m.name+"_recovered", recovered.means())
		t.mean(prefix+m.name+"_baseline", nothing.means())
		t.mean(prefix+m.name+"_baseline_counts", counts.means())
		t.mean(prefix+m.name+"_recovered_above_baseline", above)
		t.mean(prefix+m.name+"_recovered_above_counts", recovered.minus(counts))
		if prefix == "" && m.name == "chars" {
			t.result.Subjects = len(above)
			t.result.Headline, t.result.PerSubject = prefix+m.name+"_recovered_above_baseline", metric.SpreadOf(above, metric.LowerIsBetter)
		}
	}
}

// identify measures how often the attacker names the sentence that a window comes from, at once or among ten, against
// naming the sentences that are commonest in training.
func (t *textRun) identify(trained *attack.Attack, p pairs) {
	if trained.Sentences == nil {
		t.note("no sentence is told from another: the observations say nothing of them")
		return
	}
	known := map[int]bool{}
	for i := range p.train {
		known[p.train[i].Sentence] = true
	}
	common := attack.Commonest(p.train)
	names := []string{"sentence_top1", "sentence_top10", "sentence_top1_baseline", "sentence_top10_baseline"}
	var found [4]byPerson
	for i := range found {
		found[i] = newByPerson(len(t.people))
	}
	of := newByPerson(len(t.people))
	for i, e := range p.test {
		t.progress("name sentences", i+1, len(p.test))
		of.add(e.Person, indicator(known[e.Sentence]))
		for which, ranked := range [][]attack.Ranked{trained.Sentences.Rank(e), common(e.Position)} {
			at := slices.IndexFunc(ranked, func(s attack.Ranked) bool { return s.Sentence == e.Sentence })
			found[2*which].add(e.Person, indicator(at == 0))
			found[2*which+1].add(e.Person, indicator(at >= 0 && at < 10))
		}
	}
	for i, name := range names {
		t.mean(name, found[i].means())
	}
	t.note("%.1f %% of the attacked windows are of sentences that people in training have copied too, of %d sentences in all; metrics that begin with new_sentences attack only sentences that nobody in training has copied",
		100*metric.Mean(of.means()), len(t.sentences))
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// mean keeps the mean over people of one figure a person.
func (r *run) mean(name string, perPerson []float64) {
	r.metric(name, metric.Mean(perPerson), r.Bootstrap.MeanInterval(perPerson))
}

// byPerson is one mean a person.
type byPerson struct{ sum, n []float64 }

func newByPerson(people int) byPerson {
	return byPerson{make([]float64, people), make([]float64, people)}
}

func (b byPerson) add(person int, v float64) {
	b.sum[person] += v
	b.n[person]++
}

// means gives the means of the people who have any.
func (b byPerson) means() []float64 {
	return b.minus(byPerson{make([]float64, len(b.n)), b.n})
}

// minus gives the differences of two means of the same people.
func (b byPerson) minus(other byPerson) []float64 {
	var out []float64
	for i, n := range b.n {
		if n > 0 {
			out = append(out, b.sum[i]/n-other.sum[i]/other.n[i])
		}
	}
	return out
}
