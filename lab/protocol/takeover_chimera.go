package protocol

import (
	"fmt"

	"ipse.dev/ipse/internal/observation"
)

// turn is one part of a duty cycle.
type turn struct {
	modality observation.Modality
	inputMS  float64 // how much input of the modality; the window that reaches it ends the turn
	pauseMS  float64 // of rest after it
}

// alternate is typing and pointing in equal shares without a rest, as the densest work with both.
var alternate = []turn{{observation.Pointer, 20_000, 0}, {observation.Keyboard, 20_000, 0}}

// office is a duty cycle that mixes typing, pointing and pauses: of the input three fifths are typing; rests of ten and
// twenty seconds in which somebody reads, and every third time three minutes in which they do something else. So 40 % of
// the time is input, as policy.InputHoursPerDay has it: three times 24 s of pointing and 36 s of typing, and 4.5 minutes of
// rest.
var office = []turn{
	{observation.Pointer, 24_000, 10_000}, {observation.Keyboard, 36_000, 20_000},
	{observation.Pointer, 24_000, 10_000}, {observation.Keyboard, 36_000, 20_000},
	{observation.Pointer, 24_000, 10_000}, {observation.Keyboard, 36_000, 200_000},
}

// chimeras puts people together who never met: each typist with somebody's pointer from each set of them. Where a set has
// fewer people than there are typists, its people serve several, each with other sessions of theirs, so that nothing of a
// genuine run is used twice. A set of which a chimera would be left with nothing gives none.
func chimeras(name string, cycle []turn, typists []*actor, pointing ...[]*actor) []*actor {
	var out []*actor
	for _, hands := range pointing {
		if len(hands) == 0 {
			continue
		}
		for i, typist := range typists {
			hand := hands[i%len(hands)]
			shares := (len(typists) - i%len(hands) + len(hands) - 1) / len(hands) // typists whom this hand serves
			var own [][]moment
			for s := i / len(hands); s < len(hand.genuine); s += shares {
				own = append(own, hand.genuine[s])
			}
			if len(own) == 0 {
				continue
			}
			a := &actor{set: fmt.Sprintf("%s, %s with %s", name, typist.set, hand.set),
				people: []string{typist.people[0], hand.people[0]},
				enrol:  append(append([][]moment{}, typist.enrol...), hand.enrol...),
				whole:  mixed(cycle, typist.whole, hand.whole),
			}
			a.genuine = held(nil, mixed(cycle, flat(typist.genuine), flat(own)))
			if len(a.genuine) > 0 {
				out = append(out, a)
			}
		}
	}
	return out
}

func flat(sessions [][]moment) []moment {
	var out []moment
	for _, s := range sessions {
		out = append(out, s...)
	}
	return out
}

// mixed lets typing and pointing take turns until one of them has nothing left. The first window of a turn begins with the
// window itself; what had passed before it in its recording is left out, and the turn's rest stands before it instead.
func mixed(cycle []turn, typing, pointing []moment) []moment {
	var out []moment
	left := map[observation.Modality][]moment{observation.Keyboard: typing, observation.Pointer: pointing}
	restMS := 0.0
	for i := 0; ; i = (i + 1) % len(cycle) {
		t := cycle[i]
		done, first := 0.0, true
		for done < t.inputMS {
			queue := left[t.modality]
			if len(queue) == 0 {
				return out
			}
			m := queue[0]
			left[t.modality] = queue[1:]
			if first {
				m.passed = m.own
				m.passed.wallMS += restMS
			}
			done, first = done+m.passed.inputMS, false
			out = append(out, m)
		}
		restMS = t.pauseMS
	}
}
