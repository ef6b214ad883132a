package fit

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
)

// KeySets are the sets whose people's typing liveness is fitted on and measured with.
var KeySets = []string{dataset.Aalto, dataset.BBMAS, dataset.Villani}

// keyShares is what each of KeySets counts, among people and among attacks. The networks learn from nobody of Aalto, whose terms
// do not allow any use.
var keyShares = []float64{0, 0.65, 0.35}

// KeyPerson is one person's typing, session by session, and the same as runs of strokes, which an attacker may have got.
type KeyPerson struct {
	Set, ID  string
	Sessions [][]event.Key
	Runs     [][]window.Stroke
}

// KeyPeople reads the people of those KeySets that the folder holds, one at least, whom want picks. The steps of the clocks
// that recorded them are gone, see dataset.UnstepKeys.
func KeyPeople(dir string, want func(set, id string) bool) ([]KeyPerson, error) {
	var people []KeyPerson
	var missing []error
	opt := dataset.Options{OnMalformed: func(*dataset.RowError) error { return nil }}
	for _, set := range KeySets {
		err := dataset.Read(set, dir, opt, func(p dataset.Person) error {
			if !want(set, p.ID) {
				return nil
			}
			rng := keyChance("unstep", set, p.ID)
			leastMS := []float64{1, 1, 4, 8}[rng.IntN(4)]
			out := KeyPerson{Set: set, ID: p.ID}
			for _, s := range p.Sessions {
				keys := dataset.UnstepKeys(rng, s.Keys, leastMS)
				out.Sessions = append(out.Sessions, keys)
				cutter := window.NewKeyboardCutter(len(keys)+1, 2)
				for _, k := range keys {
					for _, w := range cutter.Push(k) {
						out.Runs = append(out.Runs, w.Strokes)
					}
				}
				for _, w := range cutter.Flush() {
					out.Runs = append(out.Runs, w.Strokes)
				}
			}
			people = append(people, out)
			return nil
		})
		if errors.Is(err, dataset.ErrNotFound) {
			missing = append(missing, err)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("fit: %s: %w", set, err)
		}
	}
	if len(missing) == len(KeySets) {
		return nil, fmt.Errorf("fit: %w", errors.Join(missing...))
	}
	return people, nil
}

// keyClocksMS are the steps of clocks that typing is read by, one for each stream: browsers' and keyboards'.
var keyClocksMS = []float64{0.1, 1, 1, 1, 4, 8, 15.625}

// KeyStream is the typing of a person, or of an attack on them.
type KeyStream struct {
	Person int                  // index into the people
	Attack *adversary.KeyAttack // nil for the person
	Events []event.Key
}

// Windows cuts the stream as the product does, into windows of so many strokes.
func (s KeyStream) Windows(strokes int) []window.Keyboard {
	cutter := window.NewKeyboardCutter(strokes, window.KeyboardMinStrokes)
	var out []window.Keyboard
	for _, k := range s.Events {
		out = append(out, cutter.Push(k)...)
	}
	return append(out, cutter.Flush()...)
}

// joinMS is the rest between sessions that are joined to one stream.
const joinMS = 3000

// OwnKeys is a person's own stream as one of the clocks reads it.
func OwnKeys(people []KeyPerson, person int) KeyStream {
	p := people[person]
	rng := keyChance("clock", p.Set, p.ID)
	return KeyStream{Person: person, Events: dataset.StepKeys(rng, dataset.JoinKeys(p.Sessions, joinMS), keyClocksMS[rng.IntN(len(keyClocksMS))])}
}

// populationPeople is how many other people's typing an attacker has.
const populationPeople = 20

// AttackKeys is one attack's stream of so many strokes against a person; its number tells several of the same apart. The events
// are none where the attack lacks material.
func AttackKeys(people []KeyPerson, person int, a *adversary.KeyAttack, number, strokes int) KeyStream {
	p := people[person]
	rng := keyChance("attack", a.Family, p.Set, p.ID, fmt.Sprint(number))
	m := adversary.KeyMaterial{Victim: p.Runs}
	for range populationPeople {
		if other := rng.IntN(len(people)); other != person {
			m.Population = append(m.Population, people[other].Runs...)
		}
	}
	return KeyStream{Person: person, Attack: a, Events: dataset.StepKeys(rng, a.Make(rng, m, strokes), keyClocksMS[rng.IntN(len(keyClocksMS))])}
}

// keyChance gives a source of chance that belongs to a name alone.
func keyChance(parts ...string) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprint(h, strings.Join(parts, "/"))
	return rand.New(rand.NewPCG(h.Sum64(), 18))
}
