package chart

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/plotter"
	"ipse.dev/ipse/lab/metric"
)

// histogramBins is how many bins a histogram has between its ends.
const histogramBins = 50

// Kinds names what two kinds of comparisons are of, and the two errors between them.
type Kinds struct {
	Mated, NonMated           string // beside the scores of either kind
	FalseMatch, FalseNonMatch string // on the axes of a trade-off, of which rates in percent are
	Score                     string // on the axis of scores

	mated, nonMated, alarm, missed string // in sentences
}

// Persons is of comparisons between people: the score says how much speaks for the same person.
var Persons = Kinds{
	Mated: "mated: the same person", NonMated: "non-mated: someone else",
	FalseMatch: "false match rate, FMR", FalseNonMatch: "false non-match rate, FNMR",
	Score: "comparison score (log-likelihood ratio, nats)",
	mated: "mated scores", nonMated: "non-mated ones", alarm: "FMR", missed: "FNMR",
}

// Attacks is of attacks against people's own work: the score says how much speaks for the attack.
var Attacks = Kinds{
	Mated: "attacks", NonMated: "people's hands",
	FalseMatch: "people's hands taken for an attack", FalseNonMatch: "attacks not found",
	Score: "score of the attack (nats)",
	mated: "scores of attacks", nonMated: "scores of people's hands", alarm: "a false positive rate of", missed: "missed",
}

// Histogram draws how mated and non-mated scores are distributed, each as shares of their own number. The two ends
// leave out one score in five hundred on either side of each kind; what lies beyond is counted in the last bins.
func Histogram(kinds Kinds, title string, mated, nonMated []float64) (*Chart, error) {
	if len(mated) == 0 || len(nonMated) == 0 {
		return nil, fmt.Errorf("%w: %d mated and %d non-mated scores; want some of either", ErrNothing, len(mated), len(nonMated))
	}
	const out = 0.002
	low := math.Min(metric.Quantile(mated, out), metric.Quantile(nonMated, out))
	high := math.Max(metric.Quantile(mated, 1-out), metric.Quantile(nonMated, 1-out))
	if !(high > low) {
		low, high = low-1, high+1
	}
	p := canvas(kinds.Score, "share of comparisons (%)")
	highest := 0.0
	for _, kind := range []struct {
		name   string
		scores []float64
		role   role
	}{{kinds.NonMated, nonMated, second}, {kinds.Mated, mated, first}} {
		shares := binned(kind.scores, low, high)
		outline := steps(shares, low, high)
		area := &plotter.Polygon{XYs: []plotter.XYs{outline}, Color: kind.role.faint()}
		edge := &plotter.Line{XYs: outline[1 : len(outline)-1], LineStyle: line(kind.role, thick-0.4)}
		p.Add(area, edge)
		p.Legend.Add(kind.name, area, edge)
		for _, s := range shares {
			highest = math.Max(highest, s)
		}
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = low, high, 0, 1.32*highest
	p.X.Tick.Marker, p.Y.Tick.Marker = even{1}, even{0.01}
	if low < 0 && high > 0 {
		p.Add(dashed(0, 0, 0, 1.08*highest))
	}
	return &Chart{Title: title, plot: p, width: chartWidth, height: chartHeight,
		Alt: fmt.Sprintf("Half of the %s are above %s, half of the %s below %s.",
			kinds.mated, rounded(metric.Quantile(mated, 0.5)), kinds.nonMated, rounded(metric.Quantile(nonMated, 0.5)))}, nil
}

// binned gives the share of scores in each bin.
func binned(scores []float64, low, high float64) []float64 {
	out := make([]float64, histogramBins)
	for _, s := range scores {
		bin := int((s - low) / (high - low) * histogramBins)
		out[max(0, min(histogramBins-1, bin))] += 1 / float64(len(scores))
	}
	return out
}

// steps is the outline of a histogram, from the base up, over the bins and down again.
func steps(shares []float64, low, high float64) plotter.XYs {
	width := (high - low) / float64(len(shares))
	out := plotter.XYs{{X: low, Y: 0}}
	for i, s := range shares {
		left := low + float64(i)*width
		out = append(out, plotter.XY{X: left, Y: s}, plotter.XY{X: left + width, Y: s})
	}
	return append(out, plotter.XY{X: high, Y: 0})
}
