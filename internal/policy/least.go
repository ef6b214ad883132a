package policy

import "math"

// LeastBudget gives the smallest budget, in alerts per 1,000 people and working day, whose threshold of High is no higher
// than so many nats; infinite where none is.
func LeastBudget(t Tail, nats float64) float64 {
	within := func(logAlerts float64) bool {
		th, err := ThresholdsFor(math.Exp(logAlerts), t)
		return err == nil && th.High <= nats
	}
	low, high := math.Log(1e-9), math.Log(1e6)
	if !within(high) {
		return math.Inf(1)
	}
	for range 60 { // thresholds fall as budgets grow
		if middle := (low + high) / 2; within(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return math.Exp(high)
}
