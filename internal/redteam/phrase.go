package redteam

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/device"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
)

// The phrase that the test subject types while the server learns them.
const (
	phraseNumber   = 1
	phraseStrokes  = 12
	phraseTypings  = 16
	phraseEveryMS  = 20_000
	phraseReplayed = 3 // typings that an attacker plays back, one after the other
)

// phrasesLike gives typings of one phrase in the rhythm of the first run of typing that is long enough, each a little
// different; none where there is no such run.
func phrasesLike(keys []event.Key, seed uint64) [][]event.Key {
	var out [][]event.Key
	for _, run := range Runs(keys) {
		if len(run) < phraseStrokes {
			continue
		}
		r := rand.New(rand.NewPCG(seed, 23))
		for i := range phraseTypings {
			var typed []event.Key
			at := float64(i * phraseEveryMS)
			for n, s := range run[:phraseStrokes] {
				if n > 0 {
					at += (s.PressMS - run[n-1].PressMS) * math.Exp(0.2*r.NormFloat64())
				}
				class := [...]event.Class{event.LeftLetter, event.RightLetter, event.Digit, event.Space, event.Other}[n%5]
				typed = append(typed, event.Key{TimeMS: at, Class: class, Down: true, Trusted: true},
					event.Key{TimeMS: at + s.DwellMS()*math.Exp(0.15*r.NormFloat64()), Class: class, Trusted: true})
			}
			slices.SortStableFunc(typed, func(a, b event.Key) int { return cmp.Compare(a.TimeMS, b.TimeMS) })
			out = append(out, typed)
		}
		return out
	}
	return nil
}

// typePhrase takes the n-th key of a typing: the application has asked for the phrase before the first and takes it after
// the last.
func typePhrase(c *device.Collector, typed []event.Key, n int) []observation.Observation {
	if n == 0 {
		if c.Phrase(phraseNumber, phraseStrokes) != nil {
			return nil
		}
	}
	out := c.Key(typed[n])
	if n == len(typed)-1 {
		out = append(out, c.EndPhrase()...)
	}
	return out
}

// phraseReplays play back how the subject typed a phrase.
func phraseReplays() (out []Attack) {
	for _, a := range adversary.KeyReplays {
		if !slices.Contains([]string{"exact", "jitter_5ms", "coarse_8ms", "scaled"}, a.Family) {
			continue
		}
		out = append(out, Attack{Name: "replay.phrase_" + a.Family, Doc: "How the subject typed a phrase, three times played back: " + sentence(a.Doc), Want: Alarm,
			Make: func(r *rand.Rand, m Material, _ Length) Stretch {
				var s Stretch
				for i := range min(phraseReplayed, len(m.Seen.Phrases)) {
					typed := a.Play(r, m.Seen.Phrases[len(m.Seen.Phrases)-1-i])
					for n := range typed {
						typed[n].TimeMS += float64(i * phraseEveryMS / 2)
					}
					s.Phrases = append(s.Phrases, typed)
				}
				return s
			}})
	}
	return out
}
