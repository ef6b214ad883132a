package presence

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
)

// typedByAid types as keyboards on the screen do that are operated by looking or by a switch: a key comes up as it goes down.
func typedByAid(rng *rand.Rand, everyMS, spread float64) []event.Key {
	var out []event.Key
	atMS := 0.0
	for i := range 150 {
		class := []event.Class{event.LeftLetter, event.RightLetter, event.LeftLetter, event.Space}[i%4]
		out = append(out, event.Key{TimeMS: atMS, Class: class, Down: true, Trusted: true}, event.Key{TimeMS: atMS + 2*rng.Float64(), Class: class, Trusted: true})
		atMS += everyMS * math.Exp(spread*rng.NormFloat64())
	}
	return out
}

// movedByKeys moves as mouse keys do: in eight directions, faster while the key is held, in steps of one clock.
func movedByKeys(rng *rand.Rand) []event.Pointer {
	var out []event.Pointer
	atMS, x, y := 0.0, 600.0, 400.0
	for range 40 {
		dx, dy := float64(rng.IntN(3)-1), float64(rng.IntN(3)-1)
		for i := range 10 + rng.IntN(40) {
			step := math.Min(10, 1+math.Floor(float64(i)/3))
			x, y, atMS = x+dx*step, y+dy*step, atMS+20
			if dx != 0 || dy != 0 {
				out = append(out, event.Pointer{TimeMS: atMS, X: x, Y: y, Trusted: true})
			}
		}
		atMS += 400 * math.Exp(0.5*rng.NormFloat64())
	}
	return out
}

// namedByVoice sets the pointer onto places that somebody names, and clicks at once.
func namedByVoice(rng *rand.Rand) []event.Pointer {
	var out []event.Pointer
	atMS := 0.0
	for range 150 {
		x, y := math.Floor(1200*rng.Float64()), math.Floor(700*rng.Float64())
		for i, kind := range []event.PointerKind{event.Move, event.Press, event.Release} {
			out = append(out, event.Pointer{TimeMS: atMS + float64(i), Kind: kind, X: x, Y: y, Trusted: true})
		}
		atMS += 2500 * math.Exp(0.4*rng.NormFloat64())
	}
	return out
}

// Aids for disabled people are programs, and whoever depends on one must not be accused for it.
func TestAidsAreAccusedOfNothing(t *testing.T) {
	for _, judge := range []Judge{Open(), Research()} {
		for seed := range uint64(10) {
			rng := rand.New(rand.NewPCG(seed, 4))
			for name, kinds := range map[string]map[Kind]bool{
				"a keyboard on the screen, by looking": found(judge, typedByAid(rng, 700, 0.3), nil),
				"a keyboard on the screen, by clicks":  found(judge, typedByAid(rng, 1100, 0.4), nil),
				"a switch":                             found(judge, typedByAid(rng, 3000, 0.2), nil),
				"mouse keys":                           found(judge, nil, movedByKeys(rng)),
				"voice":                                found(judge, nil, namedByVoice(rng)),
			} {
				if len(kinds) != 1 || !kinds[MediatedInput] {
					t.Errorf("%s, seed %d: found %v, want %s alone", name, seed, kinds, MediatedInput)
				}
			}
		}
	}
}

// What is in a hurry, or of no use to anybody, is no aid.
func TestProgramsInAHurryAreNoAids(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for name, kinds := range map[string]map[Kind]bool{
		"keys at once, ten a second": found(Open(), typedByAid(rng, 100, 0.3), nil),
	} {
		if kinds[MediatedInput] || !kinds[InjectedKeys] {
			t.Errorf("%s: found %v, want %s", name, kinds, InjectedKeys)
		}
	}
	for _, a := range adversary.PointerAttacks {
		if a.Family != "straight" && a.Family != "jiggler_line" && a.Family != "teleport" {
			continue
		}
		events := a.Make(rand.New(rand.NewPCG(5, 7)), adversary.PointerMaterial{}, 120_000)
		if kinds := found(Open(), nil, events); kinds[MediatedInput] || !(kinds[GeneratedPath] || kinds[Jiggler]) {
			t.Errorf("%s: found %v, want a generated path or a jiggler", a.Family, kinds)
		}
	}
}

