package attack

import (
	"slices"
	"unicode"

	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
)

// Items are what a text is counted by: 29 kinds of characters, then lengths of words.
const (
	itemSpace   = 26 // after the letters a to z
	itemDigit   = 27
	itemOther   = 28
	Characters  = 29                       // number of kinds of characters
	longestWord = 12                       // longer words count as this long
	Items       = Characters + longestWord // number of items
)

// Text is what the keys of one window wrote, as far as recovering it is measured.
type Text struct {
	Counts [Items]int // how often each kind of character, and each length of whole words, occurs
	Words  []string   // the whole words, in lower case, sorted, each once
}

// Length is the number of characters.
func (t *Text) Length() int {
	n := 0
	for _, c := range t.Counts[:Characters] {
		n += c
	}
	return n
}

// TextOf counts a text. Words are runs of letters and apostrophes; those that touch the start or the end of the text are
// whole only if the text was begun or ended there, and are left out otherwise.
func TextOf(written []rune, begun, ended bool) Text {
	var t Text
	start := 0
	for i := 0; i <= len(written); i++ {
		if i < len(written) {
			t.Counts[itemOf(written[i])]++
			if inWord(written[i]) {
				continue
			}
		}
		if i > start && (start > 0 || begun) && (i < len(written) || ended) {
			t.Counts[Characters+min(i-start, longestWord)-1]++
			t.Words = append(t.Words, string(written[start:i]))
		}
		start = i + 1
	}
	slices.Sort(t.Words)
	t.Words = slices.Compact(t.Words)
	return t
}

func inWord(r rune) bool { return unicode.IsLetter(r) || r == '\'' }

func itemOf(r rune) int {
	switch {
	case r >= 'a' && r <= 'z':
		return int(r - 'a')
	case r == ' ':
		return itemSpace
	case unicode.IsDigit(r):
		return itemDigit
	}
	return itemOther
}

// Written applies a window's erasures to what its keys wrote: an erasure takes away the last character that the window
// wrote, and nothing where it wrote none.
func Written(typed []rune) []rune {
	var out []rune
	for _, r := range typed {
		switch {
		case r == dataset.Erased:
			out = out[:max(0, len(out)-1)]
		case r != 0:
			out = append(out, r)
		}
	}
	return out
}

// Span gives the entries of a session's keys that a window holds: from the press of its first stroke up to that of its
// last, at or after the entry from; next is where to look for the following window. Repeats and presses that the window
// has given up are within the span: they wrote something too.
func Span(s dataset.TypedSession, w window.Keyboard, from int) (first, next int) {
	at := from
	for i, stroke := range w.Strokes {
		for at < len(s.Keys) && !(s.Keys[at].Down && !s.Keys[at].Repeat &&
			s.Keys[at].TimeMS == stroke.PressMS && s.Keys[at].Class == stroke.Class) {
			at++
		}
		if i == 0 {
			first = at
		}
		at++
	}
	return min(first, len(s.Keys)), min(at, len(s.Keys))
}

// share is how much of a truth a guess holds, as a part of the larger of both: 1 when they are the same, and neither
// guessing everything nor guessing little is rewarded. Nothing guessed of nothing is 1.
func share(common, guessed, truth int) float64 {
	if guessed == 0 && truth == 0 {
		return 1
	}
	return float64(common) / float64(max(guessed, truth))
}

// ShareOfCharacters is the share of a text's characters that a guess holds, whatever their order.
func ShareOfCharacters(guess, truth *Text) float64 {
	return shareOfCounts(guess.Counts[:Characters], truth.Counts[:Characters])
}

// ShareOfLengths is the share of the lengths of a text's whole words that a guess holds.
func ShareOfLengths(guess, truth *Text) float64 {
	return shareOfCounts(guess.Counts[Characters:], truth.Counts[Characters:])
}

func shareOfCounts(guess, truth []int) float64 {
	common, g, t := 0, 0, 0
	for i := range guess {
		common += min(guess[i], truth[i])
		g += guess[i]
		t += truth[i]
	}
	return share(common, g, t)
}

// ShareOfWords is the share of a text's whole words that a guess holds.
func ShareOfWords(guess, truth *Text) float64 {
	common := 0
	for _, w := range guess.Words {
		if truth.holdsWord(w) {
			common++
		}
	}
	return share(common, len(guess.Words), len(truth.Words))
}

func (t *Text) holdsWord(w string) bool {
	_, found := slices.BinarySearch(t.Words, w)
	return found
}
