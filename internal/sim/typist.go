package sim

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// Typist holds how one person types. Factors multiply; spreads are standard deviations of the natural log.
type Typist struct {
	// IntervalMS is the median time from press to press within a word, between different hands and fingers alike.
	// Dhakal, Feit, Kristensson and Oulasvirta ("Observations on typing from 136 million keystrokes", CHI 2018) report a
	// mean inter-key interval of 239 ms with a standard deviation of 112 ms between people, pauses included; taken as
	// log-normal that is a median of 216 ms, of which pauses, borders and corrections make some 20 %.
	IntervalMS     float64 // 90 to 420
	IntervalSpread float64 // 0.18 to 0.42: intervals of one pair of keys are close to log-normal with a heavier tail
	HesitateShare  float64 // 0.01 to 0.07: share of intervals that carry a hesitation
	HesitateMS     float64 // 150 to 600: mean of a hesitation, exponential
	Carry          float64 // 0.1 to 0.45: correlation of one interval with the next, the burst in which one types

	// Salthouse ("Perceptual, cognitive, and motoric aspects of transcription typing", 1986): alternate hands are 30 to
	// 60 ms faster than the same hand, the same finger is slowest, and the first stroke of a word is some 20 % slower.
	OtherHand  float64 // 0.76 to 0.98, factor on the interval
	SameFinger float64 // 1.1 to 1.55
	SameKey    float64 // 0.75 to 1.1
	IntoSpace  float64 // 0.7 to 1.05
	WordStart  float64 // 1.0 to 1.6
	ThinkMS    float64 // 300 to 1500: mean of the pause before a new sentence, exponential

	// DwellMS is the median time that a letter key is held. Studies of free typing (Dhakal et al.; Killourhy and Maxion,
	// "Comparing anomaly-detection algorithms for keystroke dynamics", DSN 2009) put people at 120 ± 30 ms.
	DwellMS     float64 // 55 to 210
	DwellSpread float64 // 0.12 to 0.3
	SpaceDwell  float64 // 0.7 to 1.15, factor on DwellMS
	Fingers     [2][5]float64
	RightHand   float64 // 0.9 to 1.1: how much longer the right hand's keys are held

	// Rollover is the tendency to press a key before the last one is up, where dwell and interval leave room for it. Its
	// share grows with speed: Dhakal et al. give 25 % on average, and 40 to 70 % for the fastest fifth.
	Rollover float64 // 0.02 to 1

	ErrorShare   float64 // 0.004 to 0.05 of letters; Dhakal et al.: 1.2 % uncorrected and 6.3 corrections a 100 presses
	NoticeMS     float64 // 150 to 600: pause before the first backspace
	BackspaceMS  float64 // 95 to 240: interval between backspaces
	NoticeShare  float64 // 0.35 to 0.85: share of errors seen at once; the rest after one to three characters more
	ShiftLeadMS  float64 // 45 to 220: shift goes down so long before its letter
	ShiftTrailMS float64 // 10 to 130: and up so long after the letter went down
	LeftShift    bool    // always the left one, else the one opposite to the letter

	habit uint64 // seed of the individual offsets of keys and pairs of keys
}

// Individual offsets of keys and pairs, as standard deviations of the natural log: what remains after hand and finger.
const (
	keyDwellSpread     = 0.06
	pairIntervalSpread = 0.13
)

func drawTypist(r *rand.Rand) Typist {
	speed := normal(r, 0, 1, -2.2, 2.2) // one common factor: fast people also hold keys shorter and overlap more
	mix := func(share float64) float64 {
		return share*speed + math.Sqrt(1-share*share)*r.NormFloat64()
	}
	t := Typist{
		IntervalMS:     math.Max(90, math.Min(420, 172*math.Exp(-0.36*speed))),
		IntervalSpread: normal(r, 0.28, 0.055, 0.18, 0.42),
		HesitateShare:  logNormal(r, 0.025, 0.4, 0.01, 0.07),
		HesitateMS:     logNormal(r, 300, 0.35, 150, 600),
		Carry:          normal(r, 0.27, 0.08, 0.1, 0.45),
		OtherHand:      normal(r, 0.87, 0.05, 0.76, 0.98),
		SameFinger:     normal(r, 1.3, 0.1, 1.1, 1.55),
		SameKey:        normal(r, 0.92, 0.08, 0.75, 1.1),
		IntoSpace:      normal(r, 0.88, 0.09, 0.7, 1.05),
		WordStart:      normal(r, 1.22, 0.13, 1, 1.6),
		ThinkMS:        logNormal(r, 650, 0.4, 300, 1500),
		DwellMS:        math.Max(55, math.Min(210, 116*math.Exp(-0.25*mix(0.3)))),
		DwellSpread:    normal(r, 0.2, 0.04, 0.12, 0.3),
		SpaceDwell:     normal(r, 0.93, 0.11, 0.7, 1.15),
		RightHand:      normal(r, 1, 0.045, 0.9, 1.1),
		Rollover:       1 / (1 + math.Exp(-(0.2 + 1.5*mix(0.7)))),
		ErrorShare:     logNormal(r, 0.016, 0.55, 0.004, 0.05),
		NoticeMS:       logNormal(r, 300, 0.35, 150, 600),
		BackspaceMS:    logNormal(r, 150, 0.22, 95, 240),
		NoticeShare:    normal(r, 0.6, 0.13, 0.35, 0.85),
		ShiftLeadMS:    logNormal(r, 110, 0.4, 45, 220),
		ShiftTrailMS:   logNormal(r, 55, 0.5, 10, 130),
		LeftShift:      r.Float64() < 0.6,
		habit:          r.Uint64(),
	}
	t.Rollover = math.Max(0.02, t.Rollover)
	for hand := range t.Fingers {
		for finger := range t.Fingers[hand] {
			t.Fingers[hand][finger] = math.Exp(0.08 * r.NormFloat64())
		}
	}
	return t
}

// keyFactor is the person's own factor on the dwell of one key: finger, hand, and what remains.
func (t Typist) keyFactor(code string) float64 {
	p := places[code]
	f := t.Fingers[p.hand][p.finger] * math.Exp(keyDwellSpread*t.offset(code))
	if p.hand == 1 {
		f *= t.RightHand
	}
	switch code {
	case "Space":
		f = t.SpaceDwell
	case "Backspace":
		f *= 0.8
	}
	return f
}

// pairFactor is the person's own factor on the interval between two keys.
func (t Typist) pairFactor(from, to string) float64 {
	a, b := places[from], places[to]
	f := math.Exp(pairIntervalSpread * t.offset(from+">"+to))
	switch {
	case from == to:
		f *= t.SameKey
	case to == "Space":
		f *= t.IntoSpace
	case from == "Space":
		f *= t.WordStart
	case a.hand != b.hand:
		f *= t.OtherHand
	case a.finger == b.finger:
		f *= t.SameFinger
	}
	if b.row == 0 && to != "Backspace" {
		f *= 1.35 // digits and accents lie far from the home row
	}
	return f
}

// offset is a standard normal number that belongs to the person and the name and never changes.
func (t Typist) offset(name string) float64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return newRand(t.habit, h.Sum64()).NormFloat64()
}
