package protocol

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/lab/fit"
	"ipse.dev/ipse/lab/metric"
)

func TestWhichOfMadeUpPeople(t *testing.T) {
	dir := t.TempDir()
	people(t, dir, map[fit.Role]int{fit.Unseen: 7, fit.Calibration: 1}, 60)
	r, err := Run(context.Background(), "which", Input{Data: dir, Model: dwellModel(t), Bootstrap: metric.Bootstrap{Rounds: 20, Seed: 3}})
	if err != nil {
		t.Fatal(err)
	}
	// People lie 15 ms apart and their windows within 1 ms: whoever is named is found, and nobody is taken for another.
	for name, want := range map[string]float64{"n1.top_share": 1, "n8.top_share": 1, "n8.right_share": 1, "n8.wrong_share": 0, "n8.others_wrong_share": 0, "n8.others_none_share": 1} {
		if got := r.Metrics[name]; got != want {
			t.Errorf("%s = %g, want %g", name, got, want)
		}
	}
	if r.Subjects != 7 || r.PerSubject.Worst != 1 {
		t.Errorf("%d people, the worst found in %g; want 7 who are always found", r.Subjects, r.PerSubject.Worst)
	}
}

func TestWhichNeedsMoreThanAreNamed(t *testing.T) {
	dir := t.TempDir()
	people(t, dir, map[fit.Role]int{fit.Unseen: whichNamed}, 10)
	if _, err := Run(context.Background(), "which", Input{Data: dir, Model: dwellModel(t)}); !errors.Is(err, ErrTooFew) {
		t.Errorf("of %d people: %v, want that they are too few", whichNamed, err)
	}
}

func TestNamedAreDifferentPeople(t *testing.T) {
	refs := make([]app.References, 9)
	for i := range refs {
		refs[i] = app.References{enrol.Key{Place: i}: {}}
	}
	who := func(r app.References) int {
		for key := range r {
			return key.Place
		}
		return -1
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		for _, including := range []bool{true, false} {
			var all []int
			for _, r := range named(random, refs, 4, including) {
				all = append(all, who(r))
			}
			if len(all) != whichNamed || slices.Contains(all, 4) != including || including && all[0] != 4 {
				t.Fatalf("named %v, want %d with the person first: %v", all, whichNamed, including)
			}
			slices.Sort(all)
			if len(slices.Compact(all)) != whichNamed {
				t.Fatalf("named %v, want nobody twice", all)
			}
		}
	}
}
