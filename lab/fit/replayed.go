package fit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/dataset"
)

// replaySets are the people on whom the tables of replay are counted: free work and free text, one password hundreds of
// times, and pointer use.
var replaySets = []string{dataset.BBMAS, dataset.Villani, dataset.CMU, dataset.Freihaut, dataset.SapiMouse}

// replayFamilies are those that the tables are counted on, by modality. The others are kept to see whether what was learnt
// holds for attacks that nobody counted.
var replayFamilies = map[observation.Modality][]string{
	observation.Keyboard: {"exact", "jitter_5ms", "jitter_10ms", "scaled", "cut"},
	observation.Pointer:  {"exact", "jitter_5ms", "scaled", "cut", "rotated", "affine"},
}

// How much of a person is replayed when the tables are counted.
const (
	replayedKeys   = 4000 // key events of each of the last sessions
	replayedPlaces = 8000
	replayedLast   = 3 // sessions
)

// Replayed counts the tables by which presence tells replays, on background and calibration people. Without names families
// that must not be counted.
func Replayed(ctx context.Context, log io.Writer, dir string, without ...string) (presence.ReplayWeights, error) {
	w := presence.ReplayWeights{Rebuild: "ipse fit replayed --data DIR --out FILE", Tables: map[observation.Modality]presence.ReplayTable{}}
	counts := map[observation.Modality]*replayCounts{observation.Keyboard: {}, observation.Pointer: {}}
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
		w.Sets, w.People = append(w.Sets, set), w.People+len(people)
		for _, p := range people {
			if err := ctx.Err(); err != nil {
				return w, err
			}
			for modality, c := range counts {
				c.count(p, modality, without)
			}
		}
		fmt.Fprintf(log, "fit: replays of %d people of %s\n", len(people), set)
	}
	for modality, c := range counts {
		if c.names > 0 {
			w.Tables[modality], w.Names = c.table(), w.Names+c.names
		}
		for _, f := range replayFamilies[modality] {
			if name := string(modality) + "." + f; !slices.Contains(without, name) {
				w.Families = append(w.Families, name)
			}
		}
	}
	slices.Sort(w.Families)
	if w.Names == 0 {
		return w, fmt.Errorf("fit: %s holds none of %v: %w", dir, replaySets, errNobody)
	}
	return w, nil
}

// grid counts names by their place in a table.
type grid [len(presence.ReplayTable{})][presence.ReplayBins]float64

// replayCounts are what people's own names and replayed ones come to, in one modality.
type replayCounts struct {
	own, played grid
	names       int
}

func (g *grid) add(o observation.Observation, past presence.Past, weight float64) (names int) {
	for _, name := range presence.Names(o.Liveness.Sketch) {
		row, column := presence.ReplayPlace(past[o.Modality].Nearest(name))
		g[row][column] += weight
		names++
	}
	return names
}

func (c *replayCounts) count(p Recorded, modality observation.Modality, without []string) {
	past := presence.Past{}
	sessions := p.sessions(modality)
	for _, s := range sessions {
		for _, o := range Sketched(s.keys, s.places) {
			if len(past) > 0 {
				c.names += c.own.add(o, past, 1)
			}
			past = past.Add(o)
		}
	}
	rng := rand.New(rand.NewPCG(20, uint64(len(sessions))))
	families := slices.DeleteFunc(slices.Clone(replayFamilies[modality]), func(f string) bool {
		return slices.Contains(without, string(modality)+"."+f)
	})
	for _, s := range sessions[max(0, len(sessions)-replayedLast):] {
		played := replays(rng, middle(s.keys, replayedKeys), middle(s.places, replayedPlaces))
		for _, family := range families {
			for _, o := range played[family] {
				c.played.add(o, past, 1/float64(len(families)))
			}
		}
	}
}

type recordedSession struct {
	keys   []event.Key
	places []event.Pointer
}

func (p Recorded) sessions(modality observation.Modality) []recordedSession {
	var out []recordedSession
	switch modality {
	case observation.Keyboard:
		for _, k := range p.Keys {
			out = append(out, recordedSession{keys: k})
		}
	case observation.Pointer:
		for _, e := range p.Pointers {
			out = append(out, recordedSession{places: e})
		}
	}
	return out
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
func (c *replayCounts) table() presence.ReplayTable {
	var t presence.ReplayTable
	for row := range t {
		own, played := smooth(c.own[row]), smooth(c.played[row])
		least := math.Inf(1)
		for column := range t[row] {
			least = math.Min(least, math.Log(played[column]/own[column]))
			t[row][column] = math.Round(100*least) / 100
		}
	}
	return t
}

func smooth(counts [presence.ReplayBins]float64) (out [presence.ReplayBins]float64) {
	sum := 0.0
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
