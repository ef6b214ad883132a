package protocol

import (
	"maps"
	"slices"
	"strings"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/metric"
)

// replayedSpan is how long a replay is listened to where one figure stands for a family: as forgeries are.
const replayedSpan = "60s"

// replayedPhrase is how many typings of a phrase are: one is what a session has.
const replayedPhrase = "once"

// replayLiveness adds replays to the families, each of every data set by itself.
func replayLiveness(l *livenessRun) error {
	trials, err := l.replays(l.measured)
	if err != nil {
		return err
	}
	for _, t := range trials {
		if t.span != replayedSpan && t.span != replayedPhrase {
			continue
		}
		people := make([]string, len(t.trial.People))
		for i, id := range t.trial.People {
			people[i] = t.set + "/" + id
		}
		t.trial.People = people
		l.families = append(l.families, livenessFamily{part: "replay", family: t.set + "." + t.family, group: t.set, alarm: true, trial: t.trial})
	}
	return nil
}

// pointerGroups names the kinds of attack on the pointer, for plots.
var pointerGroups = map[adversary.PointerKind]string{
	adversary.Generated: "generated", adversary.Transformed: "transformed", adversary.Jiggled: "jiggled", adversary.Remote: "remote",
}

// pointerLiveness adds generated, transformed and jiggled pointers, and how often people are taken for them. A remote
// desktop is no attack and counts in no figure over families.
func pointerLiveness(l *livenessRun) error {
	judges := openPointers
	if l.research() {
		judges = researchPointers
	}
	without, err := judges(l.Data)
	if err != nil {
		return err
	}
	families, err := pointerFamilies(l.Data, l.shipped(), without, l.measured, func(done, total int) { l.progress("pointer attacks", done, total) })
	if err != nil {
		return err
	}
	together := map[string][]string{}
	for _, f := range families {
		group := pointerGroups[f.kind]
		l.families = append(l.families, livenessFamily{part: "pointer", family: f.family, group: group, alarm: f.kind != adversary.Remote, trial: f.trial})
		if len(f.found) > 0 {
			l.metric("pointer."+f.family+".found_by_shipped", metric.Mean(f.found), l.Bootstrap.MeanInterval(f.found))
		}
		if len(f.cautioned) > 0 {
			l.metric("pointer."+f.family+".cautioned_of_known", metric.Mean(f.cautioned), l.Bootstrap.MeanInterval(f.cautioned))
			l.metric("pointer."+f.family+".cautioned_of_known_in_60_s", metric.Mean(f.cautionedWhole), l.Bootstrap.MeanInterval(f.cautionedWhole))
		}
		if mated, nonMated := f.stroke.Scores(); len(mated) > 0 && len(nonMated) > 0 {
			f.stroke.Name, f.stroke.Pooled, f.stroke.Part = "pointer."+f.family+".one_stroke", true, true
			l.keep(f.stroke, Figure{Name: f.stroke.Name + ".tpr_at_fpr_1e-3", Kind: TPRAtFPR, FMR: livenessFPR})
		}
		together[f.group] = append(together[f.group], f.family)
	}
	for _, group := range slices.Sorted(maps.Keys(together)) {
		if len(together[group]) > 1 {
			l.note("pointer: left out of a fit together: %s", strings.Join(together[group], ", "))
		}
	}
	people, err := pointerHumans(l.Data, l.shipped(), l.measured)
	if err != nil {
		return err
	}
	bySet, cautions := map[string][]humanInput{}, map[string]int{}
	var sets []string
	for _, p := range people {
		if bySet[p.set] == nil {
			sets = append(sets, p.set)
		}
		raised := 0
		for kind, n := range p.alarms {
			switch {
			case kind.Accuses():
				raised += n
			case kind.Cautions():
				cautions[p.set] += n
			}
		}
		bySet[p.set] = append(bySet[p.set], humanInput{raised, p.hours})
	}
	for _, set := range sets {
		l.falseAlarms("pointer", set, bySet[set])
		l.metric("pointer."+set+".cautions", float64(cautions[set]), metric.PoissonInterval(cautions[set]))
	}
	return nil
}

// research reports whether the weights that are measured are such as bring the judge of pointers for research along.
func (l *livenessRun) research() bool {
	return l.Model.Weights != nil && l.Model.Weights.Card.NonCommercial() != ""
}

// shipped gives the judge that the server uses beside the weights that are measured.
func (l *livenessRun) shipped() presence.Judge {
	if l.research() {
		return presence.Research()
	}
	return presence.Open()
}
