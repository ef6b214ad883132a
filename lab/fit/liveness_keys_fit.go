package fit

import (
	"fmt"
	"io"
	"slices"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
)

// What is made for the fit.
const (
	attackStrokes = 252 // of each attack
	attacksOf     = 3   // attacks of each family on each person
	burstShare    = 2   // of all people, one in so many has windows as short as an injector's too
)

// learns reports whether the networks learn from a person: background people of the sets whose terms allow any use. What is taken
// from others is how far the bounds must lie.
func (p KeyPerson) learns() bool { return RoleOf(p.Set, p.ID) == Background && p.Set != dataset.Aalto }

// keyCard says what the networks were made from.
const keyCard = "Typing: networks learnt from recordings of people of BB-MAS (believed CC BY 4.0) and Villani (BSD-3 repository, upstream terms not stated) and from ipse's own attackers; of Aalto nothing but where people's own sums and means lie."

// keyExample is one window.
type keyExample struct {
	person   int
	attack   *adversary.KeyAttack // nil for the person
	burst    bool                 // as short as an injector's window
	short    bool                 // shorter than the product asks of a window that may be a forgery's
	hours    float64              // that it lasts
	measures []float64
}

// KeyFitter fits the networks by which presence judges typing. Background people and attacks on them train; calibration
// people, and background people from whom nothing is learnt, calibrate; nobody else is read. It is the same every time, and
// several goroutines may fit at once.
type KeyFitter struct {
	people   []KeyPerson
	examples []keyExample
	log      io.Writer
}

// NewKeyFitter reads a folder of data sets, lets programs type as every family does, and measures all of it once. What it
// does is written to log.
func NewKeyFitter(dir string, log io.Writer) (*KeyFitter, error) {
	people, err := KeyPeople(dir, func(set, id string) bool { return RoleOf(set, id) != Unseen })
	if err != nil {
		return nil, err
	}
	for _, set := range KeySets {
		if !slices.ContainsFunc(people, func(p KeyPerson) bool { return p.Set == set }) {
			return nil, fmt.Errorf("fit: %w: the folder holds nobody of %s; want all of %v", dataset.ErrNotFound, set, KeySets)
		}
	}
	fmt.Fprintf(log, "%d people; typing as they do and as programs do\n", len(people))
	f := &KeyFitter{people: people, examples: keyExamples(people), log: log}
	fmt.Fprintf(log, "%d windows\n", len(f.examples))
	return f, nil
}

// Weights fits every network to every family.
func (f *KeyFitter) Weights() (presence.KeyWeights, error) { return f.Without(nil) }

// Without fits the networks as Weights does, but without knowing some families of attacks. It is an error to leave out all
// that one of them is to find.
func (f *KeyFitter) Without(families []string) (presence.KeyWeights, error) {
	out := presence.KeyWeights{}
	for _, task := range keyTasks {
		judge, err := f.judge(task, families)
		if err != nil {
			return nil, err
		}
		if err := task.bound(f, judge, out[presence.HiddenNetwork]); err != nil {
			return nil, err
		}
		out[task.name] = judge
	}
	if err := out.Check(); err != nil {
		return nil, fmt.Errorf("fit: %w", err)
	}
	return out, nil
}

func keyExamples(people []KeyPerson) []keyExample {
	var out []keyExample
	add := func(s KeyStream, strokes int) {
		for _, w := range s.Windows(strokes) {
			if len(w.Strokes) >= window.KeyboardBurstStrokes {
				out = append(out, keyExample{s.Person, s.Attack, strokes < window.KeyboardStrokes, len(w.Strokes) < window.KeyboardStrokes, hoursOf(w), liveness.KeyMeasures(w)})
			}
		}
	}
	for i, p := range people {
		own := OwnKeys(people, i)
		add(own, window.KeyboardStrokes)
		if i%burstShare == 0 {
			add(own, window.KeyboardBurstStrokes)
		}
		if !p.learns() {
			continue
		}
		for a := range adversary.KeyAttacks {
			attack := &adversary.KeyAttacks[a]
			for number := range attacksOf {
				add(AttackKeys(people, i, attack, number, attackStrokes), window.KeyboardStrokes)
			}
		}
	}
	return out
}

// keyTask is one network: what each group of attacks counts on the side of the attack, and on that of people. People count 1.
type keyTask struct {
	name   string
	attack map[adversary.KeyGroup]float64
	people map[adversary.KeyGroup]float64
	bursts bool // people's short windows are examples too
	slope  float64

	networks int                                                        // how many are trained, and averaged
	bound    func(f *KeyFitter, judge, hidden *presence.KeyJudge) error // calibrates the judge; hidden is calibrated
}

