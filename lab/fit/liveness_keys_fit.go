package fit

import (
	"fmt"
	"io"
	"math"
	"slices"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
)

// KeyOptions say what to fit from.
type KeyOptions struct {
	Dir     string
	Without []string // families of attacks to leave out, as if nobody knew them
	Log     io.Writer
}

// What is made for the fit.
const (
	attackStrokes = 252 // of each attack
	attacksOf     = 3   // attacks of each family on each person
	burstShare    = 2   // of all people, one in so many has windows as short as an injector's too
)

// learns reports whether the networks learn from a person: background people of the sets whose terms allow any use. What is taken
// from others is how far the bounds must lie.
func (p KeyPerson) learns() bool { return RoleOf(p.Set, p.ID) == Background && p.Set != dataset.Aalto }

// keyExample is one window.
type keyExample struct {
	person, stream int
	attack         *adversary.KeyAttack // nil for the person
	burst          bool                 // as short as an injector's window
	measures       []float64
}

// KeyLiveness fits the networks by which presence judges typing. Background people and attacks on them train, calibration
// people calibrate; nobody else is read. It takes some minutes on one core and gives the same for the same data.
func KeyLiveness(opt KeyOptions) (presence.KeyWeights, error) {
	people, err := KeyPeople(opt.Dir, func(set, id string) bool { return RoleOf(set, id) != Unseen })
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(opt.Log, "%d people; typing as they do and as programs do\n", len(people))
	f := keyFit{people: people, examples: keyExamples(people, opt.Without), log: opt.Log}
	fmt.Fprintf(opt.Log, "%d windows\n", len(f.examples))
	out := presence.KeyWeights{}
	for _, task := range keyTasks {
		out[task.name] = f.judge(task)
	}
	return out, nil
}

// KeyJudgeWithout gives a judge of typing that was fitted as the shipped one is, without knowing some families of attacks.
func KeyJudgeWithout(dir string, families []string, log io.Writer) (presence.Judge, error) {
	w, err := KeyLiveness(KeyOptions{Dir: dir, Without: families, Log: log})
	if err != nil {
		return presence.Judge{}, err
	}
	if err := w.Check(); err != nil {
		return presence.Judge{}, fmt.Errorf("fit: %w", err)
	}
	return presence.Judge{Signals: w.Signals()}, nil
}

