package protocol

import (
	"ipse.dev/ipse/internal/presence"
)

// acquainted is a judge that has seen people's own typing, window by window from the first on, as a server has.
type acquainted struct {
	presence.Judge
	windows [][]presence.Window // of each person's own typing, with the past that it had
	pasts   []presence.Past     // of each person after all of it
}

// acquaint lets a judge see people's own typing.
func acquaint(judge presence.Judge, people [][]presence.Window) acquainted {
	k := acquainted{judge, make([][]presence.Window, len(people)), make([]presence.Past, len(people))}
	inParallel(len(people), func(i int) { k.windows[i], k.pasts[i] = remembering(judge, nil, people[i]) })
	return k
}

// attacked gives an attack's windows with the past of the victim whom the judge knows.
func (k acquainted) attacked(victim int, stream []presence.Window) []presence.Window {
	out, _ := remembering(k.Judge, k.pasts[victim], stream)
	return out
}

// remembering gives windows with the past that a server would have at each of them, and the past after all: what is found
// or near to being found is not remembered, and after an alarm sums begin anew. Names of stretches are left out: replays
// are measured by themselves.
func remembering(judge presence.Judge, past presence.Past, windows []presence.Window) ([]presence.Window, presence.Past) {
	var state presence.State
	out := make([]presence.Window, len(windows))
	for i, w := range windows {
		w.Past = past
		out[i] = w
		var findings []presence.Finding
		state, findings = judge.Update(state, w)
		if judge.Near(state, presence.Kind.Accuses) {
			if anyAlarm(findings) {
				state = presence.State{}
			}
			continue
		}
		o := w.Observation
		o.Liveness.Sketch = nil
		past = judge.Remember(past, o)
	}
	return out, past
}

// anyAlarm reports whether an attack was found.
func anyAlarm(findings []presence.Finding) bool {
	for _, f := range findings {
		if f.Found && f.Kind.Accuses() {
			return true
		}
	}
	return false
}
