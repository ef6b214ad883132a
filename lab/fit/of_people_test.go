package fit_test

import (
	"math/rand/v2"
	"testing"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/lab/fit"
)

// stretchesAround gives windows of one person whose every dimension lies around level.
func stretchesAround(level float64, random *rand.Rand) [][]compare.Probe {
	var out [][]compare.Probe
	dimensions, _ := embed.Dimension(observation.Pointer, embed.Model)
	for range 4 {
		var stretch []compare.Probe
		for range 10 {
			e := make(observation.Embedding, dimensions)
			for d := range e {
				e[d] = int8(level + 8*random.NormFloat64())
			}
			stretch = append(stretch, compare.Probe{Embedding: e, Events: 128})
		}
		out = append(out, stretch)
	}
	return out
}

func TestOfPeopleTellsTheVeryPeopleApart(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	people := [][][]compare.Probe{{}} // and one without any window
	for _, level := range []float64{-30, 0, 30, 60} {
		people = append(people, stretchesAround(level, random))
	}
	c, err := fit.OfPeople(embed.Model, people)
	if err != nil {
		t.Fatal(err)
	}
	var reference compare.Reference
	for _, p := range people[1][0] {
		if reference, err = c.Enrol(reference, p); err != nil {
			t.Fatal(err)
		}
	}
	own, err := c.Compare(reference, people[1][1]...)
	if err != nil {
		t.Fatal(err)
	}
	for i := 2; i < len(people); i++ {
		other, err := c.Compare(reference, people[i][1]...)
		if err != nil {
			t.Fatal(err)
		}
		if own <= other {
			t.Errorf("person %d scores %.2f by the first one's reference, whose own score is %.2f; want less", i, other, own)
		}
	}
}

func TestOfPeopleWantsThree(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	people := [][][]compare.Probe{stretchesAround(-20, random), {}, stretchesAround(20, random)}
	if c, err := fit.OfPeople(embed.Model, people); err == nil {
		t.Errorf("two people with windows gave %v, want an error", c)
	}
}
