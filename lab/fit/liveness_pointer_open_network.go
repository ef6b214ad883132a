package fit

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/dataset"
)

// How networks of pointers learn from people who do not exist.
const (
	openSeed       = 7
	composedCounts = 4    // how many families composed programs count as: they stand for those of which no file is at hand
	networksJoined = 3    // each learns from people drawn anew: what one of them believes by chance the others do not
	weakenStep     = 0.98 // by which an output is weakened until it is a likelihood ratio of people
	weakenLeast    = 0.2
	mostNats       = 20.0 // that a person's window may count while an output is weakened
)

// virtualPeople are windows of people who do not exist, and the statistics they are drawn from, for each of networksJoined.
type virtualPeople struct {
	statistics      []crowdStatistics
	examples        [][]example
	people, windows int // who gave the statistics
}

func pointerNames() []string {
	var names []string
	for _, m := range liveness.PointerMeasures.Measures {
		names = append(names, m.Name)
	}
	return names
}

// places says where the measures that are wanted stand in the list.
func places(names []string, wanted func(name string) bool) (inputs []string, at []int) {
	for i, name := range names {
		if wanted(name) {
			inputs, at = append(inputs, name), append(at, i)
		}
	}
	return slices.Clip(inputs), at
}

// handMeasures are what the networks of drawn paths and changed strokes see: the shape of movement, and nothing of what
// somebody works on.
func handMeasures(measure string) bool {
	return shapes(measure) && !slices.Contains(taskMeasures, measure)
}

// crowds are the background people, by set and rate.
func (f *OpenPointerFitter) crowds() []crowd {
	var out []crowd
	for _, equal := range []bool{false, true} {
		for _, set := range []string{dataset.SapiMouse, dataset.Balabit, dataset.Bots} {
			c := crowd{share: pointerShares[set]}
			for _, p := range f.people {
				for _, s := range p.streams {
					if p.set == set && p.role() == Background && s.Equal == equal {
						c.members.add(p.set+"/"+p.id, s.windows)
					}
				}
			}
			if len(c.members.names) > 0 {
				out = append(out, c)
			}
		}
	}
	return out
}

// drawPeople takes the statistics of the crowds and draws people from them.
func (f *OpenPointerFitter) drawPeople() virtualPeople {
	var v virtualPeople
	crowds, members := f.crowds(), map[string]bool{}
	for _, c := range crowds {
		for i, name := range c.members.names {
			members[name] = true
			v.windows += len(c.members.windows[i])
		}
	}
	v.people = len(members)
	names := pointerNames()
	_, at := places(names, handMeasures)
	for i := range networksJoined {
		rng := rand.New(rand.NewPCG(openSeed+uint64(i), 1))
		s := statisticsOf(crowds, at, rng)
		v.statistics = append(v.statistics, s)
		v.examples = append(v.examples, s.examples(len(names), false, rng))
	}
	return v
}

// examples draws virtualWindows windows.
func (s crowdStatistics) examples(measures int, attack bool, rng *rand.Rand) []example {
	var out []example
	for _, w := range s.draw(virtualWindows, measures, virtualStrangers, rng) {
		out = append(out, example{measures: w, attack: attack, weight: 1})
	}
	return out
}

// network is a small network that tells what attacks make from people who do not exist, in nats.
func (f *OpenPointerFitter) network(task pointerTask, against []measuredSource) *presence.Network {
	people := f.virtual()
	names := pointerNames()
	seen := handMeasures
	if task.name == turnedTask {
		seen = textures
	}
	inputs, _ := places(names, seen)
	var all []*presence.Network
	for i := range networksJoined {
		seed := openSeed + uint64(i)
		var examples []example
		if task.name == "transformed" || task.name == turnedTask {
			examples = f.changedExamples(against, seen, seed)
		} else {
			examples = slices.Concat(people.examples[i], drawnExamples(against, people.statistics[i], seed))
		}
		all = append(all, trainNetwork(liveness.PointerMeasures.Name, names, inputs, examples, seed))
	}
	n := joined(all)
	for _, l := range n.Layers {
		for _, row := range l.Rows {
			for i := range row {
				row[i] = round(row[i])
			}
		}
	}
	n.People, n.Windows = people.people, people.windows
	for _, s := range against {
		if !slices.Contains(n.Fitted, s.Family) {
			n.Fitted = append(n.Fitted, s.Family)
		}
	}
	slices.Sort(n.Fitted)
	var calibrating grouped
	for _, p := range f.people {
		for _, s := range p.streams {
			if p.role() == Calibration {
				calibrating.add(p.set+"/"+p.id, s.windows)
			}
		}
	}
	weaken(n, calibrating)
	return n
}

// drawnExamples are windows of programs that draw paths, every family weighing the same, composed programs as composedCounts.
func drawnExamples(against []measuredSource, s crowdStatistics, seed uint64) []example {
	var families grouped
	for _, a := range against {
		families.add(a.Family, a.windows)
	}
	rng := rand.New(rand.NewPCG(seed, 2))
	var out []example
	for i, family := range families.names {
		weight := 1 / float64(len(families.windows[i]))
		if family == adversary.Composed {
			weight *= composedCounts
		}
		for _, w := range families.windows[i] {
			out = append(out, example{measures: s.seen(w, rng), attack: true, weight: weight})
		}
	}
	return out
}

// changedExamples are windows of people who do not exist and of attacks that change somebody's strokes, all drawn from
// statistics: what such an attack makes of a stroke is too near to the stroke to be taken as it is. The quantiles are of
// both together, so that they are told apart by where their measures lie and how they go together alone.
func (f *OpenPointerFitter) changedExamples(against []measuredSource, seen func(measure string) bool, seed uint64) []example {
	all := f.crowds()
	people := len(all)
	var names []string
	for i, s := range against {
		if len(s.windows) == 0 {
			continue
		}
		name := fmt.Sprint(s.Family, s.Equal)
		at := slices.Index(names, name)
		if at < 0 {
			at = len(names)
			names, all = append(names, name), append(all, crowd{})
		}
		all[people+at].members.add(fmt.Sprint(i), s.windows)
	}
	shares := 0.0
	for _, c := range all[:people] {
		shares += c.share
	}
	for i := range names {
		all[people+i].share = shares / float64(len(names))
	}
	rng := rand.New(rand.NewPCG(seed, 3))
	measures := pointerNames()
	_, at := places(measures, seen)
	own := statisticsOf(all, at, rng)
	changed := own
	own.crowds, changed.crowds = own.crowds[:people], own.crowds[people:]
	return append(own.examples(len(measures), false, rng), changed.examples(len(measures), true, rng)...)
}

// weaken scales the output down until the mean likelihood ratio of people who gave no statistics is 1 at most, as it is
// where a likelihood ratio is right.
func weaken(n *presence.Network, people grouped) {
	scale := 1.0
	for ; scale > weakenLeast; scale *= weakenStep {
		if people.mean(func(w []float64) float64 { return math.Exp(math.Min(mostNats, scale*n.Nats(w))) }) <= 1 {
			break
		}
	}
	last := n.Layers[len(n.Layers)-1].Rows[0]
	for i := range last {
		last[i] = round(scale * last[i])
	}
}
