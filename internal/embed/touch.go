package embed

import (
	"math"
	"sync"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/path"
	"ipse.dev/ipse/internal/window"
)

// Touch gives the embedding of a window of a touch screen's use.
func Touch(w window.Touch) observation.Embedding {
	return quantise(TouchStatistics(w), standards.Touch)
}

// touching collects the samples of one window of touch. Times and lengths are natural logarithms of milliseconds and of
// pixels, speeds of pixels a second.
type touching struct {
	strokes, drawn, joined, lifted float64

	tapDurations, tapDrifts, drawnDurations []float64
	intervals, pauses                       []float64
	overlaps, gaps                          float64 // strokes that begin before the one before has ended; strokes that have one before
	others                                  float64

	lengths, straightness, bows, signedBows    []float64
	speeds, peaks, peakShares, onsets, tails   []float64
	turns, signedTurns, tremors                []float64
	horizontal, vertical                       float64
	quadrants                                  [4]float64
	radii, rises, radiusSpreads                []float64
	pressures, pressureTops, pressureRises     []float64
	pressed, pressedRadii, tapped, tappedRadii []float64 // pairs for correlations
}

func (m *touching) add(c path.Contact) {
	m.strokes++
	m.others += c.Others
	if c.Continued {
		m.joined++
	}
	if c.Lifted {
		m.lifted++
	}
	if !c.First && !c.Continued {
		m.gaps++
		m.intervals = append(m.intervals, math.Log(20+c.IntervalMS))
		if c.PauseMS < 0 {
			m.overlaps++
		} else {
			m.pauses = append(m.pauses, math.Log(20+c.PauseMS))
		}
	}
	duration := math.Log(10 + c.DurationMS)
	if c.Drawn {
		m.draw(c)
		m.drawnDurations = append(m.drawnDurations, duration)
	} else if !c.Continued && c.Lifted {
		m.tapDurations = append(m.tapDurations, duration)
		m.tapDrifts = append(m.tapDrifts, math.Log(1+c.LengthPX))
	}
	if c.RadiusPX > 0 {
		radius := math.Log(c.RadiusPX)
		m.radii = append(m.radii, radius)
		m.rises = append(m.rises, c.RadiusRise)
		m.radiusSpreads = append(m.radiusSpreads, c.RadiusSpread)
		m.tapped, m.tappedRadii = append(m.tapped, duration), append(m.tappedRadii, radius)
	}
	if c.Pressure > 0 {
		pressure := math.Log(c.Pressure)
		m.pressures = append(m.pressures, pressure)
		m.pressureTops = append(m.pressureTops, math.Log(c.PressureMax)-pressure)
		m.pressureRises = append(m.pressureRises, c.PressureRise)
		if c.RadiusPX > 0 {
			m.pressed, m.pressedRadii = append(m.pressed, pressure), append(m.pressedRadii, math.Log(c.RadiusPX))
		}
	}
}

func (m *touching) draw(c path.Contact) {
	m.drawn++
	m.lengths = append(m.lengths, math.Log(1+c.LengthPX))
	m.straightness = append(m.straightness, c.ChordPX/math.Max(1, c.LengthPX))
	bow := c.BowPX / math.Max(1, c.LengthPX)
	m.bows, m.signedBows = append(m.bows, math.Abs(bow)), append(m.signedBows, bow)
	m.speeds = append(m.speeds, math.Log(1+c.Speed*1000))
	m.peaks = append(m.peaks, math.Log(1+c.Peak*1000))
	m.peakShares = append(m.peakShares, c.PeakShare)
	m.onsets = append(m.onsets, c.Onset/math.Max(1e-6, c.Peak))
	m.tails = append(m.tails, c.Tail/math.Max(1e-6, c.Peak))
	m.turns = append(m.turns, c.Turn)
	m.signedTurns = append(m.signedTurns, c.SignedTurn)
	m.tremors = append(m.tremors, math.Log(0.1+c.TremorPX)-math.Log(0.1+c.LengthPX))
	m.horizontal += math.Abs(c.DX)
	m.vertical += math.Abs(c.DY)
	m.quadrants[int(math.Floor((math.Atan2(c.DY, c.DX)+math.Pi/4)/(math.Pi/2)+4))%4]++
}

