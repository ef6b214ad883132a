package compare

import "math"

// Among answers "which of these few": from each candidate's comparison score it gives the probability that the probes are
// that candidate's, and that they are none of theirs. none is the probability of the latter before anything was compared,
// in (0,1); the candidates share the rest evenly.
//
// A score weighs a candidate against somebody else, whoever that is, so "none of these" is the hypothesis that every
// score is measured against and has itself the score 0 (an open set; Brümmer and de Villiers, as for TwoCovariance). A
// candidate with whom nothing can be compared has the score 0 as well: nothing tells them from anybody. Scores that are
// not finite count as that.
func Among(scores []float64, none float64) (each []float64, other float64) {
	if len(scores) == 0 {
		return nil, 1
	}
	prior := math.Log((1 - none) / float64(len(scores)))
	logs := make([]float64, len(scores), len(scores)+1)
	for i, s := range scores {
		if math.IsNaN(s) || math.IsInf(s, 0) {
			s = 0
		}
		logs[i] = prior + s
	}
	logs = append(logs, math.Log(none))
	most := math.Inf(-1)
	for _, l := range logs {
		most = math.Max(most, l)
	}
	sum := 0.0
	for i, l := range logs {
		logs[i] = math.Exp(l - most)
		sum += logs[i]
	}
	for i := range logs {
		logs[i] /= sum
	}
	return logs[:len(scores)], logs[len(scores)]
}
