package presence

import (
	"math"
	"testing"

	"ipse.dev/ipse/internal/event"
)

func TestADrawnPathIsFoundAtAnyRate(t *testing.T) {
	judge := Default()
	const strokeMS = 480.0
	for _, rateHZ := range []float64{125, 250, 1000, 8000} {
		var lines []event.Pointer
		atMS, x, y := 0.0, 100.0, 100.0
		for i := range 40 {
			way := 1 - 2*float64(i%2)
			lengthPX, slope := 400+300*math.Abs(math.Sin(float64(i))), 0.2+0.3*math.Abs(math.Cos(1.3*float64(i)))
			for stepMS := 0.0; stepMS <= strokeMS; stepMS += 1000 / rateHZ {
				u := stepMS / strokeMS
				u += 0.02 * math.Sin(9*u) // not the even pace of mouse keys
				lines = append(lines, event.Pointer{TimeMS: atMS + stepMS, Trusted: true,
					X: math.Floor(x + way*u*lengthPX), Y: math.Floor(y + way*u*lengthPX*slope)})
			}
			last := lines[len(lines)-1]
			x, y, atMS = last.X, last.Y, atMS+strokeMS+500
		}
		if !found(judge, nil, lines)[GeneratedPath] {
			t.Errorf("forty straight strokes and %g reports a second are not found as generated", rateHZ)
		}
	}
}
