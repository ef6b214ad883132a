package fit

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
)

// typists gives people who type two classes by turns, so many of each of KeySets.
func typists(each int) []KeyPerson {
	var out []KeyPerson
	for _, set := range KeySets {
		for i := range each {
			p := KeyPerson{Set: set, ID: fmt.Sprint(i)}
			var keys []event.Key
			var run []window.Stroke
			for n := range 100 {
				pressMS := 150 * float64(n)
				s := window.Stroke{PressMS: pressMS, ReleaseMS: pressMS + 70 + float64(n*n%40), Class: event.Class(n % 2)}
				run = append(run, s)
				keys = append(keys, event.Key{TimeMS: s.PressMS, Class: s.Class, Down: true, Trusted: true}, event.Key{TimeMS: s.ReleaseMS, Class: s.Class, Trusted: true})
			}
			p.Sessions, p.Runs = [][]event.Key{keys}, [][]window.Stroke{run}
			out = append(out, p)
		}
	}
	return out
}

func TestNetworksLearnFromOpenBackgroundPeopleAndKnownFamilies(t *testing.T) {
	people := typists(5)
	left := adversary.KeyAttacks[0].Family
	f := KeyFitter{people: people, examples: keyExamples(people), log: io.Discard}
	for _, task := range keyTasks {
		examples, families, windows := f.training(task, []string{left})
		if len(examples) == 0 || windows == 0 || len(families) == 0 {
			t.Fatalf("%s: %d examples, %d windows of people, families %v", task.name, len(examples), windows, families)
		}
		people, attacks := 0.0, 0.0
		for _, e := range examples {
			if !(e.weight > 0) || math.IsInf(e.weight, 0) {
				t.Fatalf("%s: an example counts %g", task.name, e.weight)
			}
			if e.attack {
				attacks += e.weight
			} else {
				people += e.weight
			}
		}
		if people < 0.99 || people > 1.6 || attacks == 0 {
			t.Errorf("%s: people count %g and attacks %g; want people a little more than 1", task.name, people, attacks)
		}
		for _, name := range families {
			if name == left {
				t.Errorf("%s: learns from %s, which was to be left out", task.name, left)
			}
		}
	}
	for _, p := range people {
		if want := p.Set != dataset.Aalto && RoleOf(p.Set, p.ID) == Background; p.learns() != want {
			t.Errorf("%s/%s learns: %v, want %v", p.Set, p.ID, p.learns(), want)
		}
	}
}

func TestStreamsAreTheSameEachTime(t *testing.T) {
	people := typists(3)
	attack := &adversary.KeyAttacks[len(adversary.KeyAttacks)-1]
	if diff := cmp.Diff(AttackKeys(people, 4, attack, 1, 60).Events, AttackKeys(people, 4, attack, 1, 60).Events); diff != "" {
		t.Errorf("the same attack (-once +again):\n%s", diff)
	}
	if diff := cmp.Diff(OwnKeys(people, 4).Events, OwnKeys(people, 4).Events); diff != "" {
		t.Errorf("the same person (-once +again):\n%s", diff)
	}
	if cmp.Equal(AttackKeys(people, 4, attack, 1, 60).Events, AttackKeys(people, 4, attack, 2, 60).Events) {
		t.Error("two attacks of different numbers are the same")
	}
}

// firstMeasure is a judge whose network gives the first measure as it is.
func firstMeasure(t *testing.T) *presence.KeyJudge {
	t.Helper()
	n := &presence.Network{
		List: liveness.KeyboardMeasures.Name, Inputs: []string{liveness.KeyboardMeasures.Measures[0].Name},
		Mean: []float64{0}, Scale: []float64{1}, Layers: []presence.Layer{{Rows: [][]float64{{1, 0}}}},
	}
	if err := n.Check(liveness.KeyboardMeasures); err != nil {
		t.Fatal(err)
	}
	return &presence.KeyJudge{Slope: 1, Network: n}
}

func TestAlarmsOfSumsBeginAnew(t *testing.T) {
	for _, c := range []struct {
		people [][]float64
		found  float64
		want   int
	}{{[][]float64{{2, 2, -3, 2, 2}}, 4, 2}, {[][]float64{{9}, {2, -3, 2}}, 3, 0}, {[][]float64{{1, 1, 1}, {1, 1, 1, 1}}, 2, 3}, {nil, 3, 0}} {
		people := make([][]heard, len(c.people))
		for i, outputs := range c.people {
			for _, x := range outputs {
				people[i] = append(people[i], heard{output: x})
			}
		}
		if got := sumAlarms(strangers(people), firstMeasure(t), c.found, math.Inf(1)); got != c.want {
			t.Errorf("%v reach %g %d times, want %d: a window says %g at most", c.people, c.found, got, c.want, bounded(9))
		}
	}
}

// A person whose windows all look a little like a forgery is found again and again by a judge who knows nobody, and by one
// who knows what is usual not once it has seen some windows. What comes near the bound at once is not got used to.
func TestAlarmsOfPeopleWhoAreKnown(t *testing.T) {
	steady := func(first, then float64) [][]heard {
		own := slices.Repeat([]heard{{output: first}}, 12)
		return [][]heard{append(own, slices.Repeat([]heard{{output: then}}, 200)...)}
	}
	j := firstMeasure(t)
	for _, c := range []struct {
		name        string
		people      [][]heard
		usual       *presence.UsualBounds
		least, most int
	}{
		{"nobody is known", steady(0.1, 0.2), nil, 5, 20},
		{"known", steady(0.1, 0.2), &presence.UsualBounds{Mean: -1, Windows: 2, Most: 3}, 0, 0},
		{"allowed no more", steady(0.1, 0.2), &presence.UsualBounds{Mean: -1, Windows: 2, Most: 0.15}, 1, 5},
		{"too strange from the beginning", steady(2.4, 2.4), &presence.UsualBounds{Mean: -1, Windows: 2, Most: 9}, 100, 212},
		{"hidden times", [][]heard{slices.Repeat([]heard{{output: 2, hidden: 2}}, 100)}, nil, 0, 0},
	} {
		j.Usual = c.usual
		if got := sumAlarms(strangers(c.people), j, 4, math.Inf(1)); got < c.least || got > c.most {
			t.Errorf("%s: %d alarms, want %d to %d", c.name, got, c.least, c.most)
		}
	}
}

func TestAnAverageIsTheMeanOfItsNetworks(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	var of []*presence.Network
	for range 3 {
		n := &presence.Network{List: "l", Inputs: []string{"a", "b"}, Mean: []float64{0, 1}, Scale: []float64{1, 2}}
		for width, sizes := 2, []int{4, 3, 1}; len(sizes) > 0; width, sizes = sizes[0], sizes[1:] {
			var layer presence.Layer
			for range sizes[0] {
				row := make([]float64, width+1)
				for j := range row {
					row[j] = rng.NormFloat64()
				}
				layer.Rows = append(layer.Rows, row)
			}
			n.Layers = append(n.Layers, layer)
		}
		n.Bind(n.Inputs)
		of = append(of, n)
	}
	one := averageNetwork(of)
	one.Bind(one.Inputs)
	for range 20 {
		x := []float64{rng.NormFloat64(), rng.NormFloat64()}
		want := (of[0].Nats(x) + of[1].Nats(x) + of[2].Nats(x)) / 3
		if got := one.Nats(x); math.Abs(got-want) > 1e-3*math.Max(1, math.Abs(want)) {
			t.Errorf("%v gives %g, want the mean %g", x, got, want)
		}
	}
}