var quadrantNames = [4]string{"right", "down", "left", "up"}

var touches = sync.Pool{New: func() any { return new(path.Touch) }}

// TouchStatistics gives the raw dimensions of a window of touch, in the model's order. Of where the screen was touched
// they hold nothing (see window.Touch).
func TouchStatistics(w window.Touch) []Statistic {
	taken := touches.Get().(*path.Touch)
	defer touches.Put(taken)
	taken.Of(w)
	var m touching
	for _, c := range taken.Contacts {
		m.add(c)
	}
	out := make([]Statistic, 0, 64)
	for i, name := range quadrantNames {
		out = append(out, shareOf("direction_"+name, m.quadrants[i], m.drawn))
	}
	out = append(out,
		shareOf("drawn_share", m.drawn, m.strokes),
		shareOf("continued_share", m.joined, m.strokes),
		shareOf("lifted_share", m.lifted, m.strokes),
		shareOf("other_fingers", m.others, m.strokes),
		shareOf("overlap_share", m.overlaps, m.gaps),
		Statistic{Name: "horizontal_share", Value: m.horizontal / math.Max(1, m.horizontal+m.vertical), Samples: m.drawn, Caution: spreadCaution},
		meanOf("tap_duration", m.tapDurations),
		spreadOf("tap_duration_spread", m.tapDurations),
		meanOf("tap_drift", m.tapDrifts),
		meanOf("pause", m.pauses),
		meanOf("drawn_duration", m.drawnDurations),
		meanOf("length", m.lengths),
		spreadOf("length_spread", m.lengths),
		meanOf("straightness", m.straightness),
		meanOf("bow", m.bows),
		meanOf("signed_bow", m.signedBows),
		meanOf("speed", m.speeds),
		spreadOf("speed_spread", m.speeds),
		meanOf("peak_speed", m.peaks),
		meanOf("time_to_peak", m.peakShares),
		meanOf("onset_speed", m.onsets),
		meanOf("tail_speed", m.tails),
		meanOf("turn", m.turns),
		meanOf("signed_turn", m.signedTurns),
		meanOf("path_tremor", m.tremors),
		correlationOf("speed_length_correlation", m.speeds, m.lengths),
		meanOf("radius", m.radii),
		spreadOf("radius_spread", m.radii),
		meanOf("radius_rise", m.rises),
		meanOf("radius_change", m.radiusSpreads),
		meanOf("pressure", m.pressures),
		spreadOf("pressure_spread", m.pressures),
		meanOf("pressure_top", m.pressureTops),
		meanOf("pressure_rise", m.pressureRises),
		correlationOf("pressure_radius_correlation", m.pressed, m.pressedRadii),
		correlationOf("duration_radius_correlation", m.tapped, m.tappedRadii),
	)
	out = append(out, holdStatistics(taken.Hold)...)
	return append(out,
		// Quantiles sort their samples: nothing that needs the order may follow.
		quantileOf("tap_duration_p10", m.tapDurations, 0.1),
		quantileOf("tap_duration_p90", m.tapDurations, 0.9),
		quantileOf("interval_p25", m.intervals, 0.25),
		quantileOf("interval_p50", m.intervals, 0.5),
		quantileOf("interval_p75", m.intervals, 0.75),
		quantileOf("peak_speed_p90", m.peaks, 0.9),
		quantileOf("radius_p10", m.radii, 0.1),
		quantileOf("radius_p90", m.radii, 0.9),
		quantileOf("pressure_p10", m.pressures, 0.1),
		quantileOf("pressure_p90", m.pressures, 0.9),
	)
}

// holdStatistics leaves the direction of the tilt out: it says how somebody sits today. On calibration and background
// people the model errs less without it (docs/decisions/0008-touch.md).
func holdStatistics(h path.Hold) []Statistic {
	of := func(name string, value, samples float64) Statistic {
		return Statistic{Name: name, Value: value, Samples: samples, Caution: spreadCaution}
	}
	return []Statistic{
		of("sway", math.Log(0.01+h.Sway), h.Readings),
		of("hold_tremor", math.Log(0.05+h.Tremor), math.Max(0, h.Readings-1)),
		of("rotation", math.Log(1+h.Rotation), h.Rotations),
	}
}
