package protocol

import (
	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/presence"
)

// replayedSpan is how long a replay is listened to where one figure stands for a family: as forgeries are.
const replayedSpan = "60s"

// replayLiveness adds replays to the families, each of every data set by itself.
func replayLiveness(l *livenessRun) error {
	trials, err := l.replays(l.measured)
	if err != nil {
		return err
	}
	for _, t := range trials {
		if t.span != replayedSpan {
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
	without, err := openPointers(l.Data)
	if err != nil {
		return err
	}
	done := 0
	families, err := pointerFamilies(l.Data, without, l.measured, func(pointerFamily) {
		done++
		l.progress("pointer attacks", done, len(adversary.PointerAttacks))
	})
	if err != nil {
		return err
	}
	for _, f := range families {
		l.families = append(l.families, livenessFamily{
			part: "pointer", family: f.family, group: pointerGroups[f.kind], alarm: f.kind != adversary.Remote, trial: f.trial,
		})
	}
	people, err := pointerHumans(l.Data, presence.Default(), l.measured)
	if err != nil {
		return err
	}
	bySet := map[string][]humanInput{}
	var sets []string
	for _, p := range people {
		if bySet[p.set] == nil {
			sets = append(sets, p.set)
		}
		raised := 0
		for kind, n := range p.alarms {
			if effect, ok := kind.Effect(); ok && effect == presence.Alarm {
				raised += n
			}
		}
		bySet[p.set] = append(bySet[p.set], humanInput{raised, p.hours})
	}
	for _, set := range sets {
		l.falseAlarms("pointer", set, bySet[set])
	}
	return nil
}
