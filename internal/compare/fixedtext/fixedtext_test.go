package fixedtext

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// typist makes repetitions of a text of four positions around the given times, with a spread of 8 ms.
func typist(seed uint64, centres ...float64) func(n int) []Repetition {
	random := rand.New(rand.NewPCG(seed, 1))
	return func(n int) []Repetition {
		out := make([]Repetition, n)
		for i := range out {
			for _, c := range centres {
				out[i] = append(out[i], c+8*random.NormFloat64())
			}
		}
		return out
	}
}

func mustLearn(t *testing.T, r []Repetition) *Model {
	t.Helper()
	m, err := Learn(r)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestOwnRepetitionsScoreHigher(t *testing.T) {
	own, other := typist(1, 90, 180, 110, 260), typist(2, 120, 150, 80, 220)
	m := mustLearn(t, own(50))
	var background [][]Repetition
	for seed := range uint64(5) {
		background = append(background, typist(10+seed, 100+5*float64(seed), 200, 90, 300)(20))
	}
	b, err := NewBackground(background)
	if err != nil {
		t.Fatal(err)
	}
	theirs := other(30)
	for i, r := range own(30) {
		mated, err1 := m.Score(r)
		nonMated, err2 := m.Score(theirs[i])
		if err1 != nil || err2 != nil || mated <= nonMated {
			t.Errorf("repetition %d: own %v (%v), other's %v (%v)", i, mated, err1, nonMated, err2)
		}
		mated, err1 = b.Score(m, r)
		nonMated, err2 = b.Score(m, theirs[i])
		if err1 != nil || err2 != nil || mated <= 0 || nonMated >= 0 {
			t.Errorf("repetition %d against the background: own %v (%v), other's %v (%v)", i, mated, err1, nonMated, err2)
		}
	}
}

func TestOneSlipCostsABoundedAmount(t *testing.T) {
	m := mustLearn(t, typist(1, 90, 180, 110, 260)(50))
	usual, err1 := m.Score(Repetition{90, 180, 110, 260})
	slip, err2 := m.Score(Repetition{90, 180, 110, 9_000})
	farther, err3 := m.Score(Repetition{90, 180, 110, 900_000})
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	// A position's height lies between its flat share and one kernel's peak, (1-0.05)/(2·0.5) to 0.05/10 spreads apart.
	if most := math.Log((0.95 + 0.005) / 0.005); usual-slip > most || math.Abs(slip-farther) > 1e-9 {
		t.Errorf("usual %v, a slip %v, a longer one %v; want at most %v lost and nothing more for length", usual, slip, farther, most)
	}
}

func TestTheLastRepetitionsCountMost(t *testing.T) {
	slow, fast := typist(1, 120, 300, 150, 400)(100), typist(2, 80, 160, 90, 200)(100)
	m := mustLearn(t, append(slow, fast...))
	now, err1 := m.Score(Repetition{80, 160, 90, 200})
	once, err2 := m.Score(Repetition{120, 300, 150, 400})
	if err := errors.Join(err1, err2); err != nil || now <= once {
		t.Errorf("as of late %v, as at first %v (%v); want the first higher", now, once, err)
	}
}

func TestShapes(t *testing.T) {
	good := typist(1, 90, 180)(MinRepeat)
	m := mustLearn(t, good)
	b, err := NewBackground([][]Repetition{good})
	if err != nil {
		t.Fatal(err)
	}
	narrow := typist(1, 90)(MinRepeat)
	other := mustLearn(t, narrow)
	_, tooFew := Learn(good[1:])
	_, none := NewBackground(nil)
	_, few := NewBackground([][]Repetition{good, good[1:]})
	_, empty := Learn(make([]Repetition, MinRepeat))
	_, ragged := Learn(append(good[1:], Repetition{1}))
	_, notFinite := Learn(append(good[1:], Repetition{1, math.Inf(1)}))
	_, short := m.Score(Repetition{1})
	_, nan := m.Score(Repetition{1, math.NaN()})
	_, mixed := NewBackground([][]Repetition{good, narrow})
	_, foreign := b.Score(other, Repetition{1})
	_, shortProbe := b.Score(m, Repetition{1})
	for name, tt := range map[string]struct{ got, want error }{
		"too few repetitions": {tooFew, ErrTooFew}, "no background": {none, ErrTooFew}, "background of too few": {few, ErrTooFew},
		"no position": {empty, ErrShape},
		"ragged":      {ragged, ErrShape}, "not finite": {notFinite, ErrShape}, "short probe": {short, ErrShape}, "NaN": {nan, ErrShape},
		"two texts": {mixed, ErrShape}, "another text's model": {foreign, ErrShape}, "short probe, background": {shortProbe, ErrShape},
	} {
		if !errors.Is(tt.got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, tt.got, tt.want)
		}
	}
}

func TestDensityIsTheSumOfItsKernels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.SliceOfN(rapid.Float64Range(-5, 10), 1, 40).Draw(t, "at")
		weights := rapid.SliceOfN(rapid.Float64Range(0.01, 1), len(at), len(at)).Draw(t, "weights")
		x := rapid.Float64Range(-20, 20).Draw(t, "x")
		d := newDensity(at, weights)
		sum, total := 0.0, 0.0
		for i, c := range at {
			sum += weights[i] * math.Exp(-math.Abs(x-c)/d.width)
			total += weights[i]
		}
		want := (1-flatShare)*sum/(total*2*d.width) + d.flat
		if got := d.at(x); math.Abs(got-want) > 1e-9*want || !(got > 0) {
			t.Errorf("height %v, the kernels' sum is %v", got, want)
		}
	})
}

func TestScoresAreFinite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		time := rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64)
		repetitions := make([]Repetition, MinRepeat)
		for i := range repetitions {
			repetitions[i] = Repetition{time.Draw(t, "a"), time.Draw(t, "b")}
		}
		m, err := Learn(repetitions)
		if err != nil {
			t.Fatal(err)
		}
		probe := Repetition{time.Draw(t, "x"), time.Draw(t, "y")}
		b, err := NewBackground([][]Repetition{repetitions, repetitions})
		if err != nil {
			t.Fatal(err)
		}
		one, err1 := m.Score(probe)
		ratio, err2 := b.Score(m, probe)
		if err := errors.Join(err1, err2); err != nil || math.IsNaN(one+ratio) || math.IsInf(one+ratio, 0) {
			t.Errorf("scores %v and %v (%v), want finite ones", one, ratio, err)
		}
	})
}
