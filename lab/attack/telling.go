package attack

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// Telling is what a timing tells of the keys behind it, as far as this attacker gets hold of it: the mutual information of
// a standardised timing, or of the mean of some of one person's, with the letter or the pair of letters, all that
// were learnt being equally likely beforehand. Song, Wagner & Tian, "Timing analysis of keystrokes and timing attacks on
// SSH", USENIX Security 2001, ask the same.
type Telling struct {
	known map[pair]normal
	mixed []float64 // density of any timing, on a grid
}

const gridStep = 0.01

// TimingMean is the mean of some of one person's timings of one letter, or pair of letters.
type TimingMean struct {
	of pair // the second is 0 for a dwell
	Z  float64
}

// Intervals gives means of so many intervals each of one person's pairs of letters, in the order of the phrases; what is
// left over is left out.
func Intervals(phrases []Phrase, of int) []TimingMean {
	return timingMeans(phrases, of, func(text []rune, _, intervals []float64, add func(pair, float64)) {
		for i, z := range intervals {
			if plainLetter(text[i]) && plainLetter(text[i+1]) {
				add(pair{text[i], text[i+1]}, z)
			}
		}
	})
}

// Dwells does so for the dwells of letters.
func Dwells(phrases []Phrase, of int) []TimingMean {
	return timingMeans(phrases, of, func(text []rune, dwells, _ []float64, add func(pair, float64)) {
		for i, z := range dwells {
			if plainLetter(text[i]) {
				add(pair{text[i]}, z)
			}
		}
	})
}

func timingMeans(phrases []Phrase, of int, visit func(text []rune, dwells, intervals []float64, add func(pair, float64))) []TimingMean {
	var out []TimingMean
	waiting := map[pair]moments{}
	for _, p := range phrases {
		dwells, intervals := p.Standard()
		visit([]rune(p.Wrote), dwells, intervals, func(k pair, z float64) {
			m := waiting[k]
			m.add(z)
			if waiting[k] = m; int(m.n) == of {
				out = append(out, TimingMean{k, m.sum / m.n})
				delete(waiting, k)
			}
		})
	}
	return out
}

func plainLetter(r rune) bool { return r >= 'a' && r <= 'z' }

// leastMeans is how many means make a letter or a pair known.
const leastMeans = 10

// NewTelling learns from means of people whose text is known.
func NewTelling(means []TimingMean) *Telling {
	var all moments
	by := map[pair]moments{}
	for _, m := range means {
		all.add(m.Z)
		one := by[m.of]
		one.add(m.Z)
		by[m.of] = one
	}
	usual := all.normal(normal{0, 1}, 1)
	t := &Telling{known: map[pair]normal{}, mixed: make([]float64, int(2*furthestTiming/gridStep)+1)}
	for k, m := range by {
		if m.n >= leastMeans {
			t.known[k] = m.normal(usual, keyCaution)
		}
	}
	order := sortedPairs(t.known)
	for i := range t.mixed {
		z := -furthestTiming + gridStep*float64(i)
		for _, k := range order {
			t.mixed[i] += math.Exp(t.known[k].logDensity(z)) / float64(len(order))
		}
	}
	return t
}

// Known is how many letters, or pairs, are known.
func (t *Telling) Known() int { return len(t.known) }

// Bits gives the mean over letters, or pairs, of what another person's means tell: NaN where none is known.
func (t *Telling) Bits(means []TimingMean) float64 {
	by := map[pair]moments{}
	for _, m := range means {
		g, ok := t.known[m.of]
		if !ok {
			continue
		}
		mixed := t.mixed[int((m.Z+furthestTiming)/gridStep+0.5)]
		one := by[m.of]
		one.add((g.logDensity(m.Z) - math.Log(mixed)) / math.Ln2)
		by[m.of] = one
	}
	sum := 0.0
	for _, k := range sortedPairs(by) {
		sum += by[k].sum / by[k].n
	}
	return sum / float64(len(by))
}

func sortedPairs[V any](m map[pair]V) []pair {
	return slices.SortedFunc(maps.Keys(m), func(a, b pair) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
}
