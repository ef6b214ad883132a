package protocol

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ipse.dev/ipse/lab/attack"
	"ipse.dev/ipse/lab/fit"
)

// spoken is a sentence that somebody typed straight through, as a phrase.
type spoken struct {
	attack.Phrase
	person int
	prompt string
}

// tellingMeans are the numbers of typings over which an attacker can take the mean: one, and some of a reference.
var tellingMeans = []int{1, 4}

// phrases attacks observations of phrases: sentences that were typed straight through, as if an application had asked for
// them; those with a slip are not attacked, for an application would not take them. The attacker knows a list of texts, all
// that were copied, and how many strokes each takes; he has seen other people type most of them, or none of those that he
// attacks. Beside that stands what one timing tells of the letter or the pair of letters behind it.
func (t *textRun) phrases() error {
	var all []spoken
	for person, c := range t.people {
		for _, s := range c.sessions {
			if p, ok := attack.PhraseOf(s); ok {
				all = append(all, spoken{p, person, s.Prompt})
			}
		}
	}
	for _, part := range []struct {
		prefix string
		keep   func(fit.Role, string) bool
	}{{"phrase.", everything}, {"phrase.new_sentences.", newOnly}} {
		if err := t.namePhrases(part.prefix, part.keep, all); err != nil {
			return err
		}
	}
	t.tell(all)
	return t.ctx.Err()
}

// namePhrases has the attacker say which text a phrase is of.
func (t *textRun) namePhrases(prefix string, keep func(fit.Role, string) bool, all []spoken) error {
	var learnt []attack.Phrase
	for _, s := range all {
		if t.people[s.person].role == fit.Background && keep(fit.Background, s.prompt) {
			learnt = append(learnt, s.Phrase)
		}
	}
	reader := attack.NewPhraseReader(learnt)
	candidates := map[int][]attack.Candidate{} // by the number of strokes
	for prompt := range t.sentences {
		c := reader.Candidate(attack.Strokes(prompt))
		candidates[c.Strokes()] = append(candidates[c.Strokes()], c)
	}
	for _, of := range candidates {
		slices.SortFunc(of, func(a, b attack.Candidate) int { return strings.Compare(a.Wrote, b.Wrote) })
	}
	first, ten, firstBlind, tenBlind := newByPerson(len(t.people)), newByPerson(len(t.people)), newByPerson(len(t.people)), newByPerson(len(t.people))
	attacked := 0
	for i, s := range all {
		if t.people[s.person].role != fit.Unseen || !keep(fit.Unseen, s.prompt) || s.Wrote != attack.Strokes(s.prompt) {
			continue
		}
		if err := t.ctx.Err(); err != nil {
			return err
		}
		t.progress(prefix+" name texts", i+1, len(all))
		attacked++
		of := candidates[(len(s.Timings)+1)/2]
		better := betterThanOwn(of, s)
		first.add(s.person, indicator(better == 0))
		ten.add(s.person, indicator(better < 10))
		firstBlind.add(s.person, 1/float64(len(of)))
		tenBlind.add(s.person, min(1, 10/float64(len(of))))
	}
	if attacked == 0 {
		t.note("no figure for %s: nobody typed a sentence straight through", prefix)
		return nil
	}
	t.mean(prefix+"text_top1", first.means())
	t.mean(prefix+"text_top10", ten.means())
	t.mean(prefix+"text_top1_baseline", firstBlind.means())
	t.mean(prefix+"text_top10_baseline", tenBlind.means())
	t.note("%s attacks %d sentences typed straight through, as phrases, with a list of %d texts and %d phrases to learn from; its baseline knows the number of strokes",
		prefix, attacked, len(t.sentences), len(learnt))
	return nil
}

// betterThanOwn is how many other texts of the list fit the phrase at least as well as its own.
func betterThanOwn(of []attack.Candidate, s spoken) int {
	own := slices.IndexFunc(of, func(c attack.Candidate) bool { return c.Wrote == s.Wrote })
	likelihood, better := of[own].LogLikelihood(s.Phrase), 0
	for k, c := range of {
		if k != own && c.LogLikelihood(s.Phrase) >= likelihood {
			better++
		}
	}
	return better
}

// tell measures what a timing tells of the letter or the pair of letters behind it.
func (t *textRun) tell(all []spoken) {
	by := make([][]attack.Phrase, len(t.people))
	for _, s := range all {
		by[s.person] = append(by[s.person], s.Phrase)
	}
	for _, of := range tellingMeans {
		for _, kind := range []struct {
			name string
			take func([]attack.Phrase, int) []attack.TimingMean
		}{{"dwell", attack.Dwells}, {"interval", attack.Intervals}} {
			var means []attack.TimingMean
			for person, phrases := range by {
				if t.people[person].role == fit.Background {
					means = append(means, kind.take(phrases, of)...)
				}
			}
			telling := attack.NewTelling(means)
			var told []float64
			for person, phrases := range by {
				if t.people[person].role != fit.Unseen || telling.Known() < 2 {
					continue
				}
				if bits := telling.Bits(kind.take(phrases, of)); !math.IsNaN(bits) {
					told = append(told, bits)
				}
			}
			if len(told) == 0 {
				t.note("no figure for what the mean of %d timings (%s) tells: %d letters or pairs are known", of, kind.name, telling.Known())
				continue
			}
			t.mean(fmt.Sprintf("phrase.%s_bits_n%d", kind.name, of), told)
			t.note("phrase.%s_bits_n%d rests on %d letters or pairs of letters and %d people", kind.name, of, telling.Known(), len(told))
		}
	}
}
