package enrol

// Deviation is how far one feature of a probe lies from the subject's usual value.
type Deviation struct {
	Feature string  `json:"feature"`
	Unit    string  `json:"unit"`
	Value   float64 `json:"value"`
	Usual   float64 `json:"usual"`
	Sigmas  float64 `json:"sigmas"` // signed, in the subject's own standard deviations
}
