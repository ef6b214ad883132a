// Package redteam owns attacks on one's own installation: it makes each way to pass for a person that package adversary
// knows, sends a running server what a collector would compute of it, and says what was caught, by which reason and after
// how long. Package browser below it drives a page of one's own instead.
//
// In: a server's address that its Guard lets through, and a person's events to imitate or replay. Out: a Report. An
// address that is neither this machine's nor listed is refused before any packet: the kit is of no use against anybody
// else's server.
package redteam

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/trust"
	"ipse.dev/ipse/internal/window"
)

// Want is what an installation should make of an attack.
type Want string

// What may be wanted.
const (
	Alarm      Want = "alarm"       // the risk level becomes HIGH
	Context    Want = "context"     // said beside the evidence; an alarm only where policy says so
	CannotTell Want = "cannot_tell" // no alarm, and no word that it is the same person
)

// Stretch is what an attacker's device would give: both streams in order of time, beginning at 0.
type Stretch struct {
	Keys     []event.Key
	Pointers []event.Pointer
	Pastes   []float64     // times at which text comes from the clipboard
	Phrases  [][]event.Key // typings of one phrase that the application asks for, beside Keys
	Driven   bool          // the browser itself says that a program drives it
}

// Material is what an attacker may have got hold of.
type Material struct {
	Seen       Stretch           // what the victim did while ipse watched, to be replayed
	Hands      Stretch           // how the victim works, which no server has seen
	Victim     [][]window.Stroke // runs of the victim's typing that were recorded elsewhere
	Population [][]window.Stroke // runs of other people's typing
	Pointing   [][]event.Pointer // somebody's recorded pointer movements
	Generated  bool              // the victim is a program, not a person's recording
}

// Length bounds an attack.
type Length struct {
	Strokes    int
	DurationMS float64
}

// Attack is one way to pass for a person.
type Attack struct {
	Name string // channel and family, such as "keys.macro"
	Doc  string
	Want Want
	// Tells is what an application that knows tells the server before the attack's first event; empty for nothing.
	Tells trust.Context
	// Make gives the attacker's events; none where the material does not hold what the attack is made from.
	Make func(*rand.Rand, Material, Length) Stretch
}

// Channel is what stands before the first dot of an attack's name: keys, pointer, replay, automation, hands, context or page.
func (a Attack) Channel() string {
	channel, _, _ := strings.Cut(a.Name, ".")
	return channel
}

// ErrUnknownAttack is the error for an attack that does not exist.
var ErrUnknownAttack = errors.New("redteam: unknown attack")

// Choose gives the attacks of these names, in the list's order. A channel's name, such as "keys", stands for all of its
// attacks, and "all" or no name for every one.
func Choose(all []Attack, names []string) ([]Attack, error) {
	if len(names) == 0 || slices.Contains(names, "all") {
		return all, nil
	}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(a Attack) bool { return a.Name == name || a.Channel() == name }) {
			return nil, fmt.Errorf("%w %q; ipse attack list names them all", ErrUnknownAttack, name)
		}
	}
	var out []Attack
	for _, a := range all {
		if slices.Contains(names, a.Name) || slices.Contains(names, a.Channel()) {
			out = append(out, a)
		}
	}
	return out, nil
}

// EndMS is the time of a stretch's last event.
func (s Stretch) EndMS() float64 {
	end := 0.0
	if n := len(s.Keys); n > 0 {
		end = s.Keys[n-1].TimeMS
	}
	if n := len(s.Pointers); n > 0 {
		end = max(end, s.Pointers[n-1].TimeMS)
	}
	if n := len(s.Phrases); n > 0 {
		end = max(end, s.Phrases[n-1][len(s.Phrases[n-1])-1].TimeMS)
	}
	return end
}

// Empty reports whether a stretch holds no event.
func (s Stretch) Empty() bool { return len(s.Keys) == 0 && len(s.Pointers) == 0 && len(s.Phrases) == 0 }

// within gives a stretch from its first event on, and no more of it than a length allows.
func (s Stretch) within(l Length) Stretch {
	startMS := 0.0
	switch {
	case len(s.Keys) > 0 && len(s.Pointers) > 0:
		startMS = min(s.Keys[0].TimeMS, s.Pointers[0].TimeMS)
	case len(s.Keys) > 0:
		startMS = s.Keys[0].TimeMS
	case len(s.Pointers) > 0:
		startMS = s.Pointers[0].TimeMS
	}
	out := Stretch{Driven: s.Driven}
	for _, typed := range s.Phrases { // whole or not at all; they lie beside the rest and begin at 0 as it does
		if typed[len(typed)-1].TimeMS <= l.DurationMS {
			out.Phrases = append(out.Phrases, typed)
		}
	}
	for _, k := range s.Keys {
		if k.TimeMS -= startMS; k.TimeMS <= l.DurationMS {
			out.Keys = append(out.Keys, k)
		}
	}
	for _, p := range s.Pointers {
		if p.TimeMS -= startMS; p.TimeMS <= l.DurationMS {
			out.Pointers = append(out.Pointers, p)
		}
	}
	for _, t := range s.Pastes {
		if t -= startMS; t >= 0 && t <= l.DurationMS {
			out.Pastes = append(out.Pastes, t)
		}
	}
	return out
}
