package presence

import (
	"math"
	"math/rand/v2"
	"testing"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/event"
)

// typedByAid types as keyboards on the screen do that are operated by looking or by a switch: a key comes up as it goes down.
func typedByAid(rng *rand.Rand, everyMS, spread float64) []event.Key {
	var out []event.Key
	atMS := 0.0
	for i := range 150 {
		class := []event.Class{event.LeftLetter, event.RightLetter, event.LeftLetter, event.Space}[i%4]
		out = append(out, event.Key{TimeMS: atMS, Class: class, Down: true, Trusted: true}, event.Key{TimeMS: atMS + 2*rng.Float64(), Class: class, Trusted: true})
		atMS += everyMS * math.Exp(spread*rng.NormFloat64())
	}
	return out
}

// movedByKeys moves as mouse keys do: in eight directions, faster while the key is held, in steps of one clock.
func movedByKeys(rng *rand.Rand) []event.Pointer {
	var out []event.Pointer
	atMS, x, y := 0.0, 600.0, 400.0
	for range 40 {
		dx, dy := float64(rng.IntN(3)-1), float64(rng.IntN(3)-1)
		for i := range 10 + rng.IntN(40) {
			step := math.Min(10, 1+math.Floor(float64(i)/3))
			x, y, atMS = x+dx*step, y+dy*step, atMS+20
			if dx != 0 || dy != 0 {
				out = append(out, event.Pointer{TimeMS: atMS, X: x, Y: y, Trusted: true})
			}
		}
		atMS += 400 * math.Exp(0.5*rng.NormFloat64())
	}
	return out
}

// namedByVoice sets the pointer onto places that somebody names, and clicks at once.
func namedByVoice(rng *rand.Rand) []event.Pointer {
	var out []event.Pointer
	atMS := 0.0
	for range 150 {
		x, y := math.Floor(1200*rng.Float64()), math.Floor(700*rng.Float64())
		for i, kind := range []event.PointerKind{event.Move, event.Press, event.Release} {
			out = append(out, event.Pointer{TimeMS: atMS + float64(i), Kind: kind, X: x, Y: y, Trusted: true})
		}
		atMS += 2500 * math.Exp(0.4*rng.NormFloat64())
	}
	return out
}

// Aids for disabled people are programs, and whoever depends on one must not be accused for it.
func TestAidsAreAccusedOfNothing(t *testing.T) {
	for _, judge := range []Judge{Open(), Research()} {
		for seed := range uint64(10) {
			rng := rand.New(rand.NewPCG(seed, 4))
			for name, kinds := range map[string]map[Kind]bool{
				"a keyboard on the screen, by looking": found(judge, typedByAid(rng, 700, 0.3), nil),
				"a keyboard on the screen, by clicks":  found(judge, typedByAid(rng, 1100, 0.4), nil),
				"a switch":                             found(judge, typedByAid(rng, 3000, 0.2), nil),
				"mouse keys":                           found(judge, nil, movedByKeys(rng)),
				"voice":                                found(judge, nil, namedByVoice(rng)),
			} {
				if len(kinds) != 1 || !kinds[MediatedInput] {
					t.Errorf("%s, seed %d: found %v, want %s alone", name, seed, kinds, MediatedInput)
				}
			}
		}
	}
}

// What is in a hurry, or of no use to anybody, is no aid.
func TestProgramsInAHurryAreNoAids(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for name, kinds := range map[string]map[Kind]bool{
		"keys at once, ten a second": found(Open(), typedByAid(rng, 100, 0.3), nil),
	} {
		if kinds[MediatedInput] || !kinds[InjectedKeys] {
			t.Errorf("%s: found %v, want %s", name, kinds, InjectedKeys)
		}
	}
	for _, a := range adversary.PointerAttacks {
		if a.Family != "straight" && a.Family != "jiggler_line" && a.Family != "teleport" {
			continue
		}
		events := a.Make(rand.New(rand.NewPCG(5, 7)), adversary.PointerMaterial{}, 120_000)
		if kinds := found(Open(), nil, events); kinds[MediatedInput] || !(kinds[GeneratedPath] || kinds[Jiggler]) {
			t.Errorf("%s: found %v, want a generated path or a jiggler", a.Family, kinds)
		}
	}
}
