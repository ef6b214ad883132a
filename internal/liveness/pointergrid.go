package liveness

import (
	"math"

	"ipse.dev/ipse/internal/event"
)

// gridMeasures are what grid gives, in its order.
var gridMeasures = []Measure{
	{"axisShare", "share", "steps along one axis"},
	{"axisRunShare", "share", "steps along one axis that follow one"},
	{"unitStepShare", "share", "steps of one pixel"},
	{"unitDiagonalShare", "share", "steps of one pixel on both axes"},
	{"shortAxisShare", "share", "steps of less than four pixels that lie along one axis"},
	{"repeatedStepShare", "share", "longer steps that repeat the last exactly"},
	{"collinearShare", "share", "longer steps in exactly the last direction"},
	{"evenPixelShare", "share", "steps of an even number of pixels on both axes"},
	{"fractionShare", "share", "places on fractions of a pixel"},
	{"staircaseShare", "share", "changes by one pixel that the next step takes back"},
	{"stillShare", "share", "movements to where the pointer is"},
	{"octantSpread", "1", "one less the sum of squared shares of eight directions"},
}

// grid measures the texture of single steps on the grid of pixels.
//
// A sensor counts along its own two axes: slow strokes run exactly along them, in single pixels, and the wrist's joint
// favours them in fast ones. A recorded stroke that is rotated, sheared or scaled and rounded again loses that: straight
// runs become staircases, single pixels become ones and twos. A program repeats one step exactly, or places the pointer on
// fractions of a pixel.
func grid(m movement) []float64 {
	steps, events := m.path.Steps, m.events
	var octants [8]float64
	axis, runs, units, diagonals, short, shortAxis, repeated, collinear, longPairs, evens, stairs, stairPairs := 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
	for i, s := range steps {
		x, y := math.Abs(s.DX), math.Abs(s.DY)
		onAxis := x == 0 || y == 0
		if onAxis {
			axis++
		}
		if x+y == 1 {
			units++
		}
		if x == 1 && y == 1 {
			diagonals++
		}
		if s.LengthPX < 4 {
			short++
			if onAxis {
				shortAxis++
			}
		}
		if math.Mod(x, 2) == 0 && math.Mod(y, 2) == 0 {
			evens++
		}
		octants[int(math.Floor((s.Angle+math.Pi/8)/(math.Pi/4)+8))%8]++
		if i == 0 {
			continue
		}
		l := steps[i-1]
		if onAxis && (l.DX == 0 || l.DY == 0) {
			runs++
		}
		if s.LengthPX >= 2 && l.LengthPX >= 2 {
			longPairs++
			if s.DX == l.DX && s.DY == l.DY {
				repeated++
			}
			if s.DX*l.DY == s.DY*l.DX {
				collinear++
			}
		}
		if i > 1 {
			k := steps[i-2]
			// A change of one pixel that the next step takes back: how rounding follows a slanted line.
			for _, d := range [2][3]float64{{k.DX, l.DX, s.DX}, {k.DY, l.DY, s.DY}} {
				stairPairs++
				if math.Abs(d[1]-d[0]) == 1 && d[2] == d[0] {
					stairs++
				}
			}
		}
	}
	n := math.Max(1, float64(len(steps)))
	usual := 0.0
	for _, o := range octants {
		usual += o / n * o / n
	}
	fractions, still, moves := 0.0, 0.0, 0.0
	for i, e := range events {
		if e.Kind != event.Move {
			continue
		}
		moves++
		if e.X != math.Floor(e.X) || e.Y != math.Floor(e.Y) {
			fractions++
		}
		if i > 0 && events[i-1].Kind == event.Move && events[i-1].X == e.X && events[i-1].Y == e.Y {
			still++
		}
	}
	moves = math.Max(1, moves)
	return []float64{
		axis / n, runs / math.Max(1, axis), units / n, diagonals / n, shortAxis / math.Max(1, short), repeated / math.Max(1, longPairs),
		collinear / math.Max(1, longPairs), evens / n, fractions / moves, stairs / math.Max(1, stairPairs), still / moves, 1 - usual,
	}
}
