package dataset

import (
	"math"
	"math/rand/v2"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/liveness"
)

// UnstepKeys spreads the times of key events over the steps of the clock that recorded them, at least over leastMS, and keeps
// their order. After it nothing tells which clock or keyboard a recording comes from: forgeries drawn from such recordings
// have lost the same.
func UnstepKeys(rng *rand.Rand, keys []event.Key, leastMS float64) []event.Key {
	const looked = 200 // enough times to know the clock's step by
	times := make([]float64, 0, looked)
	for _, k := range keys[:min(len(keys), looked)] {
		times = append(times, k.TimeMS)
	}
	stepMS := math.Max(leastMS, liveness.Quantum(times))
	out, lastMS := make([]event.Key, len(keys)), math.Inf(-1)
	for i, k := range keys {
		k.TimeMS = math.Max(lastMS, k.TimeMS+stepMS*rng.Float64())
		out[i], lastMS = k, k.TimeMS
	}
	return out
}

// StepKeys gives key events as a clock with the given step would have read them, beginning anywhere within a step.
func StepKeys(rng *rand.Rand, keys []event.Key, stepMS float64) []event.Key {
	offsetMS := stepMS * rng.Float64()
	out := make([]event.Key, len(keys))
	for i, k := range keys {
		k.TimeMS = math.Floor((k.TimeMS+offsetMS)/stepMS) * stepMS
		out[i] = k
	}
	return out
}

// JoinKeys puts sessions one after the other with a rest between them.
func JoinKeys(sessions [][]event.Key, restMS float64) []event.Key {
	var out []event.Key
	atMS := 0.0
	for _, s := range sessions {
		for _, k := range s {
			k.TimeMS += atMS
			out = append(out, k)
		}
		if len(out) > 0 {
			atMS = out[len(out)-1].TimeMS + restMS
		}
	}
	return out
}