// forgedNetworks are averaged to tell forgeries: one learns from few people and is sure of itself for some strangers' windows,
// several are wrong about different ones.
const forgedNetworks = 4

// keyTasks are all there are, hidden first: what it says is taken off what speaks for a forgery. Neighbouring windows of one person repeat one another, so less than what a network says is
// added up: the slope.
var keyTasks = []keyTask{
	{
		name:   presence.HiddenNetwork,
		attack: map[adversary.KeyGroup]float64{adversary.HiddenKeys: 1},
		people: map[adversary.KeyGroup]float64{adversary.VictimKeys: 0.3, adversary.PopulationKeys: 0.2},
		slope:  0.5, networks: 1, bound: (*KeyFitter).boundSums,
	},
	{
		name:   presence.InjectedNetwork,
		attack: map[adversary.KeyGroup]float64{adversary.NaiveKeys: 1, adversary.AutomationKeys: 1},
		people: map[adversary.KeyGroup]float64{adversary.HiddenKeys: 0.2},
		bursts: true, slope: 1, networks: 1, bound: (*KeyFitter).boundWindows,
	},
	{
		name: presence.ForgedNetwork,
		// Hardly a minute of forgeries from the victim's own statistics is found whatever they count, so the networks spend little on
		// them. With half as much for population forgeries fewer of those are found (0.46 of calibration people's minutes, not 0.57) and more
		// of what somebody thought human (0.90, not 0.84).
		attack: map[adversary.KeyGroup]float64{adversary.NaiveKeys: 0.3, adversary.AutomationKeys: 0.3, adversary.HumanisedKeys: 2,
			adversary.PopulationKeys: 3, adversary.VictimKeys: 0.6},
		people: map[adversary.KeyGroup]float64{adversary.HiddenKeys: 0.2},
		slope:  0.5, networks: forgedNetworks, bound: (*KeyFitter).boundAlarms,
	},
}

// judge trains a task's network; it is to be calibrated.
func (f *KeyFitter) judge(task keyTask, without []string) (*presence.KeyJudge, error) {
	var names []string
	for _, m := range liveness.KeyboardMeasures.Measures {
		names = append(names, m.Name)
	}
	examples, families, windows := f.training(task, without)
	if len(families) == 0 {
		return nil, fmt.Errorf("fit: %s: no family is left that it should find, without %v", task.name, without)
	}
	fmt.Fprintf(f.log, "%s: learning from %d windows\n", task.name, len(examples))
	var trained []*presence.Network
	for seed := range task.networks {
		trained = append(trained, trainNetwork(liveness.KeyboardMeasures.Name, names, names, examples, uint64(seed+1)))
	}
	n := averageNetwork(trained)
	n.Fitted, n.Windows = families, windows
	for _, p := range f.people {
		if p.learns() {
			n.People++
		}
	}
	return &presence.KeyJudge{Card: keyCard, Network: n, Slope: task.slope}, nil
}

// training gives the examples of background people: sets count as keyShares says, and families of a group the same.
func (f *KeyFitter) training(task keyTask, without []string) (out []example, families []string, windows int) {
	type cell struct{ set, family string }
	counts := map[cell]float64{}
	inUse := func(e keyExample) (cell, bool, float64, bool) {
		p := f.people[e.person]
		if !p.learns() || e.burst && !task.bursts || e.attack != nil && slices.Contains(without, e.attack.Family) {
			return cell{}, false, 0, false
		}
		if e.attack == nil {
			return cell{p.Set, ""}, false, 1, true
		}
		if w := task.attack[e.attack.Group]; w > 0 {
			return cell{p.Set, e.attack.Family}, true, w, true
		}
		w := task.people[e.attack.Group]
		return cell{p.Set, e.attack.Family}, false, w / groupSize(e.attack.Group), w > 0
	}
	for _, e := range f.examples {
		if c, _, _, ok := inUse(e); ok {
			counts[c]++
		}
	}
	for _, e := range f.examples {
		c, attack, w, ok := inUse(e)
		if !ok {
			continue
		}
		out = append(out, example{e.measures, attack, w * keyShares[slices.Index(KeySets, c.set)] / counts[c]})
		if attack && !slices.Contains(families, c.family) {
			families = append(families, c.family)
		}
		if c.family == "" {
			windows++
		}
	}
	slices.Sort(families)
	return out, families, windows
}

func groupSize(g adversary.KeyGroup) float64 {
	n := 0.0
	for _, a := range adversary.KeyAttacks {
		if a.Group == g {
			n++
		}
	}
	return n
}
