package protocol

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
)

// Movement after which an attack on the pointer should be found, in seconds. A jiggler hardly moves; its time is a
// window's.
const (
	generatedSeconds   = 5
	transformedSeconds = 15
)

// pointerAttacksMS is how long each family attacks with the strokes of each person.
const pointerAttacksMS = 60_000

// pointerFamily is how attacks of one family stand beside people's own pointers: streams of so many seconds of movement,
// all seen through the same screen, each with the highest sum that the judge came to, as a share of what it needs for an
// alarm. The attacks are the trial's mated scores and the people's own streams its non-mated ones. A program that used
// nobody's strokes is shared out among the people.
type pointerFamily struct {
	family  string
	kind    adversary.PointerKind
	seconds float64
	trial   Trial
}

// pointerHuman is what the shipped judge said about one person's own pointer.
type pointerHuman struct {
	set, id string
	alarms  map[presence.Kind]int
	hours   float64 // of use, rests of more than a minute left out
}

// pointerSignals are the kinds of finding that answer each kind of attack.
var pointerAnswers = map[adversary.PointerKind]presence.Kind{
	adversary.Generated: presence.GeneratedPath, adversary.Transformed: presence.GeneratedPath, adversary.Jiggled: presence.Jiggler,
	adversary.Remote: presence.RemoteControl,
}

// pointersWithout gives the judges of pointers that do not know a family.
type pointersWithout func(family string) presence.PointerWeights

// openPointers are the judges that the server uses by default.
func openPointers(dir string) (pointersWithout, error) {
	f, err := fit.NewOpenPointerFitter(dir)
	if err != nil {
		return nil, err
	}
	return f.Without, nil
}

// pointerFamilies measures every family against the people whom keep picks, by judges that were fitted without that family
// and without those people. Hearing, when set, is told of each family as it is done.
func pointerFamilies(dir string, without pointersWithout, keep func(set, id string) bool, hearing func(pointerFamily)) ([]pointerFamily, error) {
	people, err := fit.PointerPeople(dir, func(set, id string) bool { return set == dataset.SapiMouse && keep(set, id) })
	if err != nil {
		return nil, err
	}
	if len(people) < 2 {
		return nil, fmt.Errorf("%w: %d people with pointers; want 2", ErrTooFew, len(people))
	}
	var out []pointerFamily
	add := func(f pointerFamily, streams func(p fit.PointerPerson) [][]event.Pointer) error {
		weights := without(f.family)
		if err := weights.Check(); err != nil {
			return err
		}
		judge := presence.Judge{Signals: weights.Signals()}
		equal := f.kind == adversary.Generated || f.kind == adversary.Transformed
		for i, p := range people {
			f.trial.People = append(f.trial.People, p.ID)
			s := Subject{Index: i}
			for _, stream := range streams(p) {
				s.Mated = append(s.Mated, pointerScores(judge, f, stream, equal)...)
			}
			for _, session := range p.Sessions {
				s.NonMated = append(s.NonMated, pointerScores(judge, f, session, equal)...)
			}
			f.trial.Subjects = append(f.trial.Subjects, s)
		}
		out = append(out, f)
		if hearing != nil {
			hearing(f)
		}
		return nil
	}
	for _, a := range adversary.PointerAttacks {
		f := pointerFamily{family: a.Family, kind: a.Kind, seconds: pointerSeconds(a.Kind)}
		err := add(f, func(p fit.PointerPerson) [][]event.Pointer {
			return [][]event.Pointer{a.Make(pointerChance(a.Family, p.ID), adversary.PointerMaterial{Strokes: p.Strokes}, pointerAttacksMS)}
		})
		if err != nil {
			return nil, err
		}
	}
	err = dataset.ReadBots(dir, dataset.Options{OnMalformed: func(*dataset.RowError) error { return nil }}, func(b dataset.PointerFamily) error {
		if b.People {
			return nil
		}
		streams := fit.TakeStreams(b)
		next := 0
		return add(pointerFamily{family: b.Name, kind: adversary.Generated, seconds: generatedSeconds}, func(fit.PointerPerson) [][]event.Pointer {
			at := next
			next++
			var own [][]event.Pointer
			for ; at < len(streams); at += len(people) {
				own = append(own, streams[at])
			}
			return own
		})
	})
	return out, err
}