func keyExamples(people []KeyPerson, without []string) []keyExample {
	var out []keyExample
	streams := 0
	add := func(s KeyStream, strokes int) {
		for _, w := range s.Windows(strokes) {
			if len(w.Strokes) >= window.KeyboardBurstStrokes {
				out = append(out, keyExample{s.Person, streams, s.Attack, strokes < window.KeyboardStrokes, liveness.KeyMeasures(w)})
			}
		}
		streams++
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
			if slices.Contains(without, attack.Family) {
				continue
			}
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
	spared float64 // share of the calibration people whom the bound must spare
	single bool    // one window must be enough, and the bound is of single windows
}

// keyTasks are all there are. Neighbouring windows of one person repeat one another, so less than what a network says is
// added up: the slope.
var keyTasks = []keyTask{
	{
		name:   presence.InjectedNetwork,
		attack: map[adversary.KeyGroup]float64{adversary.NaiveKeys: 1, adversary.AutomationKeys: 1},
		people: map[adversary.KeyGroup]float64{adversary.HiddenKeys: 0.2},
		bursts: true, slope: 1, single: true,
	},
	{
		name: presence.ForgedNetwork,
		attack: map[adversary.KeyGroup]float64{adversary.NaiveKeys: 0.3, adversary.AutomationKeys: 0.3, adversary.HumanisedKeys: 1,
			adversary.PopulationKeys: 1.5, adversary.VictimKeys: 2},
		people: map[adversary.KeyGroup]float64{adversary.HiddenKeys: 0.2},
		slope:  0.5, spared: 0.995,
	},
	{
		name:   presence.HiddenNetwork,
		attack: map[adversary.KeyGroup]float64{adversary.HiddenKeys: 1},
		people: map[adversary.KeyGroup]float64{adversary.VictimKeys: 0.3, adversary.PopulationKeys: 0.2},
		slope:  0.5, spared: 0.99,
	},
}

type keyFit struct {
	people   []KeyPerson
	examples []keyExample
	log      io.Writer
}

// judge trains a task's network and calibrates it.
func (f keyFit) judge(task keyTask) *presence.KeyJudge {
	var names []string
	for _, m := range liveness.KeyboardMeasures.Measures {
		names = append(names, m.Name)
	}
	examples, families, windows := f.training(task)
	fmt.Fprintf(f.log, "%s: learning from %d windows\n", task.name, len(examples))
	n := trainNetwork(liveness.KeyboardMeasures.Name, names, names, examples, 1)
	n.Fitted, n.Windows = families, windows
	for _, p := range f.people {
		if p.learns() {
			n.People++
		}
	}
	j := &presence.KeyJudge{Network: n, Slope: task.slope}
	if task.single {
		f.boundWindows(task, j)
	} else {
		f.boundStreams(task, j)
	}
	return j
}

// training gives the examples of background people: sets count as keyShares says, and families of a group the same.
func (f keyFit) training(task keyTask) (out []example, families []string, windows int) {
	type cell struct{ set, family string }
	counts := map[cell]float64{}
	inUse := func(e keyExample) (cell, bool, float64, bool) {
		p := f.people[e.person]
		if !p.learns() || e.burst && !task.bursts {
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

// foundNats is the sum from which a kind that single windows tell is found.
const foundNats = 6

// boundWindows puts the bound where one in ten thousand windows of people lies, and a little beyond. Windows of all people
// who are not unseen count, because calibration people alone have too few.
func (f keyFit) boundWindows(task keyTask, j *presence.KeyJudge) {
	var raw []float64
	for _, e := range f.examples {
		if e.attack == nil {
			raw = append(raw, j.Network.Nats(e.measures))
		}
	}
	slices.Sort(raw)
	const beyond = 1 // nats
	limit := raw[min(len(raw)-1, int(math.Ceil(0.9999*float64(len(raw)))))] + beyond
	j.Found = foundNats
	j.Offset = round(foundNats - task.slope*limit)
	fmt.Fprintf(f.log, "%s: 99 %%, 99.9 %% and the bound of %d windows of people at %.2f, %.2f and %.2f nats\n", task.name, len(raw),
		raw[len(raw)*99/100], raw[len(raw)*999/1000], limit)
}

// boundStreams centres the nats so that nearly everybody's own windows take away from the sum, and puts the bound beyond the
// highest sum of nearly all calibration people.
func (f keyFit) boundStreams(task keyTask, j *presence.KeyJudge) {
	var means []float64
	own := map[int][]float64{}
	for _, e := range f.examples {
		p := f.people[e.person]
		if e.attack == nil && !e.burst && RoleOf(p.Set, p.ID) == Calibration {
			own[e.person] = append(own[e.person], task.slope*j.Network.Nats(e.measures))
		}
	}
	bounded := func(x float64) float64 { return math.Max(presence.KeyLeast, math.Min(presence.KeyMost, x)) }
	var order []int
	for person, nats := range own {
		sum := 0.0
		for _, x := range nats {
			sum += bounded(x)
		}
		means = append(means, sum/float64(len(nats)))
		order = append(order, person)
	}
	slices.Sort(means)
	slices.Sort(order)
	high := means[int(0.99*float64(len(means)))]
	j.Offset = round(-math.Max(0, high+0.1))
	var highest []float64
	for _, person := range order {
		sum, most := 0.0, 0.0
		for _, x := range own[person] {
			sum = math.Max(0, sum+bounded(x+j.Offset))
			most = math.Max(most, sum)
		}
		highest = append(highest, most)
	}
	slices.Sort(highest)
	j.Found = round(math.Max(3, 1.1*highest[min(len(highest)-1, int(task.spared*float64(len(highest))))]))
	fmt.Fprintf(f.log, "%s: offset %.2f, found from %.2f; highest sums of %d people: half %.2f, 95 %% %.2f, most %.2f\n", task.name, j.Offset, j.Found,
		len(highest), highest[len(highest)/2], highest[len(highest)*95/100], highest[len(highest)-1])
}
