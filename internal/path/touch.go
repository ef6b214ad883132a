package path

import (
	"math"

	"ipse.dev/ipse/internal/quantile"
	"ipse.dev/ipse/internal/window"
)

// DrawnPX is the length from which a stroke of a finger has a shape; below it the finger taps or rests.
const DrawnPX = 12

// maxPauseMS bounds the time between two strokes: longer ones say that the person read or waited.
const maxPauseMS = 5000

// Contact is what one stroke of a finger comes to. Every number is finite; a measure for which the stroke holds nothing,
// or that the device does not tell, is zero.
type Contact struct {
	First      bool    // the window's first stroke: it has no pause and no interval
	PauseMS    float64 // from the end of the stroke before it; negative when fingers overlap
	IntervalMS float64 // from the start of the stroke before it
	DurationMS float64
	Others     float64 // other fingers that were down when it began
	Continued  bool    // as window.TouchStroke has them
	Lifted     bool

	LengthPX float64 // of the way
	ChordPX  float64 // from the first to the last point
	DX, DY   float64 // the chord

	// Of strokes that are drawn (LengthPX at least DrawnPX and MinPoints steps), else zero. Speeds are pixels a
	// millisecond.
	Drawn                 bool
	Speed, Peak           float64 // median and highest
	PeakShare             float64 // of the duration, at which the peak is reached
	Onset, Tail           float64 // mean speed of the first and of the last three steps
	Turn, SignedTurn      float64 // radians a step: mean without and with sign
	BowPX                 float64 // largest distance of a point from the chord, with the side's sign
	TremorPX              float64 // root mean square of the steps' second differences
	RadiusPX, RadiusRise  float64 // median, and natural log of median to first
	RadiusSpread          float64 // standard deviation of the logarithm
	Pressure, PressureMax float64 // median and highest
	PressureRise          float64 // median less first
}

// Hold is how the device is held and moved in a window, over all its readings of motion.
type Hold struct {
	Readings  float64    // 0 where the device does not tell
	Tilt      [3]float64 // mean direction of the acceleration, each from -1 to 1: gravity as the hand's posture turns it
	Sway      float64    // radians: root mean square angle between single readings and the mean direction
	Tremor    float64    // m/s², root mean square of the change from reading to reading
	Rotations float64    // readings that tell the rotation
	Rotation  float64    // degrees a second, root mean square
}

// Touch is a window of a touch screen's use taken apart. Its memory is used again by the next Of.
type Touch struct {
	Contacts []Contact
	Hold     Hold

	steps   []Step
	scratch []float64
}

// Of takes a window apart, in place of what Touch held before.
func (t *Touch) Of(w window.Touch) {
	t.Contacts = t.Contacts[:0]
	for i, s := range w.Strokes {
		c := t.contact(s)
		if c.First = i == 0; !c.First {
			before := w.Strokes[i-1]
			c.PauseMS = math.Max(-maxPauseMS, math.Min(maxPauseMS, s.StartMS-before.EndMS))
			c.IntervalMS = math.Max(0, math.Min(maxPauseMS, s.StartMS-before.StartMS))
		}
		t.Contacts = append(t.Contacts, c)
	}
	t.Hold = holdOf(w)
}

func (t *Touch) contact(s window.TouchStroke) Contact {
	c := Contact{DurationMS: math.Max(0, math.Min(maxPauseMS, s.EndMS-s.StartMS)), Others: float64(s.Others), Continued: s.Continued, Lifted: s.Lifted}
	if len(s.Points) == 0 {
		return c
	}
	t.steps = t.steps[:0]
	for i := 1; i < len(s.Points); i++ {
		a, b := s.Points[i-1], s.Points[i]
		x := Step{DurationMS: math.Max(1, b.TimeMS-a.TimeMS), DX: b.DX - a.DX, DY: b.DY - a.DY}
		if x.LengthPX = math.Sqrt(x.DX*x.DX + x.DY*x.DY); x.LengthPX == 0 {
			continue
		}
		x.Speed = x.LengthPX / x.DurationMS
		x.Angle = math.Atan2(x.DY, x.DX)
		c.LengthPX += x.LengthPX
		t.steps = append(t.steps, x)
	}
	last := s.Points[len(s.Points)-1]
	c.DX, c.DY = last.DX, last.DY
	c.ChordPX = math.Sqrt(c.DX*c.DX + c.DY*c.DY)
	if c.Drawn = len(t.steps) >= MinPoints && c.LengthPX >= DrawnPX; c.Drawn {
		t.shape(&c, s.Points)
	}
	t.radius(&c, s.Points)
	t.pressure(&c, s.Points)
	return c
}

