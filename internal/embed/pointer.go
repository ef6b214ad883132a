package embed

import (
	"math"

	"ipse.dev/ipse/internal/path"
	"ipse.dev/ipse/internal/window"
)

var octantNames = [8]string{"right", "down_right", "down", "down_left", "left", "up_left", "up", "up_right"}

// moving collects the samples of one window of pointer use. Speeds are natural logarithms of pixels a second, angles
// radians.
type moving struct {
	speeds, lengths, accelerations []float64
	speedingUp, slowingDown        []float64
	turns, signedTurns             []float64
	turnSpeeds                     []float64 // speed at each turn, for the law that links speed and curvature
	octants                        [8]float64
	horizontal, vertical           float64
	steps, small, straightOn       float64

	durations, strokeLengths, straightness []float64
	peaks, peakTimes, tails, submovements  []float64

	clickDwells, settles   []float64
	clicks, dragged, rests float64
	wheelTurns             []float64
}

func follow(p path.Path) *moving {
	m := &moving{rests: float64(p.Rests), clicks: float64(len(p.Clicks))}
	for _, s := range p.Steps {
		m.steps++
		m.speeds = append(m.speeds, math.Log(1+s.Speed*1000))
		m.lengths = append(m.lengths, math.Log(1+s.LengthPX))
		m.octants[int(math.Floor((s.Angle+math.Pi/8)/(math.Pi/4)+8))%8]++
		m.horizontal += math.Abs(s.DX)
		m.vertical += math.Abs(s.DY)
		if s.LengthPX < 1.5 {
			m.small++
		}
	}
	for _, stroke := range p.Strokes {
		m.stroke(stroke)
	}
	for _, c := range p.Clicks {
		m.clickDwells = append(m.clickDwells, math.Log(clamp(c.DwellMS, 5, 2000)))
		m.settles = append(m.settles, math.Log(1+c.SettleMS))
		if c.Dragged > 3 {
			m.dragged++
		}
	}
	for _, t := range p.WheelTurns {
		m.wheelTurns = append(m.wheelTurns, math.Log(1+t))
	}
	return m
}

func (m *moving) stroke(s path.Stroke) {
	hills := 0.0
	for i := 1; i < len(s.Steps); i++ {
		a, b := s.Steps[i-1], s.Steps[i]
		change := (b.Speed - a.Speed) / b.DurationMS * 1e6
		size := math.Log(1 + math.Abs(change))
		m.accelerations = append(m.accelerations, size)
		if change > 0 {
			m.speedingUp = append(m.speedingUp, size)
		} else if change < 0 {
			m.slowingDown = append(m.slowingDown, size)
		}
		turn := path.Turn(a, b)
		m.turns = append(m.turns, turn)
		m.turnSpeeds = append(m.turnSpeeds, math.Log(1+b.Speed*1000))
		if turn < 0.02 {
			m.straightOn++
		}
		if cross := a.DX*b.DY - a.DY*b.DX; cross > 0 {
			m.signedTurns = append(m.signedTurns, turn)
		} else {
			m.signedTurns = append(m.signedTurns, -turn)
		}
		if i+1 < len(s.Steps) && b.Speed > a.Speed && b.Speed >= s.Steps[i+1].Speed {
			hills++
		}
	}
	length, duration := s.LengthPX(), s.DurationMS()
	peak, share := s.Peak()
	m.durations = append(m.durations, math.Log(1+duration))
	m.strokeLengths = append(m.strokeLengths, math.Log(1+length))
	m.straightness = append(m.straightness, s.ChordPX()/math.Max(1, length))
	m.peaks = append(m.peaks, math.Log(1+peak*1000))
	m.peakTimes = append(m.peakTimes, share)
	m.submovements = append(m.submovements, hills/math.Max(1, duration/100))
	tail := s.Steps[len(s.Steps)-3:]
	m.tails = append(m.tails, (tail[0].Speed+tail[1].Speed+tail[2].Speed)/(3*math.Max(1e-6, peak)))
}

// PointerStatistics gives the raw dimensions of a window of pointer use, in the model's order.
func PointerStatistics(w window.Pointer) []Statistic {
	m := follow(path.Of(w))
	lagged := max(0, len(m.speeds)-1)
	out := make([]Statistic, 0, 48)
	for i, name := range octantNames {
		out = append(out, shareOf("direction_"+name, m.octants[i], m.steps))
	}
	out = append(out,
		meanOf("speed_mean", m.speeds),
		spreadOf("speed_spread", m.speeds),
		correlationOf("speed_lag_correlation", m.speeds[:lagged], m.speeds[len(m.speeds)-lagged:]),
		correlationOf("speed_turn_correlation", m.turnSpeeds, m.turns),
		meanOf("turn_mean", m.turns),
		meanOf("turn_signed_mean", m.signedTurns),
		meanOf("speeding_up_mean", m.speedingUp),
		meanOf("slowing_down_mean", m.slowingDown),
		shareOf("straight_on_share", m.straightOn, float64(len(m.turns))),
		shareOf("small_step_share", m.small, m.steps),
		shareOf("rest_share", m.rests, m.steps),
		shareOf("click_share", m.clicks, m.steps),
		shareOf("drag_share", m.dragged, m.clicks),
		Statistic{Name: "horizontal_share", Value: m.horizontal / math.Max(1, m.horizontal+m.vertical), Samples: m.steps, Caution: spreadCaution},
		meanOf("stroke_duration", m.durations),
		meanOf("stroke_length", m.strokeLengths),
		meanOf("stroke_straightness", m.straightness),
		meanOf("stroke_peak_speed", m.peaks),
		meanOf("stroke_time_to_peak", m.peakTimes),
		meanOf("stroke_submovements", m.submovements),
		meanOf("stroke_tail_speed", m.tails),
		meanOf("click_dwell", m.clickDwells),
		spreadOf("click_dwell_spread", m.clickDwells),
		meanOf("click_settle", m.settles),
		meanOf("wheel_interval", m.wheelTurns),
		// Quantiles sort their samples: nothing that needs the order may follow.
		quantileOf("speed_p10", m.speeds, 0.1),
		quantileOf("speed_p50", m.speeds, 0.5),
		quantileOf("speed_p90", m.speeds, 0.9),
		quantileOf("step_length_p50", m.lengths, 0.5),
		quantileOf("acceleration_p50", m.accelerations, 0.5),
		quantileOf("acceleration_p90", m.accelerations, 0.9),
		quantileOf("turn_p50", m.turns, 0.5),
		quantileOf("turn_p90", m.turns, 0.9),
	)
	return out
}
