package attack

import (
	"cmp"
	"maps"
	"slices"
)

// leastRate is the share of training windows in which a level must hold for it to be worth a belief.
const leastRate = 0.003

// Level is the statement that an item occurs at least so often in a window.
type Level struct{ Item, AtLeast int }

// Targets are what beliefs are about, and how often it is so in the windows that an attacker trains on.
type Targets struct {
	Levels     []Level
	Vocabulary []string // the words of the training windows, the commonest first
	Base       Beliefs  // shares of the training windows

	index map[string]int // of a word in Vocabulary
}

// NewTargets gives the targets that these windows need.
func NewTargets(examples []Example) (*Targets, error) {
	if len(examples) == 0 {
		return nil, ErrTooFew
	}
	t := &Targets{index: map[string]int{}}
	n := float64(len(examples))
	for item := range Items {
		for k := 1; ; k++ {
			held := 0
			for i := range examples {
				if examples[i].Text.Counts[item] >= k {
					held++
				}
			}
			if float64(held) < leastRate*n {
				break
			}
			t.Levels = append(t.Levels, Level{item, k})
			t.Base.Levels = append(t.Base.Levels, float64(held)/n)
		}
	}
	occurs := map[string]int{}
	for i := range examples {
		for _, w := range examples[i].Text.Words {
			occurs[w]++
		}
	}
	t.Vocabulary = slices.SortedFunc(maps.Keys(occurs), func(a, b string) int {
		return cmp.Or(cmp.Compare(occurs[b], occurs[a]), cmp.Compare(a, b))
	})
	for i, w := range t.Vocabulary {
		t.index[w] = i
		t.Base.Words = append(t.Base.Words, float64(occurs[w])/n)
	}
	return t, nil
}

// holds writes 1 for each level that a text reaches and 0 for each other, and calls word with the index of each of its
// words that is in the vocabulary.
func (t *Targets) holds(x *Text, levels []float64, word func(int)) {
	for i, l := range t.Levels {
		levels[i] = 0
		if x.Counts[l.Item] >= l.AtLeast {
			levels[i] = 1
		}
	}
	for _, w := range x.Words {
		if i, ok := t.index[w]; ok {
			word(i)
		}
	}
}

// Guess is the text that beliefs make likeliest to share most with the truth. The expected overlap of a bag is the sum of
// the probabilities of the levels that it reaches, so the best bag of a given size takes the likeliest levels; its size is
// the expected number of characters (or of words, for lengths). The rule says how many words are guessed, the likeliest.
func (t *Targets) Guess(b Beliefs, words WordRule) Text {
	return t.guess(b, words, -1)
}

// guess is Guess by an attacker who is told the number of characters, where that is not negative.
func (t *Targets) guess(b Beliefs, words WordRule, characters int) Text {
	var out Text
	t.fill(&out, b, 0, Characters, characters)
	t.fill(&out, b, Characters, Items, -1)
	likeliest := highest(b.Words, mostWords)
	for _, i := range likeliest[:words.count(b, likeliest)] {
		out.Words = append(out.Words, t.Vocabulary[i])
	}
	slices.Sort(out.Words)
	return out
}

// mostWords is how many words an attacker guesses of one window at most.
const mostWords = 10

// WordRule says how many words an attacker guesses: those that are at least as likely as Likely, and AtLeast so many. The
// zero rule guesses all that there is room for.
type WordRule struct {
	Likely  float64
	AtLeast int
}

// wordRules are the rules among which an attacker chooses.
var wordRules = func() (rules []WordRule) {
	for _, likely := range []float64{0.15, 0.25, 0.35, 0.5, 2} {
		for n := range mostWords + 1 {
			rules = append(rules, WordRule{likely, n})
		}
	}
	return rules
}()

func (r WordRule) count(b Beliefs, likeliest []int) int {
	n := min(r.AtLeast, len(likeliest))
	for n < len(likeliest) && b.Words[likeliest[n]] >= r.Likely {
		n++
	}
	return n
}

// fill takes the likeliest levels of the items from and below to: so many, or as many as are expected where size is
// negative.
func (t *Targets) fill(out *Text, b Beliefs, from, to, size int) {
	var levels []int
	expected := 0.0
	for i, l := range t.Levels {
		if l.Item >= from && l.Item < to {
			levels = append(levels, i)
			expected += b.Levels[i]
		}
	}
	slices.SortStableFunc(levels, func(i, j int) int { return cmp.Compare(b.Levels[j], b.Levels[i]) })
	if size < 0 {
		size = int(expected + 0.5)
	}
	for _, i := range levels[:min(len(levels), size)] {
		out.Counts[t.Levels[i].Item]++
	}
}

// highest gives the indices of the n highest values, the highest first; of equal values the first.
func highest(values []float64, n int) []int {
	var out []int
	for i, v := range values {
		if len(out) == n && (n == 0 || v <= values[out[n-1]]) {
			continue
		}
		at := len(out)
		for at > 0 && v > values[out[at-1]] {
			at--
		}
		out = slices.Insert(out, at, i)
		out = out[:min(n, len(out))]
	}
	return out
}
