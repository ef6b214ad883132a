package adversary

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
)

// pausedMS is the interval from which a forger takes a pause for a pause and draws it apart.
const pausedMS = 1500

// longestPauseMS cuts the pauses that a forger takes over, so that a session of his does not take all day.
const longestPauseMS = 10_000

// pair is one stroke of the material with what follows and precedes it.
type pair struct {
	from, to            event.Class
	dwellMS, intervalMS float64
	before              int // index of the pair of the stroke before; -1 at the beginning of a run
}

// statistics are what a forger knows of somebody's typing: every stroke's dwell and interval, by class and digram.
type statistics struct {
	pairs   []pair
	byClass [event.ClassCount][]int
	byPair  map[[2]event.Class][]int
	pauses  []float64 // ms
}

// newStatistics gathers runs; ok is false of fewer than fifty strokes, too few to draw from.
func newStatistics(runs [][]window.Stroke) (s statistics, ok bool) {
	s.byPair = map[[2]event.Class][]int{}
	for _, run := range runs {
		before := -1
		for i := 0; i+1 < len(run); i++ {
			p := pair{run[i].Class, run[i+1].Class, run[i].DwellMS(), run[i+1].PressMS - run[i].PressMS, before}
			if p.intervalMS > pausedMS || p.intervalMS < 0 {
				before = -1
				s.pauses = append(s.pauses, clampMS(p.intervalMS, pausedMS, longestPauseMS))
				continue
			}
			at := len(s.pairs)
			s.pairs = append(s.pairs, p)
			s.byClass[p.from] = append(s.byClass[p.from], at)
			s.byPair[[2]event.Class{p.from, p.to}] = append(s.byPair[[2]event.Class{p.from, p.to}], at)
			before = at
		}
	}
	return s, len(s.pairs) >= 50
}

// leastSamples is from how many samples a digram's or a class's own histogram is drawn from.
const leastSamples = 5

// ofClass gives the strokes of a class, of all classes where they are few.
func (s statistics) ofClass(c event.Class) []int {
	if own := s.byClass[c]; len(own) >= leastSamples {
		return own
	}
	return s.all()
}

// ofDigram gives the strokes of a class that another follows, of the class where they are few.
func (s statistics) ofDigram(from, to event.Class) []int {
	if own := s.byPair[[2]event.Class{from, to}]; len(own) >= leastSamples {
		return own
	}
	return s.ofClass(from)
}

func (s statistics) all() []int {
	out := make([]int, len(s.pairs))
	for i := range out {
		out[i] = i
	}
	return out
}

// draw takes one of the strokes.
func (s statistics) draw(rng *rand.Rand, of []int) pair { return s.pairs[of[rng.IntN(len(of))]] }

// smooth spreads a recorded time over the millisecond that the recording's clock could not tell apart.
func smooth(rng *rand.Rand, ms float64) float64 { return math.Max(0, ms+rng.Float64()-0.5) }

// classesLike gives what is typed: what the material's people typed, run after run from anywhere on, so that it is a text as
// people type it; one of the built-in texts where there is no material.
func classesLike(rng *rand.Rand, runs [][]window.Stroke, strokes int) []event.Class {
	all := 0
	for _, run := range runs {
		all += len(run)
	}
	if all == 0 {
		return textClasses(rng, strokes)
	}
	out := make([]event.Class, 0, strokes)
	at := rng.IntN(len(runs))
	from := rng.IntN(len(runs[at]) + 1)
	for len(out) < strokes {
		for _, x := range runs[at][from:] {
			out = append(out, x.Class)
		}
		at, from = (at+1)%len(runs), 0
	}
	return out[:strokes]
}

// pausing lets a typist pause as often and as long as the material does.
func pausing(rng *rand.Rand, s statistics, next typist) typist {
	share := float64(len(s.pauses)) / float64(len(s.pauses)+len(s.pairs))
	return func(from, to event.Class) (float64, float64) {
		dwellMS, intervalMS := next(from, to)
		if rng.Float64() < share {
			intervalMS = s.pauses[rng.IntN(len(s.pauses))]
		}
		return dwellMS, intervalMS
	}
}

// byHistogram draws dwell and interval one by one from the histograms of the stroke's class.
func byHistogram(rng *rand.Rand, s statistics) typist {
	return func(from, _ event.Class) (float64, float64) {
		of := s.ofClass(from)
		return smooth(rng, s.draw(rng, of).dwellMS), smooth(rng, s.draw(rng, of).intervalMS)
	}
}

// byFlight draws dwell and flight one by one from the histograms of the digram, and presses the next key when both are over.
func byFlight(rng *rand.Rand, s statistics) typist {
	return func(from, to event.Class) (float64, float64) {
		of := s.ofDigram(from, to)
		dwellMS, other := s.draw(rng, of).dwellMS, s.draw(rng, of)
		return smooth(rng, dwellMS), smooth(rng, math.Max(0, dwellMS+other.intervalMS-other.dwellMS))
	}
}

// byDigram draws dwell and interval one by one from the histograms of the digram.
func byDigram(rng *rand.Rand, s statistics) typist {
	return func(from, to event.Class) (float64, float64) {
		of := s.ofDigram(from, to)
		return smooth(rng, s.draw(rng, of).dwellMS), smooth(rng, s.draw(rng, of).intervalMS)
	}
}

