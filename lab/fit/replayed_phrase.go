package fit

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/device"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/internal/window"
)

// Typing is one typing of a phrase: the events, and the observation that a collector sends of them.
type Typing struct {
	Keys []event.Key
	observation.Observation
}

// Phrase gives the typings of the one text that a person typed again and again, the oldest first: those that were typed
// straight through with as many keys as most. Nobody else has any.
func (r Recorded) Phrase() []Typing {
	var all []Typing
	count := map[int]int{}
	for _, keys := range r.Typings {
		if o, ok := phraseOf(keys); ok {
			all = append(all, Typing{keys, o})
			count[o.Events]++
		}
	}
	usual := 0
	for n, times := range count {
		if times > count[usual] || times == count[usual] && n < usual {
			usual = n
		}
	}
	return slices.DeleteFunc(all, func(t Typing) bool { return t.Events != usual })
}

// phraseOf gives what a collector sends of the keys as a phrase; ok is false where they were not typed straight through.
func phraseOf(keys []event.Key) (o observation.Observation, ok bool) {
	strokes := 0
	for _, k := range keys {
		if k.Down && !k.Repeat && k.Class != event.Enter {
			strokes++
		}
	}
	c := device.NewCollector(device.Options{})
	if c.Phrase(1, strokes) != nil {
		return o, false
	}
	out := append(c.Play(keys, nil), c.EndPhrase()...)
	if out = append(out, c.Flush()...); len(out) != 1 || slices.Contains(out[0].Quality, observation.BrokenPhrase) {
		return o, false
	}
	return out[0], true
}

// Replayed gives what a collector sends when an attacker plays the typing back in the way that a family names.
func (t Typing) Replayed(family string, rng *rand.Rand) (o observation.Observation, ok bool) {
	for _, r := range adversary.KeyReplays {
		if r.Family == family {
			return phraseOf(r.Play(rng, t.Keys))
		}
	}
	return o, false
}

// phraseFamilies are the replays that the table of phrases is counted on.
var phraseFamilies = []string{"exact", "jitter_5ms", "coarse_8ms", "scaled"}

// How phrases are counted. Whoever has typed a phrase on one keyboard comes to another: there their typings are as far from
// the earlier ones as another person's, and near to each other.
const (
	phraseReplays   = 40 // of each family, of each person
	keyboardBefore  = 60 // typings before another person's
	keyboardAfter   = 4  // of the other person's
	phraseStrangers = 2  // other people behind each person
)

// phraseCounts are shares of distances, see presence.PhrasePlace, by row of the table.
type phraseCounts struct {
	own    [len(presence.PhraseTable{})][]float64
	played map[string]*phraseGrid
	people [][]Typing
	names  int
}

type phraseGrid [len(presence.PhraseTable{})][presence.PhraseBins]float64

// phraseLengths are how many positions of a typing are taken, so that every row of the table is counted on everybody.
var phraseLengths = [len(presence.PhraseTable{})]int{6, 8, window.PhraseMaxStrokes}

// shorter gives a typing's first positions.
func shorter(o observation.Observation, positions int) observation.Observation {
	if o.Events > positions {
		o.Embedding = slices.Concat(o.Embedding[:positions], o.Embedding[o.Events:o.Events+positions-1])
		o.Events = positions
	}
	return o
}

// share gives how near a typing comes to the past, and its place in the table; ok is false where nothing can be said.
func share(past presence.Past, o observation.Observation) (x float64, row, column int, ok bool) {
	first, third, ok := past.NearestTyping(o)
	row, column = presence.PhrasePlace(o.Events, first, third)
	return presence.PhraseShare(first, third), row, column, ok
}

func (c *phraseCounts) countOwn(past presence.Past, o observation.Observation) {
	if x, row, _, ok := share(past, o); ok {
		c.own[row] = append(c.own[row], x)
		c.names++
	}
}

// count adds one person.
func (c *phraseCounts) count(p Recorded) {
	typings := p.Phrase()
	if len(typings) < phraseLeast {
		return
	}
	rng := rand.New(rand.NewPCG(21, uint64(len(c.people))))
	for _, positions := range phraseLengths {
		var past presence.Past
		for _, t := range typings {
			o := shorter(t.Observation, positions)
			c.countOwn(past, o)
			past = past.Add(o)
		}
		kept := typings[max(0, len(typings)-phraseReplays):]
		for _, family := range phraseFamilies {
			if c.played[family] == nil {
				c.played[family] = &phraseGrid{}
			}
			for _, t := range kept {
				if o, ok := t.Replayed(family, rng); ok {
					if _, row, column, ok := share(past, shorter(o, positions)); ok {
						c.played[family][row][column]++
					}
				}
			}
		}
	}
	c.people = append(c.people, typings)
}

// countKeyboards adds what people come to on a keyboard that is new to them.
func (c *phraseCounts) countKeyboards() {
	rng := rand.New(rand.NewPCG(22, uint64(len(c.people))))
	for i, own := range c.people {
		for range phraseStrangers {
			other := c.people[rng.IntN(len(c.people))]
			if len(own) < keyboardBefore || len(other) < keyboardBefore || own[0].Events != other[0].Events || &own[0] == &other[0] {
				continue
			}
			from, at := rng.IntN(len(own)-keyboardBefore+1), rng.IntN(len(other)-keyboardAfter+1)
			for _, positions := range phraseLengths {
				var past presence.Past
				for _, t := range c.people[i][from : from+keyboardBefore] {
					past = past.Add(shorter(t.Observation, positions))
				}
				for k, t := range other[at : at+keyboardAfter] {
					o := shorter(t.Observation, positions)
					if k > 0 {
						c.countOwn(past, o)
					}
					past = past.Add(o)
				}
			}
		}
	}
}

// ownTail is the share of people's own typings in whose place a power of the distance stands for the count.
const ownTail = 0.01

// table turns counts into nats. Below the hundredth of people's own typings that come nearest, none are left to count well
// before replays begin: there their share is a power of the share of distances, as it is for points in a space of as many
// dimensions (see presence.PhraseTable), with Hill's exponent of that hundredth less twice its error (B. M. Hill, A simple
// general approach to inference about the tail of a distribution, Annals of Statistics 3, 1975).
func (c *phraseCounts) table(families []*phraseGrid) (t presence.PhraseTable) {
	for row := range t {
		own := slices.Clone(c.own[row])
		slices.SortFunc(own, cmp.Compare)
		tail := int(ownTail * float64(len(own)))
		if tail < 8 {
			continue // too few to say anything
		}
		edge, sum := own[tail], 0.0
		for _, x := range own[:tail] {
			sum += math.Log(edge / x)
		}
		power := float64(tail) / sum * (1 - 2/math.Sqrt(float64(tail)))
		var mine, played [presence.PhraseBins]float64
		for _, x := range own {
			mine[min(int(x*presence.PhraseBins), presence.PhraseBins-1)]++
		}
		for _, g := range families {
			for column, n := range g[row] {
				played[column] += n / float64(len(families))
			}
		}
		hand, replay := smoothed(mine[:]), smoothed(played[:])
		below := func(x float64) float64 { return ownTail * math.Pow(x/edge, power) }
		least := math.Inf(1)
		for column := range t[row] {
			if to := float64(column+1) / presence.PhraseBins; to <= edge {
				hand[column] = below(to) - below(float64(column)/presence.PhraseBins)
			}
			least = math.Min(least, math.Log(replay[column]/hand[column]))
			t[row][column] = math.Round(100*least) / 100
		}
	}
	return t
}
