package protocol

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/internal/redteam"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/metric"
)

// How attacks on the keyboard are made and cut.
const (
	keyStreamMS      = 60_000 // of typing, in which an attack should be found
	keyStreamStrokes = 600    // more than anybody types in that time; an injector may
	keyAttacksEach   = 3      // streams of each family for each victim
	keyVictims       = 60     // people of each set who are attacked
	keyPopulation    = 25     // other people whose typing an attacker has
	keyRunStrokes    = 120    // strokes that an attacker has in a row
	burstStrokes     = 20     // keys of a short injection
	keyClockMS       = 1      // the step of the data sets' clocks, which attackers get too
)

// typingPerson is one person's typing, session by session.
type typingPerson struct {
	set, id  string
	sessions [][]event.Key
}

func (p typingPerson) name() string { return p.set + "/" + p.id }

// runs are the person's strokes without long pauses, so many in a row at most.
func (p typingPerson) runs() [][]window.Stroke {
	var out [][]window.Stroke
	for _, s := range p.sessions {
		for _, run := range redteam.Runs(s) {
			out = append(out, slices.Collect(slices.Chunk(run, keyRunStrokes))...)
		}
	}
	return out
}

// keyboardLiveness measures injected and forged typing beside that of Aalto's and BB-MAS's people.
func keyboardLiveness(l *livenessRun) error {
	people, err := l.typists()
	if err != nil {
		return err
	}
	k := keyboardHalf{livenessRun: l, shipped: presence.Default()}
	for _, p := range people {
		k.people = append(k.people, p.name())
		k.windows = append(k.windows, keyWindows(p.sessions, window.KeyboardStrokes))
		k.bursts = append(k.bursts, streams(keyWindows(p.sessions, burstStrokes), 0))
	}
	k.hands()
	k.choose(people)
	groups := map[adversary.KeyGroup][]string{}
	for _, a := range adversary.KeyAttacks {
		groups[a.Group] = append(groups[a.Group], a.Family)
	}
	judges := map[adversary.KeyGroup]presence.Judge{}
	for i, a := range adversary.KeyAttacks {
		l.progress("keyboard attacks", i, len(adversary.KeyAttacks))
		if err := l.ctx.Err(); err != nil {
			return err
		}
		if _, ok := judges[a.Group]; !ok {
			// Families of one group are alike: one that is judged must not be known by its sister either.
			if judges[a.Group], err = l.without("keyboard", groups[a.Group]); err != nil {
				return err
			}
		}
		k.family(a, judges[a.Group])
	}
	k.summaries()
	return nil
}

// typists reads the people to be measured of both sets; one set is enough.
func (l *livenessRun) typists() ([]typingPerson, error) {
	var people []typingPerson
	var missing []error
	opt := l.Options
	for _, set := range []string{dataset.BBMAS, dataset.Aalto} {
		opt.OnFile = func(done, total int) { l.progress("read "+set, done, total) }
		all, kept := 0, 0
		err := dataset.Read(set, l.Data, opt, func(p dataset.Person) error {
			all++
			if !l.measured(set, p.ID) {
				return l.ctx.Err()
			}
			kept++
			out := typingPerson{set: set, id: p.ID}
			for _, s := range p.Sessions {
				out.sessions = append(out.sessions, s.Keys)
			}
			people = append(people, out)
			return l.ctx.Err()
		})
		if errors.Is(err, dataset.ErrNotFound) {
			missing = append(missing, err)
			l.note("keyboard: %s is left out: it is not in the folder", set)
			continue
		}
		if err != nil {
			return nil, err
		}
		l.note("keyboard: %d of %d people of %s are left out: detectors were fitted on them", all-kept, all, set)
	}
	if len(missing) == 2 {
		return nil, errors.Join(missing...)
	}
	if len(people) < 3 {
		return nil, fmt.Errorf("%w: %d people have typed; want at least three, one attacked and two others", ErrTooFew, len(people))
	}
	return people, nil
}

// keyboardHalf is the keyboard's part of a run.
type keyboardHalf struct {
	*livenessRun
	shipped presence.Judge
	people  []string
	windows [][]presence.Window   // of each person's own typing
	bursts  [][][]presence.Window // the same in windows of burstStrokes, one a stream
	victims []keyVictim

	found map[string]map[int][]float64 // by group and what, and by victim: one share a family
}

// keyVictim is somebody who is attacked, with what the attacker has.
type keyVictim struct {
	person   int // into people
	material adversary.KeyMaterial
}

