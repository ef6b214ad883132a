package liveness

import (
	"math"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/path"
)

// cadenceMeasures are what cadence gives, in its order.
var cadenceMeasures = []Measure{
	{"intervalLog", "1", "log of one and the mean interval between movements, ms, rests excluded"},
	{"intervalSpread", "1", "spread of intervals over their mean"},
	{"intervalModeShare", "share", "intervals of the most usual length, to the millisecond"},
	{"intervalLongShare", "share", "intervals over 25 ms"},
	{"intervalBatchShare", "share", "intervals under 2.5 ms"},
	{"restShare", "share", "rests, by movements"},
	{"restLog", "1", "mean log of a rest in ms"},
	{"restSpread", "1", "spread of log rests"},
	{"revisitShare", "share", "movements to a place where the pointer has been"},
	{"netShare", "share", "distance from first to last place over the way"},
	{"extentLog", "1", "log of one and the half circumference of the used area, pixels"},
}

// cadence measures the times of events, the rests, and whether the pointer comes back to where it was.
//
// A device reports in steady short intervals while the hand moves. A remote session sends what a network brought, in
// batches and at the rate of its frames. A jiggler moves in equal intervals, a little to and fro: its rests do not vary
// and it visits the same places over and over.
func cadence(m movement) []float64 {
	const bins = 64
	var steps, rests moments
	var counts [bins]float64
	long, batch, revisits, moves, lengthPX := 0.0, 0.0, 0.0, 0.0, 0.0
	minX, maxX, minY, maxY := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	var first, last event.Pointer
	seen := map[[2]float64]bool{}
	for _, e := range m.events {
		if e.Kind != event.Move {
			continue
		}
		minX, maxX, minY, maxY = math.Min(minX, e.X), math.Max(maxX, e.X), math.Min(minY, e.Y), math.Max(maxY, e.Y)
		here := [2]float64{e.X, e.Y}
		moves++
		if moves == 1 {
			first, last = e, e
			seen[here] = true
			continue
		}
		dx, dy, elapsed := e.X-last.X, e.Y-last.Y, e.TimeMS-last.TimeMS
		lengthPX += math.Sqrt(dx*dx + dy*dy)
		if dx != 0 || dy != 0 {
			if seen[here] {
				revisits++
			}
			seen[here] = true
		}
		if elapsed > path.RestMS {
			rests.add(math.Log(elapsed), 0)
		} else {
			steps.add(elapsed, 0)
			counts[int(math.Min(bins-1, math.Floor(elapsed+0.5)))]++
			if elapsed > 25 {
				long++
			}
			if elapsed < 2.5 {
				batch++
			}
		}
		last = e
	}
	mode := 0.0
	for _, c := range counts {
		mode = math.Max(mode, c)
	}
	n := math.Max(1, steps.n)
	net := math.Sqrt((last.X-first.X)*(last.X-first.X) + (last.Y-first.Y)*(last.Y-first.Y))
	extent := 0.0
	if moves > 0 {
		extent = math.Log(1 + maxX - minX + maxY - minY)
	}
	return []float64{
		math.Log(1 + steps.mean()), steps.relative(), mode / n, long / n, batch / n,
		rests.n / math.Max(1, moves), rests.mean(), rests.spread(), revisits / math.Max(1, moves), net / math.Max(1, lengthPX), extent,
	}
}
