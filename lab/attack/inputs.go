package attack

import (
	"math"
	"slices"

	"ipse.dev/ipse/internal/observation"
)

// Fields says which parts of an observation an attacker sees.
type Fields uint8

// The parts.
const (
	Counts    Fields = 1 << iota // number of strokes and place in the session
	Duration                     // how long the window took
	Features                     // the named features
	Liveness                     // liveness measures and quality flags
	Embedding                    // the behaviour model's vector
	Sketch                       // the names by which replays are known
	AllFields = Counts | Duration | Features | Liveness | Embedding | Sketch
)

// Inputs gives what an attacker sees of one observation as numbers. Durations and features enter as logarithms, and what
// is exactly zero (a feature for which the window holds nothing: no shift, no correction) as a number of its own.
func Inputs(o observation.Observation, position int, fields Fields) []float64 {
	var x []float64
	if fields&Counts != 0 {
		x = append(x, float64(o.Events), math.Log(float64(max(1, o.Events))), float64(position))
	}
	if fields&Duration != 0 {
		x = append(x, logarithm(float64(o.DurationMS)), logarithm(float64(o.DurationMS)/float64(max(1, o.Events))))
	}
	if fields&Features != 0 {
		for _, f := range o.Features {
			x = append(x, logarithm(f), indicator(f == 0))
		}
	}
	if fields&Liveness != 0 {
		l := o.Liveness
		x = append(x, l.UntrustedShare, logarithm(l.TimestampQuantumMS), l.RepeatShare, indicator(l.RepeatShare == 0), float64(l.Pastes))
		for _, flag := range observation.Flags {
			x = append(x, indicator(slices.Contains(o.Quality, flag)))
		}
		for _, m := range l.Measures {
			x = append(x, logarithm(m))
		}
	}
	if fields&Sketch != 0 {
		x = append(x, nameBits(o.Liveness.Sketch)...)
	}
	if fields&Embedding != 0 {
		for _, v := range o.Embedding {
			x = append(x, float64(v))
		}
	}
	return x
}

// nameBits gives the bits of a sketch's names as -1 and 1, and 0 where there is no name.
func nameBits(s observation.Sketch) []float64 {
	x := make([]float64, 8*observation.MaxSketchBytes)
	for i := range min(len(x), 8*len(s)) {
		x[i] = 2*float64(s[i/8]>>(7-i%8)&1) - 1
	}
	return x
}

func logarithm(v float64) float64 { return math.Copysign(math.Log1p(math.Abs(v)), v) }

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// AgainstOwn puts beside each of one person's inputs their distance from that person's mean: an attacker holds all
// observations of a person, and what is unusual for the person tells more of the text than what is unusual among people.
func AgainstOwn(windows [][]float64) [][]float64 {
	if len(windows) == 0 {
		return nil
	}
	mean := make([]float64, len(windows[0]))
	for _, x := range windows {
		for i, v := range x {
			mean[i] += v / float64(len(windows))
		}
	}
	out := make([][]float64, len(windows))
	for n, x := range windows {
		out[n] = slices.Clone(x)
		for i, v := range x {
			out[n] = append(out[n], v-mean[i])
		}
	}
	return out
}

// scaler brings inputs to mean 0 and standard deviation 1 over the training windows; inputs that never change become 0.
type scaler struct{ mean, factor []float64 }

// furthest is where a scaled input is cut, in standard deviations.
const furthest = 6

func newScaler(examples []Example) scaler {
	d := len(examples[0].Inputs)
	s := scaler{make([]float64, d), make([]float64, d)}
	n := float64(len(examples))
	for i := range examples {
		for j, v := range examples[i].Inputs {
			s.mean[j] += v / n
		}
	}
	for i := range examples {
		for j, v := range examples[i].Inputs {
			s.factor[j] += (v - s.mean[j]) * (v - s.mean[j]) / n
		}
	}
	for j, variance := range s.factor {
		s.factor[j] = 0
		if variance > 1e-12 {
			s.factor[j] = 1 / math.Sqrt(variance)
		}
	}
	return s
}

func (s scaler) scale(x, out []float64) []float64 {
	for j, v := range x {
		out[j] = max(-furthest, min(furthest, (v-s.mean[j])*s.factor[j]))
	}
	return out
}
