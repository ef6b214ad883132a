package fit

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/dataset"
)

func TestPointerDiscriminantOfKnownGaussians(t *testing.T) {
	people, programs := mat.NewSymDense(2, []float64{1 - discriminantRidge, 0.5, 0.5, 2 - discriminantRidge}), mat.NewSymDense(2, []float64{1 - discriminantRidge, 0.5, 0.5, 2 - discriminantRidge})
	got := discriminant([]float64{1, 1}, []float64{2, 3}, people, programs)
	// The inverse of (1 0.5; 0.5 2) is (2 -0.5; -0.5 1)/1.75, times (1, 2).
	for i, want := range []float64{1 / 1.75, 1.5 / 1.75, 0} {
		if math.Abs(got[i]-want) > 1e-9 {
			t.Errorf("weight %d is %g, want %g", i, got[i], want)
		}
	}
}

func TestPointerNatsAreALikelihoodRatioOfWidenedGaussians(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	var people, programs grouped
	for _, name := range []string{"a", "b", "c"} {
		var own, drawn [][]float64
		for range 4000 {
			own, drawn = append(own, []float64{rng.NormFloat64()}), append(drawn, []float64{2 + rng.NormFloat64()})
		}
		people.add(name, own)
		programs.add(name, drawn)
	}
	n := &presence.Network{Inputs: []string{"x"}, Mean: []float64{0}, Scale: []float64{1}, Layers: []presence.Layer{{Rows: [][]float64{{3, 0}}}}}
	n.Bind([]string{"x"})
	toNats(n, people, programs)
	// Means 0 and 2, variance leastWidening: slope 2/leastWidening, none at 1.
	for x, want := range map[float64]float64{1: 0, 2: 2 / leastWidening, -1: -4 / leastWidening} {
		if got := n.Nats([]float64{x}); math.Abs(got-want) > 0.1 {
			t.Errorf("%g says %.2f nats, want %.2f", x, got, want)
		}
	}
	backwards := &presence.Network{Inputs: []string{"x"}, Mean: []float64{0}, Scale: []float64{1}, Layers: []presence.Layer{{Rows: [][]float64{{-1, 0}}}}}
	backwards.Bind([]string{"x"})
	toNats(backwards, people, programs)
	if got := backwards.Nats([]float64{-50}); got > 0 {
		t.Errorf("a direction that points from programs to people speaks for programs with %g nats, want none", got)
	}
}

func TestPointerMomentsWeighGroupsTheSame(t *testing.T) {
	var g grouped
	g.add("talks much", [][]float64{{0}, {0}, {0}, {0}, {0}, {0}})
	g.add("says little", [][]float64{{6}, {10}})
	g.add("is silent", nil)
	same := func(x []float64) []float64 { return x }
	m := momentsOf(g, same)
	if m.mean[0] != 4 || math.Abs(m.cov.At(0, 0)-18) > 1e-9 { // (0+8)/2; (16 + (4+36)/2)/2
		t.Errorf("mean %g and variance %g, want 4 and 18", m.mean[0], m.cov.At(0, 0))
	}
	if got := scatter(g, same).At(0, 0); got != 16 {
		t.Errorf("the groups' means have variance %g, want 16", got)
	}
}

func TestPointerLivenessNeedsDataAndAKnownName(t *testing.T) {
	for _, name := range []string{presence.OpenWeights, presence.ResearchWeights} {
		if _, err := PointerLiveness(t.TempDir(), name); !errors.Is(err, dataset.ErrNotFound) {
			t.Errorf("%s of an empty folder: %v, want ErrNotFound", name, err)
		}
	}
	if _, err := PointerLiveness(t.TempDir(), "else"); err == nil || errors.Is(err, dataset.ErrNotFound) {
		t.Errorf("a name that does not exist: %v, want an error that says so", err)
	}
}

func TestNobodysMovementIsDrawnBetweenSparsePlaces(t *testing.T) {
	stream := func(everyMS float64) (out []event.Pointer) {
		for i := range 200 {
			x := 300 * math.Sin(float64(i)/8)
			out = append(out, event.Pointer{TimeMS: float64(i) * everyMS, Kind: event.Move, X: math.Round(x), Y: float64(3 * i), Trusted: true})
		}
		return out
	}
	for _, c := range []struct {
		everyMS float64
		rates   int
	}{{8, 2}, {16, 2}, {60, 1}} {
		if got := len(bothRates(PointerSource{Person: "sapimouse/a", Events: stream(c.everyMS)})); got != c.rates {
			t.Errorf("a person's places every %g ms are taken at %d rates, want %d", c.everyMS, got, c.rates)
		}
	}
	if got := len(bothRates(PointerSource{Family: "tween", Events: stream(60)})); got != 2 {
		t.Errorf("a program's places every 60 ms are taken at %d rates, want 2", got)
	}
}
