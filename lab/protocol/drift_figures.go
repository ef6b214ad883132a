package protocol

import (
	"fmt"
	"strings"

	"ipse.dev/ipse/lab/metric"
)

// report keeps the figures of all days together, of each day and of stretches of days, and the course that they take.
func (d *driftTest) report(courses [][]stage) {
	for k, w := range ways {
		t := d.trial("all_days"+w.suffix, w.title, courses[k], d.days[0], d.days[1])
		if w.how == guarded && d.prefix == "" {
			for _, s := range t.Subjects {
				d.result.Comparisons.Mated += len(s.Mated)
				d.result.Comparisons.NonMated += len(s.NonMated)
			}
		}
		d.keep(t, Figure{Name: d.prefix + "eer_subject_mean" + w.suffix, Kind: SubjectEER}, Figure{Name: d.prefix + "eer_global" + w.suffix, Kind: GlobalEER},
			Figure{Name: d.prefix + "cllr" + w.suffix, Kind: Cllr}, Figure{Name: d.prefix + "cllr_min" + w.suffix, Kind: MinCllr})
		d.atThreshold("", w.suffix, t)
		if w.how == guarded && d.prefix == "" {
			d.headline("eer_subject_mean", t, SubjectEER)
		}
	}
	d.byDay(courses)
	for _, b := range d.blocks {
		var both [2]Trial
		for k, w := range ways {
			both[k] = d.trial(blockName(b)+w.suffix, fmt.Sprintf("%ss %d to %d, %s", d.time, b[0], b[1], w.title), courses[k], b[0], b[1])
			if len(both[k].Subjects) > 0 {
				d.keep(both[k], Figure{Name: d.prefix + blockName(b) + ".eer_subject_mean" + w.suffix, Kind: SubjectEER})
				d.atThreshold(blockName(b)+".", w.suffix, both[k])
			}
		}
		d.gain(blockName(b)+".", both)
	}
}

// byDay keeps the figures of each day, and draws them.
func (d *driftTest) byDay(courses [][]stage) {
	errorRate := Course{Name: d.file("days"), Title: "error by " + d.time + d.of(), Time: d.time, Label: "mean EER of a person (%)"}
	rejected := Course{Name: d.file("rejected"), Title: "rejected by " + d.time + d.of(), Time: d.time, Label: "own behaviour rejected (FNMR, %)"}
	for k, w := range ways {
		errors, rejections := CourseLine{Name: w.title}, CourseLine{Name: w.title}
		for day := d.days[0]; day <= d.days[1]; day++ {
			prefix := fmt.Sprintf("day%02d", day)
			t := d.trial(prefix+w.suffix, fmt.Sprintf("%s %d, %s", d.time, day, w.title), courses[k], day, day)
			if len(t.Subjects) < 2 {
				if w.how == frozen {
					d.note("no figure for %s %d%s: %d people typed then", d.time, day, d.of(), len(t.Subjects))
				}
				continue
			}
			d.keep(t, Figure{Name: d.prefix + prefix + ".eer_subject_mean" + w.suffix, Kind: SubjectEER})
			d.atThreshold(prefix+".", w.suffix, t)
			errors.Points = append(errors.Points, d.point(day, prefix+".eer_subject_mean"+w.suffix))
			rejections.Points = append(rejections.Points, d.point(day, prefix+".fnmr"+w.suffix))
		}
		errorRate.Lines, rejected.Lines = append(errorRate.Lines, errors), append(rejected.Lines, rejections)
	}
	if len(errorRate.Lines[0].Points) > 0 {
		d.result.Courses = append(d.result.Courses, errorRate, rejected)
	}
}

// point is a metric that has been kept, as of a day.
func (d *driftTest) point(day int, name string) CoursePoint {
	return CoursePoint{At: float64(day), Value: d.result.Metrics[d.prefix+name], CI95: d.result.CI95[d.prefix+name]}
}

// file names a plot of this set.
func (d *driftTest) file(name string) string { return strings.ReplaceAll(d.prefix, ".", "-") + name }

func blockName(b [2]int) string { return fmt.Sprintf("days%02d_%02d", b[0], b[1]) }

// atThreshold keeps the rates at the frozen threshold, of each person and averaged.
func (d *driftTest) atThreshold(prefix, suffix string, t Trial) {
	var fnmr, fmr []float64
	for _, s := range t.Subjects {
		fnmr = append(fnmr, 1-shareAtLeast(s.Mated, d.threshold))
		fmr = append(fmr, shareAtLeast(s.NonMated, d.threshold))
	}
	d.metric(d.prefix+prefix+"fnmr"+suffix, metric.Mean(fnmr), d.Bootstrap.MeanInterval(fnmr))
	d.metric(d.prefix+prefix+"fmr"+suffix, metric.Mean(fmr), d.Bootstrap.MeanInterval(fmr))
}

// gain keeps by how much adaptation lowers the error on the same typings, person by person.
func (d *driftTest) gain(prefix string, both [2]Trial) {
	if len(both[0].Subjects) == 0 || len(both[0].Subjects) != len(both[1].Subjects) {
		return
	}
	adapted, still := both[0].PerSubject(SubjectEER), both[1].PerSubject(SubjectEER)
	fewer, rejected := make([]float64, len(adapted)), make([]float64, len(adapted))
	for i := range adapted {
		fewer[i] = still[i] - adapted[i]
		rejected[i] = shareAtLeast(both[0].Subjects[i].Mated, d.threshold) - shareAtLeast(both[1].Subjects[i].Mated, d.threshold)
	}
	d.metric(d.prefix+prefix+"gain_eer_subject_mean", metric.Mean(fewer), d.Bootstrap.MeanInterval(fewer))
	d.metric(d.prefix+prefix+"gain_fnmr", metric.Mean(rejected), d.Bootstrap.MeanInterval(rejected))
}

// shareAtLeast is the share of scores at or above a threshold.
func shareAtLeast(scores []float64, threshold float64) float64 {
	n := 0
	for _, s := range scores {
		if s >= threshold {
			n++
		}
	}
	return float64(n) / float64(len(scores))
}
