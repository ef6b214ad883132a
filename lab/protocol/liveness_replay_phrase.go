package protocol

import (
	"errors"
	"fmt"
	"slices"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
	"ipse.dev/ipse/lab/metric"
)

// phraseSets are people who typed one text again and again, which stands for a phrase.
var phraseSets = []string{dataset.CMU, dataset.Freihaut}

// phraseSpans are the numbers of typings that a session holds.
var phraseSpans = []struct {
	name    string
	typings int
}{{"once", 1}, {"twice", 2}, {"3times", 3}}

// phraseTypings is how often somebody has typed the phrase who is measured: of fewer than eight typings the server makes nothing.
const phraseTypings = 16

// phrasesPlayed is how many sessions of replays are made of one person, family and span.
const phrasesPlayed = 60

// phrasePerson is one person of whom phrases are replayed.
type phrasePerson struct {
	id       string
	recorded []fit.Typing // what the attacker has
	past     presence.Past
	later    []observation.Observation
	all      []observation.Observation
}

// phrasePersonOf lets the server see two thirds of somebody's typings.
func phrasePersonOf(r fit.Recorded) phrasePerson {
	p := phrasePerson{id: r.ID}
	typings := r.Phrase()
	known := int(replayHistory * float64(len(typings)))
	for i, t := range typings {
		p.all = append(p.all, t.Observation)
		if i < known {
			p.recorded, p.past = append(p.recorded, t), p.past.Add(t.Observation)
		} else {
			p.later = append(p.later, t.Observation)
		}
	}
	return p
}

// phraseReplays plays typings of phrases back and measures how surely they are told from what the same people type later.
func (r *run) phraseReplays(keep func(set, id string) bool, counts fit.ReplayCounts) ([]replayTrial, error) {
	var out []replayTrial
	for _, set := range phraseSets {
		recorded, err := fit.ReadRecorded(set, r.Data, r.Options, keep)
		if errors.Is(err, dataset.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var people []phrasePerson
		for _, p := range recorded {
			if person := phrasePersonOf(p); len(person.all) >= phraseTypings {
				people = append(people, person)
			}
		}
		if len(people) == 0 {
			continue
		}
		r.phraseAlarms(set, people)
		for _, family := range phraseFamilies() {
			if err := r.ctx.Err(); err != nil {
				return nil, err
			}
			out = append(out, r.phrasesOf(set, family, people, counts)...)
		}
	}
	return out, nil
}

// phraseFamilies are the ways in which one typing can be replayed.
func phraseFamilies() (names []string) {
	for _, f := range adversary.KeyReplays {
		if f.Family != "cut" && f.Family != "other_text" { // one typing is shorter than a piece, and another text is another phrase
			names = append(names, f.Family)
		}
	}
	return names
}

func (r *run) phrasesOf(set, family string, people []phrasePerson, counts fit.ReplayCounts) (out []replayTrial) {
	name := "phrase." + family
	signal, shipped := presence.ReplaySignal(counts.Weights(name)), presence.ReplaySignal(presence.ShippedReplayWeights())
	for _, span := range phraseSpans {
		t := replayTrial{set: set, family: name, span: span.name}
		var found []float64
		for i, p := range people {
			t.trial.People = append(t.trial.People, p.id)
			s := Subject{Index: i}
			for stream := range slices.Chunk(p.later, span.typings) {
				s.NonMated, s.Owner = append(s.NonMated, replayScore(signal, p.past, stream, true)), append(s.Owner, metric.Nobody)
			}
			caught, streams := 0.0, 0.0
			for _, stream := range p.play(family, set, span.typings) {
				s.Mated = append(s.Mated, replayScore(signal, p.past, stream, false))
				if streams++; replayScore(shipped, p.past, stream, false) >= shipped.Found {
					caught++
				}
			}
			t.trial.Subjects = append(t.trial.Subjects, s)
			if streams > 0 {
				found = append(found, caught/streams)
			}
		}
		t.trial.Name, t.trial.Pooled, t.trial.Part = fmt.Sprintf("replay.phrase.%s.%s.%s", set, family, span.name), true, true
		r.keep(t.trial, Figure{Name: t.trial.Name + ".missed_at_fpr_1e-3", Kind: FNMRAtFMR, FMR: replayFPR})
		r.metric(t.trial.Name+".found_by_shipped", metric.Mean(found), r.Bootstrap.MeanInterval(found))
		out = append(out, t)
	}
	return out
}

// play gives sessions in which typings that follow one another are replayed.
func (p phrasePerson) play(family, set string, typings int) (out [][]observation.Observation) {
	chance := replayChance("phrase", set, family, p.id)
	for range phrasesPlayed {
		from := chance.IntN(max(1, len(p.recorded)-typings+1))
		var stream []observation.Observation
		for _, t := range p.recorded[from:min(len(p.recorded), from+typings)] {
			if o, ok := t.Replayed(family, chance); ok {
				stream = append(stream, o)
			}
		}
		if len(stream) > 0 {
			out = append(out, stream)
		}
	}
	return out
}

// phraseAlarms keeps how often people who type a phrase again and again, all in one session, are taken for a replay of
// themselves.
func (r *run) phraseAlarms(set string, people []phrasePerson) {
	shipped := presence.ReplaySignal(presence.ShippedReplayWeights())
	count, typings, highest := 0.0, 0, 0.0
	for _, p := range people {
		alarms, _ := replayAlarms(shipped, p.all)
		count, typings = count+alarms, typings+len(p.all)
		highest = max(highest, replayScore(shipped, nil, p.all, true))
	}
	ends := metric.PoissonInterval(int(count))
	per := 1000 / float64(typings)
	r.metric("replay.phrase."+set+".false_alarms_per_1000_typings", per*count, metric.Interval{per * ends[0], per * ends[1]})
	r.note("replays: phrase.%s: %g false alarms of %d people in %d typings, the highest sum %.1f of %g", set, count, len(people), typings, highest, shipped.Found)
}
