package compare

import "math"

// Mover is a comparator that can tell how far apart two states of a reference lie.
type Mover interface {
	// Distance is 0 for the same state, and 1 for as far as two people drawn at random lie apart (root mean square).
	// References that hold nothing give ErrEmpty, those that other weights built ErrDimension.
	Distance(a, b Reference) (float64, error)
	// SamePerson is the log-likelihood ratio, natural log and not calibrated, of "both are one person's" against "they are
	// two people's". It is for measured thresholds, not for trust. Errors are those of Distance.
	SamePerson(a, b Reference) (float64, error)
}

// Distance compares the means of two references in the space of the projection, where what varies within a person has the
// variance 1 in every dimension. Two people differ there by twice the variance between people, summed over dimensions.
func (m *TwoCovariance) Distance(a, b Reference) (float64, error) {
	if err := m.comparable(a, b); err != nil {
		return 0, err
	}
	apart, people := 0.0, 0.0
	for i := range m.Projection {
		d := a.Sum[i]/a.Weight - b.Sum[i]/b.Weight
		apart += d * d
		people += 2 * m.Between[i]
	}
	return math.Sqrt(apart / people), nil
}

// SamePerson takes the mean of b for a probe that is as long as b weighs.
func (m *TwoCovariance) SamePerson(a, b Reference) (float64, error) {
	if err := m.comparable(a, b); err != nil {
		return 0, err
	}
	mean := make([]float64, len(b.Sum))
	for i, x := range b.Sum {
		mean[i] = x / b.Weight
	}
	return m.raw(a, mean, b.Weight), nil
}

func (m *TwoCovariance) comparable(a, b Reference) error {
	if !(a.Weight > 0) || !(b.Weight > 0) {
		return ErrEmpty
	}
	for _, r := range []Reference{a, b} {
		if !m.fits(r) {
			return m.unreadable(r)
		}
	}
	return nil
}
