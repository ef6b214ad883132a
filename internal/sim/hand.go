package sim

import (
	"math/rand/v2"
)

// Hand holds how one person moves a pointer.
type Hand struct {
	// Fitts's law in MacKenzie's form, duration = a + b · log2(distance/width + 1). MacKenzie ("Fitts' law as a research
	// and design tool in human-computer interaction", 1992) and Card, English and Burr (1978) give slopes around 100 to
	// 220 ms a bit for a mouse when every movement is to be exact; unhurried work with overshoot is faster.
	FittsA float64 // ms, 20 to 220
	FittsB float64 // ms a bit, 50 to 230

	// The first, ballistic submovement ends near the target and corrections follow (Meyer et al., "Optimality in human
	// motor performance", 1988). Each is a minimum-jerk movement (Flash and Hogan, 1985), skewed in time.
	Gain         float64 // 0.86 to 1.05: share of the distance that the first submovement covers; above 1 is overshoot
	GainSpread   float64 // 0.03 to 0.18
	PeakShare    float64 // 0.22 to 0.52: share of the duration at which speed peaks
	CorrectionMS float64 // 110 to 260: duration of a corrective submovement
	GapMS        float64 // -60 to 90: from the end of a submovement to the next; negative ones overlap

	// Paths of one person bend alike: a constant bias and one that depends on the direction, as the wrist turns.
	Bend       float64 // -0.16 to 0.16 of the distance
	WristBend  float64 // 0 to 0.15 of the distance
	WristAngle float64 // radians
	BendSpread float64 // 0.02 to 0.14

	// Physiological tremor lies at 8 to 12 Hz (Elble and Koller, "Tremor", 1990).
	TremorHz   float64 // 8 to 12
	TremorPX   float64 // 0.1 to 0.9
	SpeedNoise float64 // 0.05 to 0.6: signal-dependent noise (Harris and Wolpert 1998) as a share of each step

	// Many people let the pointer go along with what they read (Huang, White and Buscher, "User see, user point: gaze and
	// cursor alignment in web search", CHI 2012), to very different degrees.
	FollowShare float64 // 0.1 to 0.95: how often
	FollowPace  float64 // 1.6 to 4.5: factor on the duration of an aimed movement

	SettleMS     float64 // 15 to 420: from the last movement to the press
	SettleSpread float64 // 0.25 to 0.9
	ClickMS      float64 // 55 to 150: how long the button is held
	ClickSpread  float64 // 0.12 to 0.3
	WheelMS      float64 // 7 to 60: interval of wheel events; smooth wheels and trackpads give one a frame, notched ones fewer
}

func drawHand(r *rand.Rand) Hand {
	return Hand{
		FittsA:       normal(r, 90, 45, 20, 220),
		FittsB:       logNormal(r, 110, 0.4, 50, 230),
		Gain:         normal(r, 0.95, 0.04, 0.86, 1.05),
		GainSpread:   normal(r, 0.09, 0.03, 0.03, 0.18),
		PeakShare:    normal(r, 0.38, 0.07, 0.22, 0.52),
		CorrectionMS: logNormal(r, 170, 0.22, 110, 260),
		GapMS:        normal(r, 10, 35, -60, 90),
		Bend:         normal(r, 0, 0.06, -0.16, 0.16),
		WristBend:    normal(r, 0.06, 0.035, 0, 0.15),
		WristAngle:   6.2831853 * r.Float64(),
		BendSpread:   normal(r, 0.05, 0.02, 0.02, 0.14),
		TremorHz:     8 + 4*r.Float64(),
		TremorPX:     logNormal(r, 0.3, 0.5, 0.1, 0.9),
		SpeedNoise:   logNormal(r, 0.2, 0.6, 0.05, 0.6),
		FollowShare:  normal(r, 0.55, 0.22, 0.1, 0.95),
		FollowPace:   logNormal(r, 2.6, 0.28, 1.6, 4.5),
		SettleMS:     logNormal(r, 90, 0.7, 15, 420),
		SettleSpread: normal(r, 0.55, 0.12, 0.25, 0.9),
		ClickMS:      logNormal(r, 92, 0.24, 55, 150),
		ClickSpread:  normal(r, 0.19, 0.04, 0.12, 0.3),
		WheelMS:      logNormal(r, 18, 0.5, 7, 60),
	}
}
