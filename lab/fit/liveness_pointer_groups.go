package fit

import (
	"maps"
	"slices"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/presence"
)

// pointerAlike are families of programs that draw alike, whatever wrote them down: who knows one knows them all. Every
// other family stands alone, one of a file that nobody here has seen among them.
var pointerAlike = map[string]string{
	"straight": "lines", "straight_jittered": "lines", "straight_eased": "lines", "tween": "lines",
	"generated/linear_const": "lines", "generated/linear_jitter_time": "lines",
	"minimum_jerk": "minimum_jerk", "minimum_jerk_noise": "minimum_jerk", "generated/minjerk_noise": "minimum_jerk",
	"bezier": "bezier", "distorted_bezier": "bezier", "generated/ghost_cursor": "bezier",
	"function_shapes": "lines", "waypoints": "spline", "spline_overshoot": "spline",
	"correlated_noise": "smooth_noise", "smoothed_bridge": "smooth_noise", "mean_reverting": "smooth_noise", "gradient_noise": "smooth_noise",
	"controlled": "driven", "damped_tremor": "driven", "corrected": "submovements", "sigma_lognormal": "submovements",
	"autoregressive": "walk", "markov_steps": "walk",
	"teleport": "jumps", "agent": "jumps",
	"delbot/circles_bot_naturalmousemotion": "circles", "delbot/circles_bot_pyhm": "circles", "delbot/circles_bot_pynput": "circles",
}

// handsOwn are attacks whose windows are a hand's own but for where strokes go and how fast. Nothing is fitted to them: who
// learns them learns people, and finds shaken strokes less for it.
var handsOwn = []string{"warped", "stitched"}

// PointerGroup names the families among which one stands that draw alike.
func PointerGroup(family string) string {
	if group, ok := pointerAlike[family]; ok {
		return group
	}
	return family
}

// partsOf are the parts that composed programs share with a group of families.
func partsOf(group string) []string {
	var parts []string
	for _, family := range slices.Sorted(maps.Keys(adversary.PointerParts)) {
		if PointerGroup(family) == group {
			parts = append(parts, adversary.PointerParts[family]...)
		}
	}
	return parts
}

// NetworkFit is one network that is still to be fitted; Fit may be called from several goroutines, for different ones.
type NetworkFit struct {
	fit     func() *presence.Network
	Network *presence.Network // nil before Fit
}

// Fit fits it.
func (n *NetworkFit) Fit() { n.Network = n.fit() }

// WithoutGroups gives, for each group of families, what is to be fitted so that nobody knows any of them: networks by
// name. Composed programs share no part with any of the group. A network that would have seen none of them is the same for
// all such groups.
func (f *PointerFitter) WithoutGroups() (byGroup map[string]map[string]*NetworkFit, all []*NetworkFit) {
	families := map[string][]string{}
	for _, s := range f.sources {
		if g := PointerGroup(s.Family); s.Family != "" && !slices.Contains(families[g], s.Family) {
			families[g] = append(families[g], s.Family)
		}
	}
	families[adversary.Composed] = []string{adversary.Composed}
	for _, family := range handsOwn {
		families[family] = []string{family}
	}
	toFit := func(task pointerTask, sources []measuredSource) *NetworkFit {
		n := &NetworkFit{fit: func() *presence.Network { return fitPointerTask(task, sources, len(f.people)) }}
		all = append(all, n)
		return n
	}
	whole, everything := map[string]*NetworkFit{}, f.without("")
	for _, task := range pointerTasks {
		whole[task.name] = toFit(task, everything)
	}
	byGroup = map[string]map[string]*NetworkFit{}
	for _, group := range slices.Sorted(maps.Keys(families)) {
		byGroup[group] = maps.Clone(whole)
		sources := f.withoutAll(families[group])
		for _, task := range pointerTasks {
			if f.sees(task, families[group]) {
				byGroup[group][task.name] = toFit(task, sources)
			}
		}
	}
	return byGroup, all
}

// sees reports whether a network is fitted to one of these families.
func (f *PointerFitter) sees(task pointerTask, families []string) bool {
	if task.name == turnedTask {
		return false
	}
	if slices.Contains(families, adversary.Composed) {
		return task.name == "generated"
	}
	return slices.ContainsFunc(f.sources, func(s measuredSource) bool {
		return slices.Contains(families, s.Family) && task.isAttack(s.PointerSource)
	})
}

// withoutAll gives all sources but those of some families, composed programs among them that share nothing with any.
func (f *PointerFitter) withoutAll(families []string) []measuredSource {
	var out []measuredSource
	for _, s := range f.sources {
		if !slices.Contains(families, s.Family) {
			out = append(out, s)
		}
	}
	if slices.Contains(families, adversary.Composed) {
		return out
	}
	var parts []string
	for _, family := range families {
		parts = append(parts, adversary.PointerParts[family]...)
	}
	if len(parts) == 0 { // nothing is drawn anew
		return append(out, f.without("")[len(f.sources):]...)
	}
	return append(out, measureSources(composedWithout(f.people, parts))...)
}
