package protocol

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
