package protocol

import (
	"fmt"
	"math"
	"slices"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/device"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/lab/dataset"
)

// driftPhrase is the number that an application gives its text in this protocol.
const driftPhrase = 1

// driftDays are the days on which people were asked to type; what a few typed later is left out.
const driftDays = 10

// driftAtHome measures the password that people typed at home for ten days. Every typing is a sign-in.
func (r *run) driftAtHome() error {
	phrases, err := compare.LoadPhrase()
	if err != nil {
		return fmt.Errorf("protocol: %w", err)
	}
	d := driftTest{run: r, time: "day", days: [2]int{2, driftDays}, blocks: [][2]int{{2, 4}, {5, 7}, {8, driftDays}},
		learner: phraseLearner, thinned: math.MaxInt, background: true}
	all, err := r.passwordTypists()
	if err != nil {
		return err
	}
	for _, l := range all {
		d.assign(dataset.Freihaut, l, slices.Concat(phrases.Seen[dataset.Freihaut], r.Model.Seen[dataset.Freihaut]))
	}
	if err := r.leaveOut(len(all), len(d.people)); err != nil {
		return err
	}
	err = d.measure()
	r.result.Subjects = len(d.people)
	return err
}

// phraseLearner is a reference's life on typings of one phrase. A typing is kept out by a score that speaks against the
// subject, long before a level would, so that any thresholds of the levels will do.
func phraseLearner(how adaptation) *learner {
	key := enrol.Key{Modality: observation.Phrase, DeviceClass: observation.Desktop, Model: embed.PhraseModel, Phrase: driftPhrase}
	return newLearner(&compare.Weights{}, policy.Thresholds{Medium: 2, High: 4}, key, how)
}

// laboratorySessions are those of the CMU set, and laboratoryTypings how many of each session's fifty are taken.
const (
	laboratorySessions = 8
	laboratoryTypings  = 10
)

// driftInLaboratory measures the password of the CMU set: eight sessions, on different days, of which the first typings
// are taken as sign-ins.
func (r *run) driftInLaboratory() error {
	d := driftTest{run: r, prefix: "cmu.", time: "session", days: [2]int{2, laboratorySessions}, blocks: [][2]int{{2, 4}, {5, 6}, {7, laboratorySessions}},
		learner: phraseLearner, thinned: math.MaxInt, background: true}
	all, err := dataset.ReadCMU(r.Data, r.Options)
	if err != nil {
		return err
	}
	for _, p := range all {
		l := life{id: p.ID}
		for _, repetition := range p.Repetitions {
			if repetition.Rep <= laboratoryTypings && repetition.Session <= laboratorySessions {
				l.acts = append(l.acts, laboratoryAct(repetition))
			}
		}
		d.assign(dataset.CMU, l, r.Model.Seen[dataset.CMU])
	}
	return d.measure()
}

// laboratoryAct takes a repetition of the CMU set, of which only timings are known, for an observation of today's.
func laboratoryAct(r dataset.Repetition) act {
	timings := cmuTimings(r.TimingsMS)
	return act{day: r.Session, opens: true, atMS: firstActMS + int64(r.Session-1)*dayMS + int64(r.Rep)*60_000,
		observation: observation.Observation{
			Modality: observation.Phrase, Model: embed.PhraseModel, Phrase: driftPhrase, DeviceClass: observation.Desktop,
			Embedding: timings, Events: (len(timings) + 1) / 2, Quality: []observation.Flag{},
			FeatureList: feature.PhraseList.Name, Features: make([]float64, len(feature.PhraseList.Features)),
		}}
}

// passwordTypists reads the people who typed one password for ten days.
func (r *run) passwordTypists() ([]life, error) {
	type typing struct {
		classes string
		startMS int64
		keys    []event.Key
	}
	type typed struct {
		id      string
		typings []typing
	}
	var all []typed
	count := map[string]int{}
	opt := r.Options
	opt.OnFile = func(done, total int) { r.progress("read "+dataset.Freihaut, done, total) }
	err := dataset.Read(dataset.Freihaut, r.Data, opt, func(p dataset.Person) error {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		one := typed{id: p.ID}
		for _, s := range p.Sessions {
			t := typing{classesOf(s.Keys), s.StartMS, s.Keys}
			count[t.classes]++
			one.typings = append(one.typings, t)
		}
		all = append(all, one)
		return nil
	})
	if err != nil {
		return nil, err
	}
	usual := mostFrequent(count)
	if len(usual) == 0 {
		return nil, fmt.Errorf("%w: nobody has typed anything", ErrTooFew)
	}
	var lives []life
	kept, typings := 0, 0
	for _, p := range all {
		l := life{id: p.id}
		for _, t := range p.typings {
			typings++
			if t.classes != usual {
				continue
			}
			if a, ok := typingAct(t.keys, len(usual), t.startMS); ok {
				kept++
				l.acts = append(l.acts, a)
			}
		}
		l.date()
		lives = append(lives, l)
	}
	r.note("%d of %d typings count: those typed straight through, in the kinds of keys of which the password is made", kept, typings)
	return lives, nil
}

// classesOf writes down the kinds of keys that were pressed, enter and tab left out as a collector does.
func classesOf(keys []event.Key) string {
	out := ""
	for _, k := range keys {
		if k.Down && !k.Repeat && k.Class != event.Enter {
			out += string(rune('a' + k.Class))
		}
	}
	return out
}

func mostFrequent(count map[string]int) string {
	best := ""
	for s, n := range count {
		if s != "" && (best == "" || n > count[best] || n == count[best] && s < best) {
			best = s
		}
	}
	return best
}

// typingAct makes one typing an observation, as a collector does. It gives false where the collector does not take it.
func typingAct(keys []event.Key, strokes int, startMS int64) (act, bool) {
	c := device.NewCollector(device.Options{OriginUnixMS: startMS})
	if err := c.Phrase(driftPhrase, strokes); err != nil {
		return act{}, false
	}
	var out []observation.Observation
	for _, k := range keys {
		out = append(out, c.Key(k)...)
	}
	out = append(append(out, c.EndPhrase()...), c.Flush()...)
	if len(out) != 1 || slices.Contains(out[0].Quality, observation.BrokenPhrase) {
		return act{}, false
	}
	return act{observation: out[0], atMS: startMS, opens: true}, true
}

// date puts the acts on the clock of everybody's first act and drops those after the last day.
func (l *life) date() {
	if len(l.acts) == 0 {
		return
	}
	start := l.acts[0].atMS
	for i := range l.acts {
		a := &l.acts[i]
		a.day = 1 + int((a.atMS-start)/dayMS)
		a.atMS += firstActMS - start
	}
	l.acts = slices.DeleteFunc(l.acts, func(a act) bool { return a.day > driftDays })
}
