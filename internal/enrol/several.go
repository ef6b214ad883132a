package enrol

import (
	"math"
	"slices"
)

// MaxPlaces bounds the references of one subject for the same modality, device class and model: a laptop's keyboard, the
// desk's, and so on.
const MaxPlaces = 4

// Average gives the evidence of a probe that was compared with several references of one subject: the logarithm of the
// mean likelihood ratio. A subject with n references is a person who types in one of n ways, each as likely as another, so
// the likelihood of the probe is the mean over them. It lies between the best score less log n and the best score: that
// difference is the price of choosing. With the best score alone a stranger would have n chances to be taken for the
// subject and each chance would cost nothing. Scores that are not finite are passed over; without any it is NaN.
func Average(scores []float64) float64 {
	best := math.NaN()
	for _, s := range scores {
		if finite(s) && !(s <= best) {
			best = s
		}
	}
	sum, n := 0.0, 0.0
	for _, s := range scores {
		if finite(s) {
			sum += math.Exp(s - best)
			n++
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return math.Min(best, best+math.Log(sum/n))
}

// Best gives the index of the highest finite score, the first of equals, or -1.
func Best(scores []float64) int {
	best := -1
	for i, s := range scores {
		if finite(s) && (best < 0 || s > scores[best]) {
			best = i
		}
	}
	return best
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// Places lists the keys under which a subject may have references for the same thing as key, the first place first.
func (k Key) Places() []Key {
	out := slices.Repeat([]Key{k}, MaxPlaces)
	for i := range out {
		out[i].Place = i
	}
	return out
}
