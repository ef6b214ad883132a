package enrol

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/observation"
)

// typing gives the comparator of the built-in weights that decides for typing, and its key.
func typing(t testing.TB) (*compare.TwoCovariance, Key) {
	t.Helper()
	return comparing(t, observation.Keyboard)
}

// comparing gives the same for any modality.
func comparing(t testing.TB, modality observation.Modality) (*compare.TwoCovariance, Key) {
	t.Helper()
	w, err := compare.Load("open")
	if err != nil {
		t.Fatal(err)
	}
	c, err := w.First(modality)
	if err != nil {
		t.Fatal(err)
	}
	return c, Key{Modality: modality, DeviceClass: observation.Desktop, Model: c.Model}
}

// hand is somebody whose windows lie around one embedding.
type hand struct {
	centre []float64
	spread float64
	random *rand.Rand
}

func newHand(c *compare.TwoCovariance, seed uint64) hand { return handApart(c, seed, 14) }

// handApart is the same where people lie so far apart.
func handApart(c *compare.TwoCovariance, seed uint64, apart float64) hand {
	h := hand{centre: make([]float64, len(c.Mean)), spread: 3, random: rand.New(rand.NewPCG(seed, 1))}
	for i := range h.centre {
		h.centre[i] = c.Mean[i] + apart*h.random.NormFloat64()
	}
	return h
}

func (h hand) window() observation.Observation {
	e := make(observation.Embedding, len(h.centre))
	for i, x := range h.centre {
		e[i] = int8(math.Max(-127, math.Min(127, math.Round(x+h.spread*h.random.NormFloat64()))))
	}
	return observation.Observation{Modality: observation.Keyboard, Embedding: e, Events: 30}
}

// fails is what a test has in common with one of its drawn cases.
type fails interface {
	Helper()
	Fatal(...any)
}

func (h hand) enrolled(t fails, c compare.Comparator, key Key, windows int) Reference {
	t.Helper()
	var r Reference
	for range windows {
		var err error
		if r, err = take(c, r, key, h.window()); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func TestADayMovesAReferenceNoFartherThanTheBoundWhateverComes(t *testing.T) {
	c, key := typing(t)
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		r := newHand(c, seed).enrolled(t, c, key, rapid.SampledFrom([]int{KeyboardMature, KeyboardSettled, KeyboardSettled + 8}).Draw(t, "enrolled"))
		atMS := int64(1)
		for range rapid.IntRange(1, 40).Draw(t, "windows") {
			o := newHand(c, seed+rapid.Uint64Range(0, 3).Draw(t, "who")).window()
			o.Events = rapid.IntRange(1, 300).Draw(t, "events")
			atMS += rapid.SampledFrom([]int64{-1000, 0, 1000, dayMS / 2, dayMS}).Draw(t, "step")
			var err error
			if r, err = Offer(c, r, key, o, atMS); err != nil {
				t.Fatal(err)
			}
			if len(r.Kept) == 0 {
				continue
			}
			begun, most := r.Kept[len(r.Kept)-1], MostPerDay
			if begun.Comparison.Weight < KeyboardSettled {
				most = MostPerYoungDay
			}
			if d := Distance(c, begun.Comparison, r.Comparison); d > most {
				t.Fatalf("the reference lies %g from where its day began, want at most %g", d, most)
			}
			if len(r.Kept) > MostKept {
				t.Fatalf("%d versions are kept, want at most %d", len(r.Kept), MostKept)
			}
			for i := 1; i < len(r.Kept); i++ {
				if r.Kept[i].AtMS < r.Kept[i-1].AtMS || r.Kept[i].Version < r.Kept[i-1].Version {
					t.Fatalf("kept versions are out of order: %v", r.keptVersions())
				}
			}
		}
	})
}

