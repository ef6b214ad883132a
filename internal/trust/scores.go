package trust

import "math"

// Scores is what comparison scores are usual, by which a stretch of windows is weighed together. A score is taken for a
// level plus what varies: some of it stays for as long as the stretch does (a task, a posture), some fades from window to
// window, some is each window's own. So the mean of n windows of one source has the variance
//
//	Steady² + Drifting²·g(n) + Single²/n,   g(n) = mean of Memory^|i−j| over i, j = 1…n
//
// and a hundred windows do not count a hundred times. The subject's means lie around Own with it, other people's around
// Others with OthersSpread² more; the ratio of the two normal densities is what a stretch says. It falls as the mean
// grows, and is level where the mean is so high that the wider density would overtake the narrower one.
type Scores struct {
	Own          float64 // what the subject's stretches lie around, natural log
	Others       float64 // what other people's do
	OthersSpread float64 // standard deviation of other people's levels

	Steady   float64 // standard deviation of what a stretch has in common
	Drifting float64 // of what neighbouring windows have in common
	Memory   float64 // correlation of that from one window to the next, in [0,1)
	Single   float64 // of what each window has for itself

	Least, Most float64 // bounds of one score
	Alike       float64 // share of other people who score as the subject does: a stretch speaks for the subject by at most −log Alike
}

// usualScores are measured on people whom the network that scored them had not seen (57 of BB-MAS and Villani, half of
// them with a network trained on the other half for the purpose), as the figures that catch a takeover soonest at five false
// alarms in 40 hours of input; docs/decisions/0015-takeover.md has the search and what else was tried.
func usualScores() Scores {
	return Scores{
		Own: 2.8, Others: -3.4, OthersSpread: 2,
		Steady: 0.4, Drifting: 0.6, Memory: 0.9, Single: 1.8,
		Least: -4, Most: 4, Alike: 0.001,
	}
}

func (p Scores) bound(llr float64) float64 { return math.Max(p.Least, math.Min(p.Most, llr)) }

// stretch is a run of windows of one source, which grows toward the past.
type stretch struct {
	Scores
	source     string
	n, sum     float64
	correlated float64 // sum of Memory^|i−j| over all i, j
	power      float64 // Memory^n
	doubt      float64 // natural log of the likelihood ratio "somebody else" against "the subject"
}

func newStretch(p Scores, source string) *stretch {
	return &stretch{Scores: p, source: source, power: 1}
}

func (s *stretch) add(score float64) {
	// The new window's correlations with the n that are there sum up to Memory + … + Memory^n.
	s.correlated += 1 + 2*s.Memory*(1-s.power)/(1-s.Memory)
	s.power *= s.Memory
	s.n++
	s.sum += score
	s.doubt = s.weigh()
}

func (s *stretch) weigh() float64 {
	own := s.Steady*s.Steady + s.Drifting*s.Drifting*s.correlated/(s.n*s.n) + s.Single*s.Single/s.n
	others := own + s.OthersSpread*s.OthersSpread
	level := s.Own + (s.Own-s.Others)*own/(s.OthersSpread*s.OthersSpread) // from here the ratio would grow again
	mean := math.Min(s.sum/s.n, level)
	ratio := 0.5*math.Log(own/others) + (mean-s.Own)*(mean-s.Own)/(2*own) - (mean-s.Others)*(mean-s.Others)/(2*others)
	return logSum(math.Log1p(-s.Alike)+ratio, math.Log(s.Alike))
}
