package attack

import (
	"cmp"
	"math"
	"slices"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/lab/dataset"
)

// Interceptor is the attacker that ipse's collectors leave nothing to: one who gets every key's class and time, as they
// are before a window becomes an observation. A beam search finds the likeliest text, given the classes, under a model of
// the language and one of how long it takes to get from one key to another. It is not safe for concurrent use.
type Interceptor struct {
	language *Language
	writes   [event.ClassCount][]uint8 // symbols that keys of a class wrote in training
	rhythm   rhythm
	width    int
}

// Beam is how many texts the search follows at once.
const Beam = 60

// NewInterceptor learns the language from sentences, and from people whose text is known which class writes what and in
// what rhythm.
func NewInterceptor(sentences [][]rune, people []dataset.TypedPerson) *Interceptor {
	a := &Interceptor{language: NewLanguage(sentences), rhythm: newRhythm(people), width: Beam}
	var seen [event.ClassCount][alphabetSize]bool
	for _, p := range people {
		for _, s := range p.Sessions {
			for i, r := range s.Typed {
				symbol, known := a.language.symbols[r]
				if class := s.Keys[i].Class; known && !seen[class][symbol] {
					seen[class][symbol] = true
					a.writes[class] = append(a.writes[class], symbol)
				}
			}
		}
	}
	for class := range a.writes {
		slices.Sort(a.writes[class])
	}
	return a
}

// entry is one key's part in a hypothesis. Entries form two chains: all keys, and the characters that are not erased.
type entry struct {
	typed     rune
	symbol    uint8
	key, text int32 // entries before this one: of the key before, of the character before; -1 where there is none
}

type hypothesis struct {
	last, text int32 // entries: of the last key, of the last character that stands
	history    history
	score      float64
}

// Decode guesses what every press of a session wrote, beside the session's keys. Only their classes and times are read.
func (a *Interceptor) Decode(keys []event.Key, pace Pace) []rune {
	entries := make([]entry, 0, len(keys)*a.width/2)
	beam := []hypothesis{{-1, -1, a.language.begin(), 0}}
	lastPressMS, lastClass := math.Inf(-1), event.Class(event.ClassCount)
	var presses []int
	for i, k := range keys {
		if !k.Down {
			continue
		}
		presses = append(presses, i)
		z, timed := pace.standard(lastClass, k.Class, k.TimeMS-lastPressMS)
		var next []hypothesis
		for _, h := range beam {
			next = a.extend(next, &entries, h, k.Class, z, timed)
		}
		beam = a.prune(next)
		lastPressMS, lastClass = k.TimeMS, k.Class
	}
	out := make([]rune, len(keys))
	at := beam[0].last
	for n := len(presses) - 1; n >= 0; n-- {
		out[presses[n]] = entries[at].typed
		at = entries[at].key
	}
	return out
}

func (a *Interceptor) extend(next []hypothesis, entries *[]entry, h hypothesis, class event.Class, z float64, timed bool) []hypothesis {
	push := func(e entry) int32 {
		*entries = append(*entries, e)
		return int32(len(*entries) - 1)
	}
	if class == event.Backspace {
		standing := h.text
		if standing >= 0 {
			standing = (*entries)[standing].text
		}
		h.last, h.text = push(entry{typed: dataset.Erased, key: h.last, text: standing}), standing
		h.history = a.historyOf(*entries, standing)
		return append(next, h)
	}
	symbols := a.writes[class]
	if len(symbols) == 0 {
		h.last = push(entry{key: h.last, text: h.text})
		return append(next, h)
	}
	before := uint8(0)
	if h.text >= 0 && h.text == h.last {
		before = (*entries)[h.text].symbol
	}
	p := a.language.logProbabilities(h.history)
	for _, s := range symbols {
		score := h.score + p[s]
		if timed && before != 0 {
			score += a.rhythm.logLikelihood(a.language.alphabet[before], a.language.alphabet[s], z)
		}
		at := push(entry{typed: a.language.alphabet[s], symbol: s, key: h.last, text: h.text})
		next = append(next, hypothesis{at, at, h.history.then(s), score})
	}
	return next
}

// historyOf gives the last characters that stand, up to an entry.
func (a *Interceptor) historyOf(entries []entry, at int32) history {
	var last []uint8
	for ; at >= 0 && len(last) < Order-1; at = entries[at].text {
		last = append(last, entries[at].symbol)
	}
	c := a.language.begin()
	if at >= 0 {
		c = noHistory
	}
	for _, s := range slices.Backward(last) {
		c = c.then(s)
	}
	return c
}

// prune keeps the best hypotheses, and of those that end alike the best one.
func (a *Interceptor) prune(all []hypothesis) []hypothesis {
	slices.SortFunc(all, func(x, y hypothesis) int { return cmp.Or(cmp.Compare(y.score, x.score), cmp.Compare(x.last, y.last)) })
	seen := make(map[history]bool, a.width)
	kept := all[:0]
	for _, h := range all {
		if len(kept) == a.width {
			break
		}
		if !seen[h.history] {
			seen[h.history] = true
			kept = append(kept, h)
		}
	}
	return kept
}
