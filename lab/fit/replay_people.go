package fit

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/device"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/lab/dataset"
)

// Recorded is one person's input of one modality, session by session, as it may be replayed: keys, pointers or touches, the
// others are nil.
type Recorded struct {
	Set, ID  string
	Fixed    bool // the person typed one text again and again
	Keys     [][]event.Key
	Typings  [][]event.Key // of that text, one by one
	Pointers [][]event.Pointer
	Touches  [][]event.Touch
}

// ReadRecorded reads one set's people whom keep accepts.
func ReadRecorded(set, dir string, opt dataset.Options, keep func(set, id string) bool) ([]Recorded, error) {
	if set == dataset.CMU {
		return passwordsReplayed(dir, opt, keep)
	}
	var out []Recorded
	err := dataset.Read(set, dir, opt, func(p dataset.Person) error {
		if !keep(set, p.ID) {
			return nil
		}
		r := Recorded{Set: set, ID: p.ID, Fixed: set == dataset.Freihaut}
		for _, s := range p.Sessions {
			if s.Label == dataset.Intruder || (set == dataset.Balabit && s.Part == dataset.Verification) {
				continue
			}
			if len(s.Keys) > 0 {
				r.Keys = append(r.Keys, s.Keys)
			}
			if len(s.Pointers) > 0 {
				r.Pointers = append(r.Pointers, s.Pointers)
			}
			if len(s.Touches) > 0 {
				r.Touches = append(r.Touches, s.Touches)
			}
		}
		if r.Fixed {
			r.Typings = r.Keys
		}
		if r.Fixed || set == dataset.Aalto { // one typing is too short: they follow one another as on the page that asked for them
			r.Keys = [][]event.Key{inRow(r.Keys)}
		}
		out = append(out, r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("fit: %w", err)
	}
	return out, nil
}

// betweenTypingsMS is the time from one typing of a password to the next, beside what the seed of the order adds.
const betweenTypingsMS = 800

func inRow(typings [][]event.Key) []event.Key {
	rng := rand.New(rand.NewPCG(1, uint64(len(typings))))
	var out []event.Key
	at := 0.0
	for _, keys := range typings {
		if len(keys) == 0 {
			continue
		}
		for _, e := range keys {
			e.TimeMS += at - keys[0].TimeMS
			out = append(out, e)
		}
		at = out[len(out)-1].TimeMS + betweenTypingsMS*(1+rng.ExpFloat64())
	}
	return out
}

// passwordsReplayed turns the timings of CMU's password into events: one typing after the other, as the study asked for them.
func passwordsReplayed(dir string, opt dataset.Options, keep func(set, id string) bool) ([]Recorded, error) {
	all, err := dataset.ReadCMU(dir, opt)
	if err != nil {
		return nil, fmt.Errorf("fit: %w", err)
	}
	var out []Recorded
	for _, p := range all {
		if !keep(dataset.CMU, p.ID) {
			continue
		}
		r := Recorded{Set: dataset.CMU, ID: p.ID, Fixed: true}
		var typings [][]event.Key
		for _, rep := range p.Repetitions {
			typings = append(typings, typing(rep.TimingsMS, func(i int) event.Class { return event.Class(i % 8) }))
			r.Typings = append(r.Typings, typing(rep.TimingsMS[:len(rep.TimingsMS)-1], straight))
		}
		r.Keys = [][]event.Key{inRow(typings)}
		out = append(out, r)
	}
	return out, nil
}

// typing gives the events of one repetition: a hold, then the times from one press to the next and from release to press,
// and so on. The keys' classes are not the password's: no name knows them.
func typing(timingsMS []float64, classOf func(i int) event.Class) []event.Key {
	var out []event.Key
	pressMS := 0.0
	for i := 0; i < len(timingsMS); i += 3 {
		class := classOf(i / 3)
		out = append(out, event.Key{TimeMS: pressMS, Class: class, Down: true, Trusted: true},
			event.Key{TimeMS: pressMS + timingsMS[i], Class: class, Trusted: true})
		if i+1 < len(timingsMS) {
			pressMS += timingsMS[i+1]
		}
	}
	slices.SortStableFunc(out, func(a, b event.Key) int { return cmp.Compare(a.TimeMS, b.TimeMS) })
	return out
}

// straight gives classes of keys that write something, no two of those that may be held together the same.
func straight(i int) event.Class {
	return [...]event.Class{event.LeftLetter, event.RightLetter, event.Digit, event.Space, event.Other}[i%5]
}

// Session is one uninterrupted recording of one modality: keys, places of the pointer or touches, the others are nil.
type Session struct {
	Keys    []event.Key
	Places  []event.Pointer
	Touches []event.Touch
}

// Sessions gives a person's sessions of one modality.
func (r Recorded) Sessions(modality observation.Modality) []Session {
	var out []Session
	switch modality {
	case observation.Keyboard:
		for _, k := range r.Keys {
			out = append(out, Session{Keys: k})
		}
	case observation.Pointer:
		for _, p := range r.Pointers {
			out = append(out, Session{Places: p})
		}
	case observation.Touch:
		for _, t := range r.Touches {
			out = append(out, Session{Touches: t})
		}
	}
	return out
}

// Events is the number of events.
func (s Session) Events() int { return len(s.Keys) + len(s.Places) + len(s.Touches) }

// Split gives the first n events at most, and the others.
func (s Session) Split(n int) (before, after Session) {
	k, p, t := max(0, min(n, len(s.Keys))), max(0, min(n, len(s.Places))), max(0, min(n, len(s.Touches)))
	return Session{s.Keys[:k], s.Places[:p], s.Touches[:t]}, Session{s.Keys[k:], s.Places[p:], s.Touches[t:]}
}

// Sketched gives the observations that a collector sends of the session.
func (s Session) Sketched() []observation.Observation {
	c := device.NewCollector(device.Options{})
	out := c.Play(s.Keys, s.Places)
	for _, e := range s.Touches {
		out = append(out, c.Touch(e)...)
	}
	return append(out, c.Flush()...)
}

// Replayed gives those that it sends when an attacker plays the session back in the way that a family names.
func (s Session) Replayed(family string, rng *rand.Rand) []observation.Observation {
	if len(s.Keys) > 0 {
		for _, r := range adversary.KeyReplays {
			if r.Family == family {
				return Session{Keys: r.Play(rng, s.Keys)}.Sketched()
			}
		}
	}
	if len(s.Places) > 0 {
		for _, r := range adversary.PointerReplays {
			if r.Family == family {
				return Session{Places: r.Play(rng, s.Places)}.Sketched()
			}
		}
	}
	if len(s.Touches) > 0 {
		for _, r := range adversary.TouchReplays {
			if r.Family == family {
				return Session{Touches: r.Play(rng, s.Touches)}.Sketched()
			}
		}
	}
	return nil
}

var errNobody = errors.New("nobody of the folder's people may be used for fitting")
