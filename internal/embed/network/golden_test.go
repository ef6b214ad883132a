package network

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
)

// goldenTolerance is relative to the embedding's length, which is one.
const goldenTolerance = 1e-4

type goldenVector struct {
	Name      string
	Strokes   [][3]float64 // press and release in ms, class
	Events    [][4]float64 // time in ms, x, y, kind
	Contacts  [][]float64  // as train/touch_golden.py orders them
	Embedding []float32
}

func (g goldenVector) window() window.Keyboard {
	var w window.Keyboard
	for _, s := range g.Strokes {
		w.Strokes = append(w.Strokes, window.Stroke{PressMS: s[0], ReleaseMS: s[1], Class: event.Class(s[2])})
	}
	return w
}

func (g goldenVector) pointerWindow() window.Pointer {
	var w window.Pointer
	for _, e := range g.Events {
		w.Events = append(w.Events, event.Pointer{TimeMS: e[0], X: e[1], Y: e[2], Kind: event.PointerKind(e[3])})
	}
	return w
}

func smallNetwork(t testing.TB) *Network { return readNetwork(t, "testdata/small.net") }

func readNetwork(t testing.TB, file string) *Network {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	n, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestGoldenVectors compares with what PyTorch computes, for every network that has golden vectors beside it.
func TestGoldenVectors(t *testing.T) {
	var files []string
	for _, pattern := range []string{"testdata/*.json", "../networks/*.json"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) < 2 {
			t.Fatalf("%s: %d files of golden vectors (%v), want at least two", pattern, len(found), err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		n := readNetwork(t, file[:len(file)-len(".json")]+".net")
		vectors, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var golden []goldenVector
		if err := json.Unmarshal(vectors, &golden); err != nil {
			t.Fatal(err)
		}
		pass := n.NewPass() // one for all: what a longer window leaves behind must not show
		for _, g := range append(golden, golden...) {
			var got []float32
			switch n.Header().Kind {
			case PointerKind:
				got = pass.Pointer(g.pointerWindow())
			case TouchKind:
				got = pass.contacts(g.touchContacts())
			default:
				got = pass.Keyboard(g.window())
			}
			if len(got) != len(g.Embedding) {
				t.Fatalf("%s, %s: %d dimensions, want %d", file, g.Name, len(got), len(g.Embedding))
			}
			for i := range got {
				if d := math.Abs(float64(got[i] - g.Embedding[i])); !(d <= goldenTolerance) {
					t.Errorf("%s, %s: dimension %d is %g, want %g", file, g.Name, i, got[i], g.Embedding[i])
				}
			}
		}
	}
}
