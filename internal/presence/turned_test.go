package presence

import (
	"math"
	"math/rand/v2"
	"testing"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
)

// axes is a network of turned strokes that says 3 nats of a window without a step along an axis, and -3 of one of nothing else.
func axes(t *testing.T) *Network {
	t.Helper()
	n := &Network{
		List: liveness.PointerMeasures.Name, Inputs: []string{"axisShare"}, Mean: []float64{0.5}, Scale: []float64{0.1},
		Layers: []Layer{{Rows: [][]float64{{-0.6, 0}}}},
	}
	if err := n.Check(liveness.PointerMeasures); err != nil {
		t.Fatal(err)
	}
	return n
}

// alongAxes is a window of which so large a share of steps runs along an axis.
func alongAxes(share float64, past Past) Window {
	measures := make([]float64, len(liveness.PointerMeasures.Measures))
	for i, m := range liveness.PointerMeasures.Measures {
		if m.Name == "axisShare" {
			measures[i] = share
		}
	}
	return Window{Past: past, Observation: observation.Observation{
		Modality: observation.Pointer, Liveness: observation.Liveness{MeasureList: liveness.PointerMeasures.Name, Measures: measures},
	}}
}

func TestTurnedStrokesAreHeldAgainstWhoeversMouseIsKnown(t *testing.T) {
	signal := turnedPath(axes(t), &UsualBounds{Mean: -2, Windows: 3, Most: 8})
	judge := Judge{Signals: []Signal{signal}}
	usually := func(share float64) (past Past) {
		for range 30 {
			past = judge.Remember(past, alongAxes(share, nil).Observation)
		}
		return past
	}
	for name, c := range map[string]struct {
		past      Past
		share     float64
		low, high float64
	}{
		"turned strokes of nobody known":               {nil, 0.1, 0, 0},
		"strokes along the axes of nobody known":       {nil, 0.9, -math.MaxFloat64, -2},
		"turned strokes of whose mouse has axes":       {usually(0.9), 0.1, 2, 2.5},
		"turned strokes of whose device never has any": {usually(0.1), 0.1, -2.5, 0},
		"strokes along the axes of whose mouse has":    {usually(0.9), 0.9, -math.MaxFloat64, -2},
	} {
		nats, ok := signal.LLR(alongAxes(c.share, c.past))
		if !ok || nats < c.low || nats > c.high {
			t.Errorf("%s: %g nats, %t; want %g to %g", name, nats, ok, c.low, c.high)
		}
	}
	if _, ok := turnedPath(axes(t), nil).LLR(alongAxes(0.1, nil)); ok {
		t.Error("without bounds for what is usual something is said, want nothing")
	}
}

// A session that is found to be no hand's has taught nothing of how strokes lie.
func TestWhatAProgramTaughtOfStrokesIsTakenBack(t *testing.T) {
	turned := turnedPath(axes(t), &UsualBounds{Mean: -2, Windows: 3, Most: 8})
	judge := Judge{Signals: []Signal{turned, {
		Kind: GeneratedPath, Least: -1, Most: 8, Found: 8, LLR: func(Window) (float64, bool) { return 8, true },
	}}}
	known := judge.Remember(nil, alongAxes(0.9, nil).Observation)
	for name, before := range map[string]Past{"known": known, "a stranger": nil} {
		var state State
		past := before
		for range 20 {
			w := alongAxes(0.1, past)
			state, _ = judge.Update(state, w)
			past = judge.Remember(past, w.Observation)
		}
		want := before[observation.Pointer].Usual[TurnedPath]
		if got := past[observation.Pointer].Usual[TurnedPath]; got.Windows != want.Windows+20 {
			t.Fatalf("%s: %+v is usual after 20 windows, want them in it", name, got)
		}
		if got := judge.TakeBack(past, state)[observation.Pointer].Usual[TurnedPath]; got != want {
			t.Errorf("%s: %+v is usual afterwards, want %+v as before", name, got, want)
		}
	}
}

func TestTheShippedNetworkTellsStrokesThatWereTurned(t *testing.T) {
	for _, weights := range []string{OpenWeights, ResearchWeights} {
		n := shippedPointers(weights).Networks["turned"]
		var along, turned float64
		for seed := range uint64(10) {
			along += meanNats(t, n, strokesTurned(seed, 0))
			turned += meanNats(t, n, strokesTurned(seed, 25))
		}
		if turned < along+10 {
			t.Errorf("%s: ten sittings turned by 25° come to %g nats a window in all and the same as they were to %g, want 10 more", weights, turned, along)
		}
	}
}

// strokesTurned are strokes that set out fast in any direction and then feel their way along the axes, turned by so many degrees.
func strokesTurned(seed uint64, degrees float64) (out []event.Pointer) {
	rng := rand.New(rand.NewPCG(seed, 5))
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	x, y, atMS := 900.0, 500.0, 0.0
	step := func(dx, dy float64) {
		x, y, atMS = x+dx, y+dy, atMS+16
		if x = math.Max(400, math.Min(1400, x)); y < 200 || y > 800 {
			y = 500
		}
		out = append(out, event.Pointer{TimeMS: atMS, Kind: event.Move, X: math.Round(cos*x - sin*y), Y: math.Round(sin*x + cos*y), Trusted: true})
	}
	for range 60 {
		dirX, dirY := math.Round(12*rng.NormFloat64()), math.Round(8*rng.NormFloat64())
		for i := range 12 {
			f := math.Sin(math.Pi * float64(i+1) / 13)
			step(math.Round(f*dirX+rng.NormFloat64()), math.Round(f*dirY+rng.NormFloat64()))
		}
		for range 14 { // the last of the way, along one axis at a time
			if d := math.Copysign(float64(1+rng.IntN(4)), dirX); rng.IntN(3) > 0 {
				step(d, 0)
			} else {
				step(0, math.Copysign(float64(1+rng.IntN(2)), dirY))
			}
		}
		atMS += 300 + 300*rng.Float64()
	}
	return out
}

// meanNats is what a network says of the windows of a stream, a window.
func meanNats(t *testing.T, n *Network, events []event.Pointer) float64 {
	t.Helper()
	sum, windows := 0.0, 0
	for _, o := range collected(nil, events) {
		if m, ok := pointerMeasures(Window{Observation: o}); ok {
			sum, windows = sum+n.Nats(m), windows+1
		}
	}
	if windows < 3 {
		t.Fatalf("%d windows of pointer use, want 3", windows)
	}
	return sum / float64(windows)
}
