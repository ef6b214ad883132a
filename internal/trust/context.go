package trust

import "math"

// Context names a moment at which somebody else may have come to the controls. The set is closed: each kind has a
// probability of its own in Chances.
type Context string

// The contexts. A long pause is none of them: silence fades to the prior (see Model.Wait), which is what a pause says
// about who comes back.
const (
	Unlock         Context = "unlock"          // the screen was unlocked
	NewAddress     Context = "new_address"     // the collector reports from another network than before
	RemoteDesktop  Context = "remote_desktop"  // a remote desktop or remote help began
	VirtualMachine Context = "virtual_machine" // the session runs in a virtual machine
)

// Contexts lists every kind, in a fixed order.
var Contexts = []Context{Unlock, NewAddress, RemoteDesktop, VirtualMachine}

// Known reports whether c is one of Contexts.
func (c Context) Known() bool {
	switch c {
	case Unlock, NewAddress, RemoteDesktop, VirtualMachine:
		return true
	}
	return false
}

// Chances are the probabilities, in [0,1), that a session is taken over at the very moment of a context. The zero value
// lets no context count.
type Chances struct {
	Unlock, NewAddress, RemoteDesktop, VirtualMachine float64
	// Ceiling is the probability of a takeover beyond which contexts do not raise it, however many come: they say when
	// to look closely, and never stand for evidence against anybody.
	Ceiling float64
}

// defaultChances are judgements, not measurements: public recordings have no takeovers with their circumstances. An
// unlock asks for the password and is nearly always the owner's, a network changes on every way to a meeting, and remote
// help is what fraud by telephone begins with; who works in a virtual machine mostly does so every day. All lie below what the ceiling lets them add up to, and the ceiling, odds
// of one to three, lies below the odds of one to one under which no budget puts a threshold (package policy).
func defaultChances() Chances {
	return Chances{Unlock: 0.02, NewAddress: 0.03, RemoteDesktop: 0.1, VirtualMachine: 0.01, Ceiling: 0.25}
}

func (c Chances) of(kind Context) float64 {
	switch kind {
	case Unlock:
		return c.Unlock
	case NewAddress:
		return c.NewAddress
	case RemoteDesktop:
		return c.RemoteDesktop
	case VirtualMachine:
		return c.VirtualMachine
	}
	return 0
}

// Happen folds a context in: a takeover may have come at this very moment, so P becomes P + (1−P)·q, and at most the
// ceiling; what is above it stays as it is. Contexts of one moment may come in any order. An unknown kind only lets the
// time pass.
func (m Model) Happen(s State, kind Context, nowMS int64) State {
	s = m.Wait(s, nowMS)
	q := m.Chances.of(kind)
	if q <= 0 || q >= 1 || !(m.Chances.Ceiling > 0 && m.Chances.Ceiling < 1) {
		return s
	}
	raised := clamp(s.LogOdds)
	raised = math.Log((math.Exp(raised) + q) / (1 - q))
	return s.raise(math.Min(raised, logit(m.Chances.Ceiling)))
}