func pointerSeconds(k adversary.PointerKind) float64 {
	if k == adversary.Transformed {
		return transformedSeconds
	}
	return generatedSeconds
}

// pointerChance gives a source of chance that belongs to these words alone.
func pointerChance(words ...string) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprint(h, strings.Join(words, "/"))
	return rand.New(rand.NewPCG(h.Sum64(), 19))
}

// pointerScores cuts a stream into pieces of so many seconds of movement and scores each.
func pointerScores(judge presence.Judge, f pointerFamily, events []event.Pointer, equal bool) []float64 {
	if equal {
		events = dataset.Equalise(events, fit.EqualRateHZ)
	}
	var out []float64
	for _, piece := range movementPieces(events, f.seconds*1000) {
		if score, ok := pointerScore(judge, pointerAnswers[f.kind], piece); ok {
			out = append(out, score)
		}
	}
	return out
}

// movementPieces cuts a stream where the pointer has moved for so long, rests left out; what is left at the end counts
// where it makes a window.
func movementPieces(events []event.Pointer, movingMS float64) [][]event.Pointer {
	var out [][]event.Pointer
	from, moved := 0, 0.0
	for i := 1; i < len(events); i++ {
		if gap := events[i].TimeMS - events[i-1].TimeMS; gap <= 150 {
			moved += gap
		}
		if moved >= movingMS && i+1-from >= window.PointerMinEvents {
			out = append(out, events[from:i+1])
			from, moved = i+1, 0
		}
	}
	if len(out) == 0 && len(events)-from >= window.PointerMinEvents {
		out = append(out, events[from:])
	}
	return out
}

// pointerScore lets a judge see a piece and gives the highest sum for a kind as a share of what is needed; ok is false for
// a piece that makes no window.
func pointerScore(judge presence.Judge, kind presence.Kind, piece []event.Pointer) (score float64, ok bool) {
	needed := math.Inf(1)
	for _, s := range judge.Signals {
		if s.Kind == kind {
			needed = s.Found
		}
	}
	var state presence.State
	for i, w := range fit.PointerWindows(piece) {
		var findings []presence.Finding
		state, findings = judge.Update(state, pointerWindow(int64(i), w))
		for _, finding := range findings {
			if finding.Kind == kind {
				score, ok = math.Max(score, finding.Sum/needed), true
			}
		}
	}
	return score, ok
}

func pointerWindow(at int64, w window.Pointer) presence.Window {
	return presence.Window{Observation: observation.Observation{Modality: observation.Pointer, StartMS: at, Liveness: liveness.Pointer(w)}}
}

// pointerHumans lets a judge see all that people did with their pointers, as it was recorded, and counts its alarms; after
// each it begins anew, as after a sign-in. It reads SapiMouse, Balabit and the people of the set Bots; keep picks among the
// first two.
func pointerHumans(dir string, judge presence.Judge, keep func(set, id string) bool) ([]pointerHuman, error) {
	people, err := fit.PointerPeople(dir, keep)
	if err != nil {
		return nil, err
	}
	var out []pointerHuman
	for _, p := range people {
		h := pointerHuman{set: p.Set, id: p.ID, alarms: map[presence.Kind]int{}}
		for _, session := range p.Sessions {
			var state presence.State
			for i, w := range fit.PointerWindows(session) {
				var findings []presence.Finding
				state, findings = judge.Update(state, pointerWindow(int64(i), w))
				for _, f := range findings {
					if f.Found {
						h.alarms[f.Kind]++
						state = presence.State{}
					}
				}
			}
			for i := 1; i < len(session); i++ {
				h.hours += math.Min(60_000, session[i].TimeMS-session[i-1].TimeMS) / 3.6e6
			}
		}
		out = append(out, h)
	}
	slices.SortStableFunc(out, func(a, b pointerHuman) int { return strings.Compare(a.set, b.set) })
	return out, nil
}
