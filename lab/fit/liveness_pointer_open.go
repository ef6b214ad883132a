package fit

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/dataset"
)

// openPointerCard says what the weights open are made from; %d is how many statistics people gave.
const openPointerCard = "Pointers: drawn paths and changed strokes by two small networks that learnt from people who do not exist, drawn from %d statistics (quantiles, means, covariances) over the people of SapiMouse and Balabit (no terms stated) and DELBOT (MIT); jigglers and remote sessions by linear discriminants from means and covariances over the same. Against them stands what ipse's own attackers make: as it is where they used nobody's strokes, and else its statistics alone. Of single recordings nothing but how high a sum may come, rounded up."

// sumMargin times the highest sum that any person comes to is the bound.
const sumMargin = 1.5

// What ipse's own attackers make.
const (
	openSittings     = 40 // of every family
	sittingMS        = 60_000
	composedSittings = 300 // of composed programs: each is another
	composedMS       = 20_000
)

// taskMeasures are those shapes that say more about what somebody works on than about the hand.
var taskMeasures = []string{"extentLog", "netShare", "octantSpread", "revisitShare", "leapShare", "pressApproach", "pressOffPathShare", "strokeDurationSpread", "strokeSpeedSpread", "lengthDurationCorrelation"}

// drawn reports whether a task is about whole paths, drawn or changed.
func drawn(task pointerTask) bool { return task.name == "generated" || task.name == "transformed" }

// OpenPointerFitter makes the judges of pointers that hold no more of people than statistics over all of them, each person
// weighing the same. Programs are ipse's own, and those that draw paths draw them between places that nobody recorded. It
// is the same every time; several goroutines may ask at once.
type OpenPointerFitter struct {
	people  []openPerson
	attacks []measuredSource // without composed programs
	virtual func() virtualPeople
	whole   map[string]func() *presence.Network // by task: as it is where all families are known, before quieten
	judges  sync.Map                            // by group of families left out: func() presence.PointerWeights
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
	f := &OpenPointerFitter{}
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
		if a.Family == adversary.Composed || slices.Contains(handsOwn, a.Family) {
			continue
		}
		m := adversary.PointerMaterial{}
		if a.Kind == adversary.Transformed || a.Kind == adversary.Remote {
			m.Strokes = strokes
		}
		f.attacks = append(f.attacks, sittingsOf(a, m, openSittings, sittingMS)...)
	}
	f.prepare()
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
	if s.Family == "" && drawnBetween(s.Events, equal.Events) {
		return []PointerSource{s}
	}
	return []PointerSource{s, equal}
}

// mostDrawn is how many times as many places a stream may have at EqualRateHZ as were recorded, and still be its person's.
const mostDrawn = 1.25

// drawnBetween reports whether a stream was recorded with too few places a second to be brought to one rate: what Equalise
// puts between them is a curve that it computes, and whoever learns it as a person's takes such curves for hands.
func drawnBetween(recorded, equal []event.Pointer) bool {
	return float64(len(equal)) > mostDrawn*float64(len(recorded))
}

func sittingsOf(a adversary.PointerAttack, m adversary.PointerMaterial, sittings int, durationMS float64) []measuredSource {
	var sources []PointerSource
	for i := range sittings {
		events := a.Make(seeded("open", a.Family, fmt.Sprint(i)), m, durationMS)
		sources = append(sources, bothRates(PointerSource{Family: a.Family, Kind: a.Kind, Events: events})...)
	}
	return measureSources(sources)
}

// against gives the attacks of a task but those of one group of families, composed programs among them that share no part
// with any of it.
func (f *OpenPointerFitter) against(task pointerTask, group string) []measuredSource {
	var out []measuredSource
	for _, s := range f.attacks {
		if PointerGroup(s.Family) != group && task.attack(s.PointerSource) {
			out = append(out, s)
		}
	}
	if task.name != "generated" || group == adversary.Composed {
		return out
	}
	return append(out, sittingsOf(adversary.PointerAttack{Family: adversary.Composed, Kind: adversary.Generated, Make: adversary.Compose(partsOf(group))}, adversary.PointerMaterial{}, composedSittings, composedMS)...)
}

// Weights makes the judges of all families.
func (f *OpenPointerFitter) Weights() presence.PointerWeights { return f.withoutGroup("") }

// WithoutAlike makes the judges as they are where neither a family nor those that draw alike are known; composed programs
// share no part with any of them. The task of a group that has it alone is left as it is.
func (f *OpenPointerFitter) WithoutAlike(family string) presence.PointerWeights {
	return f.withoutGroup(PointerGroup(family))
}

func (f *OpenPointerFitter) withoutGroup(group string) presence.PointerWeights {
	once, _ := f.judges.LoadOrStore(group, sync.OnceValue(func() presence.PointerWeights { return f.weights(group) }))
	return once.(func() presence.PointerWeights)()
}

// prepare readies what is made once, when it is asked for first.
func (f *OpenPointerFitter) prepare() {
	f.virtual = sync.OnceValue(f.drawPeople)
	f.whole = map[string]func() *presence.Network{}
	for _, task := range pointerTasks {
		f.whole[task.name] = sync.OnceValue(func() *presence.Network { return f.fitted(task, f.against(task, "")) })
	}
}

func (f *OpenPointerFitter) weights(group string) presence.PointerWeights {
	w := presence.PointerWeights{Card: fmt.Sprintf(openPointerCard, f.virtual().statistics[0].numbers()), Networks: map[string]*presence.Network{}}
	for _, task := range pointerTasks {
		w.Networks[task.name] = f.whole[task.name]()
		if !f.sees(task, group) {
			continue
		}
		if attacks := f.against(task, group); len(attacks) > 0 {
			w.Networks[task.name] = f.fitted(task, attacks)
		}
	}
	f.quieten(w)
	var streams []measuredSource
	for _, p := range f.people {
		streams = append(streams, p.streams...)
	}
	makeTurnedSure(&w, streams)
	w.Found = f.bounds(w)
	return w
}

func (f *OpenPointerFitter) fitted(task pointerTask, against []measuredSource) *presence.Network {
	if drawn(task) || task.name == turnedTask {
		return f.network(task, against)
	}
	return f.linear(task, against)
}

// sees reports whether a task is fitted to any of a group of families.
func (f *OpenPointerFitter) sees(task pointerTask, group string) bool {
	if task.name == turnedTask {
		return false
	}
	if group == adversary.Composed {
		return task.name == "generated"
	}
	return slices.ContainsFunc(f.attacks, func(s measuredSource) bool {
		return PointerGroup(s.Family) == group && task.attack(s.PointerSource)
	})
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
