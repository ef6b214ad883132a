package fit

import (
	"fmt"
	"io"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/event"
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

func TestAlarmsOfSumsBeginAnew(t *testing.T) {
	for _, c := range []struct {
		people [][]float64
		found  float64
		want   int
	}{{[][]float64{{2, 2, -3, 2, 2}}, 4, 2}, {[][]float64{{9}, {2, -3, 2}}, 3, 0}, {[][]float64{{1, 1, 1}, {1, 1, 1, 1}}, 2, 3}, {nil, 3, 0}} {
		if got := sumAlarms(c.people, c.found); got != c.want {
			t.Errorf("%v reach %g %d times, want %d: a window says %g at most", c.people, c.found, got, c.want, bounded(9))
		}
	}
}
