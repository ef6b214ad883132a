package fit

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
)

// EqualRateHZ is the rate to which people and programs are brought before they are compared: that of the screens on which
// nearly all of the recorded people worked.
const EqualRateHZ = 60

// PointerPerson is one person's recorded pointer use, and the strokes of it that an attacker could replay.
type PointerPerson struct {
	Set, ID  string
	Sessions [][]event.Pointer
	Strokes  [][]event.Pointer // of ten places at least
}

// StrokePoints is the least number of places in a stroke that counts as one.
const StrokePoints = 10

// PointerPeople reads the people of the sets whose pointers were recorded at their own desk (SapiMouse), through a remote
// desktop (Balabit) or while they traced circles (the people of the set Bots), those whom want picks by their role.
func PointerPeople(dir string, want func(set, id string) bool) ([]PointerPerson, error) {
	var people []PointerPerson
	opt := dataset.Options{OnMalformed: func(*dataset.RowError) error { return nil }}
	for _, set := range []string{dataset.SapiMouse, dataset.Balabit} {
		err := dataset.Read(set, dir, opt, func(p dataset.Person) error {
			if !want(set, p.ID) {
				return nil
			}
			out := PointerPerson{Set: set, ID: p.ID}
			for _, s := range p.Sessions {
				if s.Label == dataset.Intruder || set == dataset.Balabit && (s.Part != dataset.Enrolment || len(out.Sessions) >= 2) {
					continue
				}
				events := s.Pointers[:min(len(s.Pointers), 20_000)]
				out.Sessions = append(out.Sessions, events)
				out.Strokes = append(out.Strokes, dataset.PointerStrokes(events, StrokePoints)...)
			}
			people = append(people, out)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("fit: %s: %w", set, err)
		}
	}
	err := dataset.ReadBots(dir, opt, func(f dataset.PointerFamily) error {
		if !f.People || !strings.HasPrefix(f.Name, dataset.DelbotFamilies) || !want(dataset.Bots, f.Name) {
			return nil
		}
		out := PointerPerson{Set: dataset.Bots, ID: f.Name}
		out.Sessions = TakeStreams(f)
		for _, take := range f.Takes {
			out.Strokes = append(out.Strokes, dataset.PointerStrokes(take.Events, StrokePoints)...)
		}
		people = append(people, out)
		return nil
	})
	if err != nil && !errors.Is(err, dataset.ErrNotFound) {
		return nil, fmt.Errorf("fit: %w", err)
	}
	return people, nil
}

// seeded gives a source of chance that belongs to a name alone.
func seeded(parts ...string) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprint(h, strings.Join(parts, "/"))
	return rand.New(rand.NewPCG(h.Sum64(), 3))
}

// restBetween gives rests as people make them between strokes, in ms.
func restBetween(rng *rand.Rand) func() float64 {
	return func() float64 { return 160 + 300*math.Exp(0.8*rng.NormFloat64()) }
}

// PointerWindows cuts a stream into the windows that the product would cut.
func PointerWindows(events []event.Pointer) []window.Pointer {
	c := window.NewPointerCutter(window.PointerEvents, window.PointerMinEvents)
	var out []window.Pointer
	for _, e := range events {
		out = append(out, c.Push(e)...)
	}
	return append(out, c.Flush()...)
}

// PointerSource is a stream of movement by one family: of a person, or of a program that may use a person's strokes.
type PointerSource struct {
	Family string // empty for people
	Kind   adversary.PointerKind
	Person string // SET/ID of the person it comes from, empty for a program that used nobody
	Equal  bool   // brought to EqualRateHZ
	Events []event.Pointer
}

// PointerSources gives people's streams and every family's, as recorded and brought to one rate, durationMS each for
// generators. The family without, and what a composed program would share with it, is left out.
func PointerSources(people []PointerPerson, families []dataset.PointerFamily, durationMS float64, without string) []PointerSource {
	var out []PointerSource
	add := func(s PointerSource) { out = append(out, bothRates(s)...) }
	for _, p := range people {
		name := p.Set + "/" + p.ID
		for _, s := range p.Sessions {
			add(PointerSource{Person: name, Events: s})
		}
		add(PointerSource{Person: name, Events: dataset.JoinStrokes(p.Strokes, restBetween(seeded("join", name)))})
		if p.Set != dataset.SapiMouse {
			continue
		}
		for _, a := range adversary.PointerAttacks {
			if a.Family == without || slices.Contains(handsOwn, a.Family) {
				continue
			}
			rng := seeded("attack", a.Family, name)
			if events := a.Make(rng, adversary.PointerMaterial{Strokes: p.Strokes}, durationMS); len(events) > 0 {
				add(PointerSource{Family: a.Family, Kind: a.Kind, Person: name, Events: events})
			}
		}
	}
	for _, f := range families {
		if f.People || f.Name == without {
			continue
		}
		out = append(out, familySources(f)...)
	}
	return out
}

// takesJoined is how many strokes of a file make one stream.
const takesJoined = 40

// TakeStreams joins the takes of a family into streams, each beginning where the last one ended, with rests between.
func TakeStreams(f dataset.PointerFamily) [][]event.Pointer {
	var out [][]event.Pointer
	rest := restBetween(seeded("join", f.Name))
	for at := 0; at < len(f.Takes); {
		var takes [][]event.Pointer
		events := 0
		for ; at < len(f.Takes) && len(takes) < takesJoined && events < 3000; at++ {
			takes = append(takes, f.Takes[at].Events)
			events += len(f.Takes[at].Events)
		}
		out = append(out, dataset.JoinStrokes(takes, rest))
	}
	return out
}

func familySources(f dataset.PointerFamily) []PointerSource {
	var out []PointerSource
	for _, events := range TakeStreams(f) {
		s := PointerSource{Family: f.Name, Events: events}
		out = append(out, s)
		s.Events, s.Equal = dataset.Equalise(events, EqualRateHZ), true
		out = append(out, s)
	}
	return out
}

// composedSources gives composed programs that share no part with a family.
func composedSources(people []PointerPerson, family string) []PointerSource {
	return composedWithout(people, adversary.PointerParts[family])
}

// composedWithout gives composed programs that have none of these parts.
func composedWithout(people []PointerPerson, parts []string) []PointerSource {
	var out []PointerSource
	for _, p := range people {
		if p.Set != dataset.SapiMouse {
			continue
		}
		name := p.Set + "/" + p.ID
		for i := range composedEach {
			rng := seeded("composed", fmt.Sprint(i), name)
			events := adversary.Compose(parts)(rng, adversary.PointerMaterial{Strokes: p.Strokes}, generatorMS/2)
			s := PointerSource{Family: adversary.Composed, Person: name, Events: events}
			out = append(out, s)
			s.Events, s.Equal = dataset.Equalise(s.Events, EqualRateHZ), true
			out = append(out, s)
		}
	}
	return out
}

// composedEach is how many composed programs are drawn for each person: no two are alike.
const composedEach = 4
