package fit

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/internal/sim"
	"ipse.dev/ipse/lab/dataset"
)

// generated is typing and pointing of people who do not exist.
func generated(seed uint64) ([]event.Key, [][]event.Pointer) {
	return sim.NewPerson(seed).Session(1).Work("en", 0, 600_000).Keys,
		[][]event.Pointer{sim.NewPerson(seed+100).Session(1).Work("en", 0, 600_000).Pointers}
}

func togetherness(t *testing.T, name string) Togetherness {
	t.Helper()
	i := slices.IndexFunc(Togethernesses, func(w Togetherness) bool { return w.Name == name })
	if i < 0 {
		t.Fatalf("there is no way %q", name)
	}
	return Togethernesses[i]
}

func TestByTurnsNothingIsTypedWhileThePointerMoves(t *testing.T) {
	for seed := range uint64(4) {
		keys, pointing := generated(seed)
		typed, pointed := togetherness(t, "by turns").Make(rand.New(rand.NewPCG(seed, 1)), keys, pointing)
		if len(typed) != len(keys) || len(pointed) < 100 {
			t.Fatalf("seed %d: %d of %d key events and %d of the pointer; want all and many", seed, len(typed), len(keys), len(pointed))
		}
		if !slices.IsSortedFunc(typed, func(a, b event.Key) int { return int(math.Copysign(1, a.TimeMS-b.TimeMS)) }) {
			t.Errorf("seed %d: keys are out of order", seed)
		}
		for i := 1; i < len(pointed); i++ {
			from, to := pointed[i-1].TimeMS, pointed[i].TimeMS
			if to < from {
				t.Fatalf("seed %d: pointer events are out of order", seed)
			}
			at, _ := slices.BinarySearchFunc(typed, to, func(k event.Key, ms float64) int { return int(math.Copysign(1, k.TimeMS-ms)) })
			if at > 0 && to-from < leastHomingMS && typed[at-1].TimeMS > from {
				t.Fatalf("seed %d: a key at %g ms while the pointer moves from %g to %g", seed, typed[at-1].TimeMS, from, to)
			}
		}
	}
}

func TestOneHandIsNoFasterThanItsPaceAndNobodyIsMadeFaster(t *testing.T) {
	keys, _ := generated(3)
	slow := paced(keys, 20)
	words := func(keys []event.Key) float64 {
		strokes, took, last := 0.0, 0.0, math.Inf(-1)
		for _, k := range keys {
			if k.Down && !k.Repeat {
				if apart := k.TimeMS - last; apart < 4000 {
					strokes, took = strokes+1, took+apart
				}
				last = k.TimeMS
			}
		}
		return 12_000 * strokes / took
	}
	if got := words(slow); got > 21 {
		t.Errorf("paced to 20 words a minute: %.1f", got)
	}
	if !slices.Equal(paced(keys, 900), keys) {
		t.Error("typing is made faster than it was; want it as it was")
	}
}

// withoutRests is pointing that goes on and on.
func withoutRests(events []event.Pointer) []event.Pointer {
	out := slices.Clone(events)
	for i := 1; i < len(out); i++ {
		out[i].TimeMS = out[i-1].TimeMS + min(200, events[i].TimeMS-events[i-1].TimeMS)
	}
	return out
}

func TestTwoPeopleLeaveNoTimeAndOneDoes(t *testing.T) {
	w := presence.ShippedTwoPeopleWeights()
	for seed := range uint64(4) {
		keys, pointing := generated(seed)
		pointing = [][]event.Pointer{withoutRests(pointing[0])}
		for _, way := range Togethernesses {
			found := 0
			for n := range uint64(4) {
				found += len(TogetherIn(Observed(way.Make(rand.New(rand.NewPCG(seed, n)), keys, pointing))).Found(w))
			}
			if !way.Two && found > 0 {
				t.Errorf("seed %d, %s: taken for two people %d times, want never", seed, way.Name, found)
			}
			if way.Two && found == 0 {
				t.Errorf("seed %d, %s: not found in four tries", seed, way.Name)
			}
		}
	}
}

func TestFallingPoolsWhatRises(t *testing.T) {
	values := []float64{5, 1, 3, 2, -4}
	falling(values, []float64{1, 1, 1, 2, 1})
	if want := []float64{5, 2, 2, 2, -4}; !slices.Equal(values, want) {
		t.Errorf("got %v, want %v", values, want)
	}
}

// A way that makes little time likely too takes away what would speak for two people; one that never types at this pace
// does not.
func TestTheLikeliestInnocentWayCounts(t *testing.T) {
	counts := make([][][]float64, len(Togethernesses))
	for i, way := range Togethernesses {
		counts[i] = [][]float64{{10, 990}, {0, 1000}} // seldom little time
		if way.Two {
			counts[i] = [][]float64{{900, 100}, {0, 0}}
		}
	}
	if nats := againstInnocence(counts, 0); nats[0] != presence.TwoPeopleMost || nats[1] >= 0 {
		t.Errorf("got %v, want little time to say as much as it may and plenty of time the opposite", nats)
	}
	counts[1] = [][]float64{{800, 200}, {0, 1e7}}
	if nats := againstInnocence(counts, 0); nats[0] != presence.TwoPeopleMost {
		t.Errorf("a way of which fewer than one window in a thousand is so fast takes %v away", nats)
	}
	counts[1][1] = []float64{0, 1000}
	if nats := againstInnocence(counts, 0); math.Abs(nats[0]-math.Log(900.0/800)) > 0.05 {
		t.Errorf("got %v, want about log 9/8 where somebody does so alone", nats)
	}
}

func TestChimerasNeedBoth(t *testing.T) {
	if _, err := NewChimeras(t.TempDir(), func(string, string) bool { return true }); err == nil {
		t.Error("an empty folder gives no error")
	}
	c := Chimeras{Typing: []KeyPerson{{Set: dataset.BBMAS, ID: "1"}}, Pointing: []PointerPerson{{Set: dataset.SapiMouse, ID: "1"}}}
	if s := c.Stream(0, Togethernesses[0], 0, func(PointerPerson) bool { return false }); s != nil {
		t.Errorf("nobody points, and %d windows are reported", len(s))
	}
}
