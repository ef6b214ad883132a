package presence

// automation takes the browser's word for it: one that a program drives through WebDriver says so by the standard's own
// property (W3C WebDriver, navigator.webdriver). People do not type in such browsers, so the bound says how rarely a
// person's browser was left in that state by mistake. A program that hides the property is told by its keys and paths.
var automation = Signal{
	Kind:  Automation,
	Least: -1, Most: 8, Found: 8,
	LLR: func(w Window) (float64, bool) {
		if w.Liveness.Driven {
			return 8, true
		}
		return -1, true
	},
}
