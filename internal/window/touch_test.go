package window

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/event"
)

func finger(kind event.TouchKind, id int, atMS, x, y float64) event.Touch {
	return event.Touch{TimeMS: atMS, Kind: kind, Contact: id, X: x, Y: y, RadiusPX: 10, Pressure: 0.2, Trusted: true}
}

func pushAll(c *TouchCutter, events ...event.Touch) (out []Touch) {
	for _, e := range events {
		out = append(out, c.Push(e)...)
	}
	return out
}

func TestStrokesOfTwoFingersBeginAtTheirOwnOrigins(t *testing.T) {
	c := NewTouchCutter(2, 1)
	got := pushAll(c,
		finger(event.TouchStart, 1, 0, 100, 200),
		finger(event.TouchStart, 2, 20, 300, 400),
		finger(event.TouchMove, 1, 30, 103, 204),
		finger(event.TouchEnd, 2, 90, 300, 400),
		finger(event.TouchEnd, 1, 120, 103, 204))
	want := []Touch{{Strokes: []TouchStroke{
		{StartMS: 0, EndMS: 120, Lifted: true, Points: []TouchPoint{{0, 0, 0, 10, 0.2}, {30, 3, 4, 10, 0.2}}},
		{StartMS: 20, EndMS: 90, Lifted: true, Others: 1, Points: []TouchPoint{{20, 0, 0, 10, 0.2}}},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestATapCannotBeReadBack is the promise that Touch makes: taps on other keys give the very same window.
func TestATapCannotBeReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type tap struct{ lagMS, dwellMS, slip, radius, pressure float64 }
		taps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) tap {
			f := func(name string, low, high int) float64 { return float64(rapid.IntRange(low, high).Draw(t, name)) }
			return tap{f("lag", 1, 900), f("dwell", 20, 300), f("slip", 0, 6), f("radius", 0, 40), f("pressure", 0, 8) / 8}
		}), 1, 30).Draw(t, "taps")
		typed := func(places []int) []Touch {
			c := NewTouchCutter(20, 1)
			at := 0.0
			var out []Touch
			for i, tap := range taps {
				at += tap.lagMS
				place := float64(places[i] * 64)
				e := event.Touch{TimeMS: at, Contact: 1, X: place, Y: 1000 - place, RadiusPX: tap.radius, Pressure: tap.pressure, Trusted: true}
				out = append(out, c.Push(e)...)
				e.TimeMS, e.Kind, e.X = at+tap.dwellMS/2, event.TouchMove, e.X+tap.slip
				out = append(out, c.Push(e)...)
				at += tap.dwellMS
				e.TimeMS, e.Kind = at, event.TouchEnd
				out = append(out, c.Push(e)...)
			}
			return append(out, c.Flush()...)
		}
		keys := func(name string) []int {
			return rapid.SliceOfN(rapid.IntRange(0, 15), len(taps), len(taps)).Draw(t, name)
		}
		if diff := cmp.Diff(typed(keys("typed")), typed(keys("typed instead"))); diff != "" {
			t.Fatalf("taps at other places give another window (-one +other):\n%s", diff)
		}
	})
}

func TestALongStrokeIsCutAndLosesNoStep(t *testing.T) {
	c := NewTouchCutter(3, 1)
	var got []Touch
	got = append(got, c.Push(finger(event.TouchStart, 1, 0, 0, 0))...)
	for i := 1; i <= 150; i++ {
		got = append(got, c.Push(finger(event.TouchMove, 1, float64(10*i), float64(i), 0))...)
	}
	if len(got) != 0 {
		t.Fatalf("%d windows before the third piece has ended, want none", len(got))
	}
	got = pushAll(c, finger(event.TouchEnd, 1, 1510, 150, 0))
	if len(got) != 1 {
		t.Fatalf("%d windows, want one of three pieces", len(got))
	}
	way := 0.0
	for i, s := range got[0].Strokes {
		if s.EndMS-s.StartMS > TouchPieceMS+10 || s.Continued != (i > 0) || s.Lifted != (i == 2) {
			t.Errorf("piece %d runs from %g to %g ms, continued %v, lifted %v", i, s.StartMS, s.EndMS, s.Continued, s.Lifted)
		}
		way += s.Points[len(s.Points)-1].DX
	}
	if way != 150 {
		t.Errorf("the pieces go %g px together, want 150", way)
	}
}

func TestWhatIsMissingIsCountedAndDoesNotSpoilWhatFollows(t *testing.T) {
	c := NewTouchCutter(3, 1)
	got := pushAll(c,
		finger(event.TouchEnd, 7, 0, 0, 0), // no start: lost
		finger(event.TouchStart, 1, 10, 0, 0),
		finger(event.TouchStart, 1, 200, 50, 0), // the end was not seen: lost
		finger(event.TouchCancel, 1, 260, 50, 0),
		finger(event.TouchMove, 2, 300, 9, 9),                               // the start was not seen
		finger(event.TouchEnd, 2, 299, 9, 9),                                // back in time: lost
		event.Touch{TimeMS: 310, Kind: event.TouchEnd, X: math.NaN()},       // lost
		event.Touch{TimeMS: 310, Kind: event.TouchMove, Pressure: 1.5},      // lost
		event.Touch{TimeMS: 310, Kind: event.TouchMove, RadiusPX: -1},       // lost
		event.Touch{TimeMS: 310, Kind: event.TouchCancel + 1},               // lost
		event.Touch{TimeMS: math.Inf(1), Kind: event.TouchMove, Contact: 2}, // lost
		finger(event.TouchEnd, 2, 350, 9, 9))
	if len(got) != 1 || got[0].Marks.Lost != 8 {
		t.Fatalf("got %+v; want one window with eight lost events", got)
	}
	for i, want := range []struct{ lifted, continued bool }{{false, false}, {false, false}, {true, true}} {
		if s := got[0].Strokes[i]; s.Lifted != want.lifted || s.Continued != want.continued {
			t.Errorf("stroke %d: lifted %v, continued %v; want %+v", i, s.Lifted, s.Continued, want)
		}
	}
}

