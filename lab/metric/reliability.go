package metric

import "math"

// fewest is how many comparisons of either kind a bin of a reliability diagram must hold for its odds to mean anything.
const fewest = 5

// rounding is what a sum of shares may lack.
const rounding = 1e-9

// Bin is one bin of a reliability diagram: what scores there state, and what came of it. All are natural logarithms.
type Bin struct {
	Low, High float64  // scores in the bin, both included
	Stated    float64  // mean score, mated and non-mated ones weighing alike
	Observed  float64  // log of (share of all mated scores that lie here / share of all non-mated ones)
	CI95      Interval // of Observed, over people
	Mated     int
	NonMated  int
}

// Reliability compares stated with observed log-likelihood ratios in about so many bins: scores are calibrated where
// both are equal. With equally many mated and non-mated comparisons, Observed is the log odds of a mated one (the
// diagram of DeGroot & Fienberg, "The comparison and evaluation of forecasters", The Statistician 32, 1983, on the axes
// of Brümmer & du Preez 2006). Bins hold equal shares of both kinds together and at least five of either, so that there
// may be fewer; without that many there is none.
func (p *Pool) Reliability(bins int, b Bootstrap) []Bin {
	out := p.bins(bins)
	if len(out) == 0 {
		return nil
	}
	observed := func(weight []float64) []float64 { return p.observed(out, weight) }
	values := observed(ones(p.people))
	intervals := b.Intervals(p.people, observed)
	for i := range out {
		out[i].Observed = values[i]
		out[i].CI95 = intervals[i]
	}
	return out
}

// bins cuts the pool, highest scores first.
func (p *Pool) bins(want int) []Bin {
	mated, nonMated := 0, 0
	for _, c := range p.sorted {
		if c.Mated() {
			mated++
		} else {
			nonMated++
		}
	}
	if mated < fewest || nonMated < fewest || want < 1 {
		return nil
	}
	var (
		out           []Bin
		stated, share float64 // of the bin at hand
		passed        float64 // share of all bins so far
		bin           Bin
	)
	for i, c := range p.sorted {
		if bin.Mated+bin.NonMated == 0 {
			bin.High = c.Score
		}
		bin.Low = c.Score
		one := 0.5 / float64(nonMated)
		if c.Mated() {
			one = 0.5 / float64(mated)
			bin.Mated++
		} else {
			bin.NonMated++
		}
		stated, share, passed = stated+one*c.Score, share+one, passed+one
		ends := i+1 == len(p.sorted) || p.sorted[i+1].Score != c.Score // equal scores stay together
		if ends && passed*float64(want) >= float64(len(out)+1)-rounding && bin.Mated >= fewest && bin.NonMated >= fewest {
			bin.Stated = stated / share
			out = append(out, bin)
			bin, stated, share = Bin{}, 0, 0
		}
	}
	if n := len(out); bin.Mated+bin.NonMated > 0 && n > 0 { // what is left is too little for a bin of its own
		last := &out[n-1]
		before := 0.5*float64(last.Mated)/float64(mated) + 0.5*float64(last.NonMated)/float64(nonMated)
		last.Stated = (last.Stated*before + stated) / (before + share)
		last.Low, last.Mated, last.NonMated = bin.Low, last.Mated+bin.Mated, last.NonMated+bin.NonMated
	} else if n == 0 {
		bin.Stated = stated / share
		out = append(out, bin)
	}
	return out
}

// observed gives each bin's log ratio of shares when people weigh as told; NaN where a bin lacks either kind.
func (p *Pool) observed(bins []Bin, weight []float64) []float64 {
	masses := make([]mass, len(bins))
	var all mass
	at := 0
	for i := range p.sorted {
		c := &p.sorted[i]
		for at < len(bins)-1 && c.Score < bins[at].Low {
			at++
		}
		w := weight[c.Reference]
		switch {
		case c.Mated():
			masses[at].mated += w
			all.mated += w
			continue
		case c.Probe != Nobody:
			w *= weight[c.Probe]
		}
		masses[at].nonMated += w
		all.nonMated += w
	}
	out := make([]float64, len(bins))
	for i, m := range masses {
		if out[i] = math.NaN(); m.mated > 0 && m.nonMated > 0 {
			out[i] = math.Log(m.mated/all.mated) - math.Log(m.nonMated/all.nonMated)
		}
	}
	return out
}
