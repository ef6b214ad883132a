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

// leastKnown is how many windows somebody must have typed in an earlier session to be known by them.
const leastKnown = 4

// sessions gives each half of a person's windows as a session beside the other half, which was before; none where that would
// be too little to know them by.
func sessions(judge presence.Judge, own []presence.Window) (out [][]presence.Window) {
	half := len(own) / 2
	if half < leastKnown {
		return nil
	}
	for _, parts := range [][2][]presence.Window{{own[:half], own[half:]}, {own[half:], own[:half]}} {
		_, past := remembering(judge, nil, parts[0])
		session, _ := remembering(judge, past, parts[1])
		out = append(out, session)
	}
	return out
}

// knownInput is what a person's own windows come to, each half as a session of somebody who is known by the other.
func knownInput(judge presence.Judge, own []presence.Window) (in humanInput) {
	for _, session := range sessions(judge, own) {
		in.alarms, in.hours = in.alarms+alarms(judge, session), in.hours+inputHours(session)
	}
	return in
}

// remembering gives a session's windows with the past that a server would have at each of them, and the past after all: what
// is near to being found is not remembered; after an alarm sums begin anew, and what the session has taught is taken back.
// Names of stretches are left out: replays are measured by themselves.
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
				past = judge.TakeBack(past, state)
				state = state.Anew()
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
