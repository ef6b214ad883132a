package fit

import (
	"math"
	"math/rand/v2"
	"testing"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
)

// typistWindows are windows of a typist with the given usual dwell and interval, in ms, and the same spread.
func typistWindows(dwellMS, intervalMS float64, windows int, rng *rand.Rand) [][]window.Keyboard {
	var out [][]window.Keyboard
	at := 0.0
	for range windows {
		var w window.Keyboard
		for range window.KeyboardStrokes {
			at += intervalMS * math.Exp(0.2*rng.NormFloat64())
			w.Strokes = append(w.Strokes, window.Stroke{PressMS: at, ReleaseMS: at + dwellMS*math.Exp(0.1*rng.NormFloat64()), Class: event.Class(rng.IntN(3))})
		}
		out = append(out, []window.Keyboard{w})
	}
	return out
}

func TestTypistsAreDrawnAsPeopleDiffer(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var people []timings
	for range 60 {
		people = append(people, timingsOf(typistWindows(90*math.Exp(0.3*rng.NormFloat64()), 200*math.Exp(0.2*rng.NormFloat64()), 8, rng), math.MaxInt))
	}
	p, err := populationOf(people)
	if err != nil {
		t.Fatal(err)
	}
	var sum, squares float64
	const draws = 500
	for range draws {
		v := p.draw(rng)[0] // log dwell of the pair of classes 0 and 0
		sum += v
		squares += v * v
	}
	mean := sum / draws
	deviation := math.Sqrt(squares/draws - mean*mean)
	if math.Abs(mean-math.Log(90)) > 0.15 || deviation < 0.2 || deviation > 0.42 {
		t.Errorf("drawn log dwells have mean %.2f and deviation %.2f, want about %.2f and 0.30", mean, deviation, math.Log(90))
	}
	if _, err := populationOf(people[:9]); err == nil {
		t.Error("nine people gave a population, want an error")
	}
}

func TestMovedWindowsFollowTheNewTable(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var people []timings
	var windows [][][]window.Keyboard
	for i := range 20 {
		w := typistWindows(60+5*float64(i), 150+10*float64(i), 20, rng)
		windows = append(windows, w)
		people = append(people, timingsOf(w, math.MaxInt))
	}
	p, err := populationOf(people)
	if err != nil {
		t.Fatal(err)
	}
	own, other := p.table(people[0]), p.table(people[19])
	var moved, same [][]window.Keyboard
	for _, stretch := range windows[0] {
		moved = append(moved, []window.Keyboard{move(stretch[0], own, other)})
		same = append(same, []window.Keyboard{move(stretch[0], own, own)})
	}
	got := p.table(timingsOf(moved, math.MaxInt))
	for _, at := range []int{0, 1, classPairs, classPairs + 1} {
		if math.Abs(got[at]-other[at]) > 0.05 {
			t.Errorf("entry %d of a moved typist's table is %.3f, want %.3f as the new table has it (it was %.3f)", at, got[at], other[at], own[at])
		}
	}
	for k, stretch := range windows[0] {
		for i, s := range stretch[0].Strokes {
			if m := same[k][0].Strokes[i]; math.Abs(m.ReleaseMS-s.ReleaseMS) > 1e-6 && i == 0 || math.Abs(m.DwellMS()-s.DwellMS()) > 1e-6 {
				t.Fatalf("window %d, stroke %d: moved to their own table it lasts %.3f ms, want %.3f as before", k, i, m.DwellMS(), s.DwellMS())
			}
		}
	}
}
