package protocol

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
	"ipse.dev/ipse/lab/metric"
)

// livenessFPR is the share of people's streams that may be taken for an attack where detection is reported.
const livenessFPR = 1e-3

// livenessPart measures the attackers of one kind of input. It gives ErrNotFound or ErrTooFew where the folder has nobody
// to measure them on.
type livenessPart struct {
	name    string
	measure func(*livenessRun) error
}

// livenessParts are the parts of the protocol; each is a file.
var livenessParts = []livenessPart{{"keyboard", keyboardLiveness}, {"pointer", pointerLiveness}, {"replay", replayLiveness}, {"silent", silentLiveness}}

// livenessRun is one run of the protocol.
type livenessRun struct {
	*run
	families []livenessFamily
}

// livenessFamily is how attacks of one family stand beside people: an attack is found in a stream whose score is high.
// The attacks are the trial's mated scores, of the people whom they are made from or who are made believe; the people's
// own streams are its non-mated ones.
type livenessFamily struct {
	part, family string
	group        string // families of one group share a plot
	alarm        bool   // whether it should be found: it counts into the figure over all families
	trial        Trial
}

// livenessProtocol measures how surely attacks are told from people's hands, by family. Nobody of the people measured has
// been used to fit anything, and each family is judged by a detector that was fitted without that family, where there is
// one to fit; the shipped detectors, thresholds and all, give the false alarms.
func livenessProtocol(r *run) (Result, error) {
	l := &livenessRun{run: r}
	var missing []error
	for _, part := range livenessParts {
		err := part.measure(l)
		if errors.Is(err, dataset.ErrNotFound) || errors.Is(err, ErrTooFew) {
			missing = append(missing, fmt.Errorf("%s: %w", part.name, err))
			continue
		}
		if err != nil {
			return Result{}, err
		}
	}
	if len(l.families) == 0 {
		return Result{}, errors.Join(append(missing, fmt.Errorf("%w: no attack could be made of anybody's input", ErrTooFew))...)
	}
	for _, err := range missing {
		r.note("a part is left out: %v", err)
	}
	l.figures()
	return r.result, nil
}

// livenessThreads is how many fits, and how many attacks, are made at a time.
var livenessThreads = runtime.GOMAXPROCS(0)

// inParallel lets so many pieces of work be done, livenessThreads at a time.
func inParallel(n int, do func(i int)) {
	var wait sync.WaitGroup
	var next atomic.Int64
	for range min(n, livenessThreads) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wait.Wait()
}

// measured reports whether a person is one of those whom figures are of.
func (l *livenessRun) measured(set, id string) bool {
	if l.Keep != nil {
		return l.Keep(set, id)
	}
	return fit.RoleOf(set, id) == fit.Unseen
}

// figures adds up what the parts have measured: for each family, for all of them, and from person to person.
func (l *livenessRun) figures() {
	var people []string
	type rate func(weight []float64) float64
	var all []rate
	ofPart := map[string][]rate{}
	perPerson := map[string][]float64{}
	for i := range l.families {
		f := &l.families[i]
		if attacks, hands := f.trial.Scores(); len(attacks) == 0 || len(hands) == 0 {
			l.note("%s.%s has no figure: %d streams of attacks and %d of people are too few", f.part, f.family, len(attacks), len(hands))
			continue
		}
		f.trial.Name, f.trial.Pooled, f.trial.Part = f.part+"."+f.family, true, true
		figure := Figure{Name: f.trial.Name + ".tpr_at_fpr_1e-3", Kind: TPRAtFPR, FMR: livenessFPR}
		l.keep(f.trial, figure)
		for _, s := range f.trial.Subjects {
			l.result.Comparisons.Mated += len(s.Mated)
			l.result.Comparisons.NonMated += len(s.NonMated)
		}
		if !f.alarm {
			continue
		}
		places := make([]int, len(f.trial.People))
		for i, p := range f.trial.People {
			if places[i] = slices.Index(people, p); places[i] < 0 {
				places[i] = len(people)
				people = append(people, p)
			}
		}
		weighted := f.trial.weighted([]Figure{figure})
		caught := func(weight []float64) float64 {
			own := make([]float64, len(places))
			for i, at := range places {
				own[i] = weight[at]
			}
			return weighted(own)[0]
		}
		all, ofPart[f.part] = append(all, caught), append(ofPart[f.part], caught)
		for person, share := range f.trial.caught(livenessFPR) {
			perPerson[person] = append(perPerson[person], share)
		}
	}
	l.groups()
	l.result.Subjects = len(people)
	if len(all) == 0 {
		return
	}
	mean := func(name string, rates []rate) {
		over := func(weight []float64) []float64 {
			sum := 0.0
			for _, r := range rates {
				sum += r(weight)
			}
			return []float64{sum / float64(len(rates))}
		}
		l.metric(name, over(slices.Repeat([]float64{1}, len(people)))[0], l.Bootstrap.Intervals(len(people), over)[0])
	}
	mean("tpr_at_fpr_1e-3", all)
	for part, rates := range ofPart {
		mean(part+".tpr_at_fpr_1e-3", rates)
	}
	l.result.Headline = "tpr_at_fpr_1e-3"
	for _, p := range people {
		if shares := perPerson[p]; len(shares) > 0 {
			l.result.PerPerson = append(l.result.PerPerson, metric.Mean(shares))
		}
	}
	l.result.PerSubject = metric.SpreadOf(l.result.PerPerson, metric.HigherIsBetter)
}

