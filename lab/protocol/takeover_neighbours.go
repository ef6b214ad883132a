package protocol

import (
	"fmt"
	"math"
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
		products     [mostLag + 1]float64 // sums of products with the score so many windows before, by lag
		later, early [mostLag + 1]float64 // sums of squares of the two
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
					x, y := s.scores[i]-mean, s.scores[i-lag]-mean
					p.products[lag], p.later[lag], p.early[lag] = p.products[lag]+x*y, p.later[lag]+x*x, p.early[lag]+y*y
				}
			}
		}
		if p.later[0] > 0 {
			people = append(people, p)
		}
	}
	if len(people) < 2 {
		return
	}
	correlation := func(weight []float64, lag int) float64 {
		var product, later, early float64
		for i := range people {
			w := weight[i]
			product, later, early = product+w*people[i].products[lag], later+w*people[i].later[lag], early+w*people[i].early[lag]
		}
		if later == 0 || early == 0 {
			return 0
		}
		return product / math.Sqrt(later*early)
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
