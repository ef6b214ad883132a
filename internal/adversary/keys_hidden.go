package adversary

import (
	"math"
	"math/rand/v2"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
)

// hiddenKeys are no attacks: somebody types, and a program between keyboard and browser changes when the keys come. The
// victim's runs, or anybody's, are what is typed.
var hiddenKeys = []KeyAttack{
	{"kloak", "The anonymiser kloak: every event waits for a random time of up to its bound, and none overtakes another.", HiddenKeys,
		func(rng *rand.Rand, m KeyMaterial, strokes int) []event.Key {
			mostMS := []float64{20, 50, 100, 100, 200}[rng.IntN(5)]
			return delayed(recorded(rng, m, strokes), func(t, lastMS float64) float64 {
				return t + uniform(rng, math.Min(mostMS, math.Max(0, lastMS-t)), mostMS)
			})
		}},
	{"batched", "A buffer that lets key events through at fixed steps of time only.", HiddenKeys,
		func(rng *rand.Rand, m KeyMaterial, strokes int) []event.Key {
			stepMS := []float64{25, 50, 100}[rng.IntN(3)]
			return delayed(recorded(rng, m, strokes), func(t, _ float64) float64 { return stepMS * math.Ceil(t/stepMS) })
		}},
	{"tap-hold", "A remapper that gives letters two meanings: a tap becomes press and release at once when the key comes up.", HiddenKeys,
		func(rng *rand.Rand, m KeyMaterial, strokes int) []event.Key {
			all, gapMS := rng.IntN(2) == 0, uniform(rng, 0, 8)
			typed := recorded(rng, m, strokes)
			doubled := map[event.Class]bool{event.LeftLetter: all || rng.IntN(2) == 0, event.RightLetter: true, event.Space: rng.IntN(3) == 0}
			for i, s := range typed {
				if doubled[s.Class] && s.DwellMS() < 200 {
					typed[i].PressMS, typed[i].ReleaseMS = s.ReleaseMS, s.ReleaseMS+gapMS+uniform(rng, 0, 1)
				}
			}
			return keyEvents(typed)
		}},
}

// recorded gives a run of somebody's own strokes, joined from several where they are short.
func recorded(rng *rand.Rand, m KeyMaterial, strokes int) []window.Stroke {
	runs := m.Victim
	if len(runs) == 0 {
		runs = m.Population
	}
	var out []window.Stroke
	atMS := 0.0
	for tries := 0; len(runs) > 0 && len(out) < strokes && tries < 10*strokes; tries++ {
		run := runs[rng.IntN(len(runs))]
		if len(run) == 0 {
			continue
		}
		shiftMS := atMS - run[0].PressMS
		for _, s := range run[:min(len(run), strokes-len(out))] {
			s.PressMS, s.ReleaseMS = s.PressMS+shiftMS, s.ReleaseMS+shiftMS
			out = append(out, s)
			atMS = math.Max(atMS, s.ReleaseMS)
		}
		atMS += 300
	}
	return out
}

// delayed moves every event to the time that by gives, which knows when the last one came; order is kept.
func delayed(strokes []window.Stroke, by func(t, lastMS float64) float64) []event.Key {
	if len(strokes) == 0 {
		return nil
	}
	events := keyEvents(strokes)
	lastMS := 0.0
	for i := range events {
		lastMS = math.Max(lastMS, by(events[i].TimeMS, lastMS))
		events[i].TimeMS = lastMS
	}
	firstMS := events[0].TimeMS
	for i := range events {
		events[i].TimeMS -= firstMS
	}
	return events
}
