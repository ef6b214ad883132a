package redteam

import (
	"math/rand/v2"
	"slices"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/sim"
)

// automation are attacks whose rhythm is a person's and whose events give themselves away: what a program does that plays
// a human's timing through a browser.
var automation = []Attack{
	{
		Name: "automation.webdriver", Want: Alarm,
		Doc: "A program drives the browser and types and points as a person would; the browser says that it is driven (navigator.webdriver).",
		Make: func(r *rand.Rand, _ Material, l Length) Stretch {
			s := humanLike(r, l)
			s.Driven = true
			return s
		},
	},
	{
		Name: "automation.synthetic-events", Want: Alarm,
		Doc: "A script in the page dispatches key and pointer events with a person's timing; browsers mark them as not trusted.",
		Make: func(r *rand.Rand, _ Material, l Length) Stretch {
			s := humanLike(r, l)
			for i := range s.Keys {
				s.Keys[i].Trusted = false
			}
			for i := range s.Pointers {
				s.Pointers[i].Trusted = false
			}
			return s
		},
	},
	{
		Name: "automation.pasted", Want: CannotTell,
		Doc: "Most of the text comes from the clipboard and little is typed: work that tells nothing of who does it.",
		Make: func(r *rand.Rand, _ Material, l Length) Stretch {
			s := humanLike(r, l)
			s.Pointers = nil
			for i := 0; i < len(s.Keys); i += 12 {
				s.Pastes = append(s.Pastes, s.Keys[i].TimeMS)
			}
			return s
		},
	},
}

// hands are those of people, in a way that nobody can be told by.
var hands = []Attack{
	{
		Name: "hands.two-people", Want: CannotTell,
		Doc: "Typing and pointing of the subject's, both at once and without a rest, as when somebody is shown how or helped from far away.",
		Make: func(_ *rand.Rand, m Material, l Length) Stretch {
			return Stretch{Keys: withoutRests(m.Hands.Keys, adversary.KeyTime, l.DurationMS), Pointers: withoutRests(m.Hands.Pointers, adversary.PointerTime, l.DurationMS)}
		},
	},
}

// longestRestMS is what is left of a rest of somebody who goes on without one.
const longestRestMS = 250

// withoutRests plays events from 0 to durationMS so that nothing lies farther apart than longestRestMS.
func withoutRests[E any](recorded []E, timeMS func(*E) *float64, durationMS float64) []E {
	events := slices.Clone(recorded)
	var lastMS, cutMS float64
	for i := range events {
		at := timeMS(&events[i])
		if i == 0 {
			lastMS, cutMS = *at, *at
		}
		cutMS += max(0, *at-lastMS-longestRestMS)
		lastMS = *at
		if *at -= cutMS; *at > durationMS {
			return events[:i]
		}
	}
	return events
}

// humanLike is a generated person at work.
func humanLike(r *rand.Rand, l Length) Stretch {
	return stretchOf(sim.NewPerson(r.Uint64()).Session(r.Uint64()), l.DurationMS)
}
