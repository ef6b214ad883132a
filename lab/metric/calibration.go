package metric

import (
	"math"
)

// Cllr is the cost of log-likelihood ratios (natural log) in bits, averaged over all decisions (Brümmer & du Preez,
// "Application-independent evaluation of speaker detection", Computer Speech & Language 20, 2006, equation 20):
//
//	Cllr = 1/(2 ln 2) · ( mean over mated of ln(1+exp(-LLR)) + mean over non-mated of ln(1+exp(LLR)) )
//
// It is 0 for a perfect system, 1 for one that says nothing; above 1 the scores mislead. Infinite scores on the wrong
// side make it infinite.
func Cllr(mated, nonMated []float64) float64 {
	if len(mated) == 0 || len(nonMated) == 0 {
		return math.NaN()
	}
	var miss, falseAlarm float64
	for _, llr := range mated {
		miss += softplus(-llr)
	}
	for _, llr := range nonMated {
		falseAlarm += softplus(llr)
	}
	return (miss/float64(len(mated)) + falseAlarm/float64(len(nonMated))) / (2 * math.Ln2)
}

// softplus is log(1+exp(x)) without overflow.
func softplus(x float64) float64 {
	if x > 0 {
		return x + math.Log1p(math.Exp(-x))
	}
	return math.Log1p(math.Exp(x))
}

// MinCllr is the Cllr that remains after the best monotone calibration that these very scores allow, found by the
// pool-adjacent-violators algorithm (Brümmer & du Preez 2006, section 4). What telling people apart costs is in it, what
// stating it wrongly costs is not.
func MinCllr(mated, nonMated []float64) float64 {
	if len(mated) == 0 || len(nonMated) == 0 {
		return math.NaN()
	}
	var best monotone
	last := Point{FNMR: 1}
	walk(mated, nonMated, func(p Point) bool {
		best.add(mass{mated: last.FNMR - p.FNMR, nonMated: p.FMR - last.FMR})
		last = p
		return true
	})
	return best.cllr()
}

// CalibrationLoss is what Cllr has above MinCllr, in bits: the cost of scores that state more or less than they know. It
// is never negative.
func CalibrationLoss(mated, nonMated []float64) float64 {
	return math.Max(0, Cllr(mated, nonMated)-MinCllr(mated, nonMated)) // rounding may take a hair off zero
}

// mass is how much of all mated and of all non-mated scores lies in one place, each as a share of one.
type mass struct{ mated, nonMated float64 }

// monotone is the best calibration whose log-likelihood ratios never fall while scores rise: adjacent places that
// violate this are pooled until none does (Ayer et al., "An empirical distribution function for sampling with incomplete
// information", Annals of Mathematical Statistics 26, 1955).
type monotone struct{ blocks []mass }

// add takes the next lower place.
func (m *monotone) add(next mass) {
	if next.mated <= 0 && next.nonMated <= 0 {
		return
	}
	for n := len(m.blocks); n > 0 && m.blocks[n-1].mated*next.nonMated <= next.mated*m.blocks[n-1].nonMated; n = len(m.blocks) {
		next.mated += m.blocks[n-1].mated
		next.nonMated += m.blocks[n-1].nonMated
		m.blocks = m.blocks[:n-1]
	}
	m.blocks = append(m.blocks, next)
}

// cllr is the cost in bits when each block states the ratio of its own shares.
func (m *monotone) cllr() float64 {
	sum := 0.0
	for _, b := range m.blocks {
		if b.mated > 0 && b.nonMated > 0 {
			sum += b.mated*math.Log1p(b.nonMated/b.mated) + b.nonMated*math.Log1p(b.mated/b.nonMated)
		}
	}
	return sum / (2 * math.Ln2)
}
