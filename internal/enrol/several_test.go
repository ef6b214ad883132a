package enrol

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/observation"
)

func TestChoosingNeverRaisesAScoreAboveTheBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scores := rapid.SliceOfN(rapid.Float64Range(-2000, 2000), 1, MaxPlaces).Draw(t, "scores")
		got, best := Average(scores), slices.Max(scores)
		price := math.Log(float64(len(scores)))
		if got > best || got < best-price-1e-9 {
			t.Fatalf("the average of %v is %g, want between %g and %g", scores, got, best-price, best)
		}
		if scores[Best(scores)] != best {
			t.Fatalf("the best of %v is said to be %g", scores, scores[Best(scores)])
		}
		shuffled := slices.Clone(scores)
		slices.Reverse(shuffled)
		if again := Average(shuffled); math.Abs(again-got) > 1e-9 {
			t.Fatalf("in another order the average is %g, want %g", again, got)
		}
		if Average(append(slices.Clone(scores), math.NaN(), math.Inf(-1))) != got {
			t.Fatal("scores that are not finite count")
		}
	})
	if !math.IsNaN(Average(nil)) || Best([]float64{math.NaN()}) != -1 {
		t.Error("nothing to choose from gives a score, want none")
	}
	if got := Average([]float64{2.5}); got != 2.5 {
		t.Errorf("one reference scores %g, want its own 2.5", got)
	}
}

func TestPlacesAreRowsOfTheirOwnAndOldReferencesAreTheFirst(t *testing.T) {
	places := key.Places()
	seen := map[string]bool{}
	for _, k := range places {
		seen[k.Variant()] = true
	}
	if len(places) != MaxPlaces || len(seen) != MaxPlaces || places[0] != key || key.Variant() != "m" {
		t.Errorf("places %+v with variants %v, want %d of their own and the first as it ever was", places, seen, MaxPlaces)
	}
	var r Reference
	old := `{"key":{"modality":"keyboard","deviceClass":"desktop","model":"m"},"version":20,"comparison":{"sum":[20],"weight":20,"ownScore":1,"ownScores":2},"usual":null,"featureList":""}`
	if err := json.Unmarshal([]byte(old), &r); err != nil {
		t.Fatal(err)
	}
	if r.Key != key || !r.Mature() || r.DriftedAtMS != 0 || len(r.Kept) != 0 {
		t.Fatalf("an old reference reads as %+v, want the mature first place", r)
	}
	for i := range guard + 1 {
		r, _ = Offer(count{}, r, key, observation.Observation{Embedding: observation.Embedding{1}}, int64(i))
	}
	if r.Version != 21 || len(r.Kept) != 1 || r.Kept[0].Version != 20 {
		t.Errorf("it learns on to version %d with %v kept, want 21 and what it was, 20", r.Version, r.keptVersions())
	}
}

func TestAnEnrolmentOfTwoPeopleDoesNotRipen(t *testing.T) {
	// Of touch less is told apart: people must lie farther apart to be.
	for modality, apart := range map[observation.Modality]float64{observation.Keyboard: 14, observation.Touch: 70} {
		t.Run(string(modality), func(t *testing.T) { enrolTwoPeople(t, modality, apart) })
	}
}

func enrolTwoPeople(t *testing.T, modality observation.Modality, apart float64) {
	c, key := comparing(t, modality)
	half := func(i int) bool { return i >= KeyboardMature/2 }
	odd := func(i int) bool { return i%2 == 1 }
	never := func(int) bool { return false }
	const tried, alike = 20, 4 // some drawn people are alike, as people are: see measured.json for how many
	for name, second := range map[string]func(int) bool{"the second half": half, "every other window": odd, "one person": never} {
		wrong := 0
		for seed := range uint64(tried) {
			a, b := handApart(c, 2*seed, apart), handApart(c, 2*seed+1, apart)
			var r Reference
			for i := range KeyboardMature {
				h := a
				if second(i) {
					h = b
				}
				r, _ = Take(c, r, key, h.window())
			}
			if len(r.Enrolment) != 0 {
				t.Fatalf("%s: %d windows are kept after the enrolment, want none", name, len(r.Enrolment))
			}
			if r.Mixed == (name == "one person") || r.Mixed == r.Mature() {
				wrong++
			}
			if again, _ := Take(c, r, key, a.window()); r.Mixed && again.Version != r.Version {
				t.Errorf("%s: a mixed enrolment learns on", name)
			}
		}
		if wrong > alike || wrong > 0 && name == "one person" {
			t.Errorf("%s: %d of %d enrolments were judged wrongly, want at most %d of two people and none of one", name, wrong, tried, alike)
		}
	}
}

func TestSeamsOfWhatCannotBeParted(t *testing.T) {
	c, _ := typing(t)
	for name, probes := range map[string][]compare.Probe{
		"too few":          make([]compare.Probe, 2*leastGroup-1),
		"wrong dimensions": slices.Repeat([]compare.Probe{{Embedding: observation.Embedding{1}, Events: 30}}, 20),
	} {
		if turn, mingled := Seams(c, probes); !math.IsInf(turn, 1) || !math.IsInf(mingled, 1) {
			t.Errorf("%s: %g and %g, want +Inf", name, turn, mingled)
		}
	}
	phrases, err := compare.LoadPhrase()
	if err != nil {
		t.Fatal(err)
	}
	different := slices.Repeat([]compare.Probe{{Embedding: make(observation.Embedding, 9)}, {Embedding: make(observation.Embedding, 11)}}, PhraseMature/2)
	for name, probes := range map[string][]compare.Probe{"too few typings": make([]compare.Probe, 2*leastGroup-1), "typings of different texts": different} {
		if turn, mingled := Seams(phrases, probes); !math.IsInf(turn, 1) || !math.IsInf(mingled, 1) {
			t.Errorf("%s: %g and %g, want +Inf", name, turn, mingled)
		}
	}
}

func TestTheExpectedErrorFallsAsTheReferenceGrows(t *testing.T) {
	_, key := typing(t)
	rapid.Check(t, func(t *rapid.T) {
		small := rapid.Float64Range(0, 500).Draw(t, "weight")
		large := small + rapid.Float64Range(0, 500).Draw(t, "more")
		a, ok := Reference{Key: key, Comparison: compare.Reference{Weight: small}}.ExpectedErrorShare()
		b, _ := Reference{Key: key, Comparison: compare.Reference{Weight: large}}.ExpectedErrorShare()
		if !ok || a < b || a > 0.5 || b <= 0 {
			t.Fatalf("weights %g and %g: errors %g and %g; want them in (0, 0.5] and not rising", small, large, a, b)
		}
	})
	if share, _ := (Reference{Key: key}).ExpectedErrorShare(); share != 0.5 {
		t.Errorf("an empty reference errs in %g, want 0.5: a guess", share)
	}
	if _, ok := (Reference{Key: Key{Model: "nobody measured"}}).ExpectedErrorShare(); ok {
		t.Error("an error is given for a model that nothing was measured for")
	}
}
