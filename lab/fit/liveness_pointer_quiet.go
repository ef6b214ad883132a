package fit

import (
	"math"
	"slices"

	"ipse.dev/ipse/internal/presence"
)

// How far outputs are lowered, in nats.
const (
	quietStepNats = 0.25
	quietMostNats = 20.0

	// strangerNats is taken off beyond that. Of five people, each judged by what was fitted without them and lowered by 0.5, the four
	// behind a remote desktop came to 5.0 at most and the one of SapiMouse who comes highest to 7.6, of the 9 that are needed.
	strangerNats = 0.25
)

// quieten lowers the two networks that find drawn and changed paths, both by the same, until nobody who was recorded comes
// to more than the signal's own bound over sumMargin, in all the time recorded, at the rate of the recording and at
// EqualRateHZ, and by strangerNats more: what speaks weakly says nothing then, and two or three windows that speak strongly are enough. The networks
// are copied.
func (f *OpenPointerFitter) quieten(w presence.PointerWeights) {
	for _, signal := range (presence.PointerWeights{Networks: w.Networks}).Signals() {
		if signal.Kind != presence.GeneratedPath {
			continue
		}
		nats := f.natsOf(signal)
		lower := 0.0
		for lower < quietMostNats && sumMargin*highestSum(nats, signal, lower) > signal.Found {
			lower += quietStepNats
		}
		for _, task := range pointerTasks {
			if drawn(task) {
				w.Networks[task.name] = lowered(w.Networks[task.name], lower+strangerNats)
			}
		}
	}
}

// natsOf gives what a signal says of every window, by stream.
func (f *OpenPointerFitter) natsOf(signal presence.Signal) [][]float64 {
	var out [][]float64
	for _, p := range f.people {
		for _, s := range p.streams {
			var nats []float64
			for i, m := range s.windows {
				if v, ok := signal.LLR(measuredWindow(i, m)); ok {
					nats = append(nats, v)
				}
			}
			out = append(out, nats)
		}
	}
	return out
}

// highestSum is the most that the nats of any stream come to, each lowered by so much, as presence.Judge sums them.
func highestSum(streams [][]float64, signal presence.Signal, lower float64) float64 {
	highest := 0.0
	for _, nats := range streams {
		sum := 0.0
		for _, v := range nats {
			sum = math.Max(0, sum+math.Min(math.Max(v-lower, signal.Least), signal.Most))
			highest = math.Max(highest, sum)
		}
	}
	return highest
}

// lowered is a copy of a network whose output is lower by so many nats.
func lowered(n *presence.Network, nats float64) *presence.Network {
	out := *n
	out.Layers = slices.Clone(n.Layers)
	last := &out.Layers[len(out.Layers)-1]
	row := slices.Clone(last.Rows[0])
	row[len(row)-1] = round(row[len(row)-1] - nats)
	last.Rows = [][]float64{row}
	return &out
}
