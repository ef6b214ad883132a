package sim

import (
	"math/rand/v2"
)

// Hand holds how one person moves a pointer.
type Hand struct {
	// Fitts's law in MacKenzie's form, duration = a + b · log2(distance/width + 1). MacKenzie ("Fitts' law as a research
	// and design tool in human-computer interaction", 1992) and Card, English and Burr (1978) give slopes around 100 to
	// 220 ms a bit for a mouse; people differ by about a fifth.
	FittsA float64 // ms, 30 to 220
	FittsB float64 // ms a bit, 85 to 230

	// The first, ballistic submovement ends near the target and corrections follow (Meyer et al., "Optimality in human
	// motor performance", 1988). Each is a minimum-jerk movement (Flash and Hogan, 1985), skewed in time.
	Gain         float64 // 0.86 to 1.05: share of the distance that the first submovement covers; above 1 is overshoot
	GainSpread   float64 // 0.03 to 0.1
	PeakShare    float64 // 0.3 to 0.5: share of the duration at which speed peaks
	CorrectionMS float64 // 110 to 260: duration of a corrective submovement
	GapMS        float64 // -60 to 90: from the end of a submovement to the next; negative ones overlap

	// Paths of one person bend alike: a constant bias and one that depends on the direction, as the wrist turns.
	Bend       float64 // -0.09 to 0.09 of the distance
	WristBend  float64 // 0 to 0.08 of the distance
	WristAngle float64 // radians
	BendSpread float64 // 0.015 to 0.05

	// Physiological tremor lies at 8 to 12 Hz (Elble and Koller, "Tremor", 1990).
	TremorHz   float64 // 8 to 12
	TremorPX   float64 // 0.15 to 0.9
	SpeedNoise float64 // 0.004 to 0.02: noise in px for each px/s divided by 10 (signal-dependent noise, Harris and Wolpert 1998)

	SettleMS     float64 // 60 to 420: from the last movement to the press
	SettleSpread float64 // 0.25 to 0.5
	ClickMS      float64 // 55 to 150: how long the button is held
	ClickSpread  float64 // 0.12 to 0.3
	WheelMS      float64 // 35 to 130: interval of the wheel's notches
}

func drawHand(r *rand.Rand) Hand {
	return Hand{
		FittsA:       normal(r, 110, 40, 30, 220),
		FittsB:       logNormal(r, 140, 0.24, 85, 230),
		Gain:         normal(r, 0.95, 0.04, 0.86, 1.05),
		GainSpread:   normal(r, 0.055, 0.015, 0.03, 0.1),
		PeakShare:    normal(r, 0.39, 0.045, 0.3, 0.5),
		CorrectionMS: logNormal(r, 170, 0.22, 110, 260),
		GapMS:        normal(r, 10, 35, -60, 90),
		Bend:         normal(r, 0, 0.035, -0.09, 0.09),
		WristBend:    normal(r, 0.035, 0.02, 0, 0.08),
		WristAngle:   6.2831853 * r.Float64(),
		BendSpread:   normal(r, 0.03, 0.009, 0.015, 0.05),
		TremorHz:     8 + 4*r.Float64(),
		TremorPX:     logNormal(r, 0.35, 0.45, 0.15, 0.9),
		SpeedNoise:   logNormal(r, 0.009, 0.4, 0.004, 0.02),
		SettleMS:     logNormal(r, 160, 0.4, 60, 420),
		SettleSpread: normal(r, 0.36, 0.06, 0.25, 0.5),
		ClickMS:      logNormal(r, 92, 0.24, 55, 150),
		ClickSpread:  normal(r, 0.19, 0.04, 0.12, 0.3),
		WheelMS:      logNormal(r, 65, 0.3, 35, 130),
	}
}
