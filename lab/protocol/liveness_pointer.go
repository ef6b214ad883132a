package protocol

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"

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
// all seen through the same screen, each with what the judge says of it, in nats. The attacks are the trial's mated scores and the people's own streams its non-mated ones. A program that used
// nobody's strokes is shared out among the people. Stroke holds the same of single strokes of ten places at least, and
// what one window of each says, in nats.
type pointerFamily struct {
	family, group string
	kind          adversary.PointerKind
	seconds       float64
	trial, stroke Trial
	found         []float64 // share of each person's pieces that the shipped judge finds

	// Of attacks that change somebody's strokes, where the person whose they are is known by all that was recorded, and where
	// nothing is learnt from the attack, which a server would: the share of each person's pieces that the shipped judge
	// cautions of, and whether it does of a whole attack of pointerAttacksMS (a minute).
	cautioned, cautionedWhole []float64
}

// pointerHuman is what the shipped judge said about one person's own pointer.
type pointerHuman struct {
	set, id string
	alarms  map[presence.Kind]int // every kind that was found, alarms or not
	hours   float64               // of use, rests of more than a minute left out
}

// pointerAnswers are the kinds of finding that answer each kind of attack.
var pointerAnswers = map[adversary.PointerKind]presence.Kind{
	adversary.Generated: presence.GeneratedPath, adversary.Transformed: presence.GeneratedPath, adversary.Jiggled: presence.Jiggler,
	adversary.Remote: presence.RemoteControl,
}

// pointersWithout gives the judge of pointers that knows neither a family nor those that draw alike.
type pointersWithout func(family string) presence.Judge

// openPointers are those of weights that hold no recording; several goroutines may ask at once.
func openPointers(dir string) (pointersWithout, error) {
	fitter, err := fit.NewOpenPointerFitter(dir)
	if err != nil {
		return nil, err
	}
	return func(family string) presence.Judge {
		w := fitter.WithoutAlike(family)
		return presence.Judge{Card: w.Card, Signals: w.Signals()}
	}, nil
}

// researchPointers are those that have learnt from any recording.
func researchPointers(dir string) (pointersWithout, error) {
	fitter, err := fit.NewPointerFitter(dir)
	if err != nil {
		return nil, err
	}
	byGroup, all := fitter.WithoutGroups()
	inParallel(len(all), func(i int) { all[i].Fit() })
	judges := map[string]presence.Judge{}
	for group, networks := range byGroup {
		weights := presence.PointerWeights{Networks: map[string]*presence.Network{}}
		for name, n := range networks {
			weights.Networks[name] = n.Network
		}
		if err := weights.Check(); err != nil {
			return nil, err
		}
		judges[group] = presence.Judge{Signals: weights.Signals()}
	}
	return func(family string) presence.Judge { return judges[fit.PointerGroup(family)] }, nil
}

// pointerStreams are the streams of one family, of each person.
type pointerStreams struct {
	family  string
	kind    adversary.PointerKind
	streams [][][]event.Pointer // by person
}

// pointerAttackers makes every family's streams against these people, and shares those of files out among them.
func pointerAttackers(dir string, people []fit.PointerPerson) ([]pointerStreams, error) {
	var out []pointerStreams
	for _, a := range adversary.PointerAttacks {
		s := pointerStreams{family: a.Family, kind: a.Kind}
		for _, p := range people {
			events := a.Make(pointerChance(a.Family, p.ID), adversary.PointerMaterial{Strokes: p.Strokes}, pointerAttacksMS)
			s.streams = append(s.streams, [][]event.Pointer{events})
		}
		out = append(out, s)
	}
	err := dataset.ReadBots(dir, dataset.Options{OnMalformed: func(*dataset.RowError) error { return nil }}, func(b dataset.PointerFamily) error {
		if b.People {
			return nil
		}
		s := pointerStreams{family: b.Name, kind: adversary.Generated, streams: make([][][]event.Pointer, len(people))}
		for i, stream := range fit.TakeStreams(b) {
			s.streams[i%len(people)] = append(s.streams[i%len(people)], stream)
		}
		out = append(out, s)
		return nil
	})
	if errors.Is(err, dataset.ErrNotFound) {
		err = nil
	}
	return out, err
}

