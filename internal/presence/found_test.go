package presence

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/device"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/sim"
	cutting "ipse.dev/ipse/internal/window"
)

// found gives the kinds that a judge finds in what a collector makes of events.
func found(j Judge, keys []event.Key, pointers []event.Pointer) map[Kind]bool {
	kinds, state := map[Kind]bool{}, State{}
	for _, o := range collected(keys, pointers) {
		var findings []Finding
		state, findings = j.Update(state, Window{Observation: o})
		for _, f := range findings {
			if f.Found {
				kinds[f.Kind] = true
			}
		}
	}
	return kinds
}

// collected is what a collector makes of events.
func collected(keys []event.Key, pointers []event.Pointer) []observation.Observation {
	c := device.NewCollector(device.Options{OriginUnixMS: 1})
	return append(c.Play(keys, pointers), c.Flush()...)
}

// withoutRests lets both go on without a rest of more than a quarter of a second, as long as the shorter one lasts.
func withoutRests(keys []event.Key, pointers []event.Pointer) ([]event.Key, []event.Pointer) {
	const longestMS = 250
	tight := func(at func(i int) *float64, n int) (endMS float64) {
		lastMS := 0.0
		for i := range n {
			now := *at(i)
			endMS += min(longestMS, now-lastMS)
			lastMS, *at(i) = now, endMS
		}
		return endMS
	}
	keys, pointers = slices.Clone(keys), slices.Clone(pointers)
	endMS := min(tight(func(i int) *float64 { return &keys[i].TimeMS }, len(keys)), tight(func(i int) *float64 { return &pointers[i].TimeMS }, len(pointers)))
	return slices.DeleteFunc(keys, func(k event.Key) bool { return k.TimeMS > endMS }), slices.DeleteFunc(pointers, func(e event.Pointer) bool { return e.TimeMS > endMS })
}

// What attackers of one test steal and how long they last.
const (
	attackStrokes = 300
	attackMS      = 60_000
)

// runsOf are strokes of a generated person.
func runsOf(seed uint64) (runs [][]cutting.Stroke) {
	cutter := cutting.NewKeyboardCutter(cutting.KeyboardStrokes, cutting.KeyboardMinStrokes)
	session := sim.NewPerson(seed).Session(1)
	for _, k := range session.Type(strings.Repeat("The customer asked for another copy of the invoice and I sent it to her. ", 10), sim.QWERTY, 0) {
		for _, w := range cutter.Push(k.Event()) {
			runs = append(runs, w.Strokes)
		}
	}
	return runs
}

// stolen is what attackers have: typing of one generated person and of others, and a generated person's strokes of the pointer.
var stolen = sync.OnceValues(func() (adversary.KeyMaterial, adversary.PointerMaterial) {
	keys := adversary.KeyMaterial{Victim: runsOf(300)}
	for seed := range uint64(6) {
		keys.Population = append(keys.Population, runsOf(100+seed)...)
	}
	var pointers adversary.PointerMaterial
	session := sim.NewPerson(7).Session(1)
	for i := range 60 {
		from, to := sim.Point{X: float64(100 + 37*i%700), Y: float64(90 * i % 600)}, sim.Point{X: float64(900 - 31*i%600), Y: float64(50 + 71*i%500)}
		pointers.Strokes = append(pointers.Strokes, session.Move(from, to, 30, 0))
	}
	return keys, pointers
})

// keyAttack and pointerAttack give what is found in attacks of a family, one for each of so many seeds.
func keyAttack(t *testing.T, j Judge, family string, seeds int) (kinds []map[Kind]bool) {
	t.Helper()
	material, _ := stolen()
	at := slices.IndexFunc(adversary.KeyAttacks, func(a adversary.KeyAttack) bool { return a.Family == family })
	if at < 0 {
		t.Fatalf("there is no attack %q", family)
	}
	for seed := range seeds {
		kinds = append(kinds, found(j, adversary.KeyAttacks[at].Make(rand.New(rand.NewPCG(uint64(seed), 3)), material, attackStrokes), nil))
	}
	return kinds
}

func pointerAttack(t *testing.T, j Judge, family string, seeds int) (kinds []map[Kind]bool) {
	t.Helper()
	_, material := stolen()
	at := slices.IndexFunc(adversary.PointerAttacks, func(a adversary.PointerAttack) bool { return a.Family == family })
	if at < 0 {
		t.Fatalf("there is no attack %q", family)
	}
	for seed := range seeds {
		kinds = append(kinds, found(j, nil, adversary.PointerAttacks[at].Make(rand.New(rand.NewPCG(uint64(seed), 3)), material, attackMS)))
	}
	return kinds
}

func count(kinds []map[Kind]bool, kind Kind) (n int) {
	for _, found := range kinds {
		if found[kind] {
			n++
		}
	}
	return n
}
