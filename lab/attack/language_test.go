package attack

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestProbabilitiesOfALanguageSumToOne(t *testing.T) {
	l := NewLanguage([][]rune{[]rune("the cat sat on the mat"), []rune("the dog ate the cat")})
	rapid.Check(t, func(t *rapid.T) {
		c := noHistory
		for _, s := range rapid.SliceOfN(rapid.Uint8Range(0, uint8(len(l.alphabet)-1)), 0, 9).Draw(t, "symbols") {
			c = c.then(s)
		}
		sum := 0.0
		for _, p := range l.logProbabilities(c) {
			sum += math.Exp(p)
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Fatalf("after %b the probabilities sum to %v, want 1", c, sum)
		}
	})
}

func TestALanguageFollowsItsSentences(t *testing.T) {
	l := NewLanguage([][]rune{[]rune("queen"), []rune("quick"), []rune("quiz")})
	p := l.logProbabilities(noHistory.then(l.symbols['q']))
	for r, s := range l.symbols {
		if r != 'u' && p[s] >= p[l.symbols['u']] {
			t.Errorf("after q, %q is as likely as u (%v and %v)", r, p[s], p[l.symbols['u']])
		}
	}
}

func TestHistoriesKeepTheLastCharacters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		symbols := rapid.SliceOfN(rapid.Uint8Range(0, alphabetSize-1), 1, 12).Draw(t, "symbols")
		long, last := noHistory, noHistory
		for _, s := range symbols {
			long = long.then(s)
		}
		for _, s := range symbols[max(0, len(symbols)-(Order-1)):] {
			last = last.then(s)
		}
		if long != last {
			t.Fatalf("%v: %b, want %b", symbols, long, last)
		}
		without := noHistory
		for _, s := range symbols[max(0, len(symbols)-(Order-1))+min(1, len(symbols)):] {
			without = without.then(s)
		}
		if got := last.shorter(); len(symbols) >= 1 && got != without {
			t.Fatalf("%v without the oldest: %b, want %b", symbols, got, without)
		}
	})
}
