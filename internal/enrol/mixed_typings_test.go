package enrol

import (
	"math"
	"math/rand/v2"
	"testing"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/observation"
)

// rhythm is somebody's way to type a text of ten keys: ten holds and nine intervals in ms, around which typings vary.
type rhythm struct {
	middleMS []float64
	random   *rand.Rand
}

func newRhythm(seed uint64) rhythm {
	r := rhythm{random: rand.New(rand.NewPCG(seed, 3))}
	for i := range 19 {
		usual := 95.0
		if i >= 10 {
			usual = 190
		}
		r.middleMS = append(r.middleMS, usual*math.Exp(0.45*r.random.NormFloat64()))
	}
	return r
}

func (r rhythm) typing() observation.Observation {
	var e observation.Embedding
	for _, m := range r.middleMS {
		e = append(e, embed.PhraseTiming(m*math.Exp(0.15*r.random.NormFloat64())))
	}
	return observation.Observation{Modality: observation.Phrase, Embedding: e, Events: 10}
}

func TestAPhraseEnrolledByTwoPeopleDoesNotRipen(t *testing.T) {
	c, err := compare.LoadPhrase()
	if err != nil {
		t.Fatal(err)
	}
	key := Key{Modality: observation.Phrase, DeviceClass: observation.Desktop, Model: embed.PhraseModel, Phrase: 1}
	const tried, alike = 25, 4 // see measured.json for how many people are
	for name, second := range map[string]func(int) bool{
		"the second half":    func(i int) bool { return i >= PhraseMature/2 },
		"every other typing": func(i int) bool { return i%2 == 1 },
		"one person":         func(int) bool { return false },
	} {
		wrong := 0
		for seed := range uint64(tried) {
			hands := [2]rhythm{newRhythm(2 * seed), newRhythm(2*seed + 1)}
			var r Reference
			for i := range PhraseMature {
				h := hands[0]
				if second(i) {
					h = hands[1]
				}
				if r, err = Take(c, r, key, h.typing()); err != nil {
					t.Fatal(err)
				}
			}
			if r.Mixed == (name == "one person") {
				wrong++
			}
			if r.Mixed == r.Mature() || len(r.Enrolment) != 0 {
				t.Fatalf("%s: mixed %v, mature %v, %d typings kept; want it mature or mixed, and nothing kept", name, r.Mixed, r.Mature(), len(r.Enrolment))
			}
		}
		if wrong > alike || wrong > 1 && name == "one person" {
			t.Errorf("%s: %d of %d enrolments were judged wrongly, want at most %d of two people and one of one", name, wrong, tried, alike)
		}
	}
}

// The order in which one person types says nothing: any order of the same typings gives the same least agreement.
func TestMingledTypingsHaveNoOrder(t *testing.T) {
	c, err := compare.LoadPhrase()
	if err != nil {
		t.Fatal(err)
	}
	// Newer typings of a reference weigh more, so the figures agree nearly and not to the bit.
	const nearly = 1.5
	for seed := range uint64(10) {
		a, b := newRhythm(seed), newRhythm(seed+100)
		var halves, turns []compare.Probe
		for i := range PhraseMature {
			h := a
			if i >= PhraseMature/2 {
				h = b
			}
			halves = append(halves, compare.Probe{Embedding: h.typing().Embedding, Events: 10})
		}
		for i := range PhraseMature / 2 {
			turns = append(turns, halves[i], halves[i+PhraseMature/2])
		}
		_, inHalves := Seams(c, halves)
		_, byTurns := Seams(c, turns)
		if math.Abs(inHalves-byTurns) > nearly {
			t.Errorf("two people's typings agree by %.2f in halves and by %.2f in turns, want about the same", inHalves, byTurns)
		}
	}
}
