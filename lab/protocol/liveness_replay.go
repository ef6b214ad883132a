package protocol

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"math/rand/v2"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
	"ipse.dev/ipse/lab/metric"
)

// How replays are measured.
const (
	replayHistory = 2.0 / 3 // of a person's behaviour is known to the server, and recorded by the attacker
	replayPlayed  = 6 * 60_000
	replayFPR     = 1e-3

	shippedLeastMS = 60_000 // of a stream in which the shipped threshold is asked to find a replay
)

// replaySpans are how long a stream of windows is listened to, in ms; 0 is one window.
var replaySpans = []struct {
	name   string
	mostMS int64
}{{"window", 0}, {"15s", 15_000}, {"30s", 30_000}, {"60s", 60_000}, {"120s", 120_000}}

// replaySetup is one data set as replays are measured on it. People who type one text only give false alarms: a
// replay of theirs is measured on the others.
type replaySetup struct {
	set      string
	modality observation.Modality
	attacked bool
}

var replaySetups = []replaySetup{
	{dataset.BBMAS, observation.Keyboard, true}, {dataset.Aalto, observation.Keyboard, true}, {dataset.CMU, observation.Keyboard, false},
	{dataset.Freihaut, observation.Keyboard, false}, {dataset.SapiMouse, observation.Pointer, true}, {dataset.Balabit, observation.Pointer, false}, {dataset.Games, observation.Touch, true},
}

// replayTrial is how replays of one family stand beside the same people's later behaviour, in streams of one length.
type replayTrial struct {
	set, family, span string
	trial             Trial
}

// replayPerson is one person of a setup.
type replayPerson struct {
	recorded []fit.Session             // what the attacker has
	past     presence.Past             // what the server has at the attack
	later    []observation.Observation // the person's own behaviour afterwards
	all      []observation.Observation // from the first day on
}

// replays plays people's earlier behaviour back and measures how surely it is told from what they do later. keep says whom
// figures are of. Families that were counted when the tables were made are judged by tables that do not know them.
func (r *run) replays(keep func(set, id string) bool) ([]replayTrial, error) {
	counts, err := fit.CountReplays(r.ctx, io.Discard, r.Data)
	if err != nil {
		return nil, err
	}
	var out []replayTrial
	var missing []error
	for i, setup := range replaySetups {
		r.progress("replays", i, len(replaySetups))
		people, err := fit.ReadRecorded(setup.set, r.Data, r.Options, keep)
		if errors.Is(err, dataset.ErrNotFound) {
			missing = append(missing, err)
			continue
		}
		if err != nil {
			return nil, err
		}
		trials, err := r.replaysOf(setup, people, counts)
		if err != nil {
			return nil, err
		}
		out = append(out, trials...)
	}
	phrases, err := r.phraseReplays(keep, counts)
	if err != nil {
		return nil, err
	}
	out = append(out, phrases...)
	if len(out) == 0 {
		return nil, errors.Join(append(missing, fmt.Errorf("%w: nobody's behaviour can be replayed", ErrTooFew))...)
	}
	return out, nil
}

func (r *run) replaysOf(setup replaySetup, recorded []fit.Recorded, counts fit.ReplayCounts) ([]replayTrial, error) {
	var people []replayPerson
	var names []string
	shipped := presence.ReplaySignal(presence.ShippedReplayWeights())
	raised, hours := make([]float64, len(recorded)), make([]float64, len(recorded))
	for i, p := range recorded {
		if err := r.ctx.Err(); err != nil {
			return nil, err
		}
		person := replayPersonOf(p.Sessions(setup.modality))
		raised[i], hours[i] = replayAlarms(shipped, person.all)
		if setup.attacked && len(person.recorded) > 0 && len(person.later) > 0 {
			people, names = append(people, person), append(names, p.ID)
		}
	}
	r.replayAlarmRate(string(setup.modality)+"."+setup.set, raised, hours)
	var out []replayTrial
	for _, family := range replayFamiliesOf(setup.modality) {
		name := string(setup.modality) + "." + family
		signal := presence.ReplaySignal(counts.Weights(name))
		trials := make([]Trial, len(replaySpans))
		found := make([][]float64, len(replaySpans))
		for i, p := range people {
			played := p.play(family, replayChance(setup.set, family, names[i]))
			for k, span := range replaySpans {
				s := Subject{Index: i}
				for _, stream := range observationStreams(p.later, span.mostMS) {
					s.NonMated, s.Owner = append(s.NonMated, replayScore(signal, p.past, stream, true)), append(s.Owner, metric.Nobody)
				}
				caught, streams := 0.0, 0.0
				for _, session := range played {
					for _, stream := range observationStreams(session, span.mostMS) {
						s.Mated = append(s.Mated, replayScore(signal, p.past, stream, false))
						if streams++; replayScore(shipped, p.past, stream, false) >= shipped.Found {
							caught++
						}
					}
				}
				if streams > 0 {
					found[k] = append(found[k], caught/streams)
				}
				trials[k].Subjects = append(trials[k].Subjects, s)
			}
		}
		for k, span := range replaySpans {
			if len(found[k]) == 0 {
				continue
			}
			t := replayTrial{set: setup.set, family: name, span: span.name, trial: trials[k]}
			t.trial.Name, t.trial.People, t.trial.Pooled, t.trial.Part = "replay."+setup.set+"."+family+"."+span.name, names, true, true
			r.keep(t.trial, Figure{Name: t.trial.Name + ".missed_at_fpr_1e-3", Kind: FNMRAtFMR, FMR: replayFPR})
			if span.mostMS >= shippedLeastMS { // in less, some people fill no two windows
				r.metric(t.trial.Name+".found_by_shipped", metric.Mean(found[k]), r.Bootstrap.MeanInterval(found[k]))
			}
			out = append(out, t)
		}
	}
	return out, nil
}

