// Package adversary owns the attackers that ipse tries on itself: it makes key and pointer events as programs make them that
// want to pass for somebody's hands, or do not care. The red-team kit, the liveness protocol, the fitting of its weights and
// the demo draw from here.
//
// What comes in is a source of random numbers and, where an attack needs it, material: behaviour that the attacker has got hold
// of. What goes out is events in order of time, as a collector would see them. The same seed and material give the same
// events. Nothing here reads a clock, a file or a network.
//
// An attack that needs material which is not there gives no events; that is no error.
package adversary
