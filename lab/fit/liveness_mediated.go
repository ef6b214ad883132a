package fit

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/lab/dataset"
)

// What aids and attacks are made of for the fit.
const (
	aidSittings      = 120     // of every aid, every setting drawn anew
	aidStrokes       = 300     // of a sitting with keys
	aidMS            = 300_000 // of a sitting with a pointer: who names places moves it some hundred times in that time
	aidNetworks      = 3       // are averaged: each is wrong about other strangers
	aidKeyAttacksOf  = 3       // of so many people one is attacked
	aidWindows       = 3000    // of each aid that the network learns from, at most
	aidAttackWindows = 400     // of each family of attacks, at most
	aidLoss          = 0.01    // of the windows of any family of attacks that are taken for an aid's, at most
	aidComposedLoss  = 0.1     // of composed programs': some of them creep about with short rests, as who moves the pointer by looking
)

// handledBy are the measures that tell an aid that follows the eyes: no time between events, which devices differ in.
func handledBy(measure string) bool {
	return shapes(measure) || slices.Contains([]string{"restShare", "restLog", "restSpread", "pressShare"}, measure)
}

// mediatedCard says what the weights were made from.
const mediatedCard = "Mediated input: tables of counts over people of BB-MAS (believed CC BY 4.0) and Villani (BSD-3 repository, upstream terms not stated) who type and of SapiMouse and Balabit (no terms stated) and DELBOT (MIT) who point, and a small network that learnt from people who do not exist, drawn from statistics over the latter, against aids that ipse generates and beside ipse's own attackers; of Aalto nothing but how high sums come."

// AidFitter fits the networks that tell input which a program mediates at a person's pace from hands, and from programs that
// are in a hurry. It is the same every time.
type AidFitter struct {
	names  map[observation.Modality][]string
	aids   map[observation.Modality]grouped     // windows by aid
	other  map[observation.Modality]grouped     // windows of attacks, by family
	hands  map[observation.Modality][][]example // background people's, or of people who do not exist; one for each network
	people map[observation.Modality]grouped     // background people's windows, for tables
	known  map[observation.Modality][2]int      // people and windows that gave them
	calm   map[observation.Modality]grouped     // windows of calibration people, by person
}

// NewAidFitter reads a folder of data sets and measures everything once. Nobody who is unseen is looked at.
func NewAidFitter(dir string, log io.Writer) (*AidFitter, error) {
	f := &AidFitter{
		names: map[observation.Modality][]string{observation.Pointer: pointerNames()},
		aids:  map[observation.Modality]grouped{}, other: map[observation.Modality]grouped{}, hands: map[observation.Modality][][]example{}, people: map[observation.Modality]grouped{},
		known: map[observation.Modality][2]int{}, calm: map[observation.Modality]grouped{},
	}
	for _, m := range liveness.KeyboardMeasures.Measures {
		f.names[observation.Keyboard] = append(f.names[observation.Keyboard], m.Name)
	}
	f.makeAids()
	if err := f.readTyping(dir); err != nil {
		return nil, err
	}
	if err := f.readPointing(dir); err != nil {
		return nil, err
	}
	for _, m := range []observation.Modality{observation.Keyboard, observation.Pointer} {
		fmt.Fprintf(log, "%s: %d aids, %d families of attacks, %d people and %d who calibrate\n", m, len(f.aids[m].names), len(f.other[m].names), f.known[m][0], len(f.calm[m].names))
	}
	return f, nil
}

// AidWindows gives the measures of one sitting's windows with an aid, as a collector takes them.
func AidWindows(a adversary.Aid, sitting int) (observation.Modality, [][]float64) {
	rng := seeded("aid", a.Name, fmt.Sprint(sitting))
	var out [][]float64
	if a.Keys != nil {
		for _, w := range (KeyStream{Events: a.Keys(rng, aidStrokes)}).Windows(30) {
			out = append(out, liveness.KeyMeasures(w))
		}
		return observation.Keyboard, out
	}
	s := PointerSource{Events: a.Pointers(rng, aidMS)}
	if eyed(a.Name) && sitting%2 == 1 { // others set the pointer onto whole pixels at times of their own
		s.Events = dataset.Equalise(s.Events, EqualRateHZ)
	}
	for _, w := range PointerWindows(s.Events) {
		out = append(out, liveness.MovementMeasures(w))
	}
	return observation.Pointer, out
}

