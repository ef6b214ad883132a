package compare

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
)

// spaceOf names the space that a projection leads to: the same for the same mean and projection, bit by bit. References
// are sums in that space, so that weights which were fitted anew under the same model's name cannot read older ones.
func spaceOf(mean []float64, projection [][]float64) string {
	h := sha256.New()
	var number [8]byte
	add := func(values []float64) {
		for _, v := range values {
			binary.LittleEndian.PutUint64(number[:], math.Float64bits(v))
			_, _ = h.Write(number[:]) // a hash never fails
		}
	}
	add(mean)
	for _, row := range projection {
		add(row)
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:9])
}

// fits reports whether a reference lies in the comparator's space. References of older versions do not say in which one
// they lie, and comparators that no file was read for do not know.
func (m *TwoCovariance) fits(r Reference) bool {
	return len(r.Sum) == len(m.Projection) && (r.Space == "" || m.space == "" || r.Space == m.space)
}

func (m *TwoCovariance) unreadable(r Reference) error {
	return fmt.Errorf("%w: the reference has %d dimensions of the space %q, want %d of %q", ErrDimension, len(r.Sum), r.Space, len(m.Projection), m.space)
}

// Readable reports whether a comparator can compare with a reference that holds something. One that it cannot read was
// built by other weights and is of no more use to it.
func Readable(c Comparator, r Reference) bool {
	m, ok := c.(*TwoCovariance)
	return !ok || !(r.Weight > 0) || m.fits(r)
}
