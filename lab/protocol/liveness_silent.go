package protocol

import (
	"fmt"
	"slices"
	"strings"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/fit"
	"ipse.dev/ipse/lab/metric"
)

// How much is made for the kinds that silence.
const (
	togetherPeople = 40 // of each set of typing
	togetherTakes  = 2  // partners of each, in every way
	aidSittings    = 20 // of each aid
	aidStrokes     = 300
	aidMS          = 180_000
)

// silentLiveness measures the kinds that accuse nobody and are told by ratios of their own: two people at once, by people's typing
// beside other people's pointing, and input that a program mediates, by aids that are generated. The browser's own word that
// it is driven is set and not measured: no data set holds a person at such a browser.
func silentLiveness(l *livenessRun) error {
	c, err := fit.NewChimeras(l.Data, l.measured)
	if err != nil {
		return err
	}
	l.together(c)
	l.mediated(c)
	for _, s := range l.shipped().Signals {
		l.note("%s: %s", s.Kind, s.Source)
	}
	return nil
}

// together measures two people at once, and every way in which one person does both.
func (l *livenessRun) together(c fit.Chimeras) {
	w := presence.ShippedTwoPeopleWeights()
	var chosen []int
	taken := map[string]int{}
	for i, p := range c.Typing {
		if taken[p.Set]++; taken[p.Set] <= togetherPeople {
			chosen = append(chosen, i)
		}
	}
	for at, way := range fit.Togethernesses {
		l.progress("typing and pointing", at, len(fit.Togethernesses))
		if l.ctx.Err() != nil {
			return
		}
		shares, times, hours := make([]float64, len(chosen)), make([]int, len(chosen)), make([]float64, len(chosen))
		after := make([][]float64, len(chosen))
		inParallel(len(chosen), func(i int) {
			for n := range togetherTakes {
				t := fit.TogetherIn(c.Stream(chosen[i], way, n, nil))
				found := t.Found(w)
				times[i], hours[i] = times[i]+len(found), hours[i]+t.Hours
				if len(found) > 0 {
					shares[i] += 1.0 / togetherTakes
					after[i] = append(after[i], float64(found[0]))
				}
			}
		})
		name := "two_people." + strings.NewReplacer(" ", "_", ",", "").Replace(way.Name)
		l.metric(name+".found", metric.Mean(shares), l.Bootstrap.MeanInterval(shares))
		count, all := 0, 0.0
		for i := range times {
			count, all = count+times[i], all+hours[i]
		}
		ends := metric.PoissonInterval(count)
		l.metric(name+".found_per_40h", 40*float64(count)/all, metric.Interval{40 * ends[0] / all, 40 * ends[1] / all})
		windows := slices.Sorted(slices.Values(slices.Concat(after...)))
		first := "never"
		if n := len(windows); n > 0 {
			first = fmt.Sprintf("first after %.0f windows of typing in the median", windows[n/2])
		}
		l.note("two people: %s: found in %.3f of the streams of %d people, %d times in %.1f h, %s", way.Name, metric.Mean(shares), len(chosen), count, all, first)
	}
}

// mediated measures how often people's own input is taken for a program's at a person's pace, how often aids are, and whether
// one is accused.
func (l *livenessRun) mediated(c fit.Chimeras) {
	judge := l.shipped()
	var shares []float64
	count, windows := 0, 0
	person := func(streams [][]presence.Window) {
		times, all := 0, 0
		for _, s := range streams {
			times, all = times+timesFound(judge, presence.MediatedInput, s), all+len(s)
		}
		if all > 0 {
			shares = append(shares, float64(times)/float64(all))
			count, windows = count+times, windows+all
		}
	}
	for i := range c.Typing {
		person([][]presence.Window{fit.Observed(fit.OwnKeys(c.Typing, i).Events, nil)})
	}
	for _, p := range c.Pointing {
		var streams [][]presence.Window
		for _, s := range p.Sessions {
			streams = append(streams, fit.Observed(nil, s))
		}
		person(streams)
	}
	l.metric("mediated_input.false", metric.Mean(shares), l.Bootstrap.MeanInterval(shares))
	l.note("mediated input: found %d times in %d windows of %d people", count, windows, len(shares))
	for _, a := range adversary.Aids {
		found, accused := make([]float64, aidSittings), 0
		for i := range aidSittings {
			rng := pointerChance("sitting", a.Name, fmt.Sprint(i))
			var keys []event.Key
			var pointers []event.Pointer
			if a.Keys != nil {
				keys = a.Keys(rng, aidStrokes)
			} else {
				pointers = a.Pointers(rng, aidMS)
			}
			stream := fit.Observed(keys, pointers)
			if timesFound(judge, presence.MediatedInput, stream) > 0 {
				found[i] = 1
			}
			if alarms(judge, stream) > 0 {
				accused++
			}
		}
		l.metric("mediated_input."+a.Name+".found", metric.Mean(found), l.Bootstrap.MeanInterval(found))
		l.note("mediated input: %s: found in %.2f of %d sittings, accused of an attack in %d", a.Name, metric.Mean(found), aidSittings, accused)
	}
}

// timesFound counts how often a judge finds a kind in a stream; after each time it begins anew.
func timesFound(judge presence.Judge, kind presence.Kind, stream []presence.Window) (n int) {
	var state presence.State
	for _, w := range stream {
		var findings []presence.Finding
		state, findings = judge.Update(state, w)
		if slices.ContainsFunc(findings, func(f presence.Finding) bool { return f.Kind == kind && f.Found }) {
			n, state = n+1, presence.State{}
		}
	}
	return n
}
