package enrol

import "slices"

// Clock is how many windows of a reference came with timestamps of one step: a trait of the machine, its keyboard or
// mouse and its browser, and not of the person.
type Clock struct {
	QuantumMS float64 `json:"quantumMS"`
	Windows   float64 `json:"windows"`
}

const (
	mostClocks       = 8    // kept in a reference; the rarest is given up
	clocksFrom       = 12   // windows with a known step from which a step counts as unknown
	rareClock        = 0.05 // share of the windows below which a step is as good as unknown
	forgetClocksFrom = 400  // windows beyond which old steps are slowly forgotten
)

// learnClock counts a window's step; 0 stands for none found and is not counted.
func (r *Reference) learnClock(quantumMS float64) {
	if !(quantumMS > 0) {
		return
	}
	r.Clocks = slices.Clone(r.Clocks)
	i := slices.IndexFunc(r.Clocks, func(c Clock) bool { return c.QuantumMS == quantumMS })
	if i < 0 {
		if len(r.Clocks) == mostClocks {
			rarest := 0
			for k, c := range r.Clocks {
				if c.Windows < r.Clocks[rarest].Windows {
					rarest = k
				}
			}
			r.Clocks = slices.Delete(r.Clocks, rarest, rarest+1)
		}
		r.Clocks, i = append(r.Clocks, Clock{QuantumMS: quantumMS}), len(r.Clocks)
	}
	r.Clocks[i].Windows++
	if sum := clockWindows(r.Clocks); sum > forgetClocksFrom {
		for k := range r.Clocks {
			r.Clocks[k].Windows *= forgetClocksFrom / sum
		}
	}
}

func clockWindows(clocks []Clock) (sum float64) {
	for _, c := range clocks {
		sum += c.Windows
	}
	return sum
}

// StrangeClock reports whether a window's timestamps have a step that the reference, which knows enough windows to say so,
// practically never saw: then the window was made on another machine than the reference. The reverse does not hold, for
// many machines share a step. A step of 0 is none found, and never strange.
func (r Reference) StrangeClock(quantumMS float64) bool {
	all := clockWindows(r.Clocks)
	if !(quantumMS > 0) || all < clocksFrom {
		return false
	}
	for _, c := range r.Clocks {
		if c.QuantumMS == quantumMS && c.Windows >= rareClock*all {
			return false
		}
	}
	return true
}
