package adversary

import (
	"math"
	"math/rand/v2"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
)

// drawn makes an attack that types as the statistics of some of the material say.
func drawn(of func(KeyMaterial) [][]window.Stroke, by func(*rand.Rand, statistics) typist) func(*rand.Rand, KeyMaterial, int) []event.Key {
	return func(rng *rand.Rand, m KeyMaterial, strokes int) []event.Key {
		runs := of(m)
		s, ok := newStatistics(runs)
		if !ok {
			return nil
		}
		return typeClasses(classesLike(rng, runs, strokes), pausing(rng, s, by(rng, s)))
	}
}

func population(m KeyMaterial) [][]window.Stroke { return m.Population }
func victim(m KeyMaterial) [][]window.Stroke     { return m.Victim }

// populationKeys draw from what many people did.
var populationKeys = []KeyAttack{
	{"population-histogram", "Dwell and interval drawn one by one from the population's histograms of the key's class.", PopulationKeys, drawn(population, byHistogram)},
	{"population-digram", "Dwell and interval drawn one by one from the population's histograms of the pair of classes.", PopulationKeys, drawn(population, byDigram)},
	{"population-flight", "Dwell and flight drawn one by one from the population's histograms of the pair of classes.", PopulationKeys, drawn(population, byFlight)},
	{"population-pairs", "Dwell and interval drawn together from the population's strokes of the pair of classes.", PopulationKeys, drawn(population, byPairs)},
	{"population-scaled", "The population's pairs of dwell and interval at the victim's own pace and hold.", PopulationKeys, makeScaled},
	{"population-lognormal", "Log-normal dwells and intervals with the population's means and spreads of the pair of classes, one by one.", PopulationKeys, drawn(population, lawed(normal))},
	{"population-gamma", "Dwells and flights from gamma laws with the population's means and spreads of the pair of classes, one by one.", PopulationKeys, drawn(population, byGamma)},
	{"population-mixture", "Dwell and interval drawn together from a mixture of normal laws of the population's logarithms.", PopulationKeys, drawn(population, byMixture)},
	{"population-kernel", "Dwell and interval drawn together from a kernel density of the population's logarithms.", PopulationKeys, drawn(population, byKernel)},
	{"population-copula", "The population's histograms with its own dependence of each stroke on the last.", PopulationKeys, drawn(population, byCopula)},
	{"population-states", "Goes from pace to pace as the population does, and types one of its strokes at that pace.", PopulationKeys, drawn(population, byStates)},
	{"population-tempo", "The population's pairs of dwell and interval at a pace that wanders.", PopulationKeys, drawn(population, byTempo)},
	{"population-neighbour", "Goes on from each stroke as somebody once did from one like it.", PopulationKeys, drawn(population, byNeighbour)},
	{"population-autoregression", "Log times that follow the population's autoregression, at the victim's means and spreads.", PopulationKeys, makeMatched(autoregressing)},
	{"population-matched", "The population's pairs of dwell and interval at the victim's means and spreads of each pair of classes.", PopulationKeys,
		makeMatched(func(rng *rand.Rand, crowd, own statistics) typist { return matched(byPairs(rng, crowd), crowd, own) })},
}

