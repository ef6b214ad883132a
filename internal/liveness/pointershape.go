package liveness

import (
	"math"

	"ipse.dev/ipse/internal/path"
)

// shapeMeasures are what shape gives, in its order.
var shapeMeasures = []Measure{
	{"straightness", "share", "chord of a stroke over its way, mean of strokes"},
	{"bow", "share", "area between stroke and chord over the squared way, mean of strokes"},
	{"sideChanges", "1", "times that a stroke crosses its chord, by steps, mean of strokes"},
	{"turnMean", "rad", "mean change of direction between steps"},
	{"straightOnShare", "share", "long steps that hardly change the direction"},
	{"sharpTurnShare", "share", "long steps that change it by half a radian"},
	{"turnPersistence", "1", "correlation of a change of direction with the next"},
}

// shape measures the way that strokes take, whatever their speed.
//
// A hand turns about joints: its strokes bow to one side, bend where it corrects itself, and the bends persist from one
// step to the next. Straight generators do not bow; noise that is added to a straight line changes sides all the time;
// curves of a few control points bend evenly and nowhere sharply.
func shape(m movement) []float64 {
	var straight, bow, sides, turns, persistence moments
	straightOn, sharp, bends := 0.0, 0.0, 0.0
	for _, s := range m.path.Strokes {
		length, chord := s.LengthPX(), s.ChordPX()
		straight.add(chord/math.Max(1, length), 0)
		area, changes := lateral(s)
		bow.add(math.Abs(area)/math.Max(1, length*length), 0)
		sides.add(changes/float64(len(s.Steps)), 0)
		last := 0.0
		for i := 1; i < len(s.Steps); i++ {
			a, b := s.Steps[i-1], s.Steps[i]
			turn := signedTurn(a, b)
			turns.add(math.Abs(turn), 0)
			if a.LengthPX >= 4 && b.LengthPX >= 4 {
				bends++
				if math.Abs(turn) < 0.02 {
					straightOn++
				}
				if math.Abs(turn) > 0.5 {
					sharp++
				}
			}
			if i > 1 {
				persistence.add(last, turn)
			}
			last = turn
		}
	}
	_, persist := persistence.slope()
	return []float64{
		straight.mean(), bow.mean(), sides.mean(), turns.mean(), straightOn / math.Max(1, bends), sharp / math.Max(1, bends), persist,
	}
}

// lateral gives the area between a stroke and its chord, signed by the side, and how often the stroke crosses the chord.
func lateral(s path.Stroke) (area, changes float64) {
	cx, cy := 0.0, 0.0
	for _, x := range s.Steps {
		cx += x.DX
		cy += x.DY
	}
	chord := math.Max(1, math.Sqrt(cx*cx+cy*cy))
	x, y, side := 0.0, 0.0, 0.0
	for _, d := range s.Steps {
		x += d.DX
		y += d.DY
		off := (cx*y - cy*x) / chord
		area += off * math.Max(0, (d.DX*cx+d.DY*cy)/chord)
		if math.Abs(off) > 0.5 {
			if off*side < 0 {
				changes++
			}
			side = off
		}
	}
	return area, changes
}

// signedTurn is the change of direction, −π to π, by the cross and the inner product, which need no second angle.
func signedTurn(a, b path.Step) float64 {
	return math.Atan2(a.DX*b.DY-a.DY*b.DX, a.DX*b.DX+a.DY*b.DY)
}

// roughnessMeasures are what roughness gives, in its order.
var roughnessMeasures = []Measure{
	{"alongRoughness", "1", "logarithm of changes of velocity along the way, by the mean speed"},
	{"acrossRoughness", "1", "the same across the way"},
	{"alongLag1", "1", "correlation of changes along the way with the next"},
	{"alongLag2", "1", "with the one after the next"},
	{"acrossLag1", "1", "correlation of changes across the way with the next"},
	{"acrossLag2", "1", "with the one after the next"},
	{"alongPeakedness", "1", "mean over root mean square of changes along the way"},
	{"acrossPeakedness", "1", "the same across the way"},
	{"acrossFollowsSpeed", "1", "correlation of speed with the size of changes across the way"},
	{"curvatureSlope", "1", "slope of log speed over log curvature, -1/3 by the two-thirds law"},
	{"curvatureCorrelation", "1", "correlation of log speed and log curvature"},
}

