package presence

import (
	"math"
	"testing"

	"ipse.dev/ipse/internal/event"
)

func TestADrawnPathIsFoundAtAnyRate(t *testing.T) {
	for _, rateHZ := range []float64{125, 250, 1000, 8000} {
		var lines []event.Pointer
		at, x := 0.0, 100.0
		for i := range 20 {
			way := 1 - 2*float64(i%2)
			for range int(0.48 * rateHZ) {
				at += 1000 / rateHZ
				x += way * 1312 / rateHZ
				lines = append(lines, event.Pointer{TimeMS: at, X: math.Floor(x), Y: math.Floor(300 + x/3), Trusted: true})
			}
			at += 500
		}
		if !toldOf(t, lines)[GeneratedPath] {
			t.Errorf("twenty straight strokes at one speed and %g reports a second are not found as generated", rateHZ)
		}
	}
}
