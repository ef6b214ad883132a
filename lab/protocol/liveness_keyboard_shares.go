package protocol

import (
	"slices"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/metric"
)

// keyShares counts what becomes of one victim's attacks of one family: found within the stream, the same where nothing is
// known of the victim, found in the first window by the judge that ships and by one that does not know the family, told as
// hidden times.
type keyShares struct{ made, found, strange, first, unknown, told int }

// add counts what the judge that ships makes of a stream on a victim who is known, and on one who is not.
func (s *keyShares) add(shipped presence.Judge, known, strange []presence.Window) {
	s.made++
	if alarmScore(shipped, known) >= 1 {
		s.found++
	} else if told(shipped, known, presence.KeyTimesHidden) {
		s.told++
	}
	if alarmScore(shipped, strange) >= 1 {
		s.strange++
	}
	if alarmScore(shipped, known[:1]) >= 1 {
		s.first++
	}
}

// addFirst counts what a judge that does not know the family makes of a first window.
func (s *keyShares) addFirst(without presence.Judge, first []presence.Window) {
	if alarmScore(without, first) >= 1 {
		s.unknown++
	}
}

func (s *keyShares) into(shares map[string]map[int][]float64, group string, victim int) {
	if s.made == 0 {
		return
	}
	for what, n := range map[string]int{"found": s.found, "strange": s.strange, "first": s.first, "unknown": s.unknown, "told": s.told} {
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

// summaries keeps the figures by group at the bounds of the judges, and the error of forgeries.
func (k *keyboardHalf) summaries() {
	share := func(name string, group adversary.KeyGroup, what string, of func(float64) float64) {
		var values []float64
		for _, v := range k.victims {
			if shares := k.shares[string(group)+" "+what][v]; len(shares) > 0 {
				values = append(values, of(metric.Mean(shares)))
			}
		}
		if len(values) > 0 {
			k.metric(name, metric.Mean(values), k.Bootstrap.MeanInterval(values))
		}
	}
	as := func(v float64) float64 { return v }
	missed := func(v float64) float64 { return 1 - v }
	for _, group := range []adversary.KeyGroup{adversary.NaiveKeys, adversary.AutomationKeys} {
		share("keyboard."+string(group)+".found_in_first_window", group, "first", as)
		share("keyboard."+string(group)+".found_in_first_window_left_out", group, "unknown", as)
	}
	for _, group := range []adversary.KeyGroup{adversary.HumanisedKeys, adversary.PopulationKeys, adversary.VictimKeys} {
		share("keyboard."+string(group)+".accepted_60s", group, "found", missed)
		share("keyboard."+string(group)+".accepted_60s_of_strangers", group, "strange", missed)
	}
	share("keyboard.hidden.taken_for_attack", adversary.HiddenKeys, "found", as)
	share("keyboard.hidden.cannot_tell_found", adversary.HiddenKeys, "told", as)
	for _, group := range []adversary.KeyGroup{adversary.PopulationKeys, adversary.VictimKeys} {
		k.groupError(group)
	}
}

// groupError keeps the equal error rate over all families of a group, by judges that do not know it.
func (k *keyboardHalf) groupError(group adversary.KeyGroup) {
	var forged Trial
	for _, f := range k.families {
		if f.part != "keyboard" || f.group != string(group) {
			continue
		}
		if forged.People == nil {
			forged.People, forged.Subjects = f.trial.People, slices.Clone(f.trial.Subjects)
			continue
		}
		for i, s := range f.trial.Subjects { // people's own streams are the same for all families of a group
			forged.Subjects[i].Mated = slices.Concat(forged.Subjects[i].Mated, s.Mated)
		}
	}
	if len(forged.Subjects) == 0 {
		return
	}
	name := "keyboard." + string(group) + ".error"
	forged.Name, forged.Pooled, forged.Part = name, true, true
	k.keep(forged, Figure{Name: name, Kind: GlobalEER})
}