func TestAPauseEndsATouchWindow(t *testing.T) {
	c := NewTouchCutter(20, 2)
	tapAt := func(atMS float64) []Touch {
		return pushAll(c, finger(event.TouchStart, 1, atMS, 0, 0), finger(event.TouchEnd, 1, atMS+80, 0, 0))
	}
	tapAt(0)
	if got := tapAt(TouchPauseMS + 81); len(got) != 0 {
		t.Fatalf("one stroke made a window of at least two: %+v", got)
	}
	tapAt(TouchPauseMS + 500)
	if got := tapAt(3 * TouchPauseMS); len(got) != 1 || len(got[0].Strokes) != 2 {
		t.Errorf("got %+v; want the two strokes before the pause", got)
	}
}

func TestMotionIsKeptAroundTouchesOnly(t *testing.T) {
	c := NewTouchCutter(1, 1)
	at := func(ms float64) event.Motion {
		return event.Motion{TimeMS: ms, Acceleration: [3]float64{0, 0, 9.8}}
	}
	c.Motion(at(-5)) // before any touch
	c.Push(finger(event.TouchStart, 1, 0, 0, 0))
	c.Motion(at(10))
	c.Motion(at(5)) // back in time
	c.Motion(event.Motion{TimeMS: 20, Acceleration: [3]float64{math.NaN()}})
	c.Motion(event.Motion{TimeMS: 20, Rotation: [3]float64{0, 1e9}})
	c.Motion(at(400)) // the finger is still down
	got := c.Push(finger(event.TouchEnd, 1, 500, 0, 0))
	if len(got) != 1 || len(got[0].Motions) != 2 || got[0].Motions[0].TimeMS != 10 || got[0].Motions[1].TimeMS != 400 {
		t.Errorf("got %+v; want the readings of 10 and 400 ms", got)
	}
	c.Motion(at(500 + motionAroundMS))
	c.Motion(at(501 + motionAroundMS))
	if len(c.motions) != 1 {
		t.Errorf("%d readings after the last touch are kept, want one", len(c.motions))
	}
}

// TestHostileTouchesKeepMemoryBoundedAndWindowsSound feeds anything a page can dispatch.
func TestHostileTouchesKeepMemoryBoundedAndWindowsSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, again := NewTouchCutter(5, 2), NewTouchCutter(5, 2)
		at := 0.0
		var got, same []Touch
		for range rapid.IntRange(0, 400).Draw(t, "events") {
			at += rapid.SampledFrom([]float64{-3, 0, 0.1, 8, 200, 2e4, 1e5}).Draw(t, "step")
			e := event.Touch{TimeMS: at, Kind: event.TouchKind(rapid.IntRange(0, 4).Draw(t, "kind")), Contact: rapid.IntRange(0, 30).Draw(t, "finger"),
				X:        rapid.SampledFrom([]float64{0, 1, 500, -1e6, 1e6, 1e7, math.Inf(1)}).Draw(t, "x"),
				RadiusPX: rapid.SampledFrom([]float64{0, 10, 1e6, -1}).Draw(t, "radius"), Pressure: rapid.Float64Range(0, 1.1).Draw(t, "pressure")}
			m := event.Motion{TimeMS: at, Acceleration: [3]float64{rapid.SampledFrom([]float64{0, 9.8, 1e5, math.NaN()}).Draw(t, "acceleration")}}
			got, same = append(got, c.Push(e)...), append(same, again.Push(e)...)
			c.Motion(m)
			again.Motion(m)
			if len(c.contacts) > maxContacts || len(c.done) >= 5 || len(c.motions) > maxMotions {
				t.Fatalf("%d contacts, %d strokes, %d readings are held", len(c.contacts), len(c.done), len(c.motions))
			}
		}
		got, same = append(got, c.Flush()...), append(same, again.Flush()...)
		if diff := cmp.Diff(got, same); diff != "" {
			t.Fatalf("the same events gave other windows:\n%s", diff)
		}
		for _, w := range got {
			if n := len(w.Strokes); n < 2 || n > 5 {
				t.Fatalf("a window of %d strokes, want 2 to 5", n)
			}
			for i, s := range w.Strokes {
				if len(s.Points) == 0 || len(s.Points) > maxPiecePoints || s.Points[0].DX != 0 || s.EndMS < s.StartMS || (i > 0 && s.StartMS < w.Strokes[i-1].StartMS) {
					t.Fatalf("stroke %d is %+v", i, s)
				}
			}
		}
	})
}