func TestRollBackGivesExactlyTheEarlierVersion(t *testing.T) {
	c, key := typing(t)
	rapid.Check(t, func(t *rapid.T) {
		h := newHand(c, rapid.Uint64().Draw(t, "seed"))
		r := h.enrolled(t, c, key, KeyboardMature)
		were := map[int]Reference{r.Version: r}
		atMS := int64(1)
		for range rapid.IntRange(9, 60).Draw(t, "windows") {
			atMS += rapid.Int64Range(0, dayMS/4).Draw(t, "step")
			var err error
			if r, err = Offer(c, r, key, h.window(), atMS); err != nil {
				t.Fatal(err)
			}
			were[r.Version] = r
		}
		k := rapid.SampledFrom(r.Kept).Draw(t, "to")
		back, err := RollBack(r, k.Version)
		if err != nil {
			t.Fatal(err)
		}
		was := were[k.Version]
		want := Reference{Key: key, Version: was.Version, Comparison: was.Comparison, Usual: was.Usual, FeatureList: was.FeatureList, Clocks: was.Clocks, Kept: back.Kept}
		if diff := cmp.Diff(want, back); diff != "" {
			t.Fatalf("(-as it was +rolled back):\n%s", diff)
		}
		if last := back.Kept[len(back.Kept)-1]; last.Version != k.Version {
			t.Fatalf("the last kept version is %d, want %d", last.Version, k.Version)
		}
	})
}

func TestRollBackToAMoment(t *testing.T) {
	c, key := typing(t)
	h := newHand(c, 7)
	r := h.enrolled(t, c, key, 2*KeyboardSettled)
	for d := range int64(4) {
		for i := range int64(30) {
			r, _ = Offer(c, r, key, h.window(), d*dayMS+i*1000+1)
		}
	}
	if len(r.Kept) != 4 {
		t.Fatalf("%d versions are kept after four days, want 4", len(r.Kept))
	}
	for _, at := range []struct {
		ms   int64
		want int
	}{{0, r.Kept[0].Version}, {dayMS * 3 / 2, r.Kept[1].Version}, {dayMS * 9, r.Kept[3].Version}} {
		if got := RollBackTo(r, at.ms); got.Version != at.want {
			t.Errorf("back to %d ms: version %d, want %d", at.ms, got.Version, at.want)
		}
	}
	if _, err := RollBack(r, -1); !errors.Is(err, ErrNoVersion) {
		t.Errorf("to a version that never was: %v, want ErrNoVersion", err)
	}
	young := Reference{Key: key, Version: 3}
	if got := RollBackTo(young, 5); got.Version != 3 {
		t.Errorf("a reference that keeps nothing went to version %d, want it as it is", got.Version)
	}
}

// TestASlowPoisonerIsHeldUpAndReported plays somebody else whose every window passes for trusted: the worst case.
func TestASlowPoisonerIsHeldUpAndReported(t *testing.T) {
	c, key := typing(t)
	subject, poisoner := newHand(c, 1), newHand(c, 2)
	r := subject.enrolled(t, c, key, KeyboardSettled+4)
	home, told := r.Comparison, 0
	for d := 1; d <= 20 && told == 0; d++ {
		for i := range int64(60) {
			var err error
			if r, err = Offer(c, r, key, poisoner.window(), int64(d)*dayMS+i*1000); err != nil {
				t.Fatal(err)
			}
			if r.DriftedAtMS != 0 {
				told = d
				break
			}
		}
		if moved := Distance(c, home, r.Comparison); moved > float64(d)*MostPerDay+1e-9 {
			t.Fatalf("after %d days the reference has moved %g, want at most %g", d, moved, float64(d)*MostPerDay)
		}
	}
	if told == 0 || told > 5 {
		t.Fatalf("the alarm came on day %d, want within five working days (0 is never)", told)
	}
	version := r.Version
	for range 40 {
		r, _ = Offer(c, r, key, poisoner.window(), 30*dayMS)
	}
	if r.Version != version || len(r.Pending) != 0 {
		t.Errorf("a drifted reference went from version %d to %d with %d waiting; want it to learn nothing", version, r.Version, len(r.Pending))
	}
	if back := RollBackTo(r, dayMS); back.DriftedAtMS != 0 || Distance(c, home, back.Comparison) > 1e-9 {
		t.Errorf("rolled back to the first day it lies %g from home, drifted %d; want it at home and learning", Distance(c, home, back.Comparison), back.DriftedAtMS)
	}
	accepted := Accept(r, 30*dayMS)
	if accepted.DriftedAtMS != 0 || len(accepted.Kept) != 1 {
		t.Errorf("accepted: %+v, want it to learn on from here alone", accepted)
	}
	if again := Accept(back(t, r), 1); len(again.Kept) == 0 || again.Kept[0].Version != back(t, r).Kept[0].Version {
		t.Error("a reference that has not drifted changes when it is accepted")
	}
}

