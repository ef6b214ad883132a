package window

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/event"
)

func tap(c *KeyboardCutter, atMS float64, class event.Class, dwellMS float64) []Keyboard {
	out := c.Push(event.Key{TimeMS: atMS, Class: class, Down: true, Trusted: true})
	return append(out, c.Push(event.Key{TimeMS: atMS + dwellMS, Class: class, Trusted: true})...)
}

func TestReleaseGoesToTheOldestPressOfItsClass(t *testing.T) {
	c := NewKeyboardCutter(3, 1)
	for _, k := range []event.Key{
		{TimeMS: 0, Class: event.LeftLetter, Down: true},
		{TimeMS: 50, Class: event.LeftLetter, Down: true},
		{TimeMS: 60, Class: event.RightLetter, Down: true},
		{TimeMS: 80, Class: event.LeftLetter},
		{TimeMS: 90, Class: event.RightLetter},
	} {
		if got := c.Push(k); len(got) != 0 {
			t.Fatalf("a window came out before its last release: %+v", got)
		}
	}
	got := c.Push(event.Key{TimeMS: 120, Class: event.LeftLetter})
	want := []Keyboard{{Marks: Marks{Untrusted: 6}, Strokes: []Stroke{
		{0, 80, event.LeftLetter}, {50, 120, event.LeftLetter}, {60, 90, event.RightLetter},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLostReleaseDoesNotSpoilWhatFollows(t *testing.T) {
	c := NewKeyboardCutter(2, 1)
	c.Push(event.Key{TimeMS: 0, Class: event.LeftLetter, Down: true, Trusted: true})
	var got []Keyboard
	for i := range 2 {
		got = append(got, tap(c, float64(LostReleaseMS+100+200*i), event.LeftLetter, 80)...)
	}
	if len(got) != 1 || got[0].Marks.Lost != 1 || got[0].Strokes[0].DwellMS() != 80 {
		t.Errorf("got %+v; want one window of two 80 ms strokes with one lost press", got)
	}
}

func TestBlurGivesUpHeldKeys(t *testing.T) {
	c := NewKeyboardCutter(5, 1)
	tap(c, 0, event.Space, 70)
	c.Push(event.Key{TimeMS: 100, Class: event.Shift, Down: true, Trusted: true})
	c.Mark(event.Mark{TimeMS: 120, Kind: event.Blur})
	got := c.Flush()
	if len(got) != 1 || len(got[0].Strokes) != 1 || got[0].Marks.Lost != 1 {
		t.Errorf("got %+v; want one stroke and one lost press", got)
	}
}

func TestPauseEndsAWindow(t *testing.T) {
	c := NewKeyboardCutter(30, 2)
	tap(c, 0, event.Space, 70)
	tap(c, 200, event.Space, 70)
	if got := c.Push(event.Key{TimeMS: 300 + KeyboardPauseMS, Class: event.Space, Down: true}); len(got) != 1 || len(got[0].Strokes) != 2 {
		t.Errorf("got %+v; want one window of two strokes", got)
	}
}

func TestKeyboardWindowsAreSoundForAnyEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := NewKeyboardCutter(rapid.IntRange(-1, 40).Draw(t, "strokes"), rapid.IntRange(-1, 20).Draw(t, "least"))
		at := 0.0
		var out []Keyboard
		for range rapid.IntRange(0, 400).Draw(t, "events") {
			at += rapid.SampledFrom([]float64{0, 1, 40, 120, 700, 2500, 40_000, -50, math.NaN(), math.Inf(1)}).Draw(t, "step")
			out = append(out, c.Push(event.Key{
				TimeMS: at, Class: event.Class(rapid.IntRange(0, 10).Draw(t, "class")),
				Down: rapid.Bool().Draw(t, "down"), Repeat: rapid.IntRange(0, 9).Draw(t, "repeat") == 0,
			})...)
			if math.IsNaN(at) || math.IsInf(at, 0) {
				at = 0
			}
			if len(c.pending) > maxPending {
				t.Fatalf("%d strokes wait, want at most %d", len(c.pending), maxPending)
			}
		}
		for _, w := range append(out, c.Flush()...) {
			if len(w.Strokes) == 0 || len(w.Strokes) > c.strokes {
				t.Fatalf("a window of %d strokes, want 1 to %d", len(w.Strokes), c.strokes)
			}
			for i, s := range w.Strokes {
				if d := s.DwellMS(); !(d >= 0 && d <= LostReleaseMS) || !s.Class.Valid() {
					t.Fatalf("stroke %d is %+v: dwell out of 0 to %d ms, or no class", i, s, LostReleaseMS)
				}
				if i > 0 && s.PressMS < w.Strokes[i-1].PressMS {
					t.Fatalf("stroke %d is pressed before the one that precedes it", i)
				}
			}
		}
	})
}

func TestPointerWindowsHoldConsecutiveEvents(t *testing.T) {
	c := NewPointerCutter(4, 2)
	var sizes []int
	for i := range 10 {
		for _, w := range c.Push(event.Pointer{TimeMS: 10 * float64(i), X: float64(i), Trusted: true}) {
			sizes = append(sizes, len(w.Events))
		}
	}
	for _, w := range c.Push(event.Pointer{TimeMS: 2 * PointerPauseMS, Trusted: true}) {
		sizes = append(sizes, len(w.Events))
	}
	if diff := cmp.Diff([]int{4, 4, 2}, sizes); diff != "" {
		t.Errorf("sizes (-want +got):\n%s", diff)
	}
	if got := c.Flush(); len(got) != 0 {
		t.Errorf("Flush of one event gave %+v, want nothing", got)
	}
}

func TestPointerEventsFromNowhereAreLost(t *testing.T) {
	c := NewPointerCutter(1, 1)
	for _, e := range []event.Pointer{{X: math.NaN()}, {Y: math.Inf(-1)}, {X: 2 * maxCoordinate}, {TimeMS: math.NaN()}, {Kind: 9}} {
		if got := c.Push(e); len(got) != 0 {
			t.Errorf("Push(%+v) = %+v, want nothing", e, got)
		}
	}
	if got := c.Push(event.Pointer{X: 1}); len(got) != 1 || got[0].Marks.Lost != 5 {
		t.Errorf("got %+v, want one window with five lost events", got)
	}
}

func TestKeysThatNoHandPressesEndAWindowEarly(t *testing.T) {
	for _, c := range []struct {
		name                string
		intervalMS, dwellMS float64
		jitterMS            float64 // every second interval is so much longer
		early               bool
	}{
		{"an injector", 2, 1, 0, true},
		{"too fast", 44, 45, 30, true},
		{"fast as a hand", 70, 80, 40, false},
		{"held too briefly", 180, 5, 90, true},
		{"held as a hand does", 180, 60, 90, false},
		{"even", 150, 80, 0, false},
	} {
		cutter := NewKeyboardCutter(KeyboardStrokes, KeyboardMinStrokes)
		atMS, at := 0.0, 0
		for i := 1; i <= KeyboardStrokes && at == 0; i++ {
			class := event.Class(i % 2)
			if out := cutter.Push(event.Key{TimeMS: atMS, Class: class, Down: true, Trusted: true}); len(out) > 0 {
				t.Fatalf("%s: a press ended a window", c.name)
			}
			if out := cutter.Push(event.Key{TimeMS: atMS + min(c.dwellMS, c.intervalMS-0.5), Class: class, Trusted: true}); len(out) > 0 {
				at = len(out[0].Strokes)
			}
			atMS += c.intervalMS + c.jitterMS*float64(i%2)
		}
		want := KeyboardStrokes
		if c.early {
			want = KeyboardBurstStrokes
		}
		if at != want {
			t.Errorf("%s: the window ends after %d strokes, want %d", c.name, at, want)
		}
	}
}