// choose picks the victims, as many of each set, and gives each attacker the typing of the victim's first half and of
// other people.
func (k *keyboardHalf) choose(people []typingPerson) {
	taken := map[string]int{}
	runs := make([][][]window.Stroke, len(people))
	for i, p := range people {
		if taken[p.set] < keyVictims+keyPopulation {
			taken[p.set]++
			runs[i] = p.runs()
		}
	}
	clear(taken)
	for i, p := range people {
		if len(runs[i]) < 2 || taken[p.set] == keyVictims {
			continue
		}
		taken[p.set]++
		m := adversary.KeyMaterial{Victim: runs[i][:(len(runs[i])+1)/2]}
		for n := 1; n < len(people) && n <= keyPopulation; n++ {
			m.Population = append(m.Population, runs[(i+n)%len(people)]...)
		}
		k.victims = append(k.victims, keyVictim{i, m})
	}
	k.found = map[string]map[int][]float64{}
}

// keyWindows gives what a collector would send of sessions, in windows of so many strokes. Sessions follow one another in
// time.
func keyWindows(sessions [][]event.Key, strokes int) []presence.Window {
	var out []presence.Window
	startMS := 0.0
	for _, keys := range sessions {
		cutter := window.NewKeyboardCutter(strokes, min(strokes, window.KeyboardMinStrokes))
		endMS := 0.0
		take := func(all []window.Keyboard) {
			for _, w := range all {
				out = append(out, keyObservation(w, startMS))
			}
		}
		for _, e := range keys {
			e.TimeMS = keyClockMS * math.Round(e.TimeMS/keyClockMS)
			take(cutter.Push(e))
			endMS = e.TimeMS
		}
		take(cutter.Flush())
		startMS += endMS + 1000
	}
	return out
}

func keyObservation(w window.Keyboard, startMS float64) presence.Window {
	first, last := w.Strokes[0].PressMS, w.Strokes[len(w.Strokes)-1].ReleaseMS
	o := observation.Observation{
		Modality: observation.Keyboard, StartMS: int64(startMS + first), DurationMS: int64(math.Max(0, last-first)), Events: len(w.Strokes),
		FeatureList: feature.KeyboardList.Name, Features: feature.Keyboard(w), Liveness: liveness.Keyboard(w),
	}
	o.Quality = liveness.KeyboardFlags(w, o.Liveness, false)
	return presence.Window{Observation: o}
}

// streams parts windows into runs that last so long at most, in ms; each window alone where that is 0.
func streams(windows []presence.Window, mostMS int64) [][]presence.Window {
	var out [][]presence.Window
	for begin, i := 0, 1; i <= len(windows); i++ {
		if i == len(windows) || windows[i].StartMS+windows[i].DurationMS-windows[begin].StartMS > mostMS {
			out = append(out, windows[begin:i])
			begin = i
		}
	}
	return out
}

// inputHours is how long windows last together.
func inputHours(windows []presence.Window) float64 {
	ms := int64(0)
	for _, w := range windows {
		ms += w.DurationMS
	}
	return float64(ms) / 3_600_000
}

// hands measures how often people are taken for an attack by what ships.
func (k *keyboardHalf) hands() {
	bySet := map[string][]humanInput{}
	var bursts, alarmed []float64
	for i, name := range k.people {
		set, _, _ := strings.Cut(name, "/")
		bySet[set] = append(bySet[set], humanInput{alarms(k.shipped, k.windows[i]), inputHours(k.windows[i])})
		n := 0.0
		for _, b := range k.bursts[i] {
			if alarmScore(k.shipped, b) >= 1 {
				n++
			}
		}
		bursts, alarmed = append(bursts, float64(len(k.bursts[i]))), append(alarmed, n)
	}
	for _, set := range []string{dataset.BBMAS, dataset.Aalto} {
		if len(bySet[set]) > 0 {
			k.falseAlarms("keyboard", set, bySet[set])
		}
	}
	share := func(weight []float64) []float64 {
		var some, all float64
		for i := range bursts {
			some, all = some+weight[i]*alarmed[i], all+weight[i]*bursts[i]
		}
		return []float64{some / all}
	}
	k.metric("keyboard.fpr_within_20_keys", share(slices.Repeat([]float64{1}, len(bursts)))[0], k.Bootstrap.Intervals(len(bursts), share)[0])
}

