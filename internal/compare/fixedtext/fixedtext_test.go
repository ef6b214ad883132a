package fixedtext

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/embed"
)

var typing = Typing{Dwell: Habit{Spread: 0.15, Base: 0.8, Share: 0.7, Width: 0.4}, Interval: Habit{Spread: 0.25, Base: 1.5, Share: 0.55, Width: 0.65}}

// typist makes repetitions of a text of three positions around the given times in ms, with a spread of a tenth.
func typist(seed uint64, centres ...float64) func(n int) []Timings {
	random := rand.New(rand.NewPCG(seed, 1))
	return func(n int) []Timings {
		out := make([]Timings, n)
		for i := range out {
			for _, c := range centres {
				out[i] = append(out[i], embed.PhraseTiming(c*(1+0.1*random.NormFloat64())))
			}
		}
		return out
	}
}

// times writes times in ms down.
func times(ms ...float64) Timings {
	var out Timings
	for _, t := range ms {
		out = append(out, embed.PhraseTiming(t))
	}
	return out
}

func mustLearn(t *testing.T, r []Timings) *Model {
	t.Helper()
	m, err := Learn(typing, r)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestOwnRepetitionsScoreHigher(t *testing.T) {
	own, other := typist(1, 90, 110, 70, 180, 260), typist(2, 140, 70, 110, 110, 450)
	var background [][]Timings
	for seed := range uint64(6) {
		background = append(background, typist(10+seed, 100+5*float64(seed), 90, 100, 200, 300+20*float64(seed))(20))
	}
	b, err := NewBackground(typing, background)
	if err != nil {
		t.Fatal(err)
	}
	for _, enrolled := range []int{3, 8, 50} {
		m := mustLearn(t, own(enrolled))
		theirs := other(30)
		for i, r := range own(30) {
			mated, err1 := m.Score(r)
			nonMated, err2 := m.Score(theirs[i])
			if err1 != nil || err2 != nil || mated <= 0 || nonMated >= 0 {
				t.Errorf("%d enrolled, repetition %d: own %v (%v), other's %v (%v)", enrolled, i, mated, err1, nonMated, err2)
			}
			mated, err1 = b.Score(m, r)
			nonMated, err2 = b.Score(m, theirs[i])
			if err1 != nil || err2 != nil || mated <= nonMated {
				t.Errorf("%d enrolled, repetition %d against the background: own %v (%v), other's %v (%v)", enrolled, i, mated, err1, nonMated, err2)
			}
		}
	}
}

func TestOneSlipCostsABoundedAmount(t *testing.T) {
	m := mustLearn(t, typist(1, 90, 110, 70, 180, 260)(50))
	usual, err1 := m.Score(times(90, 110, 70, 180, 260))
	slip, err2 := m.Score(times(90, 110, 70, 180, 9_000))
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	without, err := mustLearn(t, typist(1, 90, 110, 70)(50)).Score(times(90, 110, 70))
	if err != nil || usual <= slip || slip < without/2 {
		t.Errorf("usual %v, a slip %v, the other timings alone %v (%v); want the slip to speak for nobody", usual, slip, without, err)
	}
}

func TestTheLastRepetitionsCountMost(t *testing.T) {
	slow, fast := typist(1, 120, 150, 130, 300, 400)(50), typist(2, 80, 90, 70, 160, 200)(50)
	m := mustLearn(t, append(slow, fast...))
	now, err1 := m.Score(times(80, 90, 70, 160, 200))
	once, err2 := m.Score(times(120, 150, 130, 300, 400))
	if err := errors.Join(err1, err2); err != nil || now <= once {
		t.Errorf("as of late %v, as at first %v (%v); want the first higher", now, once, err)
	}
}

func TestFewRepetitionsAreTakenForAsSpreadAsUsual(t *testing.T) {
	same := times(90, 110, 70, 180, 260)
	m := mustLearn(t, []Timings{same, same, same})
	near, err1 := m.Score(times(95, 115, 74, 190, 275))
	far, err2 := m.Score(times(180, 60, 140, 500, 90))
	if err := errors.Join(err1, err2); err != nil || near <= 0 || far >= 0 {
		t.Errorf("after three equal repetitions a near one scores %v and a far one %v (%v); want above and below 0", near, far, err)
	}
}

func TestShapes(t *testing.T) {
	good := typist(1, 90, 110, 180)(First)
	m := mustLearn(t, good)
	b, err := NewBackground(typing, [][]Timings{good, typist(2, 80, 120, 200)(First)})
	if err != nil {
		t.Fatal(err)
	}
	narrow := typist(1, 90)(First)
	other := mustLearn(t, narrow)
	_, none := Learn(typing, nil)
	_, alone := NewBackground(typing, [][]Timings{good})
	_, few := NewBackground(typing, [][]Timings{good, good[1:]})
	_, empty := Learn(typing, make([]Timings, 3))
	_, even := Learn(typing, typist(1, 90, 110)(3))
	_, ragged := Learn(typing, append(typist(1, 90, 110, 180)(2), times(1)))
	_, raggedBackground := NewBackground(typing, [][]Timings{good, append(typist(1, 90, 110, 180)(First), times(1))})
	_, short := m.Score(times(1))
	_, mixed := NewBackground(typing, [][]Timings{good, narrow})
	_, foreign := b.Score(other, times(1))
	_, shortProbe := b.Score(m, times(1))
	for name, tt := range map[string]struct{ got, want error }{
		"no repetition": {none, ErrTooFew}, "a background of one": {alone, ErrTooFew}, "background of too few": {few, ErrTooFew},
		"no position": {empty, ErrShape}, "an even number": {even, ErrShape}, "ragged": {ragged, ErrShape},
		"ragged background": {raggedBackground, ErrShape}, "short probe": {short, ErrShape}, "two texts": {mixed, ErrShape},
		"another text's model": {foreign, ErrShape}, "short probe, background": {shortProbe, ErrShape},
	} {
		if !errors.Is(tt.got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, tt.got, tt.want)
		}
	}
}

