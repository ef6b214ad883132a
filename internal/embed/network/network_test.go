package network

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
)

// typed makes a window of an ordinary typist.
func typed(n int) window.Keyboard {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	var w window.Keyboard
	at := 0.0
	for range n {
		w.Strokes = append(w.Strokes, window.Stroke{PressMS: at, ReleaseMS: at + 60 + 60*r.Float64(), Class: event.Class(r.IntN(event.ClassCount))})
		at += 80 + 300*r.Float64()
	}
	return w
}

// moved makes a window of an ordinary pointer.
func moved(n int) window.Pointer {
	r := rand.New(rand.NewPCG(2, uint64(n)))
	var w window.Pointer
	at, x, y := 0.0, 300.0, 200.0
	for range n {
		w.Events = append(w.Events, event.Pointer{TimeMS: at, X: x, Y: y, Kind: event.PointerKind(r.IntN(pointerKinds))})
		at, x, y = at+8+8*r.Float64(), x+9*r.NormFloat64(), y+6*r.NormFloat64()
	}
	return w
}

func checkUnit(t interface {
	Helper()
	Fatalf(string, ...any)
}, e []float32) {
	t.Helper()
	sum := 0.0
	for i, v := range e {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			t.Fatalf("dimension %d is %v; want a finite number", i, v)
		}
		sum += float64(v) * float64(v)
	}
	if math.Abs(sum-1) > 1e-5 {
		t.Fatalf("the squared length is %g, want 1", sum)
	}
}

func TestEmptyWindowIsZero(t *testing.T) {
	pass := smallNetwork(t).NewPass()
	pass.Keyboard(typed(40))
	for i, v := range pass.Keyboard(window.Keyboard{}) {
		if v != 0 {
			t.Errorf("dimension %d is %g, want 0", i, v)
		}
	}
}

func TestEventsBeyondTheLongestWindowAreLeftOut(t *testing.T) {
	n := smallNetwork(t)
	long := typed(MaxEvents + 50)
	a, b := n.NewPass().Keyboard(long), n.NewPass().Keyboard(window.Keyboard{Strokes: long.Strokes[:MaxEvents]})
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("dimension %d is %g for the longer window, want %g", i, a[i], b[i])
		}
	}
}

func TestAnyStrokesGiveAFiniteUnitVector(t *testing.T) {
	pass := smallNetwork(t).NewPass()
	rapid.Check(t, func(t *rapid.T) {
		var w window.Keyboard
		for range rapid.IntRange(1, 80).Draw(t, "strokes") {
			w.Strokes = append(w.Strokes, window.Stroke{
				PressMS: rapid.Float64().Draw(t, "press"), ReleaseMS: rapid.Float64().Draw(t, "release"),
				Class: event.Class(rapid.Byte().Draw(t, "class"))})
		}
		checkUnit(t, pass.Keyboard(w))
	})
}

func TestAnyPointerEventsGiveAFiniteUnitVector(t *testing.T) {
	pass := readNetwork(t, "testdata/small-pointer.net").NewPass()
	rapid.Check(t, func(t *rapid.T) {
		var w window.Pointer
		for range rapid.IntRange(1, 140).Draw(t, "events") {
			w.Events = append(w.Events, event.Pointer{TimeMS: rapid.Float64().Draw(t, "time"),
				X: rapid.Float64().Draw(t, "x"), Y: rapid.Float64().Draw(t, "y"), Kind: event.PointerKind(rapid.Byte().Draw(t, "kind"))})
		}
		checkUnit(t, pass.Pointer(w))
	})
}

func TestNotANumberIsNoMoreThanAnOddStroke(t *testing.T) {
	pass := smallNetwork(t).NewPass()
	w := typed(20)
	for i, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		w.Strokes[3*i+1].PressMS, w.Strokes[3*i+2].ReleaseMS = v, v
	}
	checkUnit(t, pass.Keyboard(w))
}

// TestTimesCountFromAnywhere shifts a window in time: a collector chooses its own origin.
func TestTimesCountFromAnywhere(t *testing.T) {
	n := smallNetwork(t)
	w := typed(33)
	a := n.NewPass().Keyboard(w)
	shifted := window.Keyboard{}
	for _, s := range w.Strokes {
		shifted.Strokes = append(shifted.Strokes, window.Stroke{PressMS: s.PressMS + 4096, ReleaseMS: s.ReleaseMS + 4096, Class: s.Class})
	}
	for i, v := range n.NewPass().Keyboard(shifted) {
		if math.Abs(float64(v-a[i])) > 1e-5 {
			t.Errorf("dimension %d is %g after a shift, want %g", i, v, a[i])
		}
	}
}

func TestSteadyStateDoesNotAllocate(t *testing.T) {
	for _, file := range []string{"testdata/small.net", "testdata/members.net"} {
		pass := readNetwork(t, file).NewPass()
		w := typed(60)
		if n := testing.AllocsPerRun(20, func() { pass.Keyboard(w) }); n != 0 {
			t.Errorf("%s: %g allocations a window, want none", file, n)
		}
	}
}

// TestMembersShareTheUnitVector takes the first member of a network of two, which must be worth what the second is.
func TestMembersShareTheUnitVector(t *testing.T) {
	n := readNetwork(t, "testdata/members.net")
	e := n.NewPass().Keyboard(typed(30))
	if len(e) != n.Header().Dimensions() || len(n.Header().Members) != 2 {
		t.Fatalf("%d dimensions of %d members, want %d of 2", len(e), len(n.Header().Members), n.Header().Dimensions())
	}
	checkUnit(t, e)
	first := 0.0
	for _, v := range e[:n.Header().Members[0].Dimensions] {
		first += float64(v) * float64(v)
	}
	if math.Abs(first-0.5) > 1e-5 {
		t.Errorf("the first member has %g of the squared length, want a half", first)
	}
}

func BenchmarkKeyboard(b *testing.B) {
	h := Header{Kind: KeyboardKind, Name: "bench", Members: []Shape{{Inputs: keyboardInputs, Channels: 64, Blocks: 3, Kernel: 5, Wide: 128, Heads: 4, Dimensions: 64}}}
	n := &Network{header: h}
	if err := n.read(make([]byte, h.Members[0].bytes())); err != nil {
		b.Fatal(err)
	}
	pass := n.NewPass()
	for _, length := range []int{30, 60} {
		w := typed(length)
		b.Run(map[int]string{30: "30 strokes", 60: "60 strokes"}[length], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				pass.Keyboard(w)
			}
		})
	}
}