func back(t *testing.T, r Reference) Reference {
	t.Helper()
	out, err := RollBack(r, r.Kept[0].Version)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheSubjectsOwnWorkIsNoDrift(t *testing.T) {
	c, key := typing(t)
	h := newHand(c, 3)
	r := h.enrolled(t, c, key, KeyboardMature)
	for d := range int64(10) {
		for i := range int64(60) {
			r, _ = Offer(c, r, key, h.window(), d*dayMS+i*1000+1)
		}
	}
	if r.DriftedAtMS != 0 || r.Comparison.Weight < KeyboardSettled {
		t.Errorf("after ten days drifted at %d, weight %g; want no drift and a settled reference", r.DriftedAtMS, r.Comparison.Weight)
	}
	if size, _ := json.Marshal(r); len(size) > 32<<10 {
		t.Errorf("the stored reference takes %d bytes, want at most 32 KiB", len(size))
	} else {
		t.Logf("%d kept versions, %d bytes", len(r.Kept), len(size))
	}
}

func TestWhatAPoisonerScoresDoesNotLowerWhatIsAsked(t *testing.T) {
	c, key := typing(t)
	r := newHand(c, 1).enrolled(t, c, key, KeyboardSettled+4)
	before := r.Comparison.OwnScore / r.Comparison.OwnScores
	for i := range int64(60) {
		r, _ = Offer(c, r, key, newHand(c, 2).window(), i+1)
	}
	if after := r.Comparison.OwnScore / r.Comparison.OwnScores; math.Abs(after-before) > 1e-9 {
		t.Errorf("own scores went from a mean of %g to %g, want them as enrolled", before, after)
	}
}

func TestPhrasesAreBoundByNumber(t *testing.T) {
	phrase := Key{Modality: observation.Phrase, DeviceClass: observation.Desktop, Model: embed.PhraseModel, Phrase: 1}
	var r Reference
	for range 16 {
		r, _ = Take(count{}, r, phrase, seen(1))
	}
	begun := r.Version
	for i := range int64(50) {
		r, _ = Offer(count{}, r, phrase, seen(2), i+1)
	}
	if got := r.Version - begun; got != leastPerDay {
		t.Errorf("%d typings were taken in on one day, want %d", got, leastPerDay)
	}
}

func TestKeptVersionsLieCloserTogetherLately(t *testing.T) {
	var kept []Kept
	r := Reference{Kept: kept}
	for d := range int64(64) {
		r.Version = int(d)
		r.keep(d * dayMS)
	}
	got := r.keptVersions()
	if len(got) != MostKept || got[0] != 0 || got[1] != 1 || got[len(got)-1] != 63 {
		t.Fatalf("kept %v, want %d versions with the first two and the last", got, MostKept)
	}
	gaps := []int{}
	for i := firstKept; i < len(got); i++ {
		gaps = append(gaps, got[i]-got[i-1])
	}
	if slices.Max(gaps) == gaps[len(gaps)-1] {
		t.Errorf("kept %v: the last gap is the widest, want it among the narrow ones", got)
	}
}
