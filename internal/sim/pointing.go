package sim

import (
	"math"

	"ipse.dev/ipse/internal/event"
)

// Point is a place in the viewport, in CSS pixels.
type Point struct{ X, Y float64 }

// frameMS is the time between two pointer events of a moving pointer: browsers give one for each frame.
const frameMS = 1000.0 / 60

// submovement is one minimum-jerk movement of the hand along a bent line.
type submovement struct {
	startMS, durationMS float64
	dx, dy              float64
	bendPX              float64
}

// Point gives the movement from one place to a target of a width, and the click on it, beginning at startMS. Times are
// ordered and the last event is the button's release.
func (s *Session) Point(from, to Point, widthPX, startMS float64) []event.Pointer {
	out := s.Move(from, to, widthPX, startMS)
	at, endMS := from, startMS
	if n := len(out); n > 0 {
		at, endMS = Point{out[n-1].X, out[n-1].Y}, out[n-1].TimeMS
	}
	h := s.person.Hand
	pressMS := endMS + h.SettleMS*math.Exp(h.SettleSpread*s.rand.NormFloat64())
	releaseMS := pressMS + h.ClickMS*math.Exp(h.ClickSpread*s.rand.NormFloat64())
	return append(out,
		event.Pointer{TimeMS: pressMS, Kind: event.Press, X: at.X, Y: at.Y, Trusted: true},
		event.Pointer{TimeMS: releaseMS, Kind: event.Release, X: at.X, Y: at.Y, Trusted: true})
}

// Move gives the movement alone. It ends within the target.
func (s *Session) Move(from, to Point, widthPX, startMS float64) []event.Pointer {
	return s.move(from, to, widthPX, startMS, 1)
}

// Follow gives the slow movement of a pointer that goes along with what is being read.
func (s *Session) Follow(from, to Point, startMS float64) []event.Pointer {
	return s.move(from, to, 120, startMS, s.person.Hand.FollowPace*math.Exp(0.2*s.rand.NormFloat64()))
}

// move takes pace times as long as an aimed movement would.
func (s *Session) move(from, to Point, widthPX, startMS, pace float64) []event.Pointer {
	parts := s.submovements(from, to, math.Max(4, widthPX), startMS, pace)
	endMS := startMS
	for _, p := range parts {
		endMS = math.Max(endMS, p.startMS+p.durationMS)
	}
	h := s.person.Hand
	phase := 6.28 * s.rand.Float64()
	var out []event.Pointer
	previous, previousIdeal := from, from
	for atMS := startMS + frameMS*s.rand.Float64(); atMS < endMS+frameMS; atMS += frameMS {
		ideal := h.along(parts, from, math.Min(atMS, endMS))
		stepX, stepY := ideal.X-previousIdeal.X, ideal.Y-previousIdeal.Y
		// Signal-dependent noise is mostly one of force: it hastens or slows the hand more than it pushes it aside.
		along, aside := h.SpeedNoise*s.rand.NormFloat64(), 0.1*h.SpeedNoise*s.rand.NormFloat64()
		tremor := h.TremorPX * math.Sin(phase+2*math.Pi*h.TremorHz*atMS/1000)
		seen := Point{
			math.Round(ideal.X + tremor + along*stepX - aside*stepY),
			math.Round(ideal.Y + 0.7*tremor + along*stepY + aside*stepX),
		}
		previousIdeal = ideal
		if seen == previous {
			continue // a pointer that has not moved by a pixel makes no event
		}
		previous = seen
		jitterMS := 0.8 * s.rand.Float64()
		out = append(out, event.Pointer{TimeMS: atMS + jitterMS, Kind: event.Move, X: seen.X, Y: seen.Y, Trusted: true})
	}
	return out
}

// submovements plans the ballistic part and up to three corrections.
func (s *Session) submovements(from, to Point, widthPX, startMS, pace float64) []submovement {
	h := s.person.Hand
	slow := pace * math.Exp(s.reach.at(s.rand, startMS))
	var parts []submovement
	at, atMS := from, startMS
	for i := range 4 {
		dx, dy := to.X-at.X, to.Y-at.Y
		distance := math.Hypot(dx, dy)
		if i > 0 && distance < 0.35*widthPX {
			break
		}
		durationMS := slow * h.CorrectionMS * math.Exp(0.2*s.rand.NormFloat64())
		gain := 1 + 0.5*h.GainSpread*s.rand.NormFloat64()
		if i == 0 {
			durationMS = slow * (h.FittsA + h.FittsB*math.Log2(distance/widthPX+1)) * math.Exp(0.12*s.rand.NormFloat64())
			gain = h.Gain + h.GainSpread*s.rand.NormFloat64()
		}
		if i == 3 {
			gain = 1
		}
		sideways := 0.0
		if i < 3 {
			sideways = 0.4 * h.GainSpread * s.rand.NormFloat64()
		}
		angle := math.Atan2(dy, dx)
		bend := h.Bend + h.WristBend*math.Cos(angle-h.WristAngle) + h.BendSpread*s.rand.NormFloat64()
		p := submovement{
			startMS: atMS, durationMS: math.Max(60, durationMS),
			dx: gain*dx - sideways*dy, dy: gain*dy + sideways*dx,
			bendPX: bend * distance,
		}
		parts = append(parts, p)
		at = Point{at.X + p.dx, at.Y + p.dy}
		atMS = math.Max(p.startMS+0.5*p.durationMS, p.startMS+p.durationMS+h.GapMS*math.Exp(0.3*s.rand.NormFloat64()))
	}
	return parts
}

// along gives where the hand is at a time: every submovement adds its own share.
func (h Hand) along(parts []submovement, from Point, atMS float64) Point {
	// Minimum jerk peaks at half its time; a power of time moves the peak to the person's own share.
	warp := math.Log(0.5) / math.Log(h.PeakShare)
	at := from
	for _, p := range parts {
		t := math.Max(0, math.Min(1, (atMS-p.startMS)/p.durationMS))
		t = math.Pow(t, warp)
		done := t * t * t * (10 + t*(-15+6*t))
		length := math.Max(1e-9, math.Hypot(p.dx, p.dy))
		aside := p.bendPX * math.Sin(math.Pi*done)
		at.X += done*p.dx - aside*p.dy/length
		at.Y += done*p.dy + aside*p.dx/length
	}
	return at
}

// Wheel gives notches of the wheel at a place: positive notches scroll down.
func (s *Session) Wheel(at Point, notches int, startMS float64) []event.Pointer {
	step := 1
	if notches < 0 {
		step, notches = -1, -notches
	}
	out := make([]event.Pointer, 0, notches)
	atMS := startMS
	for range notches {
		out = append(out, event.Pointer{TimeMS: atMS, Kind: event.Wheel, X: at.X, Y: at.Y, WheelY: float64(step * 100), Trusted: true})
		atMS += s.person.Hand.WheelMS * math.Exp(0.25*s.rand.NormFloat64())
	}
	return out
}