// replayPersonOf lets the server see two thirds of somebody's behaviour and splits off the rest. Somebody of one session
// is split within it.
func replayPersonOf(sessions []fit.Session) replayPerson {
	var p replayPerson
	total := 0
	for _, s := range sessions {
		total += s.Events()
	}
	known := int(replayHistory * float64(total))
	for _, s := range sessions {
		before, after := s.Split(known)
		known -= before.Events()
		if before.Events() > 0 {
			p.recorded = append(p.recorded, before)
			for _, o := range before.Sketched() {
				p.past, p.all = p.past.Add(o), append(p.all, o)
			}
		}
		if after.Events() > 0 {
			own := after.Sketched()
			p.later, p.all = append(p.later, own...), append(p.all, own...)
		}
	}
	return p
}

// play gives what a collector sends of a family's replays of what is recorded, the latest first and some minutes at most.
func (p replayPerson) play(family string, rng *rand.Rand) [][]observation.Observation {
	var out [][]observation.Observation
	leftMS := int64(replayPlayed)
	for i := len(p.recorded) - 1; i >= 0 && leftMS > 0; i-- {
		played := p.recorded[i].Replayed(family, rng)
		for n, o := range played {
			if leftMS -= o.DurationMS; leftMS <= 0 {
				played = played[:n+1]
				break
			}
		}
		out = append(out, played)
	}
	return out
}

func replayFamiliesOf(modality observation.Modality) (families []string) {
	switch modality {
	case observation.Keyboard:
		for _, f := range adversary.KeyReplays {
			families = append(families, f.Family)
		}
	case observation.Pointer:
		for _, f := range adversary.PointerReplays {
			families = append(families, f.Family)
		}
	case observation.Touch:
		for _, f := range adversary.TouchReplays {
			families = append(families, f.Family)
		}
	}
	return families
}

// replayScore is the highest sum that a stream of windows reaches. A person's own windows become their past; those of a
// replay do not where they are half way found.
func replayScore(signal presence.Signal, past presence.Past, stream []observation.Observation, own bool) float64 {
	judge, state, score := presence.Judge{Signals: []presence.Signal{signal}}, presence.State{}, 0.0
	for _, o := range stream {
		var findings []presence.Finding
		state, findings = judge.Update(state, presence.Window{Observation: o, Past: past})
		for _, f := range findings {
			score = math.Max(score, f.Sum)
		}
		if own || !judge.Near(state, func(presence.Kind) bool { return true }) {
			past = past.Add(o)
		}
	}
	return score
}

// replayAlarms lets somebody work from the first day on and counts the alarms, and the hours of input. After an alarm the
// sum begins anew, as after a sign-in.
func replayAlarms(signal presence.Signal, all []observation.Observation) (alarms, hours float64) {
	judge, state, past := presence.Judge{Signals: []presence.Signal{signal}}, presence.State{}, presence.Past{}
	for _, o := range all {
		var findings []presence.Finding
		state, findings = judge.Update(state, presence.Window{Observation: o, Past: past})
		for _, f := range findings {
			if f.Found {
				alarms++
				state = presence.State{}
			}
		}
		past = past.Add(o)
		hours += float64(o.DurationMS) / 3_600_000
	}
	return alarms, hours
}

// replayAlarmRate keeps the false alarms of some people in 40 hours of input. Where there was none, the interval is that of
// a count of none.
func (r *run) replayAlarmRate(name string, raised, hours []float64) {
	count, total := 0.0, 0.0
	for i := range raised {
		count, total = count+raised[i], total+hours[i]
	}
	if total == 0 {
		return
	}
	interval := metric.PoissonInterval(int(count))
	r.metric("replay."+name+".false_alarms_per_40h", 40*count/total, metric.Interval{40 * interval[0] / total, 40 * interval[1] / total})
	r.note("replays: %s: %g false alarms of %d people in %.1f h of input", name, count, len(raised), total)
}

// observationStreams parts windows into runs that end within so long of their start, in ms, or are of one window. What is
// left over at the end of a session is left out.
func observationStreams(all []observation.Observation, mostMS int64) [][]observation.Observation {
	var out [][]observation.Observation
	for begin, i := 0, 1; i <= len(all); i++ {
		ends := i == len(all) || all[i].StartMS < all[i-1].StartMS
		if ends && mostMS == 0 || !ends && all[i].StartMS+all[i].DurationMS-all[begin].StartMS > mostMS {
			out = append(out, all[begin:i])
		}
		if ends || all[i].StartMS+all[i].DurationMS-all[begin].StartMS > mostMS {
			begin = i
		}
	}
	return out
}

// replayChance gives a source of chance that belongs to one attack alone.
func replayChance(words ...string) *rand.Rand {
	h := fnv.New64a()
	for _, w := range words {
		fmt.Fprintf(h, "%s/", w)
	}
	return rand.New(rand.NewPCG(h.Sum64(), 20))
}
