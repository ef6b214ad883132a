package metric

import (
	"cmp"
	"math"
	"slices"
)

// Cllr is the cost of log-likelihood ratios (natural log) in bits, averaged over all decisions (Brümmer & du Preez
// 2006): 0 for a perfect system, 1 for one that says nothing; above 1 the scores mislead. Infinite scores on the wrong
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
// pool-adjacent-violators algorithm. The difference Cllr - MinCllr is what calibration loses.
func MinCllr(mated, nonMated []float64) float64 {
	if len(mated) == 0 || len(nonMated) == 0 {
		return math.NaN()
	}
	type trial struct {
		score float64
		mated bool
	}
	trials := make([]trial, 0, len(mated)+len(nonMated))
	for _, s := range mated {
		trials = append(trials, trial{s, true})
	}
	for _, s := range nonMated {
		trials = append(trials, trial{s, false})
	}
	slices.SortFunc(trials, func(a, b trial) int { return cmp.Compare(a.score, b.score) })

	type block struct{ mated, all float64 }
	var blocks []block
	for i := 0; i < len(trials); {
		var b block
		for start := i; i < len(trials) && trials[i].score == trials[start].score; i++ {
			b.all++
			if trials[i].mated {
				b.mated++
			}
		}
		for n := len(blocks); n > 0 && blocks[n-1].mated*b.all >= b.mated*blocks[n-1].all; n = len(blocks) {
			b.mated, b.all = b.mated+blocks[n-1].mated, b.all+blocks[n-1].all
			blocks = blocks[:n-1]
		}
		blocks = append(blocks, b)
	}
	prior := math.Log(float64(len(mated)) / float64(len(nonMated)))
	var miss, falseAlarm float64
	for _, b := range blocks {
		llr := math.Log(b.mated/(b.all-b.mated)) - prior
		if b.mated > 0 {
			miss += b.mated * softplus(-llr)
		}
		if b.mated < b.all {
			falseAlarm += (b.all - b.mated) * softplus(llr)
		}
	}
	return (miss/float64(len(mated)) + falseAlarm/float64(len(nonMated))) / (2 * math.Ln2)
}
