// Package sim owns generated people: typists and pointer users whose behaviour follows from parameters that differ from
// person to person, vary a little from session to session, and drift slowly within a session, as real people's do. The
// demonstration, load tests and browser tests use them. The same seeds always give the same events.
//
// The parameters are drawn from distributions whose ranges are taken from published studies, named where each is drawn;
// nothing is copied or fitted from a data set, and no figure about ipse's accuracy may rest on generated people: they
// show that the parts work together, not how well people can be told apart.
//
// In: seeds and texts. Out: keystrokes with W3C codes, and events as a device would see them.
package sim

import (
	"math"
	"math/rand/v2"

	"ipse.dev/ipse/internal/event"
)

// Person is one generated person. Persons with the same seed are equal.
type Person struct {
	Seed   uint64
	Typist Typist
	Hand   Hand
}

// NewPerson draws a person.
func NewPerson(seed uint64) Person {
	r := newRand(seed, 0x70657273)
	return Person{Seed: seed, Typist: drawTypist(r), Hand: drawHand(r)}
}

// Session is one person at one sitting. It remembers the drift of the person's tempo and must be asked for behaviour in
// the order of time. It is not safe for concurrent use.
type Session struct {
	person   Person
	rand     *rand.Rand
	tempo    drift // natural log of the factor on intervals
	touch    drift // natural log of the factor on dwells
	reach    drift // natural log of the factor on durations of movements
	cursor   Point // where the pointer rests
	sentence int
}

// Session begins a sitting. The same seeds give the same behaviour for the same calls.
func (p Person) Session(seed uint64) *Session {
	r := newRand(p.Seed, seed^0x73657373)
	// Day-to-day variation: a person's mean interval differs by a few per cent between sittings, dwell less.
	return &Session{
		person: p, rand: r,
		tempo:    drift{offset: 0.05 * r.NormFloat64(), sd: 0.035, tauMS: 180_000},
		touch:    drift{offset: 0.03 * r.NormFloat64(), sd: 0.02, tauMS: 240_000},
		reach:    drift{offset: 0.05 * r.NormFloat64(), sd: 0.04, tauMS: 180_000},
		cursor:   Point{600, 400},
		sentence: r.IntN(1 << 20),
	}
}

// drift is a slowly wandering quantity: an Ornstein-Uhlenbeck process with a stationary standard deviation and a
// correlation time, around an offset that holds for the whole session.
type drift struct {
	offset, sd, tauMS float64
	value, atMS       float64
	begun             bool
}

func (d *drift) at(r *rand.Rand, timeMS float64) float64 {
	if !d.begun {
		d.begun, d.atMS, d.value = true, timeMS, d.sd*r.NormFloat64()
	}
	if dt := timeMS - d.atMS; dt > 0 {
		keep := math.Exp(-dt / d.tauMS)
		d.value = keep*d.value + d.sd*math.Sqrt(1-keep*keep)*r.NormFloat64()
		d.atMS = timeMS
	}
	return d.offset + d.value
}

func newRand(a, b uint64) *rand.Rand { return rand.New(rand.NewPCG(a, b*0x9e3779b97f4a7c15+1)) }

// normal draws from a normal distribution cut off at lo and hi.
func normal(r *rand.Rand, mean, sd, lo, hi float64) float64 {
	return math.Max(lo, math.Min(hi, mean+sd*r.NormFloat64()))
}

// logNormal draws from a log-normal distribution with the given median and standard deviation of the natural log, cut
// off at lo and hi.
func logNormal(r *rand.Rand, median, sigma, lo, hi float64) float64 {
	return math.Max(lo, math.Min(hi, median*math.Exp(sigma*r.NormFloat64())))
}

// Stretch is what a device saw for a while: both streams in order of time.
type Stretch struct {
	Keys     []event.Key
	Pointers []event.Pointer
	EndMS    float64
}
