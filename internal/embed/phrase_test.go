package embed

import (
	"math"
	"slices"
	"testing"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

func TestTimingsGoPositionByPosition(t *testing.T) {
	p := window.Phrase{Positions: 3, Strokes: []window.Stroke{
		{PressMS: 1000, ReleaseMS: 1100}, {PressMS: 1050, ReleaseMS: 1120}, {PressMS: 1300, ReleaseMS: 1300}}}
	want := observation.Embedding{PhraseTiming(100), PhraseTiming(70), PhraseTiming(0), PhraseTiming(50), PhraseTiming(250)}
	if got := Phrase(p); !slices.Equal(got, want) {
		t.Errorf("got %v, want three dwells and two intervals: %v", got, want)
	}
	for i, x := range Phrase(window.Phrase{Positions: 64, Broken: true}) {
		if x != -128 {
			t.Fatalf("a broken phrase holds %d at %d, want the shortest time everywhere", x, i)
		}
	}
}

func TestTimingsOfEveryLength(t *testing.T) {
	for _, c := range []struct {
		timeMS float64
		want   int8
	}{{0, -128}, {-50, -128}, {math.NaN(), -128}, {math.Inf(-1), -128}, {20, -96}, {100, -45}, {1000, 38}, {11_000, 124}, {1e9, 127}, {math.Inf(1), 127}} {
		if got := PhraseTiming(c.timeMS); got != c.want {
			t.Errorf("PhraseTiming(%g) = %d, want %d", c.timeMS, got, c.want)
		}
	}
}
