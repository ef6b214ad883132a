package liveness

import (
	"math"
)

// paceMeasures are what pace gives, in its order.
var paceMeasures = []Measure{
	{"speedSpread", "1", "spread of log speed within strokes"},
	{"speedLag1", "1", "correlation of log speed with the next step's"},
	{"evenSpeedShare", "share", "steps whose speed is the last one's within 2 %"},
	{"hills", "1", "rises and falls of speed in 100 ms"},
	{"valleyDepth", "share", "how deep the speed falls behind a hill, of the peak"},
	{"timeToPeak", "share", "share of a stroke's duration at which it is fastest, mean"},
	{"timeToPeakSpread", "share", "the same, spread"},
	{"startSpeed", "share", "speed of the first step, of the peak"},
	{"landingSpeed", "share", "speed of the last step, of the peak"},
	{"mirrorCorrelation", "1", "correlation of a stroke's speeds with themselves backwards"},
	{"minimumJerkResidual", "1", "distance of the speeds from the minimum-jerk bell"},
	{"strokeSpeedSpread", "1", "spread of strokes' log mean speeds"},
	{"strokeDurationSpread", "1", "spread of strokes' log durations"},
	{"lengthDurationCorrelation", "1", "correlation of strokes' log lengths and durations"},
}

// pace measures how the speed runs along a stroke and differs between strokes.
//
// A hand starts from rest, reaches its peak before the middle, brakes longer than it speeds up, and arrives in one or more
// corrections (Woodworth 1899; Meyer et al. 1988). Generators move at one speed, or along one smooth symmetric bell
// (minimum jerk, Flash & Hogan 1985), or start and stop at full speed. How long a stroke takes follows its length (Fitts)
// but never exactly.
func pace(m movement) []float64 {
	var speeds, lag1, hills, depth, toPeak, start, landing, mirror, bell, meanSpeed, duration, length moments
	even, pairs := 0.0, 0.0
	for _, s := range m.path.Strokes {
		peak, share := s.Peak()
		peak = math.Max(1e-9, peak)
		n := len(s.Steps)
		usual := s.LengthPX() / s.DurationMS()
		elapsed, tops, valley, top, misfit := 0.0, 0.0, math.Inf(1), 0.0, 0.0
		var twin moments
		for i, x := range s.Steps {
			v := x.Speed / usual
			speeds.add(math.Log(0.05+v), 0)
			t := (elapsed + x.DurationMS/2) / s.DurationMS()
			elapsed += x.DurationMS
			misfit += math.Abs(v - 30*t*t*(1-t)*(1-t))
			twin.add(x.Speed, s.Steps[n-1-i].Speed)
			if i > 0 {
				last := s.Steps[i-1].Speed
				lag1.add(math.Log(0.05+last/usual), math.Log(0.05+v))
				if x.LengthPX >= 3 {
					pairs++
					if math.Abs(x.Speed-last) < 0.02*x.Speed {
						even++
					}
				}
			}
			// A hill counts when the speed has risen by a tenth of the peak above the valley and falls as far again.
			switch {
			case top == 0 && x.Speed > math.Min(valley, peak)+0.1*peak:
				top = x.Speed
			case top > 0 && x.Speed > top:
				top = x.Speed
			case top > 0 && x.Speed < top-0.1*peak:
				tops++
				depth.add((top-x.Speed)/peak, 0)
				top, valley = 0, x.Speed
			}
			valley = math.Min(valley, x.Speed)
		}
		hills.add(tops/math.Max(1, s.DurationMS()/100), 0)
		toPeak.add(share, 0)
		start.add(s.Steps[0].Speed/peak, 0)
		landing.add(s.Steps[n-1].Speed/peak, 0)
		_, c := twin.slope()
		mirror.add(c, 0)
		bell.add(misfit/float64(n), 0)
		meanSpeed.add(math.Log(1e-3+usual), 0)
		duration.add(math.Log(s.DurationMS()), 0)
		length.add(math.Log(1+s.LengthPX()), math.Log(s.DurationMS()))
	}
	_, lagged := lag1.slope()
	_, fitts := length.slope()
	return []float64{
		speeds.spread(), lagged, even / math.Max(1, pairs), hills.mean(), depth.mean(), toPeak.mean(), toPeak.spread(),
		start.mean(), landing.mean(), mirror.mean(), bell.mean(), meanSpeed.spread(), duration.spread(), fitts,
	}
}
