package presence

import (
	"testing"

	"ipse.dev/ipse/internal/observation"
)

func spanning(modality observation.Modality, startMS, durationMS int64, events int) Window {
	return Window{Observation: observation.Observation{Modality: modality, StartMS: startMS, DurationMS: durationMS, Events: events}}
}

func TestTwoPeopleTypeAndPointAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		typedMS, pointAtMS, pointedMS int64
		found                         bool
	}{
		"pointing within fast typing":              {6000, 500, 5000, true},
		"pointing after typing":                    {6000, 7000, 2000, false},
		"pointing in a pause of the typing":        {20_000, 5000, 5000, false},
		"scrolling now and then, for half an hour": {6000, 0, 1_800_000, false},
	} {
		t.Run(name, func(t *testing.T) {
			judge, state, found := Judge{Signals: []Signal{twoPeople}}, State{}, false
			for round := range int64(5) {
				at := round * 2_000_000
				for _, w := range []Window{
					spanning(observation.Pointer, at+c.pointAtMS, c.pointedMS, 128),
					spanning(observation.Keyboard, at, c.typedMS, 30),
				} {
					var findings []Finding
					state, findings = judge.Update(state, w)
					for _, f := range findings {
						found = found || f.Found
					}
				}
			}
			if found != c.found {
				t.Errorf("found %v after five rounds, want %v (%+v)", found, c.found, state)
			}
		})
	}
}
