package presence

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
	keys "ipse.dev/ipse/internal/window"
)

// observed gives what a collector sends of key events.
func observed(events []event.Key) []Window {
	cutter := keys.NewKeyboardCutter(keys.KeyboardStrokes, keys.KeyboardMinStrokes)
	var out []Window
	take := func(windows []keys.Keyboard) {
		for _, k := range windows {
			l := liveness.Keyboard(k)
			out = append(out, Window{Observation: observation.Observation{
				Modality: observation.Keyboard, StartMS: int64(len(out)), Events: len(k.Strokes), Liveness: l, Quality: liveness.KeyboardFlags(k, l, false),
			}})
		}
	}
	for _, e := range events {
		take(cutter.Push(e))
	}
	take(cutter.Flush())
	return out
}

// foundAfter gives how many windows it takes until a kind is found, 0 where it is not.
func foundAfter(windows []Window, kind Kind) int {
	var state State
	for i, w := range windows {
		var findings []Finding
		state, findings = Judge{Signals: shippedKeys().Signals()}.Update(state, w)
		if slices.ContainsFunc(findings, func(f Finding) bool { return f.Kind == kind && f.Found }) {
			return i + 1
		}
	}
	return 0
}

func TestWindowsThatCannotTellSayNothing(t *testing.T) {
	injected := observed(adversary.KeyAttacks[0].Make(rand.New(rand.NewPCG(1, 1)), adversary.KeyMaterial{}, 40))[0]
	for name, spoil := range map[string]func(*Window){
		"pointer":         func(w *Window) { w.Modality = observation.Pointer },
		"no measures":     func(w *Window) { w.Liveness.MeasureList, w.Liveness.Measures = "", nil },
		"too few":         func(w *Window) { w.Liveness.Measures = w.Liveness.Measures[1:] },
		"an input method": func(w *Window) { w.Quality = append(w.Quality, observation.InputMethod) },
		"lost events":     func(w *Window) { w.Quality = append(w.Quality, observation.LostEvents) },
	} {
		w := injected
		w.Quality = slices.Clone(w.Quality)
		spoil(&w)
		for _, s := range shippedKeys().Signals() {
			if nats, ok := s.LLR(w); ok {
				t.Errorf("%s: %s says %g, want nothing", name, s.Kind, nats)
			}
		}
	}
}

func TestKeyWeightsAreChecked(t *testing.T) {
	whole := fileOf(t, "keyboard")
	for name, spoil := range map[string]func(KeyWeights){
		"a network is missing": func(w KeyWeights) { delete(w, HiddenNetwork) },
		"another list":         func(w KeyWeights) { w[ForgedNetwork].Network.List = "pointer-liveness-1" },
		"an unknown measure":   func(w KeyWeights) { w[ForgedNetwork].Network.Inputs[3] = "speed" },
		"no bound":             func(w KeyWeights) { w[InjectedNetwork].Found = 0 },
		"a mean is missing":    func(w KeyWeights) { w[InjectedNetwork].Network.Mean = w[InjectedNetwork].Network.Mean[1:] },
		"a weight is missing":  func(w KeyWeights) { r := w[ForgedNetwork].Network.Layers[0].Rows; r[0] = r[0][1:] },
		"no layers":            func(w KeyWeights) { w[ForgedNetwork].Network.Layers = nil },
	} {
		var w KeyWeights
		if err := json.Unmarshal(whole, &w); err != nil {
			t.Fatal(err)
		}
		spoil(w)
		if w.Check() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
