package fit

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/dataset"
)

// openPointerCard says what the weights open are made from.
const openPointerCard = "Pointers: one linear discriminant a question, from means and covariances over the people of SapiMouse, Balabit (no terms stated for either) and DELBOT (MIT), and over what ipse's own attackers make; of single recordings nothing but how high a sum may come, rounded up."

// What keeps linear discriminants of pointers sober.
const (
	discriminantRidge = 0.1 // added to every variance, in squares of people's spread
	peopleShare       = 0.8 // of people's covariance in the one that is inverted: few false alarms matter more than few misses
	setScatter        = 2   // how many times what sets and rates differ by is added to people's covariance: other tasks will differ too
	leastWidening     = 2.0 // of the Gaussians' variance: people whom nobody recorded spread more
	sumMargin         = 1.5 // times the highest sum that any person comes to is the bound
	openSittings      = 40  // of every family
	sittingMS         = 60_000
)

// taskMeasures are those shapes that say more about what somebody works on than about the hand.
var taskMeasures = []string{"extentLog", "netShare", "octantSpread", "revisitShare", "leapShare", "pressApproach", "pressOffPathShare", "strokeDurationSpread", "strokeSpeedSpread", "lengthDurationCorrelation"}

// drawn reports whether a task is about the shape of movement.
func drawn(task pointerTask) bool { return task.name == "generated" || task.name == "transformed" }

// OpenPointerFitter makes the judges of pointers that hold no more of people than statistics over all of them: background
// people's mean and covariance, each person weighing the same. Programs are ipse's own, and those that draw paths draw them
// between places that nobody recorded. It is the same every time.
type OpenPointerFitter struct {
	people  []openPerson
	attacks []measuredSource // without composed programs
	made    map[string][]measuredSource
}

// openPerson is one person's streams, measured.
type openPerson struct {
	set, id string
	streams []measuredSource
}

func (p openPerson) role() Role { return RoleOf(p.set, p.id) }

// NewOpenPointerFitter reads a folder of data sets and measures everything once. Nobody who is unseen is looked at.
func NewOpenPointerFitter(dir string) (*OpenPointerFitter, error) {
	people, err := PointerPeople(dir, func(set, id string) bool { return RoleOf(set, id) != Unseen })
	if err != nil {
		return nil, err
	}
	f := &OpenPointerFitter{made: map[string][]measuredSource{}}
	var strokes [][]event.Pointer // of everybody, in no person's order
	for _, p := range people {
		var sources []PointerSource
		for _, s := range p.Sessions {
			sources = append(sources, bothRates(PointerSource{Person: p.Set + "/" + p.ID, Events: s})...)
		}
		f.people = append(f.people, openPerson{set: p.Set, id: p.ID, streams: measureSources(sources)})
		if p.Set == dataset.SapiMouse && RoleOf(p.Set, p.ID) == Background {
			strokes = append(strokes, p.Strokes...)
		}
	}
	if len(people) < 3 {
		return nil, fmt.Errorf("fit: %d people with pointers; want 3", len(people))
	}
	for _, a := range adversary.PointerAttacks {
		if a.Family == adversary.Composed {
			continue
		}
		m := adversary.PointerMaterial{}
		if a.Kind == adversary.Transformed || a.Kind == adversary.Remote {
			m.Strokes = strokes
		}
		f.attacks = append(f.attacks, sittingsOf(a, m)...)
	}
	return f, nil
}

// PointerLiveness makes the judges of pointers by name: research, or open.
func PointerLiveness(dir, name string) (presence.PointerWeights, error) {
	switch name {
	case presence.OpenWeights:
		f, err := NewOpenPointerFitter(dir)
		if err != nil {
			return presence.PointerWeights{}, err
		}
		return f.Weights(), nil
	case presence.ResearchWeights:
		f, err := NewPointerFitter(dir)
		if err != nil {
			return presence.PointerWeights{}, err
		}
		return f.Weights(), nil
	}
	return presence.PointerWeights{}, fmt.Errorf("fit: there are no judges of pointers %q; want open or research", name)
}

