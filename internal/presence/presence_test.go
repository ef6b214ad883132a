package presence

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/observation"
)

// told is a judge of one signal that takes the duration for the nats.
func told(found float64) Judge {
	return Judge{Signals: []Signal{{
		Kind: ForgedKeys, Least: -4, Most: 4, Found: found,
		LLR: func(w Window) (float64, bool) { return w.Features[0], w.Modality == observation.Keyboard },
	}}}
}

func window(startMS int64, nats float64) Window {
	return Window{Observation: observation.Observation{Modality: observation.Keyboard, StartMS: startMS, Features: []float64{nats}}}
}

func TestASumIsFoundAndForgotten(t *testing.T) {
	judge, state := told(6), State{}
	for i, want := range []struct {
		nats, sum   float64
		found, near bool
	}{{-9, 0, false, false}, {2, 2, false, false}, {99, 6, true, true}, {99, 10, true, true}, {99, 12, true, true}, {-99, 8, true, true}, {-99, 4, false, true}, {-99, 0, false, false}} {
		var findings []Finding
		state, findings = judge.Update(state, window(int64(i), want.nats))
		near := judge.Near(state, func(k Kind) bool { return k == ForgedKeys })
		if len(findings) != 1 || findings[0].Sum != want.sum || findings[0].Found != want.found || near != want.near {
			t.Fatalf("window %d: %+v, near %v; want the sum %g, found %v, near %v", i, findings, near, want.sum, want.found, want.near)
		}
	}
}

func TestAWindowIsJudgedOnceAndADeclaredOneNever(t *testing.T) {
	judge := told(6)
	state, _ := judge.Update(State{}, window(5, 3))
	through := window(5, 3)
	through.Model = "another"
	if again, findings := judge.Update(state, through); len(findings) != 0 || again.Sums[ForgedKeys] != 3 {
		t.Errorf("the same window through another model: %+v, %+v; want no finding and the sum 3", again, findings)
	}
	for nats, want := range map[float64]int{4: 1, -9: 0} {
		next, _ := judge.Update(state, window(7, nats))
		through := window(7, nats)
		through.Model = "another"
		if kinds := next.FoundIn(through.Observation); len(kinds) != want {
			t.Errorf("found through another model: %v, want %d kinds as through the first", kinds, want)
		}
		if kinds := next.FoundIn(window(8, nats).Observation); len(kinds) != 0 {
			t.Errorf("found in a window that was not judged: %v, want none", kinds)
		}
	}
	if _, findings := judge.Update(state, window(5, 3)); len(findings) != 1 {
		t.Errorf("another window of the same start and model: %+v, want it judged", findings)
	}
	simulated := window(6, 3)
	simulated.Quality = []observation.Flag{observation.Simulated}
	if _, findings := judge.Update(state, simulated); len(findings) != 0 {
		t.Errorf("a window that says itself that no hand made it: %+v, want no finding", findings)
	}
}

func TestLawsOfTheSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		judge := told(rapid.Float64Range(1, 20).Draw(t, "found"))
		nats := rapid.SliceOfN(rapid.OneOf(rapid.Float64Range(-30, 30), rapid.Just(math.NaN()), rapid.Just(math.Inf(1)), rapid.Just(math.Inf(-1))), 1, 30).Draw(t, "nats")
		higher := rapid.IntRange(0, len(nats)-1).Draw(t, "higher")
		var state, above State
		for i, v := range nats {
			more := v
			if i == higher {
				more += 1
			}
			raw, err := json.Marshal(state)
			if err != nil {
				t.Fatal(err)
			}
			var stored State
			if err := json.Unmarshal(raw, &stored); err != nil {
				t.Fatal(err)
			}
			next, findings := judge.Update(state, window(int64(i), v))
			same, _ := judge.Update(stored, window(int64(i), v))
			if diff := cmp.Diff(next, same); diff != "" {
				t.Fatalf("through the store (-kept +stored):\n%s", diff)
			}
			for _, f := range findings {
				if math.IsNaN(f.Sum) || f.Sum < 0 || math.Abs(f.Nats) > 4 {
					t.Fatalf("%+v: want bounded nats and a sum of 0 at least", f)
				}
			}
			state = next
			above, _ = judge.Update(above, window(int64(i), more))
			if above.Sums[ForgedKeys] < state.Sums[ForgedKeys] {
				t.Fatalf("more evidence gave the sum %g instead of %g", above.Sums[ForgedKeys], state.Sums[ForgedKeys])
			}
		}
	})
}

func TestOnlyAlarmsAccuse(t *testing.T) {
	for kind, want := range map[Kind]bool{ForgedKeys: true, Jiggler: true, RemoteControl: false, MediatedInput: false, "nothing of the kind": false} {
		if got := kind.Accuses(); got != want {
			t.Errorf("%q accuses: %v, want %v", kind, got, want)
		}
	}
}

func TestEveryShippedSignalIsWhole(t *testing.T) {
	var seen []Kind
	judge := Default()
	for _, s := range judge.Signals {
		if _, ok := s.Kind.Effect(); !ok {
			t.Errorf("the signal %q has no effect", s.Kind)
		}
		if slices.Contains(seen, s.Kind) {
			t.Errorf("two signals add to the sum of %s; want one for each kind", s.Kind)
		}
		seen = append(seen, s.Kind)
		if !(s.Least < 0 && s.Most > 0 && s.Found > 0) || math.IsInf(s.Found, 0) {
			t.Errorf("%s: bounds %g to %g, found from %g; want negative, positive, positive", s.Kind, s.Least, s.Most, s.Found)
		}
		// What an older collector sends has no measures: nothing may be found in it.
		state := State{}
		for i := range 100 {
			state, _ = judge.Update(state, Window{Observation: observation.Observation{Modality: observation.Keyboard, StartMS: int64(i)}})
			if judge.Near(state, func(Kind) bool { return true }) {
				t.Fatalf("%+v: something is nearly found in windows without measures", state.Sums)
			}
		}
	}
}