// victimKeys draw from what the victim did.
var victimKeys = []KeyAttack{
	{"victim-histogram", "Dwell and interval drawn one by one from the victim's histograms of the key's class.", VictimKeys, drawn(victim, byHistogram)},
	{"victim-digram", "Dwell and interval drawn one by one from the victim's histograms of the pair of classes.", VictimKeys, drawn(victim, byDigram)},
	{"victim-flight", "Dwell and flight drawn one by one from the victim's histograms of the pair of classes.", VictimKeys, drawn(victim, byFlight)},
	{"victim-pairs", "Dwell and interval drawn together from the victim's strokes of the pair of classes.", VictimKeys, drawn(victim, byPairs)},
	{"victim-tempo", "The victim's pairs of dwell and interval at a pace that wanders.", VictimKeys, drawn(victim, byTempo)},
	{"victim-copula", "The victim's histograms with the victim's own dependence of each stroke on the last.", VictimKeys, drawn(victim, byCopula)},
	{"victim-neighbour", "Goes on from each stroke as the victim once did from one like it.", VictimKeys, drawn(victim, byNeighbour)},
	{"victim-blocks", "Runs of two to eight of the victim's strokes put together anew.", VictimKeys, makeBlocks},
	{"victim-lognormal", "Log-normal dwells and intervals with the victim's means and spreads of the pair of classes, one by one.", VictimKeys, drawn(victim, lawed(normal))},
	{"victim-loglogistic", "Log-logistic dwells and intervals with the victim's means and spreads of the pair of classes, one by one.", VictimKeys, drawn(victim, lawed(logistic))},
	{"victim-gamma", "Dwells and flights from gamma laws with the victim's means and spreads of the pair of classes, one by one.", VictimKeys, drawn(victim, byGamma)},
	{"victim-mixture", "Dwell and interval drawn together from a mixture of normal laws of the victim's logarithms.", VictimKeys, drawn(victim, byMixture)},
	{"victim-kernel", "Dwell and interval drawn together from a kernel density of the victim's logarithms.", VictimKeys, drawn(victim, byKernel)},
	{"victim-autoregression", "Log times that follow the victim's own autoregression.", VictimKeys, drawn(victim, byAutoregression)},
	{"victim-states", "Goes from pace to pace as the victim does, and types one of the victim's strokes at that pace.", VictimKeys, drawn(victim, byStates)},
	{"victim-trigram", "Dwell and interval drawn together from the victim's strokes between the same classes before and after.", VictimKeys, drawn(victim, byTrigram)},
}

// makeScaled takes the population's pairs to the victim's medians.
func makeScaled(rng *rand.Rand, m KeyMaterial, strokes int) []event.Key {
	crowd, ok := newStatistics(m.Population)
	own, known := newStatistics(m.Victim)
	if !ok || !known {
		return nil
	}
	dwellScale, intervalScale := own.middle(func(p pair) float64 { return p.dwellMS })/crowd.middle(func(p pair) float64 { return p.dwellMS }),
		own.middle(func(p pair) float64 { return p.intervalMS })/crowd.middle(func(p pair) float64 { return p.intervalMS })
	pairs := pausing(rng, own, byPairs(rng, crowd))
	return typeClasses(classesLike(rng, m.Population, strokes), func(from, to event.Class) (float64, float64) {
		dwellMS, intervalMS := pairs(from, to)
		return dwellMS * dwellScale, intervalMS * intervalScale
	})
}

// middle is the geometric mean of a time over all strokes.
func (s statistics) middle(of func(pair) float64) float64 {
	sum := 0.0
	for _, p := range s.pairs {
		sum += math.Log(1 + of(p))
	}
	return math.Exp(sum / float64(len(s.pairs)))
}

// makeBlocks joins short runs of recorded strokes so that each begins with the class that followed the last one's end.
func makeBlocks(rng *rand.Rand, m KeyMaterial, strokes int) []event.Key {
	s, ok := newStatistics(m.Victim)
	if !ok {
		return nil
	}
	var out []window.Stroke
	atMS := 0.0
	pauseShare := float64(len(s.pauses)) / float64(len(s.pauses)+len(s.pairs))
	next := s.pairs[rng.IntN(len(s.pairs))].from
	for len(out) < strokes {
		of := s.ofClass(next)
		at := of[rng.IntN(len(of))]
		for range 2 + rng.IntN(7) {
			p := s.pairs[at]
			out = append(out, window.Stroke{PressMS: atMS, ReleaseMS: atMS + smooth(rng, p.dwellMS), Class: p.from})
			atMS += smooth(rng, p.intervalMS)
			next = p.to
			if rng.Float64() < pauseShare {
				atMS += s.pauses[rng.IntN(len(s.pauses))]
			}
			at++
			if at == len(s.pairs) || s.pairs[at].before != at-1 {
				break
			}
		}
	}
	return keyEvents(out[:strokes])
}