// byPairs draws dwell and interval together, as they were typed.
func byPairs(rng *rand.Rand, s statistics) typist {
	return func(from, to event.Class) (float64, float64) {
		p := s.draw(rng, s.ofDigram(from, to))
		return smooth(rng, p.dwellMS), smooth(rng, p.intervalMS)
	}
}

// byTempo is byPairs at a pace that wanders as a random walk drawn back to its middle.
func byTempo(rng *rand.Rand, s statistics) typist {
	pairs, pace, step := byPairs(rng, s), 0.0, uniform(rng, 0.02, 0.12)
	return func(from, to event.Class) (float64, float64) {
		pace = 0.93*pace + step*rng.NormFloat64()
		dwellMS, intervalMS := pairs(from, to)
		return dwellMS * math.Exp(0.4*pace), intervalMS * math.Exp(pace)
	}
}

// byCopula draws from the histograms of the digram with the material's own dependence of neighbours: normal scores of dwells
// and intervals follow a first-order autoregression whose coefficients are the material's correlations.
func byCopula(rng *rand.Rand, s statistics) typist {
	dwellRank, intervalRank := s.ranks()
	var same, dwells, intervals [][2]float64
	for i, p := range s.pairs {
		same = append(same, [2]float64{dwellRank[i], intervalRank[i]})
		if p.before >= 0 {
			dwells = append(dwells, [2]float64{dwellRank[p.before], dwellRank[i]})
			intervals = append(intervals, [2]float64{intervalRank[p.before], intervalRank[i]})
		}
	}
	coupled, dwellLag, intervalLag := correlated(same), correlated(dwells), correlated(intervals)
	var zDwell, zInterval float64
	sorted := map[[2]event.Class][2][]float64{}
	return func(from, to event.Class) (float64, float64) {
		a, b := rng.NormFloat64(), rng.NormFloat64()
		b = coupled*a + math.Sqrt(1-coupled*coupled)*b
		zDwell = dwellLag*zDwell + math.Sqrt(1-dwellLag*dwellLag)*a
		zInterval = intervalLag*zInterval + math.Sqrt(1-intervalLag*intervalLag)*b
		key := [2]event.Class{from, to}
		if _, ok := sorted[key]; !ok {
			of := s.ofDigram(from, to)
			var d, v []float64
			for _, i := range of {
				d, v = append(d, s.pairs[i].dwellMS), append(v, s.pairs[i].intervalMS)
			}
			slices.Sort(d)
			slices.Sort(v)
			sorted[key] = [2][]float64{d, v}
		}
		return smooth(rng, at(sorted[key][0], zDwell)), smooth(rng, at(sorted[key][1], zInterval))
	}
}

// at gives the sorted value of a normal score.
func at(sorted []float64, z float64) float64 {
	p := 0.5 * math.Erfc(-z/math.Sqrt2)
	x := p * float64(len(sorted)-1)
	i := min(int(x), len(sorted)-2)
	if i < 0 {
		return sorted[0]
	}
	return sorted[i] + (x-float64(i))*(sorted[i+1]-sorted[i])
}

// ranks gives each stroke's normal scores of dwell and interval among those of its digram.
func (s statistics) ranks() (dwell, interval []float64) {
	dwell, interval = make([]float64, len(s.pairs)), make([]float64, len(s.pairs))
	score := func(of []int, value func(pair) float64, into []float64) {
		order := slices.Clone(of)
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(value(s.pairs[a]), value(s.pairs[b])) })
		for r, i := range order {
			into[i] = -math.Sqrt2 * math.Erfcinv(2*(float64(r)+0.5)/float64(len(order)))
		}
	}
	for _, of := range s.byPair { // each digram writes its own entries: the order does not matter
		score(of, func(p pair) float64 { return p.dwellMS }, dwell)
		score(of, func(p pair) float64 { return p.intervalMS }, interval)
	}
	return dwell, interval
}

// correlated is the correlation of pairs of normal scores, kept off 1.
func correlated(pairs [][2]float64) float64 {
	var xx, yy, xy float64
	for _, p := range pairs {
		xx, yy, xy = xx+p[0]*p[0], yy+p[1]*p[1], xy+p[0]*p[1]
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return clampMS(xy/math.Sqrt(xx*yy), -0.95, 0.95)
}

// byNeighbour goes on from each stroke as the material once did from one of the strokes most like it: of the same digram, and
// with the most alike dwell and interval before.
func byNeighbour(rng *rand.Rand, s statistics) typist {
	last := s.draw(rng, s.all())
	return func(from, to event.Class) (float64, float64) {
		of := s.ofDigram(from, to)
		type candidate struct {
			far float64
			at  int
		}
		var near []candidate
		for range min(60, len(of)) {
			i := of[rng.IntN(len(of))]
			if b := s.pairs[i].before; b >= 0 {
				near = append(near, candidate{math.Abs(math.Log((last.dwellMS+20)/(s.pairs[b].dwellMS+20))) + math.Abs(math.Log((last.intervalMS+20)/(s.pairs[b].intervalMS+20))), i})
			}
		}
		chosen := s.draw(rng, of)
		if len(near) > 0 {
			slices.SortFunc(near, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.far, b.far), cmp.Compare(a.at, b.at)) })
			chosen = s.pairs[near[rng.IntN(min(5, len(near)))].at]
		}
		last = chosen
		return smooth(rng, chosen.dwellMS), smooth(rng, chosen.intervalMS)
	}
}
