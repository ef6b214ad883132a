package presence

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
	cutting "ipse.dev/ipse/internal/window"
)

func shippedWeights(t *testing.T) PointerWeights {
	t.Helper()
	raw, err := pointerFiles.ReadFile("weights/pointer.json")
	if err != nil {
		t.Fatal(err)
	}
	var w PointerWeights
	if err := json.Unmarshal(raw, &w); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestShippedPointerWeightsCanBeUsed(t *testing.T) {
	w := shippedWeights(t)
	if err := w.Check(); err != nil {
		t.Fatal(err)
	}
	if got := len(shippedPointers()); got != 3 {
		t.Errorf("%d signals are shipped, want 3", got)
	}
	for _, name := range pointerNetworks {
		if n := w[name]; len(n.Fitted) == 0 && name != "remote" || n.People == 0 || n.Windows == 0 {
			t.Errorf("the network %s does not say what it was fitted on: %d families, %d people, %d windows", name, len(n.Fitted), n.People, n.Windows)
		}
	}
}

func TestCheckSaysWhatIsWrongWithWeights(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(PointerWeights)
		want  string
	}{
		"missing": {func(w PointerWeights) { delete(w, "jiggler") }, "jiggler is missing"},
		"list":    {func(w PointerWeights) { w["remote"].List = "x" }, `takes the list "x"`},
		"input":   {func(w PointerWeights) { w["remote"].Inputs[0] = "x" }, "does not have"},
		"means":   {func(w PointerWeights) { w["remote"].Mean = nil }, "0 means"},
		"row":     {func(w PointerWeights) { w["remote"].Layers[0].Rows[0] = []float64{1} }, "row of 1 weights"},
		"outputs": {func(w PointerWeights) { w["remote"].Layers = w["remote"].Layers[:1] }, "outputs; want 1"},
	} {
		w := shippedWeights(t)
		c.spoil(w)
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
