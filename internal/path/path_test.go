package path

import (
	"math"
	"testing"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
)

func moves(points ...[3]float64) window.Pointer {
	var w window.Pointer
	for _, p := range points {
		w.Events = append(w.Events, event.Pointer{TimeMS: p[0], X: p[1], Y: p[2]})
	}
	return w
}

func TestRestsEndStrokes(t *testing.T) {
	var points [][3]float64
	for i := range 8 {
		points = append(points, [3]float64{float64(i * 10), float64(i * 3), float64(i * 4)})
	}
	for i := range 8 {
		points = append(points, [3]float64{float64(70 + RestMS + 1 + i*10), float64(21 + i*6), 28})
	}
	p := Of(moves(points...))
	if len(p.Strokes) != 2 || p.Rests != 1 || len(p.Steps) != 14 {
		t.Fatalf("%d strokes, %d rests, %d steps; want 2, 1 and 14", len(p.Strokes), p.Rests, len(p.Steps))
	}
	if l, c, d := p.Strokes[0].LengthPX(), p.Strokes[0].ChordPX(), p.Strokes[0].DurationMS(); math.Abs(l-35) > 1e-9 || math.Abs(c-35) > 1e-9 || d != 70 {
		t.Errorf("the first stroke is %g px long, chord %g, %g ms; want 35, 35 and 70", l, c, d)
	}
	if speed, share := p.Strokes[1].Peak(); math.Abs(speed-0.6) > 1e-9 || share <= 0 || share > 1 {
		t.Errorf("the second stroke peaks at %g px/ms after %g of it; want 0.6", speed, share)
	}
}

func TestShortRunsAreNoStrokes(t *testing.T) {
	if p := Of(moves([3]float64{0, 0, 0}, [3]float64{10, 5, 0}, [3]float64{20, 9, 0})); len(p.Strokes) != 0 || len(p.Steps) != 2 {
		t.Errorf("%d strokes of %d steps, want none of 2", len(p.Strokes), len(p.Steps))
	}
}

func TestClicksHaveDwellSettleAndDrag(t *testing.T) {
	w := moves([3]float64{0, 0, 0}, [3]float64{10, 5, 0})
	w.Events = append(w.Events,
		event.Pointer{TimeMS: 100, Kind: event.Press, X: 5},
		event.Pointer{TimeMS: 120, X: 9},
		event.Pointer{TimeMS: 180, Kind: event.Release, X: 9},
		event.Pointer{TimeMS: 200, Kind: event.Release, X: 9}, // without a press
		event.Pointer{TimeMS: 300, Kind: event.Press, X: 9},
		event.Pointer{TimeMS: 300 + MaxClick + 1, Kind: event.Release, X: 9}) // too long for a click
	p := Of(w)
	want := Click{DwellMS: 80, SettleMS: 90, Dragged: 4}
	if len(p.Clicks) != 1 || p.Clicks[0] != want {
		t.Errorf("clicks %+v, want one, %+v", p.Clicks, want)
	}
}

func TestTurnGoesTheShortWayRound(t *testing.T) {
	a, b := Step{Angle: 3}, Step{Angle: -3}
	if got, want := Turn(a, b), 2*math.Pi-6; math.Abs(got-want) > 1e-9 {
		t.Errorf("Turn = %g, want %g", got, want)
	}
}
