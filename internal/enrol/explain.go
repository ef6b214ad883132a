package enrol

import (
	"math"
	"slices"

	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/observation"
)

// Deviation is how far one feature of a probe lies from the subject's usual value.
type Deviation struct {
	Feature string  `json:"feature" doc:"The named feature."`
	Unit    string  `json:"unit" doc:"The unit of value and usual: ms, px, px/s, px/s², degrees, degrees/s or share."`
	Value   float64 `json:"value" doc:"What the last window had."`
	Usual   float64 `json:"usual" doc:"What the subject's windows have on average."`
	Sigmas  float64 `json:"sigmas" doc:"How far the value lies from the usual one, signed, in the subject's own standard deviations."`
}

// What an explanation needs and shows.
const (
	enoughWindows = 5    // windows that a usual value must rest on
	leastSpread   = 0.02 // of the usual value: no one is steadier than that
	shownMost     = 4    // deviations in an explanation
	worthSigmas   = 1    // a smaller deviation explains nothing
)

// Explain names the features of an observation that lie farthest from what is usual for the subject, the farthest first.
// Features that the window or the reference holds nothing of are passed over.
func Explain(r Reference, o observation.Observation) []Deviation {
	list, ok := feature.ByName(o.FeatureList)
	if !ok || r.FeatureList != o.FeatureList || len(o.Features) != len(list.Features) || len(r.Usual) != len(list.Features) {
		return []Deviation{}
	}
	out := []Deviation{}
	for i, f := range list.Features {
		u, v := r.Usual[i], o.Features[i]
		if u.Count < enoughWindows || v == 0 {
			continue
		}
		spread := math.Max(math.Sqrt(u.M2/(u.Count-1)), leastSpread*math.Abs(u.Mean)+1e-9)
		if sigmas := (v - u.Mean) / spread; math.Abs(sigmas) >= worthSigmas {
			out = append(out, Deviation{Feature: f.Name, Unit: f.Unit, Value: v, Usual: u.Mean, Sigmas: sigmas})
		}
	}
	slices.SortStableFunc(out, func(a, b Deviation) int {
		switch x, y := math.Abs(a.Sigmas), math.Abs(b.Sigmas); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	return out[:min(len(out), shownMost)]
}