// roughness measures what is left when the smooth part of the movement is taken away: changes of velocity along the way
// and across it.
//
// Motor noise grows with speed (Harris & Wolpert 1998), is not white, and comes in corrections: successive changes of
// velocity are neither independent (noise added to positions gives a lag of −2/3) nor all alike (a polynomial). Curves
// slow a hand down by a power of the curvature (Lacquaniti, Terzuolo & Viviani 1983); most generators do not know it.
func roughness(m movement) []float64 {
	var along, across, a1, a2, c1, c2, follows, curve, speed moments
	alongSize, acrossSize := 0.0, 0.0
	for _, s := range m.path.Strokes {
		var al, ac [2]float64 // the last changes, the newest first
		for i := 1; i < len(s.Steps); i++ {
			u, v := s.Steps[i-1], s.Steps[i]
			dx, dy := u.DX+v.DX, u.DY+v.DY
			d := math.Sqrt(dx*dx + dy*dy)
			if d < 1e-9 {
				dx, dy, d = 1, 0, 1
			}
			jx, jy := v.DX/v.DurationMS-u.DX/u.DurationMS, v.DY/v.DurationMS-u.DY/u.DurationMS
			x, y := (jx*dx+jy*dy)/d, (jy*dx-jx*dy)/d
			along.add(x, 0)
			across.add(y, 0)
			alongSize += math.Abs(x)
			acrossSize += math.Abs(y)
			if i > 1 {
				a1.add(x, al[0])
				c1.add(y, ac[0])
			}
			if i > 2 {
				a2.add(x, al[1])
				c2.add(y, ac[1])
			}
			al, ac = [2]float64{x, al[0]}, [2]float64{y, ac[0]}
			pace := d / (u.DurationMS + v.DurationMS)
			speed.add(pace, 0)
			follows.add(pace, math.Abs(y))
			if turn := math.Abs(signedTurn(u, v)); turn > 0.01 && d > 4 {
				curve.add(math.Log(2*turn/d), math.Log(pace))
			}
		}
	}
	slope, correlation := curve.slope()
	_, follow := follows.slope()
	usual := math.Max(1e-6, speed.mean())
	return []float64{
		math.Log(0.001 + math.Sqrt(along.xx/math.Max(1, along.n))/usual), math.Log(0.001 + math.Sqrt(across.xx/math.Max(1, across.n))/usual),
		lag(a1, along), lag(a2, along), lag(c1, across), lag(c2, across),
		alongSize / math.Max(1e-9, math.Sqrt(along.xx*along.n)), acrossSize / math.Max(1e-9, math.Sqrt(across.xx*across.n)),
		follow, slope, correlation,
	}
}

// lag is the autocorrelation about zero; 0 where nothing changes.
func lag(pairs, all moments) float64 {
	if pairs.n < 4 || all.xx < 1e-12 {
		return 0
	}
	return math.Max(-1, math.Min(1, pairs.xy/pairs.n/(all.xx/all.n)))
}

// Limits of what counts as fast and slow, in pixels a frame of a 60 Hz screen, and of what such movement may leave over
// when it is quiet: the rounding of four places to whole pixels alone leaves 2.4 px.
const (
	frameMS = 1000.0 / 60
	fastPX  = 6
	slowPX  = 3
	quietPX = 4
)

// floorMeasures are what floor gives, in its order.
var floorMeasures = []Measure{
	{"floorFastAcross", "1", "logarithm of the fourth difference across the way where it is fast, pixels"},
	{"floorFastAlong", "1", "the same along the way"},
	{"floorSlowAcross", "1", "across the way where it is slow"},
	{"floorSlowAlong", "1", "along the way where it is slow"},
	{"quietAcrossShare", "share", "fast movement that a smooth curve explains across the way"},
	{"quietAlongShare", "share", "fast movement that a smooth curve explains along the way"},
}

// floor measures how much of the movement no smooth curve explains, in pixels: its fourth differences, across the way and
// along it, apart for fast and slow movement.
//
// Whatever its formula, a computed curve is smooth: rounding to pixels is all that its fourth difference shows. A hand's
// noise grows with its speed and is far above that floor where it is fast; noise that a program adds is as large where it
// is slow.
func floor(m movement) []float64 {
	var fastAcross, fastAlong, slowAcross, slowAlong moments
	quietAcross, quietAlong := 0.0, 0.0
	for _, s := range m.path.Strokes {
		for i := 3; i < len(s.Steps); i++ {
			a, b, c, d := s.Steps[i-3], s.Steps[i-2], s.Steps[i-1], s.Steps[i]
			x := (d.DX/d.DurationMS - 3*c.DX/c.DurationMS + 3*b.DX/b.DurationMS - a.DX/a.DurationMS) * frameMS
			y := (d.DY/d.DurationMS - 3*c.DY/c.DurationMS + 3*b.DY/b.DurationMS - a.DY/a.DurationMS) * frameMS
			wx, wy := b.DX+c.DX, b.DY+c.DY
			w := math.Sqrt(wx*wx + wy*wy)
			if w < 1e-9 {
				continue
			}
			along, across := (x*wx+y*wy)/w, (y*wx-x*wy)/w
			switch pace := w / (b.DurationMS + c.DurationMS) * frameMS; {
			case pace >= fastPX:
				fastAcross.add(across, 0)
				fastAlong.add(along, 0)
				if math.Abs(across) < quietPX {
					quietAcross++
				}
				if math.Abs(along) < quietPX {
					quietAlong++
				}
			case pace < slowPX:
				slowAcross.add(across, 0)
				slowAlong.add(along, 0)
			}
		}
	}
	size := func(d moments) float64 { return math.Log(0.5 + math.Sqrt(d.xx/math.Max(1, d.n))) }
	n := math.Max(1, fastAcross.n)
	return []float64{size(fastAcross), size(fastAlong), size(slowAcross), size(slowAlong), quietAcross / n, quietAlong / n}
}
