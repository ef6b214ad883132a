package fit

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/metric"
)

// eyes learns the network of aids that follow the eyes. Hands count as much as these aids together, and so do attacks: the
// output is the log-likelihood ratio of such an aid against what is none.
func (f *AidFitter) eyes(without ...string) *presence.Network {
	const m = observation.Pointer
	inputs, _ := places(f.names[m], handledBy)
	var all []*presence.Network
	for i := range aidNetworks {
		var examples []example
		for _, e := range f.hands[m][i] {
			e.weight = 1 / float64(len(f.hands[m][i]))
			examples = append(examples, e)
		}
		add := func(g grouped, attack bool, most int, wanted func(name string) bool) {
			count := 0.0
			for _, name := range g.names {
				if wanted(name) {
					count++
				}
			}
			for j, name := range g.names {
				if !wanted(name) {
					continue
				}
				some := thinned(g.windows[j], most)
				for _, w := range some {
					examples = append(examples, example{w, attack, 1 / count / float64(len(some))})
				}
			}
		}
		add(f.aids[m], true, aidWindows, func(name string) bool { return eyed(name) && !slices.Contains(without, name) })
		add(f.other[m], false, aidAttackWindows, func(string) bool { return true })
		all = append(all, trainNetwork(liveness.PointerMeasures.Name, f.names[m], inputs, examples, uint64(i+1)))
	}
	n := averageNetwork(all)
	if err := n.Check(listOf(m)); err != nil {
		panic(fmt.Sprintf("fit: the network of eyes %v", err))
	}
	weaken(n, f.calm[m])
	n.People, n.Windows = f.known[m][0], f.known[m][1]
	for _, name := range f.aids[m].names {
		if eyed(name) && !slices.Contains(without, name) {
			n.Fitted = append(n.Fitted, name)
		}
	}
	return n
}

func eyed(aid string) bool { return strings.HasPrefix(aid, "eye_") }

// tabled fills a table with the nats of these aids against the likelier of hands and of attacks. Members of each count the same.
func (f *AidFitter) tabled(t presence.MeasureTable, m observation.Modality, of func(aid string) bool) presence.MeasureTable {
	rows, columns := len(t.Row.Bounds)+1, len(t.Column.Bounds)+1
	t.Table = make([][]float64, rows)
	for i := range t.Table {
		t.Table[i] = make([]float64, columns)
	}
	if err := t.Bind(listOf(m)); err != nil {
		panic(fmt.Sprintf("fit: a table of aids %v", err))
	}
	counted := func(g grouped, of func(string) bool) [][]float64 {
		out := make([][]float64, rows)
		for i := range out {
			out[i] = make([]float64, columns)
		}
		members := 0.0
		for i, name := range g.names {
			if of(name) && len(g.windows[i]) > 0 {
				members++
			}
		}
		for i, name := range g.names {
			if !of(name) {
				continue
			}
			for _, w := range g.windows[i] {
				if row, column, ok := t.Place(w); ok {
					out[row][column] += 1 / members / float64(len(g.windows[i]))
				}
			}
		}
		return out
	}
	all := func(string) bool { return true }
	aids, attacks, hands := counted(f.aids[m], of), counted(f.other[m], all), counted(f.people[m], all)
	for row := range rows {
		for column := range columns {
			t.Table[row][column] = round(math.Log((aids[row][column] + tablePrior) / (max(attacks[row][column], hands[row][column]) + tablePrior)))
		}
	}
	return t
}

// tablePrior is the share of windows that every place of a table is given: what was never seen is not impossible.
const tablePrior = 5e-4

// The tables before they are filled: by what each way of handling is told.
var (
	aidKeys   = presence.MeasureTable{Row: presence.MeasureBounds{Measure: "dwellHigh", Bounds: []float64{20, 40, 60, 80}}, Column: presence.MeasureBounds{Measure: "fastestRun", Bounds: []float64{150, 220, 300, 400, 550}}}
	aidPlaces = presence.MeasureTable{Row: presence.MeasureBounds{Measure: "leapShare", Bounds: []float64{0.1, 0.25, 0.5, 0.75}}, Column: presence.MeasureBounds{Measure: "restLog", Bounds: []float64{5.5, 6.2, 6.9, 7.6}}}
	aidSteps  = presence.MeasureTable{Row: presence.MeasureBounds{Measure: "collinearShare", Bounds: []float64{0.3, 0.5, 0.7, 0.8, 0.9}}, Column: presence.MeasureBounds{Measure: "revisitShare", Bounds: []float64{0.1, 0.25, 0.5, 0.75}}, Without: "fractionShare"}
)