func (t *Touch) shape(c *Contact, points []window.TouchPoint) {
	stroke := Stroke{Steps: t.steps}
	c.Peak, c.PeakShare = stroke.Peak()
	t.scratch = t.scratch[:0]
	for i, x := range t.steps {
		t.scratch = append(t.scratch, x.Speed)
		if i < 3 {
			c.Onset += x.Speed / 3
		}
		if i >= len(t.steps)-3 {
			c.Tail += x.Speed / 3
		}
		if i == 0 {
			continue
		}
		a, turns := t.steps[i-1], float64(len(t.steps)-1)
		turn := Turn(a, x)
		c.Turn += turn / turns
		if a.DX*x.DY-a.DY*x.DX < 0 {
			turn = -turn
		}
		c.SignedTurn += turn / turns
		ddx, ddy := x.DX-a.DX, x.DY-a.DY
		c.TremorPX += (ddx*ddx + ddy*ddy) / turns
	}
	c.TremorPX = math.Sqrt(c.TremorPX)
	c.Speed = quantile.Of(t.scratch, 0.5)
	for _, p := range points {
		side := (c.DX*p.DY - c.DY*p.DX) / math.Max(1, c.ChordPX)
		if math.Abs(side) > math.Abs(c.BowPX) {
			c.BowPX = side
		}
	}
}

func (t *Touch) radius(c *Contact, points []window.TouchPoint) {
	t.scratch = t.scratch[:0]
	mean := 0.0
	for _, p := range points {
		if p.RadiusPX > 0 {
			t.scratch = append(t.scratch, p.RadiusPX)
			mean += math.Log(p.RadiusPX)
		}
	}
	n := float64(len(t.scratch))
	if n == 0 {
		return
	}
	mean /= n
	for _, r := range t.scratch {
		d := math.Log(r) - mean
		c.RadiusSpread += d * d / n
	}
	c.RadiusSpread = math.Sqrt(c.RadiusSpread)
	first := t.scratch[0]
	c.RadiusPX = quantile.Of(t.scratch, 0.5)
	c.RadiusRise = math.Log(c.RadiusPX) - math.Log(first)
}

func (t *Touch) pressure(c *Contact, points []window.TouchPoint) {
	t.scratch = t.scratch[:0]
	for _, p := range points {
		if p.Pressure > 0 {
			t.scratch = append(t.scratch, p.Pressure)
		}
	}
	if len(t.scratch) == 0 {
		return
	}
	first := t.scratch[0]
	c.Pressure = quantile.Of(t.scratch, 0.5)
	c.PressureMax = t.scratch[len(t.scratch)-1] // sorted by now
	c.PressureRise = c.Pressure - first
}

// holdOf gives means over the whole window: readings are not tied to single strokes (see window.Touch).
func holdOf(w window.Touch) Hold {
	var h Hold
	for _, m := range w.Motions {
		if a := length(m.Acceleration); a > 0 {
			h.Readings++
			for i, v := range m.Acceleration {
				h.Tilt[i] += v / a
			}
		}
		if r := length(m.Rotation); r > 0 {
			h.Rotations++
			h.Rotation += r * r
		}
	}
	h.Rotation = math.Sqrt(h.Rotation / math.Max(1, h.Rotations))
	for i := range h.Tilt {
		h.Tilt[i] /= math.Max(1, h.Readings)
	}
	middle := length(h.Tilt)
	for i, m := range w.Motions {
		if a := length(m.Acceleration); a > 0 && middle > 0 {
			along := 0.0
			for k, v := range m.Acceleration {
				along += v / a * h.Tilt[k] / middle
			}
			angle := math.Acos(math.Max(-1, math.Min(1, along)))
			h.Sway += angle * angle
		}
		if i > 0 {
			for k, v := range m.Acceleration {
				d := v - w.Motions[i-1].Acceleration[k]
				h.Tremor += d * d
			}
		}
	}
	h.Sway = math.Sqrt(h.Sway / math.Max(1, h.Readings))
	h.Tremor = math.Sqrt(h.Tremor / math.Max(1, float64(len(w.Motions)-1)))
	return h
}

func length(v [3]float64) float64 { return math.Sqrt(v[0]*v[0] + v[1]*v[1] + v[2]*v[2]) }