// bothRates gives a stream as it is and brought to EqualRateHZ.
func bothRates(s PointerSource) []PointerSource {
	equal := s
	equal.Events, equal.Equal = dataset.Equalise(s.Events, EqualRateHZ), true
	return []PointerSource{s, equal}
}

func sittingsOf(a adversary.PointerAttack, m adversary.PointerMaterial) []measuredSource {
	var sources []PointerSource
	for i := range openSittings {
		events := a.Make(seeded("open", a.Family, fmt.Sprint(i)), m, sittingMS)
		sources = append(sources, bothRates(PointerSource{Family: a.Family, Kind: a.Kind, Events: events})...)
	}
	return measureSources(sources)
}

// against gives the attacks of a task but those of one family, composed programs among them that share no part with it.
func (f *OpenPointerFitter) against(task pointerTask, without string) []measuredSource {
	var out []measuredSource
	for _, s := range f.attacks {
		if s.Family != without && task.attack(s.PointerSource) {
			out = append(out, s)
		}
	}
	if task.name != "generated" || without == adversary.Composed {
		return out
	}
	key := fmt.Sprint(adversary.PointerParts[without])
	if _, ok := f.made[key]; !ok {
		f.made[key] = sittingsOf(adversary.PointerAttack{Family: adversary.Composed, Kind: adversary.Generated, Make: adversary.Compose(adversary.PointerParts[without])}, adversary.PointerMaterial{})
	}
	return append(out, f.made[key]...)
}

// Weights makes the judges of all families.
func (f *OpenPointerFitter) Weights() presence.PointerWeights { return f.Without("") }

// Without makes the judges as they are where one family is not known; the task of a family that has it alone is left.
func (f *OpenPointerFitter) Without(family string) presence.PointerWeights {
	w := presence.PointerWeights{Card: openPointerCard, Networks: map[string]*presence.Network{}}
	for _, task := range pointerTasks {
		without := family
		if len(f.against(task, family)) == 0 {
			without = ""
		}
		w.Networks[task.name] = f.network(task, without)
	}
	w.Found = f.bounds(w)
	return w
}

// network is the discriminant of a task, in nats.
func (f *OpenPointerFitter) network(task pointerTask, without string) *presence.Network {
	inputs := func(measure string) bool {
		return task.inputs(measure) && (!drawn(task) || !slices.Contains(taskMeasures, measure))
	}
	var names []string
	n := &presence.Network{List: liveness.PointerMeasures.Name}
	for _, m := range liveness.PointerMeasures.Measures {
		names = append(names, m.Name)
		if inputs(m.Name) {
			n.Inputs = append(n.Inputs, m.Name)
		}
	}
	if !n.Bind(names) {
		panic("fit: a network's input is not in its list")
	}
	var people, calibrating, sets, attacks grouped
	for _, p := range f.people {
		for _, s := range p.streams {
			if !task.people(s.PointerSource) {
				continue
			}
			person := p.set + "/" + p.id
			if p.role() == Calibration {
				calibrating.add(person, s.windows)
				continue
			}
			people.add(person, s.windows)
			sets.add(fmt.Sprint(p.set, s.Equal), s.windows)
			n.Windows += len(s.windows)
		}
	}
	for _, s := range f.against(task, without) {
		if task.people(PointerSource{Equal: s.Equal}) {
			attacks.add(s.Family, s.windows)
		}
	}
	n.People, n.Fitted = len(people.names), slices.Sorted(slices.Values(attacks.names))
	raw := momentsOf(people, func(w []float64) []float64 {
		var x []float64
		for i, name := range names {
			if inputs(name) {
				x = append(x, w[i])
			}
		}
		return x
	})
	for i, v := range raw.mean {
		n.Mean, n.Scale = append(n.Mean, round(v)), append(n.Scale, round(math.Max(0.01, math.Sqrt(raw.cov.At(i, i)))))
	}
	human, programs := momentsOf(people, n.Standard), momentsOf(attacks, n.Standard)
	human.cov.AddSym(human.cov, scaledSym(setScatter, scatter(sets, n.Standard)))
	row := discriminant(human.mean, programs.mean, human.cov, programs.cov)
	n.Layers = []presence.Layer{{Rows: [][]float64{row}}}
	toNats(n, calibrating, attacks)
	for i := range row {
		row[i] = round(row[i])
	}
	return n
}