// caught gives, for each person on whom attacks were made, the share of them that is found where so many of the people's
// own streams are.
func (t *Trial) caught(fpr float64) map[string]float64 {
	attacks, hands := t.Scores()
	threshold := math.Inf(1)
	for _, p := range metric.DET(attacks, hands) {
		if p.FMR > fpr {
			break
		}
		threshold = p.Threshold
	}
	out := map[string]float64{}
	for _, s := range t.Subjects {
		found := 0
		for _, score := range s.Mated {
			if score >= threshold {
				found++
			}
		}
		if len(s.Mated) > 0 {
			out[t.People[s.Index]] = float64(found) / float64(len(s.Mated))
		}
	}
	return out
}

// groups keeps the scores of a group's families together, for plots.
func (l *livenessRun) groups() {
	var order []string
	byName := map[string]*Trial{}
	for _, f := range l.families {
		name := f.part + "." + f.group
		t := byName[name]
		if t == nil {
			t = &Trial{Name: name, Title: strings.ReplaceAll(f.group, "_", " "), People: f.trial.People, Pooled: true}
			byName[name] = t
			order = append(order, name)
		}
		t.Subjects = append(t.Subjects, f.trial.Subjects...)
	}
	for _, name := range order {
		l.result.Trials = append(l.result.Trials, *byName[name])
	}
}

// alarmScore lets a judge see a stream of windows and gives how near it came to an alarm: the highest sum of any kind of
// attack, as a share of what is needed to find it. From 1 on an alarm is raised.
func alarmScore(judge presence.Judge, stream []presence.Window) float64 {
	needed := map[presence.Kind]float64{}
	for _, s := range judge.Signals {
		needed[s.Kind] = s.Found
	}
	var state presence.State
	score := 0.0
	for _, w := range stream {
		var findings []presence.Finding
		state, findings = judge.Update(state, w)
		for _, f := range findings {
			if f.Kind.Accuses() {
				score = math.Max(score, f.Sum/needed[f.Kind])
			}
		}
	}
	return score
}

// alarms counts how often a judge raises an alarm in a person's windows; after each it begins anew, as after a sign-in.
func alarms(judge presence.Judge, windows []presence.Window) (n int) {
	var state presence.State
	for _, w := range windows {
		var findings []presence.Finding
		state, findings = judge.Update(state, w)
		if anyAlarm(findings) {
			state = state.Anew()
			n++
		}
	}
	return n
}

// humanInput is what one person's own windows came to.
type humanInput struct {
	alarms int
	hours  float64 // of input
}

// falseAlarms keeps how often the shipped detectors took people of a set for an attack, with the exact interval of a count.
func (l *livenessRun) falseAlarms(part, set string, people []humanInput) {
	name := part + "." + set
	raised, hours := 0, 0.0
	for _, p := range people {
		raised, hours = raised+p.alarms, hours+p.hours
	}
	if hours == 0 {
		return
	}
	ends := metric.PoissonInterval(raised)
	l.metric(name+".false_alarms", float64(raised), ends)
	l.metric(name+".false_alarms_per_40h", 40*float64(raised)/hours, metric.Interval{40 * ends[0] / hours, 40 * ends[1] / hours})
	l.metric(name+".hours", hours, metric.Interval{hours, hours})
	l.note("%s: %d false alarms of %d people of %s in %.1f h of input", part, raised, len(people), set, hours)
}
