package feature

import (
	"math"

	"ipse.dev/ipse/internal/path"
	"ipse.dev/ipse/internal/quantile"
	"ipse.dev/ipse/internal/window"
)

// Pointer gives the values of PointerList for a window, in its order. A measure for which the window holds nothing is 0.
func Pointer(w window.Pointer) []float64 {
	p := path.Of(w)
	var speeds, accelerations, turns []float64
	for _, s := range p.Steps {
		speeds = append(speeds, s.Speed*1000)
	}
	var straightness, lengths, durations, peaks []float64
	for _, stroke := range p.Strokes {
		for i := 1; i < len(stroke.Steps); i++ {
			a, b := stroke.Steps[i-1], stroke.Steps[i]
			accelerations = append(accelerations, math.Abs(b.Speed-a.Speed)/b.DurationMS*1e6)
			turns = append(turns, path.Turn(a, b)*180/math.Pi)
		}
		length := stroke.LengthPX()
		straightness = append(straightness, stroke.ChordPX()/math.Max(1, length))
		lengths = append(lengths, length)
		durations = append(durations, stroke.DurationMS())
		_, share := stroke.Peak()
		peaks = append(peaks, share)
	}
	var dwells, settles []float64
	for _, c := range p.Clicks {
		dwells = append(dwells, c.DwellMS)
		settles = append(settles, c.SettleMS)
	}
	return []float64{
		quantile.Of(speeds, 0.5),
		quantile.Of(speeds, 0.95),
		quantile.Of(accelerations, 0.5),
		quantile.Of(turns, 0.5),
		quantile.Of(straightness, 0.5),
		quantile.Of(lengths, 0.5),
		quantile.Of(durations, 0.5),
		quantile.Of(dwells, 0.5),
		quantile.Of(settles, 0.5),
		quantile.Of(peaks, 0.5),
	}
}