// family measures one family: by a judge that does not know it, and by the one that ships.
func (k *keyboardHalf) family(a adversary.KeyAttack, judge presence.Judge) {
	trial := Trial{People: k.people}
	for i := range k.people {
		s := Subject{Index: i}
		for _, stream := range streams(k.windows[i], keyStreamMS) {
			s.NonMated = append(s.NonMated, alarmScore(judge, stream))
			s.Owner = append(s.Owner, metric.Nobody)
		}
		trial.Subjects = append(trial.Subjects, s)
	}
	made := 0
	for _, v := range k.victims {
		shares := keyShares{}
		for n := range keyAttacksEach {
			rng := chance("keyboard", a.Family, k.people[v.person], fmt.Sprint(n))
			keys := a.Make(rng, v.material, keyStreamStrokes)
			stream := firstOf(keyWindows([][]event.Key{keys}, window.KeyboardStrokes), keyStreamMS)
			burst := keyWindows([][]event.Key{firstStrokes(keys, burstStrokes)}, burstStrokes)
			if len(stream) == 0 || len(burst) == 0 {
				continue
			}
			made++
			trial.Subjects[v.person].Mated = append(trial.Subjects[v.person].Mated, alarmScore(judge, stream))
			shares.add(k.shipped, stream, burst)
		}
		shares.into(k.found, string(a.Group), v.person)
	}
	if made == 0 {
		k.note("keyboard: %s is left out: nobody has typed enough to make it from", a.Family)
		return
	}
	k.families = append(k.families, livenessFamily{part: "keyboard", family: a.Family, group: string(a.Group), alarm: a.Group != adversary.HiddenKeys, trial: trial})
}

// firstOf gives the windows that end within so long of the first one's start, one at least.
func firstOf(windows []presence.Window, mostMS int64) []presence.Window {
	if all := streams(windows, mostMS); len(all) > 0 {
		return all[0]
	}
	return nil
}

// firstStrokes gives the events up to the release of so many presses.
func firstStrokes(keys []event.Key, strokes int) []event.Key {
	pressed, released := 0, 0
	var out []event.Key
	for _, e := range keys {
		if e.Down && !e.Repeat {
			if pressed == strokes {
				continue
			}
			pressed++
		}
		out = append(out, e)
		if !e.Down {
			if released++; released == strokes {
				break
			}
		}
	}
	return out
}

// keyShares counts what ships makes of one victim's attacks of one family.
type keyShares struct{ made, found, burst, told int }

func (s *keyShares) add(judge presence.Judge, stream, burst []presence.Window) {
	s.made++
	if alarmScore(judge, stream) >= 1 {
		s.found++
	} else if told(judge, stream, presence.KeyTimesHidden) {
		s.told++
	}
	if alarmScore(judge, burst) >= 1 {
		s.burst++
	}
}

func (s keyShares) into(shares map[string]map[int][]float64, group string, victim int) {
	if s.made == 0 {
		return
	}
	for what, n := range map[string]int{"found": s.found, "burst": s.burst, "told": s.told} {
		of := shares[group+" "+what]
		if of == nil {
			of = map[int][]float64{}
			shares[group+" "+what] = of
		}
		of[victim] = append(of[victim], float64(n)/float64(s.made))
	}
}

// told reports whether a judge finds a kind in a stream.
func told(judge presence.Judge, stream []presence.Window, kind presence.Kind) bool {
	var state presence.State
	for _, w := range stream {
		var findings []presence.Finding
		state, findings = judge.Update(state, w)
		if slices.ContainsFunc(findings, func(f presence.Finding) bool { return f.Kind == kind && f.Found }) {
			return true
		}
	}
	return false
}

// summaries keeps the figures by group that the shipped thresholds give, and the error of population forgeries.
func (k *keyboardHalf) summaries() {
	share := func(name string, group adversary.KeyGroup, what string, of func(float64) float64) {
		var values []float64
		for _, v := range k.victims {
			if shares := k.found[string(group)+" "+what][v.person]; len(shares) > 0 {
				values = append(values, of(metric.Mean(shares)))
			}
		}
		if len(values) == 0 {
			return
		}
		k.metric(name, metric.Mean(values), k.Bootstrap.MeanInterval(values))
	}
	as := func(v float64) float64 { return v }
	share("keyboard.naive.found_within_20_keys", adversary.NaiveKeys, "burst", as)
	share("keyboard.population.accepted_60s", adversary.PopulationKeys, "found", func(v float64) float64 { return 1 - v })
	share("keyboard.victim.accepted_60s", adversary.VictimKeys, "found", func(v float64) float64 { return 1 - v })
	share("keyboard.hidden.taken_for_attack", adversary.HiddenKeys, "found", as)
	share("keyboard.hidden.cannot_tell_found", adversary.HiddenKeys, "told", as)
	var forged Trial
	for _, f := range k.families {
		if f.part == "keyboard" && f.group == string(adversary.PopulationKeys) {
			forged.People = f.trial.People
			forged.Subjects = append(forged.Subjects, f.trial.Subjects...)
		}
	}
	if len(forged.Subjects) > 0 {
		forged.Name, forged.Pooled, forged.Part = "keyboard.population.error", true, true
		k.keep(forged, Figure{Name: "keyboard.population.error", Kind: GlobalEER})
	}
}
