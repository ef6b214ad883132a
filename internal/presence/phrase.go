package presence

import (
	"math"
	"math/bits"
	"slices"
	"strconv"

	"ipse.dev/ipse/internal/observation"
)

// A phrase is typed hundreds of times by the same person, who comes near to themselves each time: what windows are named by
// is too coarse to tell a recording from the next typing. So a typing of a phrase has a finer name, made here of the timings
// that its observation is (decision 11), and nothing more comes over the wire for it. Each of its 128 bits is the parity of
// the step in which a random sum of the timings lies (P. Boufounos, Universal rate-efficient scalar quantization, IEEE
// Transactions on Information Theory 58, 2012; shift-invariant kernels: Raginsky & Lazebnik 2009): few bits differ where
// every timing is nearly the same, and half of them do from a distance on that people's typings lie apart. Sums are of
// timings less their mean, on a scale that is nearly logarithmic, so that pace leaves a name nearly as it is.

const (
	phraseNameWords = 2
	phraseNameBits  = 64 * phraseNameWords

	// phraseStep is the root mean square of differences, in steps of embed.PhraseSteps, that moves a sum by one step of its
	// parity: some 22 ms at a timing of a tenth of a second.
	phraseStep = 8

	// leastUneven is the root mean square of what a typing's timings differ from their mean, likewise: below are programs
	// that type at equal distances, which do the same again and again without a recording. Of 16,755 typings of people the
	// most even one has 5.5.
	leastUneven = 4

	// MaxPastPhrases bounds the phrases of one subject of which names are kept, whatever numbers a page makes up.
	MaxPastPhrases = 16

	keptTypings = 256 // of a phrase of late, and as many of before
)

// PhraseName names one typing of a phrase.
type PhraseName [phraseNameWords]uint64

// PhraseNameOf names the typing of an observation; ok is false where it says nothing.
func PhraseNameOf(o observation.Observation) (name PhraseName, ok bool) {
	if o.Modality != observation.Phrase || o.Phrase == 0 || len(o.Embedding) < 2 || o.Liveness.TimestampQuantumMS >= blurredPhraseMS ||
		slices.Contains(o.Quality, observation.BrokenPhrase) || !uneven(o) {
		return name, false
	}
	return nameTimings(o.Embedding), true
}

// blurredPhraseMS is a clock's step from which different typings may come to look the same.
const blurredPhraseMS = 15

// nameTimings names timings, all in whole numbers.
func nameTimings(timings observation.Embedding) (name PhraseName) {
	n, sum := int64(len(timings)), int64(0)
	for _, t := range timings {
		sum += int64(t)
	}
	// Entries are n times finer than their steps, and a sum of n of them with signs is about the root of n times an entry.
	step := int64(math.Sqrt(float64(phraseStep * phraseStep * n * n * n)))
	drawn := uint64(n) // the same for ever: names are kept
	for bit := range phraseNameBits {
		at := int64(next(&drawn) % uint64(2*step))
		var signs uint64
		for i, t := range timings {
			if i%64 == 0 {
				signs = next(&drawn)
			}
			if entry := n*int64(t) - sum; signs>>(i%64)&1 == 1 {
				at += entry
			} else {
				at -= entry
			}
		}
		if at < 0 {
			at -= step - 1 // division rounds to zero, steps are counted from below
		}
		if at/step&1 != 0 {
			name[bit/64] |= 1 << (bit % 64)
		}
	}
	return name
}

// next gives the next number of SplitMix64 (Steele, Lea & Flood, Fast splittable pseudorandom number generators, OOPSLA 2014).
func next(state *uint64) uint64 {
	*state += 0x9e3779b97f4a7c15
	z := *state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// uneven reports whether a typing is a rhythm: what keys are held and what passes between them does not stay the same.
func uneven(o observation.Observation) bool {
	held := min(o.Events, len(o.Embedding))
	square := 0.0
	for _, part := range []observation.Embedding{o.Embedding[:held], o.Embedding[held:]} {
		mean := 0.0
		for _, t := range part {
			mean += float64(t) / float64(len(part))
		}
		for _, t := range part {
			square += (float64(t) - mean) * (float64(t) - mean)
		}
	}
	return square >= leastUneven*leastUneven*float64(len(o.Embedding))
}

// pastOfPhrase is where names of a phrase are kept in a Past.
func pastOfPhrase(number int64) observation.Modality {
	return observation.Modality(string(observation.Phrase) + "." + strconv.FormatInt(number, 10))
}

// addPhrase gives the past with the name of a typing. A phrase beyond the most that are kept is not remembered.
func (p Past) addPhrase(o observation.Observation) Past {
	name, ok := PhraseNameOf(o)
	if !ok {
		return p
	}
	key, phrases := pastOfPhrase(o.Phrase), 0
	for k := range p {
		if len(k) > len(observation.Phrase) && k[:len(observation.Phrase)] == observation.Phrase {
			phrases++
		}
	}
	h, known := p[key]
	if !known && phrases >= MaxPastPhrases {
		return p
	}
	return p.with(key, h.add(name[:], keptTypings*phraseNameWords, keptTypings*phraseNameWords))
}

// NearestTyping gives the number of bits in which a typing's name differs from that of the nearest earlier typing of the
// phrase, and of the third nearest; ok is false where fewer than eight are known, or the typing has no name.
func (p Past) NearestTyping(o observation.Observation) (first, third int, ok bool) {
	name, named := PhraseNameOf(o)
	h := p[pastOfPhrase(o.Phrase)]
	if !named || len(h.Recent) < leastNames*phraseNameWords {
		return 0, 0, false
	}
	near := [3]int{phraseNameBits + 1, phraseNameBits + 1, phraseNameBits + 1}
	for _, part := range [][]uint64{h.Recent, h.Old} {
		for ; len(part) >= phraseNameWords; part = part[phraseNameWords:] {
			apart := 0
			for i, word := range name {
				apart += bits.OnesCount64(word ^ part[i])
			}
			for i, n := range near {
				if apart < n {
					near[i], apart = apart, n
				}
			}
		}
	}
	return near[0], near[2], true
}

// PhraseBins is the number of shares that a table of phrases tells apart.
const PhraseBins = 25

// PhraseTable holds nats, of replay against a hand, by how long the phrase is and by PhraseShare (see PhrasePlace).
type PhraseTable [3][PhraseBins]float64

// PhraseShare gives the distance of the nearest earlier typing as a share of that of the third nearest; both have a bit more,
// so that small ones say no more than they can. Of many points in a space of n dimensions it lies below x in about 2 x^n of
// all cases, however far apart they are: how evenly a person types hardly enters.
func PhraseShare(first, third int) float64 { return float64(first+1) / float64(third+1) }

// PhrasePlace gives the place in a table of a typing of so many positions: a row for those below 8, below 10 and from 10 on,
// and a column for each PhraseBins-th of the share.
func PhrasePlace(positions, first, third int) (row, column int) {
	return min(max(positions-6, 0)/2, len(PhraseTable{})-1), min(int(PhraseShare(first, third)*PhraseBins), PhraseBins-1)
}