func TestImpossibleTyping(t *testing.T) {
	if err := typing.Validate(); err != nil {
		t.Errorf("%v, want no error", err)
	}
	for _, spoil := range []func(*Typing){
		func(t *Typing) { t.Dwell.Spread = 0 }, func(t *Typing) { t.Interval.Width = -1 }, func(t *Typing) { t.Dwell.Base = math.NaN() },
		func(t *Typing) { t.Interval.Share = math.Inf(1) },
	} {
		bad := typing
		spoil(&bad)
		if err := bad.Validate(); !errors.Is(err, ErrTyping) {
			t.Errorf("%+v: got %v, want ErrTyping", bad, err)
		}
	}
}

func TestDensityIsTheSumOfItsKernels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.SliceOfN(rapid.Float64Range(-5, 10), 1, 40).Draw(t, "at")
		weights := rapid.SliceOfN(rapid.Float64Range(0.01, 1), len(at), len(at)).Draw(t, "weights")
		x := rapid.Float64Range(-20, 20).Draw(t, "x")
		d := newDensity(at, weights, 0.2)
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
		some := func(name string, n int) []Timings {
			out := make([]Timings, n)
			for i := range out {
				out[i] = rapid.SliceOfN(rapid.Int8(), 11, 11).Draw(t, name)
			}
			return out
		}
		m, err := Learn(typing, some("own", rapid.IntRange(1, 80).Draw(t, "enrolled")))
		if err != nil {
			t.Fatal(err)
		}
		b, err := NewBackground(typing, [][]Timings{some("first", First), some("second", First)})
		if err != nil {
			t.Fatal(err)
		}
		probe := some("probe", 1)[0]
		one, err1 := m.Score(probe)
		ratio, err2 := b.Score(m, probe)
		if err := errors.Join(err1, err2); err != nil || math.IsNaN(one+ratio) || math.IsInf(one+ratio, 0) {
			t.Errorf("scores %v and %v (%v), want finite ones", one, ratio, err)
		}
	})
}
