package protocol

import (
	"cmp"
	"math"
	"slices"

	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/lab/metric"
)

// pair is one takeover of a test as figures see it. Times are metric.Never where it was not noticed.
type pair struct {
	subject, by                   int // clusters
	seconds, wallSeconds, actions float64
	nearest                       bool
}

// stream is one genuine run as figures see it.
type stream struct {
	subject int // cluster
	alarms  int
	hours   float64 // of input
}

// tally is what figures are made of: takeovers and genuine runs, and how many people, or clusters of chimeras that share
// a typist, they are of.
type tally struct {
	clusters int
	pairs    []pair // by seconds
	streams  []stream
}

// tallyOf counts outcomes. Chimeras of one typist are one cluster: a bootstrap draws them together.
func tallyOf(outcomes []outcome) tally {
	var t tally
	cluster := map[string]int{}
	of := func(a *actor) int {
		if _, ok := cluster[a.people[0]]; !ok {
			cluster[a.people[0]] = len(cluster)
		}
		return cluster[a.people[0]]
	}
	for _, o := range outcomes {
		t.streams = append(t.streams, stream{of(o.actor), o.track.alarms, o.track.passed.inputMS / hourMS})
		for i, x := range o.taken {
			p := pair{of(o.actor), of(o.attacks[i].by), metric.Never, metric.Never, metric.Never, o.attacks[i].nearest}
			if x.noticed {
				p.seconds, p.wallSeconds, p.actions = x.after.inputMS/1000, x.after.wallMS/1000, float64(x.after.actions)
			}
			t.pairs = append(t.pairs, p)
		}
	}
	t.clusters = len(cluster)
	slices.SortStableFunc(t.pairs, func(a, b pair) int { return cmp.Compare(a.seconds, b.seconds) })
	return t
}

// statistic is a figure of a tally when clusters weigh as told.
type statistic struct {
	name string
	of   func(t *tally, weight []float64) float64
}

func seconds(p pair) float64     { return p.seconds }
func wallSeconds(p pair) float64 { return p.wallSeconds }
func actions(p pair) float64     { return p.actions }

// quantile is a quantile over takeovers; of random others, or of the nearest.
func quantile(q float64, of func(pair) float64, nearest bool) func(*tally, []float64) float64 {
	return func(t *tally, weight []float64) float64 {
		var values []metric.Weighted
		for _, p := range t.pairs {
			if w := weight[p.subject] * weight[p.by]; p.nearest == nearest && w > 0 {
				values = append(values, metric.Weighted{Value: of(p), Weight: w})
			}
		}
		slices.SortStableFunc(values, func(a, b metric.Weighted) int { return cmp.Compare(a.Value, b.Value) })
		return metric.LeastQuantile(values, q)
	}
}

// undetected is the share of takeovers that were not noticed.
func undetected(nearest bool) func(*tally, []float64) float64 {
	return func(t *tally, weight []float64) float64 {
		missed, all := 0.0, 0.0
		for _, p := range t.pairs {
			if p.nearest != nearest {
				continue
			}
			w := weight[p.subject] * weight[p.by]
			if all += w; metric.IsNever(p.seconds) {
				missed += w
			}
		}
		return missed / all
	}
}

func falseAlarms(t *tally, weight []float64) float64 {
	alarms, hours := 0.0, 0.0
	for _, s := range t.streams {
		alarms += weight[s.subject] * float64(s.alarms)
		hours += weight[s.subject] * s.hours
	}
	return 40 * alarms / hours
}

// quietDay is the share of people without a false alarm in a working day of policy.InputHoursPerDay of input, where each
// goes on at the rate of their own run.
func quietDay(t *tally, weight []float64) float64 {
	return overStreams(t, weight, func(s stream) float64 {
		return math.Exp(-policy.InputHoursPerDay * float64(s.alarms) / s.hours)
	})
}

// quietRun is the share of people without a false alarm in all that they recorded.
func quietRun(t *tally, weight []float64) float64 {
	return overStreams(t, weight, func(s stream) float64 {
		if s.alarms > 0 {
			return 0
		}
		return 1
	})
}

// quietAlike is the same for a working day when everybody had the same rate: the least that a rate of alarms allows, as
// they come to fewer people the less alike people are.
func quietAlike(t *tally, weight []float64) float64 {
	return math.Exp(-policy.InputHoursPerDay * falseAlarms(t, weight) / 40)
}

func overStreams(t *tally, weight []float64, value func(stream) float64) float64 {
	sum, all := 0.0, 0.0
	for _, s := range t.streams {
		sum, all = sum+weight[s.subject]*value(s), all+weight[s.subject]
	}
	return sum / all
}

// fewFigures are what is given of every operating point and data set.
var fewFigures = []statistic{
	{"detect_seconds_p50", quantile(0.5, seconds, false)},
	{"undetected_share", undetected(false)},
	{"undetected_share_nearest", undetected(true)},
	{"false_alarms_per_40h", falseAlarms},
}

