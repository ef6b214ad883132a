package window

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/event"
)

// cut gives all windows of a stream.
func cut(c *PointerCutter, events []event.Pointer) []Pointer {
	var out []Pointer
	for _, e := range events {
		out = append(out, c.Push(e)...)
	}
	return append(out, c.Flush()...)
}

// left gives what thinning leaves of a stream, and how many moves it took.
func left(events []event.Pointer) (kept []event.Pointer, thinned int) {
	for _, w := range cut(NewPointerCutter(7, 1), events) {
		kept = append(kept, w.Events...)
		thinned += w.Thinned
	}
	return kept, thinned
}

func TestWhatThinningLeaves(t *testing.T) {
	const move, press, wheel = event.Move, event.Press, event.Wheel
	type at struct {
		ms   float64
		kind event.PointerKind
	}
	moves := func(ms ...float64) (out []at) {
		for _, x := range ms {
			out = append(out, at{x, move})
		}
		return out
	}
	for _, c := range []struct {
		name string
		came []at
		want []float64
	}{
		{"60 Hz", moves(0, 16.7, 33.3, 50), []float64{0, 16.7, 33.3, 50}},
		{"125 Hz", moves(0, 8, 15, 24, 31, 40), []float64{0, 8, 15, 24, 31, 40}},
		{"a screen of 144 Hz", moves(0, 6.9, 13.9, 20.8), []float64{0, 6.9, 13.9, 20.8}},
		{"one that comes early", moves(0, 10, 13, 24, 32), []float64{0, 10, 13, 24, 32}},
		{"1,000 Hz and its end", moves(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), []float64{0, 8, 12}},
		{"250 Hz", moves(0, 4, 8, 12, 16, 20), []float64{0, 8, 16, 20}},
		{"before a rest", moves(0, 1, 2, 3, 4, 300, 301, 302), []float64{0, 4, 300, 302}},
		{"before a pause", moves(0, 1, 2, 2*PointerPauseMS), []float64{0, 2, 2 * PointerPauseMS}},
		{"a clock of 16 ms", moves(0, 0, 0, 16, 16, 16), []float64{0, 0, 16, 16}},
		{"a press", []at{{0, move}, {1, move}, {2, move}, {3, press}, {4, move}, {5, move}}, []float64{0, 2, 3, 5}},
		{"the wheel", []at{{0, move}, {1, wheel}, {2, wheel}, {3, wheel}}, []float64{0, 1, 2, 3}},
	} {
		var events []event.Pointer
		for _, e := range c.came {
			events = append(events, event.Pointer{TimeMS: e.ms, Kind: e.kind, Trusted: true})
		}
		kept, thinned := left(events)
		var got []float64
		for _, e := range kept {
			got = append(got, e.TimeMS)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if want := len(c.came) - len(c.want); thinned != want {
			t.Errorf("%s: %d moves counted as thinned out, want %d", c.name, thinned, want)
		}
	}
}

func TestThinningKeepsWhatIsNoMoveAndWhatCameBeforeIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var events []event.Pointer
		at := 0.0
		for i := range rapid.IntRange(0, 300).Draw(t, "events") {
			at += rapid.SampledFrom([]float64{0, 0.125, 1, 1, 1, 2, 4, 6.5, 7, 7.5, 8, 16, 200, 2 * PointerPauseMS}).Draw(t, "step")
			kind := event.Move
			if rapid.IntRange(0, 9).Draw(t, "button") == 0 {
				kind = event.PointerKind(rapid.IntRange(1, 3).Draw(t, "kind"))
			}
			events = append(events, event.Pointer{TimeMS: at, X: float64(i), Kind: kind})
		}
		kept, thinned := left(events)
		if len(kept)+thinned != len(events) {
			t.Fatalf("%d kept and %d thinned of %d events", len(kept), thinned, len(events))
		}
		for i, e := range events {
			last := i+1 == len(events)
			if must := e.Kind != event.Move || last || events[i+1].Kind != event.Move || events[i+1].TimeMS-e.TimeMS >= PointerFastMS; must && !slices.Contains(kept, e) {
				t.Fatalf("event %d of %+v is gone, want it kept", i, events)
			}
		}
		for i := 2; i < len(kept); i++ {
			if kept[i].Kind == event.Move && kept[i-1].Kind == event.Move && kept[i-2].Kind == event.Move && kept[i].TimeMS-kept[i-2].TimeMS < PointerFastMS {
				t.Fatalf("three moves at %g, %g and %g ms are kept", kept[i-2].TimeMS, kept[i-1].TimeMS, kept[i].TimeMS)
			}
		}
		again, more := left(kept)
		if diff := cmp.Diff(kept, again); diff != "" || more != 0 {
			t.Fatalf("thinned again (-once +twice):\n%s", diff)
		}
	})
}

func TestMarksOfThinnedWindows(t *testing.T) {
	var events []event.Pointer
	for i := range 1000 {
		events = append(events, event.Pointer{TimeMS: float64(i), X: float64(i), Trusted: i%4 > 0})
	}
	windows := cut(NewPointerCutter(PointerEvents, 1), events)
	came, untrusted := 0, 0
	for _, w := range windows {
		came += w.Came()
		untrusted += w.Marks.Untrusted
		if want := min(w.Thinned, PointerThinnedTimes); len(w.ThinnedMS) != want {
			t.Errorf("%d times of moves that were thinned out, want %d", len(w.ThinnedMS), want)
		}
	}
	if came != 1000 || untrusted != 250 {
		t.Errorf("%d events came and %d of them were untrusted, want 1000 and 250", came, untrusted)
	}
	c := NewPointerCutter(PointerEvents, 1)
	for range 100_000 {
		c.Push(event.Pointer{TimeMS: 1})
	}
	if n := len(c.pending) + cap(c.thinnedMS); n > 2*PointerThinnedTimes {
		t.Errorf("a flood at one moment leaves %d events and times in memory, want %d at most", n, 2*PointerThinnedTimes)
	}
}
