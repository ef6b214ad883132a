package attack_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"ipse.dev/ipse/lab/attack"
	"ipse.dev/ipse/lab/metric"
)

// twice gives profiles of people at two installations: the first coordinates tell people apart, the more the earlier they
// come, and noise is added to all. Tails are longer to one side, as people's are.
func twice(random *rand.Rand, people, dimensions int, noise float64) (a, b [][]float64) {
	for range people {
		person := make([]float64, dimensions)
		for i := range person {
			person[i] = (random.ExpFloat64() - 1) * 4 / (1 + float64(i))
		}
		seen := func() []float64 {
			out := make([]float64, dimensions)
			for i := range out {
				out[i] = person[i] + noise*random.NormFloat64()
			}
			return out
		}
		a, b = append(a, seen()), append(b, seen())
	}
	return a, b
}

func TestLinking(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	const people, dimensions = 200, 8
	knownA, knownB := twice(random, 300, dimensions, 0.1)
	a, b := twice(random, people, dimensions, 0.1)
	model, err := attack.FitLink(knownA, knownB)
	if err != nil {
		t.Fatal(err)
	}
	first := func(a, b [][]float64) float64 { return metric.Mean(attack.Link(model, a, b).Within(1)) }
	if got := first(a, b); got < 0.9 {
		t.Errorf("%.2f of people are linked, want nearly all", got)
	}
	other, _ := twice(random, people, dimensions, 0.1)
	if got := first(a, other); got > 0.05 {
		t.Errorf("%.2f of people are linked with strangers, want about 1/%d", got, people)
	}
	turnedA := attack.NewRotation(dimensions, random.NormFloat64).Apply(a)
	turnedB := attack.NewRotation(dimensions, random.NormFloat64).Apply(b)
	if got := first(turnedA, turnedB); got > 0.1 {
		t.Errorf("%.2f of people are linked over two secret rotations without more ado, want few", got)
	}
	for i, v := range a {
		if math.Abs(norm(v)-norm(turnedA[i])) > 1e-9 {
			t.Fatalf("a rotation changed the length of a vector from %v to %v", norm(v), norm(turnedA[i]))
		}
	}
	var aligned [4][][]float64
	for i, vectors := range [][][]float64{knownA, knownB, turnedA, turnedB} {
		if aligned[i], err = attack.Realign(vectors); err != nil {
			t.Fatal(err)
		}
	}
	if model, err = attack.FitLink(aligned[0], aligned[1]); err != nil {
		t.Fatal(err)
	}
	if got := first(aligned[2], attack.Align(model, aligned[2], aligned[3])); got < 0.8 {
		t.Errorf("%.2f of people are linked after turning the databases onto one another, want most", got)
	}
}

func norm(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x * x
	}
	return math.Sqrt(sum)
}

func TestRanksOfTiesAreTheWorst(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 6))
	knownA, knownB := twice(random, 50, 2, 0.1)
	model, err := attack.FitLink(knownA, knownB)
	if err != nil {
		t.Fatal(err)
	}
	same := [][]float64{{1, 1}, {1, 1}, {1, 1}}
	if got := attack.Link(model, same, same).Ranks; got[0] != 2 || got[1] != 2 || got[2] != 2 {
		t.Errorf("ranks of people who are all the same: %v, want 2 for each", got)
	}
}

func TestNothingTellsNoiseApart(t *testing.T) {
	constant := [][]float64{{1}, {1}, {1}, {1}}
	if _, err := attack.FitLink(constant, constant); !errors.Is(err, attack.ErrAlike) {
		t.Errorf("profiles that are all the same: %v, want %v", err, attack.ErrAlike)
	}
	if _, err := attack.FitLink(constant[:2], constant[:2]); !errors.Is(err, attack.ErrTooFew) {
		t.Errorf("two people: %v, want %v", err, attack.ErrTooFew)
	}
	if _, err := attack.Realign(constant[:2]); !errors.Is(err, attack.ErrTooFew) {
		t.Errorf("two vectors to align: %v, want %v", err, attack.ErrTooFew)
	}
}
