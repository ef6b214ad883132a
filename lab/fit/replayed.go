package fit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/dataset"
)

// replaySets are the people on whom the tables of replay are counted: free work and free text, one password hundreds of
// times, and pointer use.
var replaySets = []string{dataset.BBMAS, dataset.Villani, dataset.CMU, dataset.Freihaut, dataset.SapiMouse, dataset.Games}

// replayFamilies are those that the tables are counted on, by modality. The others are kept to see whether what was learnt
// holds for attacks that nobody counted.
var replayFamilies = map[observation.Modality][]string{
	observation.Keyboard: {"exact", "jitter_5ms", "jitter_10ms", "jitter_20ms", "scaled", "cut"},
	observation.Pointer:  {"exact", "jitter_5ms", "scaled", "cut", "rotated", "affine"},
	observation.Touch:    {"exact", "jitter_5ms", "scaled", "moved", "cut"},
}

// How much of a person is replayed when the tables are counted.
const (
	replayedKeys   = 4000 // key events of each of the last sessions
	replayedPlaces = 8000
	replayedLast   = 3 // sessions
)

// ReplayCounts are what people's own names and replayed ones come to, by modality.
type ReplayCounts struct {
	by     map[observation.Modality]*replayCounts
	phrase *phraseCounts
	sets   []string
	people int
}

// CountReplays counts how near to earlier ones the names of background and calibration people come, and those of replays of
// their behaviour.
func CountReplays(ctx context.Context, log io.Writer, dir string) (ReplayCounts, error) {
	w := ReplayCounts{by: map[observation.Modality]*replayCounts{}, phrase: &phraseCounts{played: map[string]*phraseGrid{}}}
	for modality := range replayFamilies {
		w.by[modality] = &replayCounts{played: map[string]*grid{}}
	}
	for _, set := range replaySets {
		people, err := ReadRecorded(set, dir, dataset.Options{OnMalformed: func(*dataset.RowError) error { return nil }}, func(set, id string) bool {
			return RoleOf(set, id) != Unseen
		})
		if errors.Is(err, dataset.ErrNotFound) {
			continue
		}
		if err != nil {
			return w, err
		}
		w.sets, w.people = append(w.sets, set), w.people+len(people)
		for _, p := range people {
			if err := ctx.Err(); err != nil {
				return w, err
			}
			for modality, c := range w.by {
				c.count(p, modality)
			}
			w.phrase.count(p)
		}
		fmt.Fprintf(log, "fit: replays of %d people of %s\n", len(people), set)
	}
	if len(w.sets) == 0 {
		return w, fmt.Errorf("fit: %s holds none of %v: %w: %w", dir, replaySets, errNobody, dataset.ErrNotFound)
	}
	w.phrase.countKeyboards()
	return w, nil
}

// Weights gives the tables by which presence tells replays. Families that are named, such as keyboard.exact, are left out
// as if nobody had counted them.
func (r ReplayCounts) Weights(without ...string) presence.ReplayWeights {
	w := presence.ReplayWeights{
		Rebuild: "ipse fit replayed --data DIR --out FILE", Sets: r.sets, People: r.people, Tables: map[observation.Modality]presence.ReplayTable{},
	}
	for modality, c := range r.by {
		var played []*grid
		for _, f := range replayFamilies[modality] {
			name := string(modality) + "." + f
			if g := c.played[f]; g != nil && !slices.Contains(without, name) {
				w.Families, played = append(w.Families, name), append(played, g)
			}
		}
		if c.names > 0 {
			w.Tables[modality], w.Names = c.table(played), w.Names+c.names
		}
	}
	var played []*phraseGrid
	for _, f := range phraseFamilies {
		name := string(observation.Phrase) + "." + f
		if g := r.phrase.played[f]; g != nil && !slices.Contains(without, name) {
			w.Families, played = append(w.Families, name), append(played, g)
		}
	}
	if r.phrase.names > 0 && len(played) > 0 {
		w.Phrases, w.Typings = r.phrase.table(played), r.phrase.names
	}
	slices.Sort(w.Families)
	return w
}

// grid counts names by their place in a table.
type grid [len(presence.ReplayTable{})][presence.ReplayBins]float64

// replayCounts are those of one modality.
type replayCounts struct {
	own    grid
	played map[string]*grid // by family
	names  int
}

func (g *grid) add(o observation.Observation, past presence.Past) (names int) {
	for _, name := range presence.Names(o.Liveness.Sketch) {
		row, column := presence.ReplayPlace(past[o.Modality].Nearest(name))
		g[row][column]++
		names++
	}
	return names
}

func (c *replayCounts) count(p Recorded, modality observation.Modality) {
	past := presence.Past{}
	sessions := p.Sessions(modality)
	for _, s := range sessions {
		for _, o := range s.Sketched() {
			if len(past) > 0 {
				c.names += c.own.add(o, past)
			}
			past = past.Add(o)
		}
	}
	rng := rand.New(rand.NewPCG(20, uint64(len(sessions))))
	for _, s := range sessions[max(0, len(sessions)-replayedLast):] {
		some := Session{middle(s.Keys, replayedKeys), middle(s.Places, replayedPlaces), middle(s.Touches, replayedPlaces)}
		for _, family := range replayFamilies[modality] {
			if c.played[family] == nil {
				c.played[family] = &grid{}
			}
			for _, o := range some.Replayed(family, rng) {
				c.played[family].add(o, past)
			}
		}
	}
}

// middle gives so many events at most, from the middle on.
func middle[E any](all []E, n int) []E {
	if len(all) <= n {
		return all
	}
	from := min(len(all)/2, len(all)-n)
	return all[from : from+n]
}

// table turns counts into nats: neighbouring distances are averaged, half a name is added to each so that nothing counted
// is no certainty, and who comes nearer is never likelier a hand.
func (c *replayCounts) table(families []*grid) presence.ReplayTable {
	var t presence.ReplayTable
	var mean grid
	for _, g := range families {
		for row := range g {
			for column, n := range g[row] {
				mean[row][column] += n / float64(len(families))
			}
		}
	}
	for row := range t {
		own, played := smoothed(c.own[row][:]), smoothed(mean[row][:])
		least := math.Inf(1)
		for column := range t[row] {
			least = math.Min(least, math.Log(played[column]/own[column]))
			t[row][column] = math.Round(100*least) / 100
		}
	}
	return t
}

// smoothed gives shares of counts in a row, neighbours averaged.
func smoothed(counts []float64) []float64 {
	out, sum := make([]float64, len(counts)), 0.0
	for i := range counts {
		before, after := counts[max(0, i-1)], counts[min(i+1, len(counts)-1)]
		out[i] = 0.25*before + 0.5*counts[i] + 0.25*after + 0.5
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}