// discriminant gives Fisher's direction from people to programs, with the bias 0 as its last number: the inverse of the
// covariance that counts both, times the difference of the means. With people's share above a half it is the direction
// that Anderson and Bahadur (Annals of Mathematical Statistics 33, 1962) find best where few people may be taken for
// programs.
func discriminant(people, programs []float64, peopleCov, programsCov *mat.SymDense) []float64 {
	dim := len(people)
	both := mat.NewSymDense(dim, nil)
	both.AddSym(scaledSym(peopleShare, peopleCov), scaledSym(1-peopleShare, programsCov))
	for i := range dim {
		both.SetSym(i, i, both.At(i, i)+discriminantRidge)
	}
	var chol mat.Cholesky
	if !chol.Factorize(both) {
		panic("fit: a covariance with a ridge is not positive definite")
	}
	var w mat.VecDense
	if err := chol.SolveVecTo(&w, mat.NewVecDense(dim, minus(programs, people))); err != nil {
		panic(fmt.Sprintf("fit: a covariance with a ridge: %v", err))
	}
	return append(slices.Clone(w.RawVector().Data), 0)
}

// toNats scales and shifts a linear network's output to the log-likelihood ratio of two Gaussians of one width, people's who
// calibrate and programs'. They are as much wider than found as makes the mean likelihood ratio of people 1 at most, as it is
// where the Gaussians are right.
func toNats(n *presence.Network, people, programs grouped) {
	humanMean, humanVar := scores(n, people)
	programMean, programVar := scores(n, programs)
	row := n.Layers[0].Rows[0]
	if !(programMean > humanMean) {
		clear(row)
		row[len(row)-1] = -1 // nothing is known by which to tell them
		return
	}
	plain := slices.Clone(row)
	for widen := leastWidening; widen <= 16; widen *= 1.1 {
		variance := widen * (humanVar + programVar) / 2
		slope := (programMean - humanMean) / variance
		for i := range plain {
			row[i] = plain[i] * slope
		}
		row[len(row)-1] = -slope * (programMean + humanMean) / 2
		ratio := people.mean(func(w []float64) float64 { return math.Exp(math.Min(5, n.Nats(w))) })
		if ratio <= 1 {
			return
		}
	}
}

func scores(n *presence.Network, g grouped) (mean, variance float64) {
	mean = g.mean(n.Nats)
	return mean, g.mean(func(w []float64) float64 { d := n.Nats(w) - mean; return d * d })
}

// bounds gives the sums from which kinds are found: sumMargin times the highest that anybody comes to in all the time
// recorded, at the rate of the recording and at EqualRateHZ, and never less than the signals' own. Background people count
// as those who calibrate do: so few numbers hardly learn them, and among them is who does what nobody else does. People
// behind a remote desktop say nothing about remote desktops.
func (f *OpenPointerFitter) bounds(w presence.PointerWeights) map[presence.Kind]float64 {
	judge := presence.Judge{Signals: w.Signals()}
	out := map[presence.Kind]float64{}
	for i := range judge.Signals {
		out[judge.Signals[i].Kind] = judge.Signals[i].Found
		judge.Signals[i].Found = math.Inf(1)
	}
	for _, p := range f.people {
		for _, s := range p.streams {
			var state presence.State
			for i, m := range s.windows {
				var findings []presence.Finding
				state, findings = judge.Update(state, measuredWindow(i, m))
				for _, finding := range findings {
					if finding.Kind != presence.RemoteControl || atDesk(s.PointerSource) {
						out[finding.Kind] = math.Max(out[finding.Kind], math.Ceil(sumMargin*finding.Sum))
					}
				}
			}
		}
	}
	return out
}
