package protocol

import (
	"fmt"
	"slices"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/lab/metric"
)

// lags are the distances, in windows of one session, whose correlation is told.
var lags = []int{1, 2, 4, 8, 16}

const (
	mostLag      = 60 // windows, as far as the discount looks
	fewestScores = 10 // of a session that is looked at
)

// neighbours measures how far the scores of neighbouring windows of people's own sessions repeat one another: the
// autocorrelation of what is left of the scores when each person's mean over their own run is taken off. So what makes a
// whole session unlike the person's others counts as correlation too. The discount is by how much less than independent
// ones so many scores tell, 1/(1+2·Σρ) over the lags before the first that is not positive (Geyer 1992): the factor that
// would make their sum's spread right.
func (r *run) neighbours(name string, modality observation.Modality, outcomes []outcome) {
	type person struct {
		products [mostLag + 1]float64 // sums of products, by lag
		counts   [mostLag + 1]float64
	}
	var people []person
	sessions := 0
	for _, o := range outcomes {
		var p person
		var all []float64
		for _, s := range o.track.scores {
			if s.modality == modality {
				all = append(all, s.scores...)
			}
		}
		mean := metric.Mean(all)
		for _, s := range o.track.scores {
			if s.modality != modality || len(s.scores) < fewestScores {
				continue
			}
			sessions++
			for lag := range p.products {
				for i := lag; i < len(s.scores); i++ {
					p.products[lag] += (s.scores[i] - mean) * (s.scores[i-lag] - mean)
					p.counts[lag]++
				}
			}
		}
		if p.counts[0] > 0 {
			people = append(people, p)
		}
	}
	if len(people) < 2 {
		return
	}
	correlation := func(weight []float64, lag int) float64 {
		var product, count, square, squares float64
		for i := range people {
			w := weight[i]
			product, count = product+w*people[i].products[lag], count+w*people[i].counts[lag]
			square, squares = square+w*people[i].products[0], squares+w*people[i].counts[0]
		}
		if count == 0 || square == 0 {
			return 0
		}
		return product / count / (square / squares)
	}
	compute := func(weight []float64) []float64 {
		var out []float64
		for _, lag := range lags {
			out = append(out, correlation(weight, lag))
		}
		sum := 0.0
		for lag := 1; lag <= mostLag; lag++ {
			rho := correlation(weight, lag)
			if rho <= 0 {
				break
			}
			sum += rho
		}
		return append(out, 1/(1+2*sum))
	}
	values := compute(slices.Repeat([]float64{1}, len(people)))
	intervals := r.Bootstrap.Intervals(len(people), compute)
	for i, lag := range lags {
		r.metric(fmt.Sprintf("%s.score_autocorrelation_lag%d", name, lag), values[i], intervals[i])
	}
	last := len(values) - 1
	r.metric(name+".score_discount", values[last], intervals[last])
	r.note("%s: scores of a person's own neighbouring windows correlate by %.2f, those eight apart by %.2f (%d people, %d sessions of %d windows or more): added up, they tell as much as %.2f times as many independent ones",
		name, values[0], values[slices.Index(lags, 8)], len(people), sessions, fewestScores, values[last])
}