// However an aid is set, it is accused of nothing: its windows are named for what they are, or nothing is found.
func TestNoAidIsAccusedHoweverItIsSet(t *testing.T) {
	for _, a := range adversary.Aids {
		named := 0
		for seed := range uint64(12) {
			rng := rand.New(rand.NewPCG(seed, 25))
			var keys []event.Key
			var pointers []event.Pointer
			if a.Keys != nil {
				keys = a.Keys(rng, 200)
			} else {
				pointers = a.Pointers(rng, 240_000) // in which somebody names enough places for a window
			}
			for _, judge := range []Judge{Open(), Research()} {
				kinds := found(judge, keys, pointers)
				for kind := range kinds {
					if kind != MediatedInput {
						t.Errorf("%s, seed %d: found %s, want %s or nothing", a.Name, seed, kind, MediatedInput)
					}
				}
				if kinds[MediatedInput] {
					named++
				}
			}
		}
		if named < 20 {
			t.Errorf("%s: named %d times of 24 within four minutes, want twenty", a.Name, named)
		}
	}
}

// A pointer that follows the eyes was taken for a jiggler's.
func TestJigglersAreNoEyes(t *testing.T) {
	for _, family := range []string{"jiggler_line", "jiggler_circle", "jiggler_random"} {
		if n := count(pointerAttack(t, Open(), family, 6), MediatedInput); n > 0 {
			t.Errorf("%s: %d of 6 are taken for an aid's, want none", family, n)
		}
	}
}

func TestWhileInputIsMediatedPointersAreNotAccusedAndKeysAre(t *testing.T) {
	always := func(kind Kind) Signal {
		return unlessMediated(Signal{Kind: kind, Least: -3, Most: 5, Found: 9, LLR: func(Window) (float64, bool) { return 5, true }})
	}
	aided := Signal{Kind: MediatedInput, Least: -1, Most: 5, Found: 4, LLR: func(w Window) (float64, bool) { return w.Features[0], true }}
	judge, state := Judge{Signals: []Signal{aided, always(GeneratedPath), always(InjectedKeys)}}, State{}
	for i, nats := range []float64{5, -1, -1, -1, -1, -1} {
		w := Window{Observation: observation.Observation{Modality: observation.Pointer, StartMS: int64(i), Features: []float64{nats}}}
		state, _ = judge.Update(state, w)
		if mediated := state.Sums[MediatedInput] >= 4; mediated && state.Sums[GeneratedPath] > 0 {
			t.Errorf("window %d: a generated path has %g nats while input is mediated, want none", i, state.Sums[GeneratedPath])
		}
	}
	if state.Sums[GeneratedPath] == 0 || state.Sums[InjectedKeys] < 9 {
		t.Errorf("%+v: want a generated path looked for again once nothing mediates, and injected keys all the time", state.Sums)
	}
}

func TestMediatedWeightsAreChecked(t *testing.T) {
	for name, spoil := range map[string]func(*MediatedWeights){
		"another measure":     func(w *MediatedWeights) { w.Keys.Row.Measure = "leapShare" },
		"a measure to be 0":   func(w *MediatedWeights) { w.Steps.Without = "nothing" },
		"bounds that fall":    func(w *MediatedWeights) { w.Places.Column.Bounds = []float64{3, 2, 1, 0} },
		"a row is missing":    func(w *MediatedWeights) { w.Keys.Table = w.Keys.Table[1:] },
		"a number is missing": func(w *MediatedWeights) { w.Keys.Table[0] = w.Keys.Table[0][1:] },
		"not a number":        func(w *MediatedWeights) { w.Keys.Table[0][0] = math.Inf(1) },
		"no network":          func(w *MediatedWeights) { w.Eyes = nil },
		"no gate for keys":    func(w *MediatedWeights) { delete(w.Gate, observation.Keyboard) },
		"no bound":            func(w *MediatedWeights) { w.Found = 0 },
	} {
		var w MediatedWeights
		if err := json.Unmarshal(fileOf(t, "mediated"), &w); err != nil {
			t.Fatal(err)
		}
		if err := w.Check(); err != nil {
			t.Fatal(err)
		}
		spoil(&w)
		if w.Check() == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if w := ShippedMediatedWeights(); w.Card == "" || w.Rebuild == "" || len(w.Aids) != len(adversary.Aids) || w.People[0] == 0 || w.Windows[1] == 0 {
		t.Errorf("the weights do not say what they were made from: %q, %q, %v, %v, %v", w.Card, w.Rebuild, w.Aids, w.People, w.Windows)
	}
}

func TestAnyOfSeveralWaysIsAsLikely(t *testing.T) {
	if got := anyOf(2, 2, 2); math.Abs(got-2) > 1e-12 {
		t.Errorf("three ways that say 2 say %g together, want 2", got)
	}
	if got := anyOf(9, -50, -50); math.Abs(got-9+math.Log(3)) > 1e-9 {
		t.Errorf("one of three that says 9 says %g, want log 3 less", got)
	}
}