// pointerFamilies measures every family against the people whom keep picks, by a judge that was fitted without that
// family, without those that draw alike and without those people. Hearing, when set, is told of how many are done.
func pointerFamilies(dir string, shipped presence.Judge, without pointersWithout, keep func(set, id string) bool, hearing func(done, total int)) ([]pointerFamily, error) {
	people, err := fit.PointerPeople(dir, func(set, id string) bool { return set == dataset.SapiMouse && keep(set, id) })
	if err != nil {
		return nil, err
	}
	if len(people) < 2 {
		return nil, fmt.Errorf("%w: %d people with pointers; want 2", ErrTooFew, len(people))
	}
	attackers, err := pointerAttackers(dir, people)
	if err != nil {
		return nil, err
	}
	cut := map[float64][][]pointerPiece{} // people's own, by seconds
	for _, kind := range []adversary.PointerKind{adversary.Generated, adversary.Transformed} {
		seconds := pointerSeconds(kind)
		for _, p := range people {
			cut[seconds] = append(cut[seconds], piecesOf(p.Sessions, seconds, true))
		}
	}
	for _, p := range people {
		cut[oneStroke] = append(cut[oneStroke], piecesOf(p.Sessions, oneStroke, true))
		cut[unequal] = append(cut[unequal], piecesOf(p.Sessions, generatedSeconds, false))
	}
	pasts := make([]presence.Past, len(people))
	inParallel(len(people), func(i int) { _, pasts[i] = remembering(shipped, nil, wholesOf(people[i].Sessions)) })
	out := make([]pointerFamily, len(attackers))
	var done atomic.Int64
	inParallel(len(attackers), func(at int) {
		a := attackers[at]
		f := pointerFamily{family: a.family, group: fit.PointerGroup(a.family), kind: a.kind, seconds: pointerSeconds(a.kind)}
		judge := without(a.family)
		equal := a.kind == adversary.Generated || a.kind == adversary.Transformed
		hands := cut[f.seconds]
		if !equal {
			hands = cut[unequal]
		}
		answer := pointerAnswers[a.kind]
		for i, p := range people {
			f.trial.People = append(f.trial.People, p.ID)
			f.stroke.People = append(f.stroke.People, p.ID)
			whole, stroke := Subject{Index: i}, Subject{Index: i}
			found, cautioned := 0, 0
			for _, piece := range piecesOf(a.streams[i], f.seconds, equal) {
				if score, ok := pieceNats(judge, answer, piece); ok {
					whole.Mated = append(whole.Mated, score)
					if foundIn(shipped, answer, nil, piece) {
						found++
					}
					if a.kind == adversary.Transformed && foundIn(shipped, presence.TurnedPath, pasts[i], piece) {
						cautioned++
					}
				}
			}
			if len(whole.Mated) > 0 {
				f.found = append(f.found, float64(found)/float64(len(whole.Mated)))
			}
			if a.kind == adversary.Transformed && len(whole.Mated) > 0 {
				f.cautioned = append(f.cautioned, float64(cautioned)/float64(len(whole.Mated)))
				f.cautionedWhole = append(f.cautionedWhole, 0)
				if foundIn(shipped, presence.TurnedPath, pasts[i], wholesOf(a.streams[i])) {
					f.cautionedWhole[len(f.cautionedWhole)-1] = 1
				}
			}
			whole.NonMated = pointerScores(judge, answer, hands[i])
			whole.Owner = nobodies(len(whole.NonMated))
			if a.kind == adversary.Generated {
				stroke.Mated = strokeNats(judge, answer, piecesOf(a.streams[i], oneStroke, true))
				stroke.NonMated = strokeNats(judge, answer, cut[oneStroke][i])
				stroke.Owner = nobodies(len(stroke.NonMated))
			}
			f.trial.Subjects, f.stroke.Subjects = append(f.trial.Subjects, whole), append(f.stroke.Subjects, stroke)
		}
		out[at] = f
		if hearing != nil {
			hearing(int(done.Add(1)), len(attackers))
		}
	})
	return out, nil
}

// How pieces are cut where they are not of so many seconds.
const (
	oneStroke = 0  // each stroke of ten places at least by itself
	unequal   = -1 // of generatedSeconds, at the rate of the recording
)

// pointerPiece is the windows of one piece of movement, as a judge takes them.
type pointerPiece []presence.Window

