package fit

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/dataset"
)

// pointerTask is one network of the pointer's liveness: which measures it may see and which streams it tells from people's.
type pointerTask struct {
	name   string
	inputs func(measure string) bool
	attack func(s PointerSource) bool
	people func(s PointerSource) bool
}

// shapes are the measures of movement itself: no time between events, no rests, no rhythm of buttons, which programs may
// set as they like and devices differ in.
func shapes(measure string) bool {
	for _, other := range []string{"interval", "wheel", "rest", "pressShare", "pressSettle", "pressDwell"} {
		if strings.HasPrefix(measure, other) {
			return false
		}
	}
	return true
}

func rhythms(measure string) bool {
	return slices.Contains([]string{
		"straightness", "turnMean", "strokeSpeedSpread", "strokeDurationSpread", "hills", "speedSpread", "repeatedStepShare", "octantSpread",
		"intervalLog", "intervalSpread", "intervalModeShare", "restShare", "restLog", "restSpread", "revisitShare", "netShare", "extentLog", "leapShare", "pressShare", "wheelShare",
	}, measure)
}

func cadences(measure string) bool {
	return strings.HasPrefix(measure, "interval") || measure == "evenPixelShare" || measure == "stillShare" || measure == "fractionShare"
}

// textures are the measures of single steps on the grid of pixels, by which strokes that were turned are told.
func textures(measure string) bool {
	return slices.Contains([]string{
		"axisShare", "axisRunShare", "unitStepShare", "unitDiagonalShare", "shortAxisShare", "repeatedStepShare", "collinearShare", "evenPixelShare", "staircaseShare", "stillShare",
	}, measure)
}

func atDesk(s PointerSource) bool { return !strings.HasPrefix(s.Person, dataset.Balabit+"/") }

var pointerTasks = []pointerTask{
	{"generated", shapes, func(s PointerSource) bool { return s.Kind == adversary.Generated }, func(PointerSource) bool { return true }},
	{"transformed", shapes, func(s PointerSource) bool { return s.Kind == adversary.Transformed }, func(PointerSource) bool { return true }},
	{turnedTask, textures, func(s PointerSource) bool { return s.Family == "affine" }, func(PointerSource) bool { return true }},
	{"jiggler", rhythms, func(s PointerSource) bool { return s.Kind == adversary.Jiggled }, func(s PointerSource) bool { return !s.Equal }},
	{"remote", cadences, func(s PointerSource) bool { return !s.Equal && (s.Kind == adversary.Remote || s.Family == "") }, func(s PointerSource) bool { return !s.Equal && atDesk(s) }},
}

// PointerFitter holds what the pointer's networks are fitted on: the background people of a folder and every family of
// attack that is known, and the people who calibrate. It is the same every time.
type PointerFitter struct {
	people   []PointerPerson
	families []dataset.PointerFamily
	sources  []measuredSource            // without composed programs
	composed map[string][]measuredSource // by the family whose parts they do without
	whole    *presence.PointerWeights
}

// NewPointerFitter reads a folder of data sets and measures everything once. Nobody who is unseen is looked at.
func NewPointerFitter(dir string) (*PointerFitter, error) {
	f := &PointerFitter{composed: map[string][]measuredSource{}}
	opt := dataset.Options{OnMalformed: func(*dataset.RowError) error { return nil }}
	err := dataset.ReadBots(dir, opt, func(b dataset.PointerFamily) error { f.families = append(f.families, b); return nil })
	if err != nil {
		return nil, fmt.Errorf("fit: %w", err)
	}
	if f.people, err = PointerPeople(dir, func(set, id string) bool { return RoleOf(set, id) != Unseen }); err != nil {
		return nil, err
	}
	f.sources = measureSources(PointerSources(f.people, f.families, generatorMS, adversary.Composed))
	return f, nil
}

const generatorMS = 60_000 // of every family for every person

// measuredSource is a source with the measures of its windows.
type measuredSource struct {
	PointerSource
	windows [][]float64
}

func measureSources(sources []PointerSource) []measuredSource {
	out := make([]measuredSource, 0, len(sources))
	for _, s := range sources {
		m := measuredSource{PointerSource: s}
		for _, w := range PointerWindows(s.Events) {
			m.windows = append(m.windows, liveness.MovementMeasures(w))
		}
		m.Events = nil
		out = append(out, m)
	}
	return out
}

// without gives all sources but a family's, composed programs among them that share nothing with it.
func (f *PointerFitter) without(family string) []measuredSource {
	var out []measuredSource
	for _, s := range f.sources {
		if s.Family != family || family == "" {
			out = append(out, s)
		}
	}
	if family == adversary.Composed {
		return out
	}
	key := strings.Join(adversary.PointerParts[family], "+")
	if _, ok := f.composed[key]; !ok {
		f.composed[key] = measureSources(composedSources(f.people, family))
	}
	return append(out, f.composed[key]...)
}

// researchPointerCard says what these weights are made from.
const researchPointerCard = "Pointers: networks learnt from recordings of people of SapiMouse and Balabit (no terms stated) and of people and programs of DELBOT (MIT), and from ipse's own attackers. For research."

// Weights fits every network to every family.
func (f *PointerFitter) Weights() presence.PointerWeights { return f.Without("") }