func (f *AidFitter) makeAids() {
	for _, a := range adversary.Aids {
		for i := range aidSittings {
			m, windows := AidWindows(a, i)
			g := f.aids[m]
			g.add(a.Name, windows)
			f.aids[m] = g
		}
	}
}

func (f *AidFitter) readTyping(dir string) error {
	people, err := KeyPeople(dir, func(set, id string) bool { return RoleOf(set, id) != Unseen })
	if err != nil {
		return err
	}
	var calm, other, background grouped
	who, windows := 0, 0
	for i, p := range people {
		var own [][]float64
		for _, w := range OwnKeys(people, i).Windows(30) {
			if len(w.Strokes) >= 15 {
				own = append(own, liveness.KeyMeasures(w))
			}
		}
		if len(own) == 0 {
			continue
		}
		if RoleOf(p.Set, p.ID) == Calibration {
			calm.add(p.Set+"/"+p.ID, own)
		}
		if !p.learns() {
			continue
		}
		who, windows = who+1, windows+len(own)
		background.add(p.Set+"/"+p.ID, own)
		if who%aidKeyAttacksOf != 0 {
			continue
		}
		for a := range adversary.KeyAttacks {
			var made [][]float64
			for _, w := range AttackKeys(people, i, &adversary.KeyAttacks[a], 0, attackStrokes).Windows(30) {
				made = append(made, liveness.KeyMeasures(w))
			}
			other.add(adversary.KeyAttacks[a].Family, made)
		}
	}
	f.people[observation.Keyboard] = background
	f.known[observation.Keyboard], f.calm[observation.Keyboard], f.other[observation.Keyboard] = [2]int{who, windows}, calm, other
	return nil
}

// readPointing takes people who do not exist for hands, and of attacks those that use nobody's strokes.
func (f *AidFitter) readPointing(dir string) error {
	open, err := NewOpenPointerFitter(dir)
	if err != nil {
		return err
	}
	crowds := open.crowds()
	members := map[string]bool{}
	windows := 0
	for _, c := range crowds {
		for i, name := range c.members.names {
			members[name] = true
			windows += len(c.members.windows[i])
		}
	}
	_, at := places(f.names[observation.Pointer], handledBy)
	for i := range aidNetworks {
		rng := rand.New(rand.NewPCG(openSeed+uint64(i), 25))
		f.hands[observation.Pointer] = append(f.hands[observation.Pointer], statisticsOf(crowds, at, rng).examples(len(f.names[observation.Pointer]), false, rng))
	}
	var calm, other, background grouped
	for _, p := range open.people {
		for _, s := range p.streams {
			if p.role() == Calibration {
				calm.add(p.set+"/"+p.id, s.windows)
			} else {
				background.add(p.set+"/"+p.id, s.windows)
			}
		}
	}
	f.people[observation.Pointer] = background
	composed := sittingsOf(adversary.PointerAttack{Family: adversary.Composed, Kind: adversary.Generated, Make: adversary.Compose(nil)}, adversary.PointerMaterial{}, composedSittings, composedMS)
	for _, s := range append(slices.Clone(open.attacks), composed...) {
		if (s.Kind == adversary.Generated || s.Kind == adversary.Jiggled) && s.Family != "agent" { // which is wanted to be taken for an aid
			other.add(s.Family, s.windows)
		}
	}
	f.known[observation.Pointer], f.calm[observation.Pointer], f.other[observation.Pointer] = [2]int{len(members), windows}, calm, other
	return nil
}
