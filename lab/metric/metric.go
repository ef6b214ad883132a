// Package metric owns the figures by which comparison scores are judged: error rates of verification as in ISO/IEC
// 19795-1, how much a score is worth as a log-likelihood ratio, how the figures spread over people and how sure they are.
//
// A higher score favours the claimed subject. A probe is accepted at a threshold t when its score is at least t: FMR is
// the share of non-mated scores that are accepted, FNMR the share of mated scores that are not. Scores must not be NaN.
// Functions of two sets of scores give NaN when either is empty; they leave their arguments as they were.
package metric

import (
	"cmp"
	"math"
	"slices"
)

// Point is one point of the detection error trade-off.
type Point struct {
	Threshold float64
	FMR, FNMR float64
}

// DET gives the whole trade-off, from accepting nobody (threshold +Inf) to accepting everybody: one point for every
// distinct score.
func DET(mated, nonMated []float64) []Point {
	if len(mated) == 0 || len(nonMated) == 0 {
		return nil
	}
	points := []Point{{Threshold: math.Inf(1), FMR: 0, FNMR: 1}}
	walk(mated, nonMated, func(p Point) bool {
		points = append(points, p)
		return true
	})
	return points
}

// walk visits the points of the trade-off below the first one, threshold by threshold downwards, until visit says no.
func walk(mated, nonMated []float64, visit func(Point) bool) {
	m, n := descending(mated), descending(nonMated)
	i, j := 0, 0
	for i < len(m) || j < len(n) {
		threshold := math.Inf(-1)
		if i < len(m) {
			threshold = m[i]
		}
		if j < len(n) {
			threshold = max(threshold, n[j])
		}
		for i < len(m) && m[i] >= threshold {
			i++
		}
		for j < len(n) && n[j] >= threshold {
			j++
		}
		p := Point{threshold, float64(j) / float64(len(n)), 1 - float64(i)/float64(len(m))}
		if !visit(p) {
			return
		}
	}
}

func descending(scores []float64) []float64 {
	sorted := slices.Clone(scores)
	slices.SortFunc(sorted, func(a, b float64) int { return cmp.Compare(b, a) })
	return sorted
}

// EER is the error rate at which FMR and FNMR are equal, from 0 to 1. Between two neighbouring points of the trade-off
// it is interpolated on the line that joins them, as in Killourhy & Maxion (2009).
func EER(mated, nonMated []float64) float64 {
	if len(mated) == 0 || len(nonMated) == 0 {
		return math.NaN()
	}
	last, eer := Point{FNMR: 1}, math.NaN()
	walk(mated, nonMated, func(p Point) bool {
		if p.FMR < p.FNMR {
			last = p
			return true
		}
		eer = crossing(last, p)
		return false
	})
	return eer
}

// crossing is where the line from a (FMR below FNMR) to b (FMR at or above FNMR) meets the diagonal.
func crossing(a, b Point) float64 {
	above, below := a.FNMR-a.FMR, b.FMR-b.FNMR
	return a.FMR + (b.FMR-a.FMR)*above/(above+below)
}

// FNMRAtFMR is the lowest FNMR that a threshold reaches while its FMR is at most the given one. It is not interpolated:
// with fewer than 1/fmr non-mated scores no false match at all is allowed.
func FNMRAtFMR(mated, nonMated []float64, fmr float64) float64 {
	if len(mated) == 0 || len(nonMated) == 0 {
		return math.NaN()
	}
	best := 1.0
	walk(mated, nonMated, func(p Point) bool {
		if p.FMR > fmr {
			return false
		}
		best = p.FNMR
		return true
	})
	return best
}

// AUC is the probability that a mated score is higher than a non-mated one, ties counting half.
func AUC(mated, nonMated []float64) float64 {
	if len(mated) == 0 || len(nonMated) == 0 {
		return math.NaN()
	}
	area, last := 0.0, Point{FNMR: 1}
	walk(mated, nonMated, func(p Point) bool {
		area += (p.FMR - last.FMR) * (1 - (p.FNMR+last.FNMR)/2)
		last = p
		return true
	})
	return area
}
