package protocol

import (
	"fmt"
	"slices"
	"testing"

	"ipse.dev/ipse/internal/observation"
)

func TestChimerasShareNothingThatIsGenuine(t *testing.T) {
	moments := func(m observation.Modality, n int) []moment {
		out := make([]moment, n)
		for i := range out {
			out[i] = moment{observation: observation.Observation{Modality: m, Events: i},
				passed: span{9000, 6000, 1}, own: span{7000, 6000, 1}}
		}
		return out
	}
	var typists []*actor
	for _, id := range []string{"t1", "t2", "t3"} {
		k := moments(observation.Keyboard, 40)
		typists = append(typists, &actor{set: "typing", people: []string{id}, enrol: [][]moment{k[:20]}, genuine: [][]moment{k[20:]}, whole: k})
	}
	var sessions [][]moment
	for s := range 6 {
		p := moments(observation.Pointer, 8)
		for i := range p {
			p[i].observation.Sequence = int64(s)
		}
		sessions = append(sessions, p)
	}
	hand := &actor{set: "pointing", people: []string{"h"}, enrol: sessions[:1], genuine: sessions, whole: sessions[0]}
	got := chimeras("both", alternate, typists, []*actor{hand}, nil)
	if len(got) != 3 {
		t.Fatalf("%d chimeras, want one for each typist", len(got))
	}
	used := map[int64]int{}
	for i, c := range got {
		if c.stranger(got[(i+1)%3]) {
			t.Error("two chimeras that share a hand may take each other's session over")
		}
		mine := map[int64]bool{}
		for _, m := range c.genuine[0] {
			if m.observation.Modality == observation.Pointer {
				mine[m.observation.Sequence] = true
			}
		}
		for s := range mine {
			used[s]++
		}
	}
	if len(used) != 6 || slices.ContainsFunc([]int64{0, 1, 2, 3, 4, 5}, func(s int64) bool { return used[s] != 1 }) {
		t.Errorf("sessions are used %v times, want each once", used)
	}
	mix := mixed(office, moments(observation.Keyboard, 60), moments(observation.Pointer, 60))
	wall, input := 0.0, 0.0
	for _, m := range mix[:60] {
		wall, input = wall+m.passed.wallMS, input+m.passed.inputMS
	}
	if mix[0].observation.Modality != observation.Pointer || mix[4].observation.Modality != observation.Keyboard || mix[4].passed.wallMS != 7000+10_000 {
		t.Errorf("the fifth window is %+v, want the first of typing, ten seconds of rest before it", mix[4])
	}
	if share := input / wall; share < 0.3 || share > 0.5 {
		t.Errorf("%.2f of the office's time is input; want about 0.4", share)
	}
}

func TestPlansFollowTheSeed(t *testing.T) {
	plan := func(seed uint64) []splicing {
		r, f := ofDwell(t)
		r.Bootstrap.Seed = seed
		var all []*actor
		for i := range 9 {
			all = append(all, madeUp(r, fmt.Sprint(i), 50, 40+8*float64(i)))
		}
		people := r.enrolments(f, all)
		r.plan(f, people, all)
		for i := range people[0].attacks {
			people[0].attacks[i].by = nil
		}
		return people[0].attacks
	}
	first := plan(1)
	if len(first) != 8+nearestOthers {
		t.Fatalf("%d takeovers of one of nine people, want all eight others and the %d nearest", len(first), nearestOthers)
	}
	var near []int
	for _, a := range first {
		if a.index == 0 {
			t.Error("somebody takes over from themself")
		}
		if a.nearest {
			near = append(near, a.index)
		}
	}
	if !slices.Equal(near, []int{1, 2, 3, 4, 5}) {
		t.Errorf("the nearest are %v, want those whose dwell is next: 1 to 5", near)
	}
	if again := plan(1); !slices.Equal(first, again) {
		t.Errorf("one seed gives two plans: %v and %v", first, again)
	}
	if other := plan(2); slices.Equal(first, other) {
		t.Error("two seeds give the same plan")
	}
}

func TestSplicesLieAtAShareOfTheInput(t *testing.T) {
	at := func(inputMS float64) moment { return moment{passed: span{wallMS: 9 * inputMS, inputMS: inputMS}} }
	splices := splicesOf([][]moment{{at(10), at(30)}, {at(60)}})
	for share, want := range map[float64]int{0: 0, 0.05: 0, 0.1: 1, 0.39: 1, 0.4: 2, 0.99: 2, 1: 2} {
		if got := splices(share); got != want {
			t.Errorf("after %g of the input %d windows have passed, want %d", share, got, want)
		}
	}
}
