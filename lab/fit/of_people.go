package fit

import (
	"fmt"
	"io"
	"slices"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/observation"
)

// OfPeople fits how windows of one pointer model are compared, from the people who are compared afterwards: by person,
// stretches of work, windows. Scores of such a comparator are no likelihood ratios, because the same people calibrate it;
// they are for figures that say whom it knows. Fewer than three people, or too little of them, give an error.
func OfPeople(model string, people [][][]compare.Probe) (*compare.TwoCovariance, error) {
	var samples []sample
	for i, p := range people {
		s := sample{id: fmt.Sprint(i), role: Background}
		for _, stretch := range p {
			probes := make([]probe, len(stretch))
			for k, x := range stretch {
				probes[k] = probe{embedding: x.Embedding, events: x.Events}
			}
			if len(probes) > 0 {
				s.stretches = append(s.stretches, probes)
			}
		}
		if len(s.stretches) > 0 {
			samples = append(samples, s)
		}
	}
	for _, s := range slices.Clone(samples) {
		s.role = Calibration
		samples = append(samples, s)
	}
	c, _, err := fitOne(io.Discard, observation.Pointer, model, samples)
	return c, err
}
