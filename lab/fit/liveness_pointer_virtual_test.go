package fit

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"ipse.dev/ipse/internal/presence"
)

// people of two measures that go together, the second of which stands at 3 in the list.
func twoMeasures(members, windows int, shift float64) crowd {
	rng := rand.New(rand.NewPCG(9, uint64(members)))
	c := crowd{share: 1}
	for m := range members {
		own := rng.NormFloat64()
		var all [][]float64
		for range windows {
			a := own + rng.NormFloat64()
			all = append(all, []float64{shift + a, 77, 77, math.Exp(0.5 * (a + 0.3*rng.NormFloat64()))})
		}
		c.members.add(fmt.Sprint(m), all)
	}
	return c
}

func TestDrawnPeopleHaveTheStatisticsOfPeople(t *testing.T) {
	c := twoMeasures(60, 100, 10)
	s := statisticsOf([]crowd{c}, []int{0, 3}, rand.New(rand.NewPCG(1, 1)))
	draw := func(strangers float64) (mean, spread, correlation float64) {
		var sum, squares, logs, logSquares, both float64
		windows := s.draw(20_000, 4, strangers, rand.New(rand.NewPCG(2, 2)))
		for _, w := range windows {
			if w[1] != 0 || w[2] != 0 {
				t.Fatalf("a measure that nobody asked for is drawn: %v", w)
			}
			x, y := w[0]-10, math.Log(w[3])
			sum, squares, logs, logSquares, both = sum+x, squares+x*x, logs+y, logSquares+y*y, both+x*y
		}
		n := float64(len(windows))
		sx, sy := math.Sqrt(squares/n-sum*sum/n/n), math.Sqrt(logSquares/n-logs*logs/n/n)
		return sum / n, sx, (both/n - sum*logs/n/n) / sx / sy
	}
	mean, spread, correlation := draw(0)
	if math.Abs(mean) > 0.3 || math.Abs(spread-math.Sqrt2) > 0.25 || correlation < 0.88 {
		t.Errorf("mean %.2f, spread %.2f, correlation %.2f; want 0, 1.41 and about 0.95", mean, spread, correlation)
	}
	if _, wider, _ := draw(2); wider < 1.15*spread {
		t.Errorf("strangers spread by %.2f, people by %.2f; want more", wider, spread)
	}
	again := s.draw(5, 4, 1, rand.New(rand.NewPCG(3, 3)))
	if !reflect.DeepEqual(again, s.draw(5, 4, 1, rand.New(rand.NewPCG(3, 3)))) {
		t.Error("the same seed draws other people")
	}
}

func TestNoRegimeIsSomebody(t *testing.T) {
	for members, want := range map[int]int{1: 1, 3: 1, 25: 2, 400: virtualRegimes} {
		s := statisticsOf([]crowd{twoMeasures(members, 20, 0)}, []int{0, 3}, rand.New(rand.NewPCG(1, 1)))
		if got := len(s.crowds[0].regimes); got != want {
			t.Errorf("%d people have %d regimes, want %d", members, got, want)
		}
		if got, want := s.numbers(), 2*quantilesKept+3+want*(1+2+3); got != want {
			t.Errorf("%d numbers are kept of %d people, want %d", got, members, want)
		}
	}
}

func TestNobodyRecordedIsDrawn(t *testing.T) {
	c := twoMeasures(20, 50, 0)
	s := statisticsOf([]crowd{c}, []int{0, 3}, rand.New(rand.NewPCG(1, 1)))
	drawn := s.draw(5000, 4, virtualStrangers, rand.New(rand.NewPCG(2, 2)))
	for _, windows := range c.members.windows {
		for _, w := range windows {
			if slices.ContainsFunc(drawn, func(d []float64) bool { return d[0] == w[0] && d[3] == w[3] }) {
				t.Fatalf("a recorded window is drawn: %v", w)
			}
		}
	}
}

func TestQuietNetworksLeaveEverybodyBelowTheBound(t *testing.T) {
	signal := presence.Signal{Least: -3, Most: 5, Found: 9}
	streams := [][]float64{{1, 1, -9, 4, 2}, {20, 2}}
	for lower, want := range map[float64]float64{0: 7, 2: 5, 20: 0} {
		if got := highestSum(streams, signal, lower); got != want {
			t.Errorf("lowered by %g the highest sum is %g, want %g", lower, got, want)
		}
	}
	n := &presence.Network{Inputs: []string{"x"}, Mean: []float64{0}, Scale: []float64{1}, Layers: []presence.Layer{{Rows: [][]float64{{2, 1}}}}}
	n.Bind([]string{"x"})
	if got := lowered(n, 1.5).Nats([]float64{2}); got != 3.5 || n.Nats([]float64{2}) != 5 {
		t.Errorf("lowered by 1.5 a network says %g, and itself now %g; want 3.5 and 5", got, n.Nats([]float64{2}))
	}
}

func TestWeakenedOutputIsALikelihoodRatio(t *testing.T) {
	n := &presence.Network{Inputs: []string{"x"}, Mean: []float64{0}, Scale: []float64{1}, Layers: []presence.Layer{{Rows: [][]float64{{4, -2}}}}}
	n.Bind([]string{"x"})
	var people grouped
	rng := rand.New(rand.NewPCG(8, 8))
	var windows [][]float64
	for range 4000 {
		windows = append(windows, []float64{rng.NormFloat64()})
	}
	people.add("a", windows)
	weaken(n, people)
	// The mean of exp(s(4x − 2)) is exp(8s² − 2s): 1 at s = 1/4.
	if got := n.Layers[0].Rows[0][0] / 4; math.Abs(got-0.25) > 0.02 {
		t.Errorf("the output is scaled by %.3f, want 0.25", got)
	}
}