// allFigures are what is given of each way to work at the protocol's own operating point.
var allFigures = append([]statistic{
	{"detect_seconds_p95", quantile(0.95, seconds, false)},
	{"detect_seconds_p50_nearest", quantile(0.5, seconds, true)},
	{"detect_wall_seconds_p50", quantile(0.5, wallSeconds, false)},
	{"detect_wall_seconds_p95", quantile(0.95, wallSeconds, false)},
	{"detect_actions_p50", quantile(0.5, actions, false)},
	{"people_without_alarm_share", quietDay},
	{"people_without_alarm_share_if_alike", quietAlike},
	{"people_without_alarm_share_recorded", quietRun},
}, fewFigures...)

// figures keeps statistics of a tally under a prefix and, where it is told one, a suffix. Intervals are bootstrapped over
// people; where no false alarm came, those of their rate are exact ones of a Poisson count.
func (r *run) figures(t tally, prefix, suffix string, list []statistic) {
	if t.clusters == 0 {
		return
	}
	compute := func(weight []float64) []float64 {
		out := make([]float64, len(list))
		for i, s := range list {
			out[i] = s.of(&t, weight)
		}
		return out
	}
	values := compute(slices.Repeat([]float64{1}, t.clusters))
	intervals := r.Bootstrap.Intervals(t.clusters, compute)
	for i, s := range list {
		if math.IsNaN(values[i]) {
			continue // nobody could be spliced in
		}
		ends := intervals[i].Capped()
		if alarms, hours := t.alarms(); alarms == 0 && s.name == "false_alarms_per_40h" {
			exact := metric.PoissonInterval(0)
			ends = metric.Interval{40 * exact[0] / hours, 40 * exact[1] / hours}
		}
		r.metric(prefix+"."+s.name+suffix, values[i], ends)
	}
}

func (t *tally) alarms() (alarms int, hours float64) {
	for _, s := range t.streams {
		alarms, hours = alarms+s.alarms, hours+s.hours
	}
	return alarms, hours
}

// byPerson gives each cluster's median seconds until a random other is noticed, the share of those who are not, and false
// alarms in 40 hours.
func (t *tally) byPerson() (medians, missed, alarms []float64) {
	for c := range t.clusters {
		weightOf := func(subject int) float64 {
			if subject == c {
				return 1
			}
			return 0
		}
		var times []float64
		never := 0.0
		for _, p := range t.pairs {
			if p.subject == c && !p.nearest {
				times = append(times, p.seconds)
				if metric.IsNever(p.seconds) {
					never++
				}
			}
		}
		if len(times) > 0 {
			medians = append(medians, metric.LeastQuantileOf(times, 0.5))
			missed = append(missed, never/float64(len(times)))
		}
		n, hours := 0.0, 0.0
		for _, s := range t.streams {
			n, hours = n+weightOf(s.subject)*float64(s.alarms), hours+weightOf(s.subject)*s.hours
		}
		if hours > 0 {
			alarms = append(alarms, 40*n/hours)
		}
	}
	return medians, missed, alarms
}

// spreadNever is metric.SpreadOf for errors of which some may be metric.Never.
func spreadNever(values []float64) metric.Spread {
	return metric.Spread{P50: metric.LeastQuantileOf(values, 0.5), P90: metric.LeastQuantileOf(values, 0.9), Worst: metric.LeastQuantileOf(values, 1)}
}

// people keeps how the figures differ from person to person: the median, the worst decile and the worst. Their intervals
// are bootstrapped over people too.
func (r *run) people(t tally, prefix string) {
	medians, missed, alarms := t.byPerson()
	for _, f := range []struct {
		name   string
		values []float64
	}{{"detect_seconds", medians}, {"undetected_share", missed}, {"false_alarms_per_40h", alarms}} {
		if len(f.values) == 0 {
			continue
		}
		spread := func(weight []float64) []float64 {
			var sorted []metric.Weighted
			for i, v := range f.values {
				sorted = append(sorted, metric.Weighted{Value: v, Weight: weight[i]})
			}
			slices.SortStableFunc(sorted, func(a, b metric.Weighted) int { return cmp.Compare(a.Value, b.Value) })
			return []float64{metric.LeastQuantile(sorted, 0.5), metric.LeastQuantile(sorted, 0.9), metric.LeastQuantile(sorted, 1)}
		}
		values := spread(slices.Repeat([]float64{1}, len(f.values)))
		intervals := r.Bootstrap.Intervals(len(f.values), spread)
		for i, at := range []string{"median", "worst_decile", "worst"} {
			r.metric(prefix+"."+f.name+"_person_"+at, values[i], intervals[i].Capped())
		}
	}
}
