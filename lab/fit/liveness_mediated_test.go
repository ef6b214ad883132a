package fit

import (
	"math"
	"testing"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/presence"
)

// held gives n windows of typing in which keys are held and follow one another so long.
func held(n int, dwellMS, everyMS float64) [][]float64 {
	out := make([][]float64, n)
	for i := range out {
		out[i] = make([]float64, len(liveness.KeyboardMeasures.Measures))
		for j, m := range liveness.KeyboardMeasures.Measures {
			switch m.Name {
			case "dwellHigh":
				out[i][j] = dwellMS
			case "fastestRun":
				out[i][j] = everyMS
			}
		}
	}
	return out
}

func TestATableIsOfTheLikeliestThatIsNoAid(t *testing.T) {
	const m = observation.Keyboard
	var aids, attacks, people grouped
	aids.add("slow", held(100, 5, 800))
	attacks.add("fast", held(100, 5, 40))
	attacks.add("slow too", held(100, 5, 800))
	attacks.add("others", held(800, 5, 40)) // families count the same, however many windows
	people.add("somebody", held(100, 110, 200))
	f := &AidFitter{aids: map[observation.Modality]grouped{m: aids}, other: map[observation.Modality]grouped{m: attacks}, people: map[observation.Modality]grouped{m: people}}
	table := f.tabled(aidKeys, m, func(string) bool { return true })
	nats := func(dwellMS, everyMS float64) float64 {
		row, column, ok := table.Place(held(1, dwellMS, everyMS)[0])
		if !ok {
			t.Fatal("a window of typing has no place in the table")
		}
		return table.Table[row][column]
	}
	if got := nats(5, 800); math.Abs(got-math.Log(3)) > 0.01 {
		t.Errorf("what an aid does and one of three families too says %g, want log 3", got)
	}
	if nats(5, 40) > -5 || nats(110, 200) > -5 {
		t.Errorf("a program in a hurry says %g and a hand %g, want strong words against an aid", nats(5, 40), nats(110, 200))
	}
	if got := nats(50, 800); got != 0 {
		t.Errorf("what nobody does says %g, want nothing", got)
	}
	if got := f.tabled(aidKeys, m, func(aid string) bool { return aid != "slow" }).Table; got[0][5] >= 0 {
		t.Errorf("without the aid its place says %g, want less than 0", got[0][5])
	}
}

func TestShippedWeightsKnowAidsOfOtherSittings(t *testing.T) {
	w := presence.ShippedMediatedWeights()
	for _, a := range adversary.Aids {
		above, all := 0, 0
		for sitting := aidSittings; sitting < aidSittings+6; sitting++ {
			m, windows := AidWindows(a, sitting)
			for _, x := range windows {
				if all++; aidNats(&w, m, x) >= w.Gate[m] {
					above++
				}
			}
		}
		if share := float64(above) / float64(all); share < 0.9 {
			t.Errorf("%s: %.2f of %d windows are taken for an aid's, want nine of ten", a.Name, share, all)
		}
	}
}

func TestThinnedIsEven(t *testing.T) {
	all := make([]int, 1000)
	for i := range all {
		all[i] = i
	}
	if got := thinned(all, 4); len(got) != 4 || got[0] != 0 || got[3] != 750 {
		t.Errorf("got %v, want every 250th", got)
	}
	if got := thinned(all[:3], 4); len(got) != 3 {
		t.Errorf("got %v, want all three", got)
	}
}