// Without fits the networks that would have seen a family without it, and takes the others from Weights.
func (f *PointerFitter) Without(family string) presence.PointerWeights {
	sources := f.without(family)
	out := presence.PointerWeights{Card: researchPointerCard, Networks: map[string]*presence.Network{}}
	for _, task := range pointerTasks {
		known := family == ""
		for _, s := range f.sources {
			known = known || s.Family == family && task.isAttack(s.PointerSource)
		}
		if family == adversary.Composed {
			known = task.name == "generated"
		}
		if known {
			out.Networks[task.name] = fitPointerTask(task, sources, len(f.people))
			continue
		}
		if f.whole == nil {
			whole := f.Weights()
			f.whole = &whole
		}
		out.Networks[task.name] = f.whole.Networks[task.name]
	}
	f.makeTurnedSure(&out)
	return out
}

// makeTurnedSure readies the network of turned strokes by all the people.
func (f *PointerFitter) makeTurnedSure(w *presence.PointerWeights) {
	var people []measuredSource
	for _, s := range f.sources {
		if s.Family == "" {
			people = append(people, s)
		}
	}
	makeTurnedSure(w, people)
}

func fitPointerTask(task pointerTask, sources []measuredSource, people int) *presence.Network {
	calibrates := func(s PointerSource) bool {
		set, id, ok := strings.Cut(s.Person, "/")
		return ok && set == dataset.SapiMouse && RoleOf(set, id) == Calibration
	}
	train := pointerExamples(task, sources, func(s PointerSource) bool { return !calibrates(s) })
	check := pointerExamples(task, sources, calibrates)
	var names, inputs []string
	for _, m := range liveness.PointerMeasures.Measures {
		names = append(names, m.Name)
		if task.inputs(m.Name) {
			inputs = append(inputs, m.Name)
		}
	}
	n := trainNetwork(liveness.PointerMeasures.Name, names, inputs, train, 7)
	temper(n, check)
	n.People, n.Fitted = people, attacked(task, sources)
	for _, e := range train {
		if !e.attack {
			n.Windows++
		}
	}
	return n
}

// pointerShares is what the people of each set count among all.
var pointerShares = map[string]float64{dataset.SapiMouse: 0.6, dataset.Balabit: 0.25, dataset.Bots: 0.15}

// pointerExamples weighs every family the same, every person of it the same, and their windows the same.
func pointerExamples(task pointerTask, sources []measuredSource, use func(PointerSource) bool) []example {
	group := func(s PointerSource) string {
		if s.Family == "" {
			set, _, _ := strings.Cut(s.Person, "/")
			return "people of " + set
		}
		return s.Family
	}
	windows, persons := map[string]float64{}, map[string]map[string]bool{}
	var chosen []measuredSource
	for _, s := range sources {
		attack := task.isAttack(s.PointerSource)
		if !use(s.PointerSource) || !attack && (s.Family != "" || !task.people(s.PointerSource)) {
			continue
		}
		chosen = append(chosen, s)
		windows[group(s.PointerSource)+"|"+s.Person] += float64(len(s.windows))
		if persons[group(s.PointerSource)] == nil {
			persons[group(s.PointerSource)] = map[string]bool{}
		}
		persons[group(s.PointerSource)][s.Person] = true
	}
	var out []example
	for _, s := range chosen {
		g := group(s.PointerSource)
		attack := task.isAttack(s.PointerSource)
		weight := 1 / windows[g+"|"+s.Person] / float64(len(persons[g]))
		if set, _, _ := strings.Cut(s.Person, "/"); !attack {
			weight *= pointerShares[set]
		}
		for _, w := range s.windows {
			out = append(out, example{measures: w, attack: attack, weight: weight})
		}
	}
	return out
}

// isAttack says on which side a stream stands: people at their own desk are never on the attack's, people behind a remote
// desktop are for the task that tells remote desktops.
func (t pointerTask) isAttack(s PointerSource) bool {
	if s.Family == "" {
		return t.name == "remote" && !s.Equal && !atDesk(s)
	}
	return t.attack(s)
}

func attacked(task pointerTask, sources []measuredSource) []string {
	var out []string
	for _, s := range sources {
		if s.Family != "" && task.isAttack(s.PointerSource) && !slices.Contains(out, s.Family) {
			out = append(out, s.Family)
		}
	}
	slices.Sort(out)
	return out
}

// temper scales and shifts the output so that, on people who were not fitted on, it is a log-likelihood ratio: the two
// numbers are those of least weighted logistic loss. Scaling may only weaken.
func temper(n *presence.Network, check []example) {
	if len(check) == 0 {
		return
	}
	outputs := make([]float64, len(check))
	var totals [2]float64
	for i, e := range check {
		outputs[i] = n.Nats(e.measures)
		totals[side(e.attack)] += e.weight
	}
	loss := func(scale, shift float64) float64 {
		sum := 0.0
		for i, e := range check {
			z := scale*outputs[i] + shift
			if e.attack {
				z = -z
			}
			sum += e.weight / totals[side(e.attack)] * (math.Max(0, z) + math.Log1p(math.Exp(-math.Abs(z))))
		}
		return sum
	}
	best, scale, shift := math.Inf(1), 1.0, 0.0
	for s := 0.2; s <= 1.0001; s += 0.05 {
		for b := -3.0; b <= 1.0001; b += 0.1 {
			if l := loss(s, b); l < best {
				best, scale, shift = l, s, b
			}
		}
	}
	last := n.Layers[len(n.Layers)-1].Rows[0]
	for i := range last {
		last[i] *= scale
	}
	last[len(last)-1] += shift
	for i := range last {
		last[i] = round(last[i])
	}
}
