package protocol

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
	"ipse.dev/ipse/lab/metric"
)

// How attacks on the keyboard are made and cut.
const (
	keyStreamMS      = 60_000 // of typing, in which an attack should be found
	keyStreamStrokes = 600    // more than anybody types in that time; an injector may
	keyAttacksEach   = 3      // streams of each family for each victim
	keyVictims       = 60     // people of each set who are attacked
)

// keyJudges gives, for a folder, the fit of judges of typing that do not know some families of attacks. Several goroutines
// may call it at once.
var keyJudges = func(data string) (func(without []string) (presence.Judge, error), error) {
	fitter, err := fit.NewKeyFitter(data, io.Discard)
	if err != nil {
		return nil, err
	}
	return func(without []string) (presence.Judge, error) {
		w, err := fitter.Without(without)
		return presence.Judge{Signals: w.Signals()}, err
	}, nil
}

// keyboardHalf is the keyboard's part of a run. All streams, people's and attacks', are read by clocks that are drawn from
// the same ones.
type keyboardHalf struct {
	*livenessRun
	ships   acquainted
	people  []fit.KeyPerson
	names   []string
	windows [][]presence.Window // of each person's own typing
	victims []int               // into people

	shares map[string]map[int][]float64 // by group and what, and by victim: one share a family
}

// keyboardLiveness measures injected and forged typing beside that of Aalto's and BB-MAS's people.
func keyboardLiveness(l *livenessRun) error {
	k := keyboardHalf{livenessRun: l, shares: map[string]map[int][]float64{}}
	if err := k.read(); err != nil {
		return err
	}
	k.ships = acquaint(l.shipped(), k.windows)
	k.note("keyboard: whoever is attacked has typed all of their own recording in earlier sessions, and the judge knows it; a stranger has typed nothing. People's own typing is judged as one session of a stranger, and each half of it as a session of somebody who has typed the other half before")
	k.hands()
	groups := keyGroups()
	judges, err := k.fits(groups)
	if err != nil {
		return err
	}
	done := 0
	for i, group := range groups {
		judge := acquaint(judges[i], k.windows)
		hands := k.handScores(judge)
		for _, a := range group {
			l.progress("keyboard attacks", done, len(adversary.KeyAttacks))
			done++
			if err := l.ctx.Err(); err != nil {
				return err
			}
			k.family(a, judge, hands)
		}
	}
	k.summaries()
	return nil
}

// keyGroups are the families that are left out of a fit together: those of a group are alike, and one that is judged must
// not be known by its sister either. Programs that hide key times are a judge's only examples of such, so each of them is
// left out by itself.
func keyGroups() [][]*adversary.KeyAttack {
	var out [][]*adversary.KeyAttack
	for i := range adversary.KeyAttacks {
		a := &adversary.KeyAttacks[i]
		at := slices.IndexFunc(out, func(g []*adversary.KeyAttack) bool { return g[0].Group == a.Group })
		if at < 0 || a.Group == adversary.HiddenKeys {
			out = append(out, []*adversary.KeyAttack{a})
			continue
		}
		out[at] = append(out[at], a)
	}
	return out
}

// fits gives the judge of each group that does not know it.
func (k *keyboardHalf) fits(groups [][]*adversary.KeyAttack) ([]presence.Judge, error) {
	k.progress("fits without keyboard attacks", 0, len(groups))
	without, err := keyJudges(k.Data)
	if err != nil {
		return nil, err
	}
	judges, failure := make([]presence.Judge, len(groups)), make([]error, len(groups))
	inParallel(len(groups), func(i int) {
		if failure[i] = k.ctx.Err(); failure[i] != nil {
			return
		}
		var families []string
		for _, a := range groups[i] {
			families = append(families, a.Family)
		}
		judges[i], failure[i] = without(families)
	})
	if err := errors.Join(failure...); err != nil {
		return nil, err
	}
	k.note("keyboard: naive, automation, humanised, population and victim are left out of a fit as whole groups; programs that hide key times one by one")
	return judges, nil
}

// read takes the people to be measured of the sets that the folder holds, and chooses victims, as many of each set.
func (k *keyboardHalf) read() error {
	k.progress("read typing", 0, 1)
	all := map[string]int{}
	people, err := fit.KeyPeople(k.Data, func(set, id string) bool { all[set]++; return set != dataset.Villani && k.measured(set, id) })
	if err != nil {
		return err
	}
	kept, taken := map[string]int{}, map[string]int{}
	for i, p := range people {
		kept[p.Set]++
		k.names = append(k.names, p.Set+"/"+p.ID)
		k.windows = append(k.windows, keyWindows(fit.OwnKeys(people, i)))
		if len(p.Runs) > 0 && taken[p.Set] < keyVictims {
			taken[p.Set]++
			k.victims = append(k.victims, i)
		}
	}
	for _, set := range []string{dataset.BBMAS, dataset.Aalto} {
		if all[set] == 0 {
			k.note("keyboard: %s is left out: it is not in the folder", set)
			continue
		}
		k.note("keyboard: %d of %d people of %s are left out: detectors were fitted on them", all[set]-kept[set], all[set], set)
	}
	if len(people) < 3 {
		return fmt.Errorf("%w: %d people have typed; want at least three, one attacked and two others", ErrTooFew, len(people))
	}
	k.people = people
	return k.ctx.Err()
}

// keyWindows gives what a collector would send of a stream.
func keyWindows(s fit.KeyStream) []presence.Window {
	var out []presence.Window
	for _, w := range s.Windows(window.KeyboardStrokes) {
		out = append(out, keyObservation(w))
	}
	return out
}

