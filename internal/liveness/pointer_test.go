package liveness

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
)

// measure gives one measure of a window by its name.
func measure(t *testing.T, w window.Pointer, name string) float64 {
	t.Helper()
	values := MovementMeasures(w)
	for i, m := range PointerMeasures.Measures {
		if m.Name == name {
			return values[i]
		}
	}
	t.Fatalf("no measure is named %s", name)
	return 0
}

// drawn places the pointer along a curve, one stroke of 40 places at 60 Hz, rounded to pixels.
func drawn(at func(u float64) (x, y float64)) window.Pointer {
	var w window.Pointer
	for i := range 40 {
		x, y := at(float64(i) / 39)
		w.Events = append(w.Events, event.Pointer{TimeMS: math.Floor(float64(i)*16.667 + 0.5), X: math.Floor(x + 0.5), Y: math.Floor(y + 0.5), Trusted: true})
	}
	return w
}

func TestPointerMeasuresSeeWhatTheyName(t *testing.T) {
	line := drawn(func(u float64) (x, y float64) { return 780 * u, 390 * u })
	jerk := drawn(func(u float64) (x, y float64) { s := u * u * u * (10 - 15*u + 6*u*u); return 800 * s, 300 * s })
	arc := drawn(func(u float64) (x, y float64) { return 600 * u, 150 * math.Sin(math.Pi*u) })
	axis := drawn(func(u float64) (x, y float64) { return 39 * u, 100 })
	zigzag := drawn(func(u float64) (x, y float64) { return 800 * u, 12 * math.Mod(math.Floor(39*u+0.5), 2) })
	for _, c := range []struct {
		name      string
		w         window.Pointer
		low, high float64
	}{
		{"straightness", line, 0.999, 1}, {"straightness", arc, 0.7, 0.95},
		{"bow", line, 0, 0.001}, {"bow", arc, 0.05, 1},
		{"speedSpread", line, 0, 0.05}, {"speedSpread", jerk, 0.5, 3},
		{"evenSpeedShare", line, 0.2, 1}, {"minimumJerkResidual", jerk, 0, 0.15}, {"minimumJerkResidual", line, 0.4, 2},
		{"mirrorCorrelation", jerk, 0.95, 1}, {"startSpeed", line, 0.8, 1}, {"startSpeed", jerk, 0, 0.1},
		{"axisShare", axis, 1, 1}, {"axisShare", line, 0, 0}, {"unitStepShare", axis, 1, 1},
		{"repeatedStepShare", line, 0.5, 1}, {"acrossLag1", zigzag, -1, -0.6}, {"quietAcrossShare", arc, 0.6, 1}, {"quietAcrossShare", zigzag, 0, 0},
		{"restShare", line, 0, 0}, {"revisitShare", line, 0, 0},
	} {
		if got := measure(t, c.w, c.name); got < c.low || got > c.high {
			t.Errorf("%s = %g, want %g to %g", c.name, got, c.low, c.high)
		}
	}
}

func TestPointerMeasuresSeeJigglersAndLeaps(t *testing.T) {
	var jiggle, agent window.Pointer
	for i := range 100 {
		jiggle.Events = append(jiggle.Events, event.Pointer{TimeMS: 1000 * float64(i), X: 500 + float64(i%2), Y: 300})
	}
	for i := range 30 {
		at, x := 2000*float64(i), 100+300*float64(i%5)
		agent.Events = append(agent.Events, event.Pointer{TimeMS: at, X: x, Y: x}, event.Pointer{TimeMS: at + 5, Kind: event.Press, X: x, Y: x}, event.Pointer{TimeMS: at + 9, Kind: event.Release, X: x, Y: x})
	}
	if got := measure(t, jiggle, "revisitShare"); got < 0.95 {
		t.Errorf("revisitShare of a jiggler = %g, want about 1", got)
	}
	if got := measure(t, jiggle, "restSpread"); got > 0.01 {
		t.Errorf("restSpread of a jiggler = %g, want about 0", got)
	}
	if got := measure(t, agent, "leapShare"); got < 0.9 {
		t.Errorf("leapShare of an agent = %g, want about 1", got)
	}
}

func TestPointerMeasuresAreFiniteAndKnowNoPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w, moved window.Pointer
		at := 0.0
		dx, dy := float64(rapid.IntRange(-500, 500).Draw(t, "dx")), float64(rapid.IntRange(-500, 500).Draw(t, "dy"))
		for range rapid.IntRange(1, 130).Draw(t, "events") {
			at += rapid.SampledFrom([]float64{0, 0.1, 8, 16, 17, 200, 5000}).Draw(t, "gap")
			e := event.Pointer{
				TimeMS: at, Kind: rapid.SampledFrom([]event.PointerKind{event.Move, event.Move, event.Move, event.Press, event.Release, event.Wheel}).Draw(t, "kind"),
				X: float64(rapid.IntRange(-2000, 2000).Draw(t, "x")), Y: float64(rapid.IntRange(-2000, 2000).Draw(t, "y")),
			}
			w.Events = append(w.Events, e)
			e.X, e.Y = e.X+dx, e.Y+dy
			moved.Events = append(moved.Events, e)
		}
		a, b := MovementMeasures(w), MovementMeasures(moved)
		if len(a) != len(PointerMeasures.Measures) {
			t.Fatalf("%d measures, the list names %d", len(a), len(PointerMeasures.Measures))
		}
		for i := range a {
			if math.IsNaN(a[i]) || math.Abs(a[i]) > MaxMagnitude {
				t.Fatalf("%s = %g", PointerMeasures.Measures[i].Name, a[i])
			}
			if a[i] != b[i] {
				t.Fatalf("%s = %g, and %g elsewhere on the screen", PointerMeasures.Measures[i].Name, a[i], b[i])
			}
		}
	})
}