// piecesOf cuts streams into pieces of so many seconds of movement, or into strokes, at one rate where that is asked.
func piecesOf(streams [][]event.Pointer, seconds float64, equal bool) []pointerPiece {
	var out []pointerPiece
	for _, events := range streams {
		if equal {
			events = dataset.Equalise(events, fit.EqualRateHZ)
		}
		if seconds == oneStroke {
			for _, stroke := range dataset.PointerStrokes(events, fit.StrokePoints) {
				out = append(out, windowsOfPieces(stroke, fit.StrokePoints))
			}
			continue
		}
		for _, piece := range movementPieces(events, seconds*1000) {
			out = append(out, windowsOfPieces(piece, window.PointerMinEvents))
		}
	}
	return slices.DeleteFunc(out, func(p pointerPiece) bool { return len(p) == 0 })
}

// windowsOfPieces cuts a piece into windows of as many events as the product's, the last of so many at least.
func windowsOfPieces(events []event.Pointer, least int) pointerPiece {
	cutter := window.NewPointerCutter(window.PointerEvents, least)
	var out pointerPiece
	take := func(all []window.Pointer) {
		for _, w := range all {
			out = append(out, pointerWindow(int64(len(out)), w))
		}
	}
	for _, e := range events {
		take(cutter.Push(e))
	}
	take(cutter.Flush())
	return out
}

// strokeNats gives what a judge's signal says of the first window of each stroke, in nats.
func strokeNats(judge presence.Judge, kind presence.Kind, strokes []pointerPiece) []float64 {
	var out []float64
	for _, signal := range judge.Signals {
		for _, stroke := range strokes {
			if signal.Kind != kind {
				break
			}
			if nats, ok := signal.LLR(stroke[0]); ok {
				out = append(out, nats)
			}
		}
	}
	return out
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

// pointerScores gives what a judge says of each piece of which it says something, in nats.
func pointerScores(judge presence.Judge, kind presence.Kind, pieces []pointerPiece) []float64 {
	var out []float64
	for _, piece := range pieces {
		if score, ok := pieceNats(judge, kind, piece); ok {
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

// pieceNats is the log-likelihood ratio of a piece, in nats: what a judge's signal says of its windows, each bounded, in all.
// It may be below 0, where the sum that raises an alarm begins anew. ok is false for a piece of which nothing is said.
func pieceNats(judge presence.Judge, kind presence.Kind, piece pointerPiece) (sum float64, ok bool) {
	var state presence.State
	for _, w := range piece {
		var findings []presence.Finding
		state, findings = judge.Update(state, w)
		for _, finding := range findings {
			if finding.Kind == kind {
				sum, ok = sum+finding.Nats, true
			}
		}
	}
	return sum, ok
}

// wholesOf gives the windows of streams, one stream after the other, at one rate.
func wholesOf(streams [][]event.Pointer) pointerPiece {
	var out pointerPiece
	for _, s := range streams {
		for _, w := range fit.PointerWindows(dataset.Equalise(s, fit.EqualRateHZ)) {
			out = append(out, pointerWindow(int64(len(out)), w))
		}
	}
	return out
}

// foundIn reports whether a judge that knows a past, and sees a piece and of the session nothing before it, finds a kind.
func foundIn(judge presence.Judge, kind presence.Kind, past presence.Past, piece pointerPiece) bool {
	var state presence.State
	for _, w := range piece {
		w.Past = past
		var findings []presence.Finding
		state, findings = judge.Update(state, w)
		for _, finding := range findings {
			if finding.Kind == kind && finding.Found {
				return true
			}
		}
	}
	return false
}

func pointerWindow(at int64, w window.Pointer) presence.Window {
	return presence.Window{Observation: observation.Observation{Modality: observation.Pointer, StartMS: at, Liveness: liveness.Pointer(w)}}
}

// pointerHumans lets a judge see all that people did with their pointers, as it was recorded, and counts its alarms; after
// each it begins anew, as after a sign-in. It gets to know them as the server does. It reads SapiMouse, Balabit and the
// people of the set Bots; keep picks among the first two.
func pointerHumans(dir string, judge presence.Judge, keep func(set, id string) bool) ([]pointerHuman, error) {
	people, err := fit.PointerPeople(dir, keep)
	if err != nil {
		return nil, err
	}
	var out []pointerHuman
	for _, p := range people {
		h := pointerHuman{set: p.Set, id: p.ID, alarms: map[presence.Kind]int{}}
		var past presence.Past
		for _, session := range p.Sessions {
			var windows []presence.Window
			for i, w := range fit.PointerWindows(session) {
				windows = append(windows, pointerWindow(int64(i), w))
			}
			windows, past = remembering(judge, past, windows)
			var state presence.State
			for _, w := range windows {
				var findings []presence.Finding
				state, findings = judge.Update(state, w)
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