func keyObservation(w window.Keyboard) presence.Window {
	first, last := w.Strokes[0].PressMS, w.Strokes[len(w.Strokes)-1].ReleaseMS
	o := observation.Observation{
		Modality: observation.Keyboard, StartMS: int64(first), DurationMS: int64(max(0, last-first)), Events: len(w.Strokes),
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

// firstOf gives the windows that end within so long of the first one's start, one at least; a shorter rest after them is
// left out.
func firstOf(windows []presence.Window, mostMS int64) []presence.Window {
	if all := streams(windows, mostMS); len(all) > 0 {
		return all[0]
	}
	return nil
}

// inputHours is how long windows last together.
func inputHours(windows []presence.Window) float64 {
	ms := int64(0)
	for _, w := range windows {
		ms += w.DurationMS
	}
	return float64(ms) / 3_600_000
}

// hands measures how often people are taken for an attack by what ships: strangers in all their typing, people who are known
// in each half of it, and anybody by any one window.
func (k *keyboardHalf) hands() {
	bySet, known := map[string][]humanInput{}, map[string][]humanInput{}
	windows, alarmed := 0, 0
	for i, p := range k.people {
		bySet[p.Set] = append(bySet[p.Set], humanInput{alarms(k.ships.Judge, k.ships.windows[i]), inputHours(k.windows[i])})
		if own := knownInput(k.ships.Judge, k.windows[i]); own.hours > 0 {
			known[p.Set] = append(known[p.Set], own)
		}
		for _, w := range k.ships.windows[i] {
			windows++
			if alarmScore(k.ships.Judge, []presence.Window{w}) >= 1 {
				alarmed++
			}
		}
	}
	for _, set := range []string{dataset.BBMAS, dataset.Aalto} {
		if len(bySet[set]) > 0 {
			k.falseAlarms("keyboard", set, bySet[set])
		}
		if len(known[set]) > 0 {
			k.falseAlarms("keyboard.known", set, known[set])
		}
	}
	ends := metric.PoissonInterval(alarmed)
	k.metric("keyboard.fpr_in_first_window", float64(alarmed)/float64(windows), metric.Interval{ends[0] / float64(windows), ends[1] / float64(windows)})
	k.note("keyboard: %d of %d windows of people would raise an alarm as the first one of a session", alarmed, windows)
}

// handScores gives what a judge makes of people's own streams.
func (k *keyboardHalf) handScores(judge acquainted) [][]float64 {
	out := make([][]float64, len(k.people))
	for i := range k.people {
		for _, stream := range streams(judge.windows[i], keyStreamMS) {
			out[i] = append(out[i], alarmScore(judge.Judge, stream))
		}
	}
	return out
}

// keyAttack is one attack's windows: those that end within keyStreamMS, or the first.
func (k *keyboardHalf) keyAttack(a *adversary.KeyAttack, victim, number int) []presence.Window {
	s := fit.AttackKeys(k.people, victim, a, number, keyStreamStrokes)
	for i, e := range s.Events { // windows are measured only where they count
		if e.TimeMS > s.Events[0].TimeMS+2*keyStreamMS {
			s.Events = s.Events[:i]
			break
		}
	}
	return firstOf(keyWindows(s), keyStreamMS)
}

// family measures one family: by a judge that does not know it, which has scored people's own streams so, and by the one
// that ships.
func (k *keyboardHalf) family(a *adversary.KeyAttack, judge acquainted, hands [][]float64) {
	trial := Trial{People: k.names}
	for i := range k.people {
		trial.Subjects = append(trial.Subjects, Subject{Index: i, NonMated: hands[i], Owner: nobodies(len(hands[i]))})
	}
	made := make([][][]presence.Window, len(k.victims))
	inParallel(len(k.victims), func(i int) {
		for n := range keyAttacksEach {
			if stream := k.keyAttack(a, k.victims[i], n); len(stream) > 0 {
				made[i] = append(made[i], stream)
			}
		}
	})
	var found, strange []float64
	for i, streams := range made {
		var shares keyShares
		for _, stream := range streams {
			without := judge.attacked(k.victims[i], stream)
			trial.Subjects[k.victims[i]].Mated = append(trial.Subjects[k.victims[i]].Mated, alarmScore(judge.Judge, without))
			ofStranger, _ := remembering(k.ships.Judge, nil, stream)
			shares.add(k.ships.Judge, k.ships.attacked(k.victims[i], stream), ofStranger)
			shares.addFirst(judge.Judge, without[:1])
		}
		if shares.made > 0 {
			found = append(found, float64(shares.found)/float64(shares.made))
			strange = append(strange, float64(shares.strange)/float64(shares.made))
		}
		shares.into(k.shares, string(a.Group), k.victims[i])
	}
	if len(found) == 0 {
		k.note("keyboard: %s is left out: nobody has typed enough to make it from", a.Family)
		return
	}
	k.metric("keyboard."+a.Family+".found_by_shipped", metric.Mean(found), k.Bootstrap.MeanInterval(found))
	k.metric("keyboard."+a.Family+".found_by_shipped_of_strangers", metric.Mean(strange), k.Bootstrap.MeanInterval(strange))
	k.families = append(k.families, livenessFamily{part: "keyboard", family: a.Family, group: string(a.Group), alarm: a.Group != adversary.HiddenKeys, trial: trial})
}

// nobodies are the owners of scores that belong to no reference.
func nobodies(n int) []int32 { return slices.Repeat([]int32{metric.Nobody}, n) }
