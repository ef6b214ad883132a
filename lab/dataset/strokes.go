package dataset

import (
	"cmp"
	"slices"

	"ipse.dev/ipse/internal/event"
)

// maxRepeatGapMS is the longest time between two presses that a keyboard makes by itself while a key is held: the delay
// before the first repeat. After a longer time the release must have been lost, and the press is a new one.
const maxRepeatGapMS = 1_000

// rawStroke is a press and release of one key, as sets of strokes give it. Key tells keys apart within the reader only.
type rawStroke struct {
	pressMS, releaseMS float64
	key                int32
	class              event.Class
	typed              rune // what the key wrote; kept for ReadAaltoTyped alone
}

// keyEvents turns strokes into the presses and releases that a collector would have seen, in order. At one and the same
// time a release comes before a press, unless it is that press's own. A press of a key that is still held is the
// keyboard's auto-repeat: it gives no release of its own.
func keyEvents(strokes []rawStroke) []event.Key {
	events, _ := typedEvents(strokes)
	return events
}

// typedEvents is keyEvents that also gives, beside every event, what its press wrote (0 beside releases).
func typedEvents(strokes []rawStroke) ([]event.Key, []rune) {
	slices.SortStableFunc(strokes, func(a, b rawStroke) int { return cmp.Compare(a.pressMS, b.pressMS) })
	type step struct {
		event.Key
		typed rune
		rank  int8 // at the same time: releases, presses, releases of strokes without duration
	}
	steps := make([]step, 0, 2*len(strokes))
	heldUntil := make(map[int32]float64, 8)
	for _, s := range strokes {
		until, held := heldUntil[s.key]
		repeat := held && s.pressMS < until
		steps = append(steps, step{event.Key{TimeMS: s.pressMS, Class: s.class, Down: true, Repeat: repeat, Trusted: true}, s.typed, 1})
		if repeat {
			continue
		}
		heldUntil[s.key] = s.releaseMS
		rank := int8(0)
		if s.releaseMS == s.pressMS {
			rank = 2
		}
		steps = append(steps, step{event.Key{TimeMS: s.releaseMS, Class: s.class, Trusted: true}, 0, rank})
	}
	slices.SortStableFunc(steps, func(a, b step) int {
		return cmp.Or(cmp.Compare(a.TimeMS, b.TimeMS), cmp.Compare(a.rank, b.rank))
	})
	events, typed := make([]event.Key, len(steps)), make([]rune, len(steps))
	for i, s := range steps {
		events[i], typed[i] = s.Key, s.typed
		events[i].TimeMS -= steps[0].TimeMS
	}
	return events, typed
}
