package metric

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
)

// Bootstrap says how confidence intervals are found: people are drawn with replacement, as many as there are, and the
// figure is computed anew each time. The interval runs from the 2.5 % to the 97.5 % quantile of these figures. The same
// seed gives the same interval on any number of processors.
type Bootstrap struct {
	Rounds int
	Seed   uint64
}

// DefaultBootstrap is what every published figure uses.
var DefaultBootstrap = Bootstrap{Rounds: 1000, Seed: 20260101}

// Interval is a 95 % confidence interval: lower and upper end.
type Interval [2]float64

// Holds reports whether a value lies in the interval, ends included.
func (i Interval) Holds(v float64) bool { return i[0] <= v && v <= i[1] }

// Intervals draws how often each of the given number of people counts, Rounds times, and gives an interval for each
// figure that the function computes from that. Rounds in which a figure is NaN are left out of its interval; when all
// are, both ends are NaN. Figures must be safe to be called from several goroutines at once.
func (b Bootstrap) Intervals(people int, figures func(weight []float64) []float64) []Interval {
	rounds := make([][]float64, b.Rounds)
	var wait sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wait.Go(func() {
			weight := make([]float64, people)
			for r := w; r < b.Rounds; r += workers {
				clear(weight)
				random := rand.New(rand.NewPCG(b.Seed, uint64(r)))
				for range people {
					weight[random.IntN(people)]++
				}
				rounds[r] = figures(weight)
			}
		})
	}
	wait.Wait()
	if len(rounds) == 0 {
		return nil
	}
	out := make([]Interval, len(rounds[0]))
	for f := range out {
		var values []float64
		for _, r := range rounds {
			if !math.IsNaN(r[f]) {
				values = append(values, r[f])
			}
		}
		out[f] = Interval{Quantile(values, 0.025), Quantile(values, 0.975)}
	}
	return out
}

// MeanInterval is the interval of the mean of one figure a person.
func (b Bootstrap) MeanInterval(perPerson []float64) Interval {
	return b.Intervals(len(perPerson), func(weight []float64) []float64 {
		var sum, all float64
		for i, w := range weight {
			sum, all = sum+w*perPerson[i], all+w
		}
		return []float64{sum / all}
	})[0]
}

// Differences is the paired bootstrap of the figures of two systems on the same people and trials: every round draws the
// people once and computes both systems' figures from that draw, so that what people have in common cancels (Efron &
// Tibshirani, "An Introduction to the Bootstrap", 1993, section 16). The intervals are of the first system's figures
// minus the second's: one that does not hold zero is a difference that is more than chance, at the level of 5 %.
func (b Bootstrap) Differences(people int, first, second func(weight []float64) []float64) []Interval {
	return b.Intervals(people, func(weight []float64) []float64 {
		out, minus := first(weight), second(weight)
		differences := make([]float64, len(out))
		for i := range out {
			differences[i] = out[i] - minus[i]
		}
		return differences
	})
}
