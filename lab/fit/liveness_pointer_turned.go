package fit

import (
	"fmt"
	"math"

	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/presence"
)

// turnedTask tells strokes that were turned. It knows one family of attacks, and is the same whatever is left out: without
// that family it would know nothing.
const turnedTask = "turned"

// turnedMostNats bounds the allowance for a person whose own strokes look turned: whoever uses a device without axes is forgiven all
// of it.
const turnedMostNats = 8

// makeTurnedSure says what to make of what is usual of a person, and lowers the network of turned strokes until none of these
// people comes to more than the signal's own bound over sumMargin, each met as a server meets them: a stranger first, and better
// known with every window.
func makeTurnedSure(w *presence.PointerWeights, people []measuredSource) {
	fitted := w.Networks[turnedTask]
	for lower := 0.0; ; lower += quietStepNats {
		n := lowered(fitted, lower)
		if err := n.Check(liveness.PointerMeasures); err != nil {
			panic(fmt.Sprintf("fit: the network %s %v", turnedTask, err))
		}
		w.Networks[turnedTask] = n
		w.Usual = map[presence.Kind]*presence.UsualBounds{presence.TurnedPath: turnedUsual(n, people)}
		if lower >= quietMostNats || quietAboutTurned(*w, people) {
			return
		}
	}
}

// quietAboutTurned reports whether everybody stays below the bound over sumMargin.
func quietAboutTurned(w presence.PointerWeights, people []measuredSource) bool {
	var signal presence.Signal
	for _, s := range w.Signals() {
		if s.Kind == presence.TurnedPath {
			signal = s
		}
	}
	most := signal.Found / sumMargin
	signal.Found = math.Inf(1)
	judge := presence.Judge{Signals: []presence.Signal{signal}}
	pasts := map[string]presence.Past{} // by person and rate
	for _, p := range people {
		who := fmt.Sprint(p.Person, p.Equal)
		var state presence.State
		for i, m := range p.windows {
			window := measuredWindow(i, m)
			window.Past = pasts[who]
			state, _ = judge.Update(state, window)
			if state.Sums[presence.TurnedPath] > most {
				return false
			}
			pasts[who] = judge.Remember(pasts[who], window.Observation)
		}
	}
	return true
}

// turnedUsual gives the mean of people's outputs, and how many windows of a person tell as much about their own mean as that does:
// the variance within people over that between them (empirical Bayes).
func turnedUsual(n *presence.Network, people []measuredSource) *presence.UsualBounds {
	var persons grouped
	for _, p := range people {
		persons.add(p.Person, p.windows)
	}
	mean, within, between := persons.mean(n.Nats), 0.0, 0.0
	for _, windows := range persons.windows {
		own := grouped{windows: [][][]float64{windows}}
		of := own.mean(n.Nats)
		variance := own.mean(func(w []float64) float64 { d := n.Nats(w) - of; return d * d })
		within += variance / float64(len(persons.windows))
		between += ((of-mean)*(of-mean) - variance/float64(len(windows))) / float64(len(persons.windows))
	}
	return &presence.UsualBounds{Mean: round(mean), Windows: round(math.Max(1, within/math.Max(between, within/100))), Most: turnedMostNats}
}
