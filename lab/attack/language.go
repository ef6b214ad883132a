package attack

import (
	"math"
	"slices"
)

// Order is how many characters a Language looks at, the predicted one included.
const Order = 6

// alphabetSize bounds the characters that a Language knows; a context of Order-1 of them fits into a key.
const alphabetSize = 128

// history is up to Order-1 characters, one in seven bits, and above them a bit that marks their number.
type history uint64

const noHistory history = 1

func (c history) then(symbol uint8) history {
	const keep = 7 * (Order - 1)
	next := c<<7 | history(symbol)
	if next >= 1<<(keep+7) { // Order characters: drop the oldest
		next = next&(1<<keep-1) | 1<<keep
	}
	return next
}

// shorter drops the oldest character.
func (c history) shorter() history {
	bits := 0
	for n := c; n > 1; n >>= 7 {
		bits += 7
	}
	return c&(1<<(bits-7)-1) | 1<<(bits-7)
}

// Language is a model of characters: n-grams with interpolated Witten-Bell smoothing (Witten and Bell, 1991). It is not
// safe for concurrent use.
type Language struct {
	alphabet []rune // symbol → character; symbol 0 begins a sentence
	symbols  map[rune]uint8
	counts   map[history]map[uint8]float64
	cache    map[history][]float64
}

// NewLanguage learns from sentences, in lower case. Characters beyond the 127 commonest-first ones are taken as one.
func NewLanguage(sentences [][]rune) *Language {
	l := &Language{alphabet: []rune{0}, symbols: map[rune]uint8{}, counts: map[history]map[uint8]float64{}, cache: map[history][]float64{}}
	for _, s := range sentences {
		at := l.begin()
		for _, r := range s {
			symbol := l.learn(r)
			for c := at; ; c = c.shorter() {
				if l.counts[c] == nil {
					l.counts[c] = map[uint8]float64{}
				}
				l.counts[c][symbol]++
				if c == noHistory {
					break
				}
			}
			at = at.then(symbol)
		}
	}
	return l
}

func (l *Language) begin() history { return noHistory.then(0) }

// learn gives a character's symbol, a new one while there is room.
func (l *Language) learn(r rune) uint8 {
	if s, ok := l.symbols[r]; ok {
		return s
	}
	if len(l.alphabet) < alphabetSize {
		l.alphabet = append(l.alphabet, r)
	}
	l.symbols[r] = uint8(len(l.alphabet) - 1)
	return l.symbols[r]
}

// logProbabilities gives the natural logarithm of the probability of every symbol after a context.
func (l *Language) logProbabilities(c history) []float64 {
	if p, ok := l.cache[c]; ok {
		return p
	}
	p := l.probabilities(c)
	for i, v := range p {
		p[i] = math.Log(v)
	}
	l.cache[c] = p
	return p
}

func (l *Language) probabilities(c history) []float64 {
	var p []float64
	if c == noHistory {
		p = make([]float64, len(l.alphabet))
		for i := range p {
			p[i] = 1 / float64(len(p))
		}
	} else {
		p = l.probabilities(c.shorter())
	}
	counts := l.counts[c]
	if len(counts) == 0 {
		return p
	}
	total := 0.0
	for _, symbol := range sortedSymbols(counts) {
		total += counts[symbol]
	}
	kinds := float64(len(counts))
	for i := range p {
		p[i] = (counts[uint8(i)] + kinds*p[i]) / (total + kinds)
	}
	return p
}

func sortedSymbols(m map[uint8]float64) []uint8 {
	var out []uint8
	for s := range m {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}
