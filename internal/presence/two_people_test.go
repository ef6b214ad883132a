package presence

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/sim"
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
			for round := range int64(7) {
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
				t.Errorf("found %v after seven rounds, want %v (%+v)", found, c.found, state)
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
			for round := range int64(8) {
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
						if f.Nats != 0 {
							sums++
						}
					}
				}
			}
			if found != c.found {
				t.Errorf("found %v after eight rounds, want %v (%+v)", found, c.found, state)
			}
			if sums > 8 {
				t.Errorf("%d findings of eight keyboard windows, want each to count once", sums)
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

func TestEveryPaceHasItsColumnAndLittleTimeSpeaksForTwo(t *testing.T) {
	w := ShippedTwoPeopleWeights()
	if err := w.Check(); err != nil {
		t.Fatal(err)
	}
	if w.Card == "" || w.Rebuild == "" || w.People == 0 || w.Windows == 0 || len(w.Innocent) == 0 {
		t.Errorf("the weights do not say what they were made from: %+v", w)
	}
	for _, strokeMS := range []float64{70, 120, 160, 200, 500} {
		last := math.Inf(1)
		for _, left := range []float64{0, 0.3, 0.9, 1.5, 3, 50} {
			nats := w.Nats(Overlap{Left: left, StrokeMS: strokeMS})
			if nats > last || (left < 0.6 && nats < 1) || (left > 2 && nats > -1) {
				t.Errorf("%g of the time left at %g ms a stroke: %g nats after %g; want no more than before, above 1 while it is short and below -1 while there is plenty", left, strokeMS, nats, last)
			}
			last = nats
		}
	}
}

func TestTheTableOfTwoPeopleIsChecked(t *testing.T) {
	for name, spoil := range map[string]func(*TwoPeopleWeights){
		"no bound":              func(w *TwoPeopleWeights) { w.Found = 0 },
		"no rows":               func(w *TwoPeopleWeights) { w.Left = nil },
		"bounds that fall":      func(w *TwoPeopleWeights) { slices.Reverse(w.StrokeMS) },
		"a row is missing":      func(w *TwoPeopleWeights) { w.Table = w.Table[1:] },
		"a number is missing":   func(w *TwoPeopleWeights) { w.Table[3] = w.Table[3][1:] },
		"a number that is none": func(w *TwoPeopleWeights) { w.Table[2][1] = math.NaN() },
	} {
		var w TwoPeopleWeights
		if err := json.Unmarshal(fileOf(t, "two-people"), &w); err != nil {
			t.Fatal(err)
		}
		spoil(&w)
		if w.Check() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestAKeyboardWindowIsJudgedOnce(t *testing.T) {
	moving := pointing(0, 4000, 0, 0)
	typed := spanning(observation.Keyboard, 500, 3000, 30)
	for name, c := range map[string]struct {
		stream []Window
		want   []int // overlaps after each window
	}{
		"the pointer window that covers it settles it":     {[]Window{typed, moving, pointing(4000, 4000, 0, 0)}, []int{0, 1, 1}},
		"one that ends before it does not":                 {[]Window{typed, pointing(0, 2000, 0, 0), pointing(2000, 2000, 0, 0)}, []int{0, 0, 1}},
		"the next keyboard window does":                    {[]Window{pointing(0, 3000, 0, 0), typed, spanning(observation.Keyboard, 4000, 3000, 30)}, []int{0, 0, 1}},
		"a pointer that did not move then moved nothing":   {[]Window{typed, pointing(9000, 2000, 0, 0), spanning(observation.Keyboard, 20_000, 3000, 30)}, []int{0, 0, 0}},
		"without measures only what is impossible is said": {[]Window{spanning(observation.Keyboard, 500, 60_000, 30), pointing(0, 61_000, 60, 500)}, []int{0, 0}},
	} {
		n := 0
		judge := Judge{Signals: []Signal{{Kind: TwoPeople, Least: -1, Most: 1, Found: 9, LLR: func(w Window) (float64, bool) {
			if o, ok := OverlapIn(w); ok && !math.IsInf(o.Left, 1) {
				n++
			}
			return 0, false
		}}}}
		state := State{}
		for i, w := range c.stream {
			if state, _ = judge.Update(state, w); n != c.want[i] {
				t.Errorf("%s: %d overlaps after window %d, want %d", name, n, i, c.want[i])
			}
		}
	}
}

func TestTwoPeopleHoldUntilTheOneHasGone(t *testing.T) {
	judge, state := Judge{Signals: []Signal{twoPeople}}, State{}
	foundIn := func(w Window) bool {
		var findings []Finding
		state, findings = judge.Update(state, w)
		return slices.ContainsFunc(findings, func(f Finding) bool { return f.Found })
	}
	at, silent := int64(0), true
	for range 12 {
		foundIn(pointing(at, 5900, 0, 0))
		silent = foundIn(spanning(observation.Keyboard, at+100, 5000, 30))
		at += 6000
	}
	if !silent || !foundIn(pointing(at, 3000, 0, 0)) {
		t.Fatalf("after twelve windows of both at once two people are not found in every window: %+v", state)
	}
	windows := 0
	for ; silent && windows < 100; windows++ {
		at += 60_000
		silent = foundIn(spanning(observation.Keyboard, at, 5000, 30))
	}
	if windows < 5 || windows > 30 {
		t.Errorf("two people are found for %d windows after the pointer has come to rest, want some and few", windows)
	}
}

// Who does both by turns is one person, however long.
func TestHoursOfWorkByTurnsAreOnePerson(t *testing.T) {
	const hours = 3
	for seed := range uint64(3) {
		work := sim.NewPerson(seed).Session(5).Work("en", 0, hours*3_600_000)
		if kinds := found(Judge{Signals: []Signal{twoPeople}}, work.Keys, work.Pointers); kinds[TwoPeople] {
			t.Errorf("seed %d: one who types and points by turns is taken for two within %d hours", seed, hours)
		}
	}
}

func TestTwoAtOnceAreFoundWithinTwelveWindows(t *testing.T) {
	for seed := range uint64(6) {
		typist := sim.NewPerson(seed).Session(5).Work("en", 0, 1_200_000)
		pointer := sim.NewPerson(seed+50).Session(5).Work("en", 0, 1_200_000)
		keys, pointers := withoutRests(typist.Keys, pointer.Pointers)
		state, typed, after := State{}, 0, 0
		for _, o := range collected(keys, pointers) {
			if o.Modality == observation.Keyboard {
				typed++
			}
			var findings []Finding
			state, findings = Judge{Signals: []Signal{twoPeople}}.Update(state, Window{Observation: o})
			if after == 0 && slices.ContainsFunc(findings, func(f Finding) bool { return f.Found }) {
				after = typed
			}
		}
		if after == 0 || after > 12 {
			t.Errorf("seed %d: found after %d of %d windows of typing, want within twelve", seed, after, typed)
		}
	}
}
