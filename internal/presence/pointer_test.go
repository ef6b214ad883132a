package presence

import (
	"strings"
	"testing"
)

func TestShippedPointerWeightsCanBeUsed(t *testing.T) {
	for _, weights := range []string{OpenWeights, ResearchWeights} {
		w := shippedPointers(weights)
		if err := w.Check(); err != nil {
			t.Fatalf("%s: %v", weights, err)
		}
		if got := len(w.Signals()); got != 4 {
			t.Errorf("%s: %d signals are shipped, want 4", weights, got)
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
		if name == "generated" || name == "transformed" || name == "turned" {
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
		"usual":   {func(w *PointerWeights) { w.Usual[TurnedPath].Windows = 0 }, "positive windows"},
		"kind":    {func(w *PointerWeights) { w.Found = map[Kind]float64{TwoPeople: 9} }, `the kind "two_people"`},
	} {
		w := shippedPointers(ResearchWeights)
		c.spoil(&w)
		if err := w.Check(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want one that says %q", name, err, c.want)
		}
	}
}
