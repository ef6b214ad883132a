package presence

import (
	"math"
	"strings"
	"testing"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
	cutting "ipse.dev/ipse/internal/window"
)

func TestShippedPointerWeightsCanBeUsed(t *testing.T) {
	for _, weights := range []string{OpenWeights, ResearchWeights} {
		w := shippedPointers(weights)
		if err := w.Check(); err != nil {
			t.Fatalf("%s: %v", weights, err)
		}
		if got := len(w.Signals()); got != 3 {
			t.Errorf("%s: %d signals are shipped, want 3", weights, got)
		}
		if w.Card == "" {
			t.Errorf("%s: the weights do not say what they were made from", weights)
		}
		for _, name := range pointerNetworks {
			if n := w.Networks[name]; len(n.Fitted) == 0 && name != "remote" || n.People == 0 || n.Windows == 0 {
				t.Errorf("%s: the network %s does not say what it was fitted on: %d families, %d people, %d windows", weights, name, len(n.Fitted), n.People, n.Windows)
			}
		}
	}
}

func TestOpenWeightsKeepToWhatStatisticsGiveAndHaveTheirOwnBounds(t *testing.T) {
	w := shippedPointers(OpenWeights)
	for name, n := range w.Networks {
		want := 1 // means and covariances give no more
		if name == "generated" || name == "transformed" {
			want = 3 // learnt from people who do not exist
		}
		if len(n.Layers) != want {
			t.Errorf("the network %s has %d layers, want %d", name, len(n.Layers), want)
		}
	}
	if !strings.Contains(w.Card, "do not exist") {
		t.Errorf("the card does not say that nobody recorded was learnt from: %q", w.Card)
	}
	for _, s := range w.Signals() {
		if s.Found != w.Found[s.Kind] || s.Found <= 0 {
			t.Errorf("%s is found from %g, want %g, above 0", s.Kind, s.Found, w.Found[s.Kind])
		}
	}
}

func TestCheckSaysWhatIsWrongWithWeights(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*PointerWeights)
		want  string
	}{
		"missing": {func(w *PointerWeights) { delete(w.Networks, "jiggler") }, "jiggler is missing"},
		"list":    {func(w *PointerWeights) { w.Networks["remote"].List = "x" }, `takes the list "x"`},
		"input":   {func(w *PointerWeights) { w.Networks["remote"].Inputs[0] = "x" }, "does not have"},
		"means":   {func(w *PointerWeights) { w.Networks["remote"].Mean = nil }, "0 means"},
		"row":     {func(w *PointerWeights) { w.Networks["remote"].Layers[0].Rows[0] = []float64{1} }, "row of 1 weights"},
		"outputs": {func(w *PointerWeights) { w.Networks["remote"].Layers = w.Networks["remote"].Layers[:1] }, "outputs; want 1"},
		"bound":   {func(w *PointerWeights) { w.Found = map[Kind]float64{Jiggler: 0} }, "a bound of 0"},
		"kind":    {func(w *PointerWeights) { w.Found = map[Kind]float64{TwoPeople: 9} }, `the kind "two_people"`},
	} {
		w := shippedPointers(ResearchWeights)
		c.spoil(&w)
		if err := w.Check(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want one that says %q", name, err, c.want)
		}
	}
}

// toldOf is what the shipped judge makes of a stream of pointer events.
func toldOf(t *testing.T, events []event.Pointer) map[Kind]bool {
	t.Helper()
	cutter := cutting.NewPointerCutter(cutting.PointerEvents, cutting.PointerMinEvents)
	var windows []cutting.Pointer
	for _, e := range events {
		windows = append(windows, cutter.Push(e)...)
	}
	windows = append(windows, cutter.Flush()...)
	found := map[Kind]bool{}
	var state State
	for i, w := range windows {
		var findings []Finding
		state, findings = Default().Update(state, Window{Observation: observation.Observation{Modality: observation.Pointer, StartMS: int64(i), Liveness: liveness.Pointer(w)}})
		for _, f := range findings {
			t.Logf("window %d: %s %.1f nats", i, f.Kind, f.Nats)
			found[f.Kind] = found[f.Kind] || f.Found
		}
	}
	return found
}

func TestStraightStrokesAreFoundAndJigglersToo(t *testing.T) {
	var lines, jiggle []event.Pointer
	at, x := 0.0, 100.0
	for i := range 20 {
		way := 1 - 2*float64(i%2)
		for range 30 {
			at += 16
			x += way * 21
			lines = append(lines, event.Pointer{TimeMS: at, X: x, Y: math.Floor(300 + x/3), Trusted: true})
		}
		at += 500
	}
	for i := range 300 {
		jiggle = append(jiggle, event.Pointer{TimeMS: 1000 * float64(i), X: 500 + 3*float64(i%2), Y: 300, Trusted: true})
	}
	if !toldOf(t, lines)[GeneratedPath] {
		t.Error("twenty straight strokes at one speed are not found as generated")
	}
	if !toldOf(t, jiggle)[Jiggler] {
		t.Error("a pointer that moves 3 px to and fro each second is not found as a jiggler")
	}
}
