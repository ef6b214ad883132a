package presence

import "math"

// automation takes the browser's word for it: one that a program drives through WebDriver says so by the standard's own
// property (W3C WebDriver, navigator.webdriver). The sign is definite, so its likelihood ratio is not fitted: no data set
// holds a person who sits at a driven browser. It is set from how the sign errs: a developer looks on at a browser that a test rig
// has started, and helps by hand. Nobody has counted how often; one window in ten thousand is more than any office that
// ipse knows of would see, and where it is wrong, the sessions are those of the people who run the rig.
//
// A program that hides the property is not told by its absence: half are taken to do so, which is why a browser that says
// nothing takes little away. They are told by what is statistical about them, each by a kind of its own that is fitted:
// keys that come as no hand can press them (injected.go), that are drawn (forged.go), paths that are computed (generated.go).
// Events that a script dispatches are definite too; package app refuses a window that holds more than a few of them.
var automation = Signal{
	Kind:   Automation,
	Source: "set from how the sign errs: a person's browser left driven in one window of 10,000, half of all programs hiding it",
	Least:  -1, Most: math.Log(drivenPrograms / drivenHands), Found: 8,
	LLR: func(w Window) (float64, bool) {
		if w.Liveness.Driven {
			return math.Log(drivenPrograms / drivenHands), true
		}
		return math.Log((1 - drivenPrograms) / (1 - drivenHands)), true
	},
}

// Shares of windows in which the browser says that it is driven.
const (
	drivenPrograms = 0.5    // of programs that drive a browser
	drivenHands    = 0.0001 // of people
)