// Without makes the weights as they are where some aids are not known.
func (f *AidFitter) Without(aids ...string) presence.MediatedWeights {
	known := func(of func(string) bool) func(string) bool {
		return func(aid string) bool { return of(aid) && !slices.Contains(aids, aid) }
	}
	w := presence.MediatedWeights{
		Card: mediatedCard, Rebuild: "ipse fit mediated --data DIR --out FILE", Found: leastMediated,
		Gate:   map[observation.Modality]float64{observation.Keyboard: 0, observation.Pointer: 0},
		Keys:   f.tabled(aidKeys, observation.Keyboard, known(func(string) bool { return true })),
		Places: f.tabled(aidPlaces, observation.Pointer, known(func(aid string) bool { return aid == "voice_places" })),
		Steps:  f.tabled(aidSteps, observation.Pointer, known(func(aid string) bool { return aid == "mouse_keys" })),
		Eyes:   f.eyes(aids...),
	}
	for i, m := range bothModalities {
		w.People[i], w.Windows[i] = f.known[m][0], f.known[m][1]
		for _, name := range f.aids[m].names {
			if !slices.Contains(aids, name) {
				w.Aids = append(w.Aids, name)
			}
		}
	}
	if err := w.Check(); err != nil {
		panic(err.Error())
	}
	f.gates(&w)
	return w
}

var bothModalities = []observation.Modality{observation.Keyboard, observation.Pointer}

// gates puts the bounds of a single window as low as loses at most aidLoss of the windows of any family of attacks, and
// aidComposedLoss of composed programs.
func (f *AidFitter) gates(w *presence.MediatedWeights) {
	w.Gate = map[observation.Modality]float64{}
	for _, m := range bothModalities {
		gate := math.Inf(-1)
		for i, windows := range f.other[m].windows {
			loss := aidLoss
			if f.other[m].names[i] == adversary.Composed {
				loss = aidComposedLoss
			}
			var nats []float64
			for _, x := range windows {
				nats = append(nats, aidNats(w, m, x))
			}
			slices.Sort(nats)
			gate = math.Max(gate, nats[int(math.Ceil((1-loss)*float64(len(nats))))-1])
		}
		w.Gate[m] = round(gate + 0.01)
	}
}

func aidNats(w *presence.MediatedWeights, m observation.Modality, measures []float64) float64 {
	nats, _ := w.Nats(observation.Observation{Modality: m, Liveness: observation.Liveness{MeasureList: listOf(m).Name, Measures: measures}})
	return nats
}

// leastMediated is the lowest bound: odds of fifty to one, which one window may come to. Places that are named take minutes to
// fill another.
const leastMediated = 4

// mostSilencedShare is how many of people's windows may find the kind, in the upper end of the exact interval at the count
// that is found. One in five hundred is a silence in an hour and a half, which accuses nobody; at half of it two windows would be
// needed, and who names places would go unnamed for minutes.
const mostSilencedShare = 2e-3

// Mediated makes the weights, and puts the bound where everybody who is not unseen keeps to mostSilencedShare, by keys and by
// pointers.
func Mediated(log io.Writer, dir string) (presence.MediatedWeights, error) {
	f, err := NewAidFitter(dir, log)
	if err != nil {
		return presence.MediatedWeights{}, err
	}
	w := f.Without()
	for _, m := range bothModalities {
		for ; w.Found < 100; w.Found += 0.5 {
			found, windows := 0, 0
			var who []string
			for _, g := range []grouped{f.people[m], f.calm[m]} {
				for i, own := range g.windows {
					n := mediatedTimes(&w, m, own)
					if found, windows = found+n, windows+len(own); n > 0 {
						who = append(who, g.names[i])
					}
				}
			}
			fmt.Fprintf(log, "%s: no attack is looked for in a window from %.2f nats; %d windows of %d of people find the kind from %.1f, of %v\n", m, w.Gate[m], found, windows, w.Found, who)
			if metric.PoissonInterval(found)[1] <= mostSilencedShare*float64(windows) {
				break
			}
		}
	}
	for _, a := range f.aidsBy() {
		fmt.Fprintf(log, "%s\n", a)
	}
	return w, nil
}

// aidsBy says of each aid how many of its windows lie above the gate, where it is known and where it is left out.
func (f *AidFitter) aidsBy() (out []string) {
	whole := f.Without()
	share := func(w *presence.MediatedWeights, m observation.Modality, windows [][]float64) float64 {
		above := 0.0
		for _, x := range windows {
			if aidNats(w, m, x) >= w.Gate[m] {
				above++
			}
		}
		return above / float64(len(windows))
	}
	for _, m := range bothModalities {
		for i, name := range f.aids[m].names {
			without := f.Without(name)
			out = append(out, fmt.Sprintf("%s: %.3f of %d windows are taken for an aid's, %.3f where it is not known", name,
				share(&whole, m, f.aids[m].windows[i]), len(f.aids[m].windows[i]), share(&without, m, f.aids[m].windows[i])))
		}
	}
	return out
}

// mediatedTimes counts how often the sum of windows reaches the bound; after each time it begins anew.
func mediatedTimes(w *presence.MediatedWeights, m observation.Modality, windows [][]float64) (n int) {
	sum := 0.0
	for _, x := range windows {
		sum = math.Max(0, sum+math.Max(presence.MediatedLeast, math.Min(presence.MediatedMost, aidNats(w, m, x))))
		if sum >= w.Found {
			n, sum = n+1, 0
		}
	}
	return n
}

// thinned gives so many of a list at most, evenly.
func thinned[T any](all []T, most int) []T {
	if len(all) <= most {
		return all
	}
	out := make([]T, most)
	for i := range out {
		out[i] = all[i*len(all)/most]
	}
	return out
}

func listOf(m observation.Modality) liveness.List {
	if m == observation.Keyboard {
		return liveness.KeyboardMeasures
	}
	return liveness.PointerMeasures
}
