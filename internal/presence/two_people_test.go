package presence

import (
	"math"
	"testing"

	"ipse.dev/ipse/internal/liveness"
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

// pointing is a pointer window with measures, which rests so many times for so long.
func pointing(startMS, durationMS int64, rests, restMS float64) Window {
	w := spanning(observation.Pointer, startMS, durationMS, 128)
	w.Liveness.MeasureList, w.Liveness.Measures = liveness.PointerMeasures.Name, make([]float64, len(liveness.PointerMeasures.Measures))
	w.Liveness.Measures[pointingPlaces["restShare"]] = rests / 128
	if rests > 0 {
		w.Liveness.Measures[pointingPlaces["restLog"]] = math.Log(restMS)
	}
	return w
}

func TestShortPointerWindowsWithinTypingAddUp(t *testing.T) {
	for name, c := range map[string]struct {
		rests, restMS float64
		found         bool
	}{
		"a pointer that never rests":                        {0, 0, true},
		"one that rests as long as the other hand types":    {1, 1200, false},
		"one that rests now and then, too short to type in": {2, 160, true},
	} {
		t.Run(name, func(t *testing.T) {
			state, found, sums := State{}, false, 0
			for round := range int64(6) {
				at := round * 6300
				stream := []Window{
					pointing(at, 2100, c.rests, c.restMS), pointing(at+2100, 2100, c.rests, c.restMS),
					spanning(observation.Keyboard, at+100, 6000, 30), pointing(at+4200, 2100, c.rests, c.restMS),
				}
				for _, w := range stream {
					var findings []Finding
					state, findings = Judge{Signals: []Signal{twoPeople}}.Update(state, w)
					for _, f := range findings {
						found = found || f.Found
						sums++
					}
				}
			}
			if found != c.found {
				t.Errorf("found %v after six rounds, want %v (%+v)", found, c.found, state)
			}
			if sums > 6 {
				t.Errorf("%d findings of six keyboard windows, want each to count once", sums)
			}
			if len(state.Pointed) > mostPointed {
				t.Errorf("%d pointer windows are kept, want %d at most", len(state.Pointed), mostPointed)
			}
		})
	}
}

func TestWhatIsKeptOfThePointerIsBounded(t *testing.T) {
	state := State{}
	for i := range int64(200) {
		state, _ = Judge{}.Update(state, pointing(i*100, 100, 0, 0))
	}
	if n := len(state.Pointed); n != mostPointed {
		t.Errorf("%d pointer windows are kept, want %d", n, mostPointed)
	}
	if state, _ = (Judge{}).Update(state, pointing(10_000_000, 100, 0, 0)); len(state.Pointed) != 1 {
		t.Errorf("%d pointer windows are kept of long ago, want only the new one", len(state.Pointed))
	}
}
