package compare

import (
	"fmt"
	"math"
)

// TwoCovariance compares by the two-covariance model of speaker verification (Brümmer and de Villiers, "The speaker
// partitioning problem", Odyssey 2010): an embedding is its person's mean plus what varies from window to window. The
// projection makes both covariances diagonal, the inner one the identity, so that dimensions are compared one by one.
//
// Three things are added. A share of what varies is common to the windows of one stretch of work (task, mood, posture),
// so that many windows of one stretch do not pin a person down. Scores are taken relative to those that the subject's
// own probes have, so that a group of people who are unlike the background people but like one another are still told
// apart. And the densities are Student's, not normal, so that one odd window does not outweigh a hundred ordinary ones.
type TwoCovariance struct {
	Modality string `json:"modality"`
	Model    string `json:"model"`

	Mean       []float64   `json:"mean"`       // of embeddings over people; one for each dimension of the embedding
	Projection [][]float64 `json:"projection"` // rows: dimensions that are compared; columns: dimensions of the embedding
	Between    []float64   `json:"between"`    // variance between people, where the variance within one is 1
	Stretch    []float64   `json:"stretch"`    // share of the variance within a person that one stretch of work has in common, in [0,1)
	Degrees    float64     `json:"degrees"`    // Student's degrees of freedom, above 2
	Relative   float64     `json:"relative"`   // share of the subject's own mean score that is taken off, in [0,1]
	OwnScore   float64     `json:"ownScore"`   // raw score that people's own probes usually have

	FullWindow float64 `json:"fullWindow"` // events of the windows that the variances were measured on
	Scale      float64 `json:"scale"`      // calibration: score = Scale × raw + Offset (logistic regression)
	Offset     float64 `json:"offset"`

	// Odd is the share of people's own windows that say no more about who typed than a stranger's, after a change of
	// task or of machine; Alike is the share of strangers' windows that look like the subject's. So no score is surer
	// than experience allows: it lies between about log Odd and −log Alike. Zero stands for none.
	Odd   float64 `json:"odd"`
	Alike float64 `json:"alike"`

	space string // that Projection leads to; empty where no file was read
}

// Limits of what a probe's length may do to its variance.
const (
	shortestShare = 0.1 // of a full window
	longestShare  = 8
)

func (m *TwoCovariance) validate() error {
	d, k := len(m.Mean), len(m.Projection)
	if d == 0 || k == 0 || len(m.Between) != k || len(m.Stretch) != k {
		return fmt.Errorf("shapes do not fit: mean %d, projection %d rows, between %d, stretch %d", d, k, len(m.Between), len(m.Stretch))
	}
	all := append([]float64{m.Degrees, m.FullWindow, m.Scale, m.Offset}, m.Mean...)
	for i, row := range m.Projection {
		if len(row) != d {
			return fmt.Errorf("row %d of the projection has %d columns, want %d", i, len(row), d)
		}
		all = append(all, row...)
		if !(m.Between[i] > 0) || !(m.Stretch[i] >= 0 && m.Stretch[i] < 1) {
			return fmt.Errorf("dimension %d: between %g must be above 0, stretch %g in [0,1)", i, m.Between[i], m.Stretch[i])
		}
		all = append(all, m.Between[i])
	}
	all = append(all, m.Relative, m.OwnScore)
	for _, v := range all {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("holds a number that is not finite")
		}
	}
	if !(m.Relative >= 0 && m.Relative <= 1) {
		return fmt.Errorf("relative %g must lie in [0,1]", m.Relative)
	}
	if !(m.Odd >= 0 && m.Odd < 0.5 && m.Alike >= 0 && m.Alike < 0.5) {
		return fmt.Errorf("odd %g and alike %g must lie in [0, 0.5)", m.Odd, m.Alike)
	}
	if m.Degrees <= 2 || m.FullWindow < 1 || m.Scale <= 0 {
		return fmt.Errorf("degrees %g must be above 2, fullWindow %g at least 1, scale %g above 0", m.Degrees, m.FullWindow, m.Scale)
	}
	return nil
}

// Project gives an embedding's coordinates in the space where dimensions are compared one by one.
func (m *TwoCovariance) Project(p Probe) ([]float64, error) {
	if len(p.Embedding) != len(m.Mean) {
		return nil, fmt.Errorf("%w: got %d, want %d", ErrDimension, len(p.Embedding), len(m.Mean))
	}
	out := make([]float64, len(m.Projection))
	for i, row := range m.Projection {
		sum := 0.0
		for j, w := range row {
			sum += w * (float64(p.Embedding[j]) - m.Mean[j])
		}
		out[i] = sum
	}
	return out, nil
}

// ownScoresFrom is how much a reference must hold before its subject's next probe tells how such probes score.
const ownScoresFrom = 6

// Enrol adds a probe to a reference, weighted by its length in full windows.
func (m *TwoCovariance) Enrol(r Reference, p Probe) (Reference, error) {
	u, err := m.Project(p)
	if err != nil {
		return r, err
	}
	if r.Weight > 0 && !m.fits(r) {
		return r, m.unreadable(r)
	}
	weight := m.share(p)
	next := Reference{
		Sum: make([]float64, len(u)), Weight: r.Weight + weight, OwnScore: r.OwnScore, OwnScores: r.OwnScores, Space: m.space,
	}
	if r.Weight >= ownScoresFrom {
		next.OwnScore += m.raw(r, u, weight)
		next.OwnScores++
	}
	copy(next.Sum, r.Sum)
	for i := range u {
		next.Sum[i] += weight * u[i]
	}
	return next, nil
}

// Compare gives the calibrated log-likelihood ratio of "the probes are the reference's subject's" against "they are
// somebody else's, all of the same person". Probes count by their length; what a stretch of work has in common does not
// wash out however many there are.
func (m *TwoCovariance) Compare(r Reference, probes ...Probe) (float64, error) {
	if !(r.Weight > 0) {
		return 0, ErrEmpty
	}
	if !m.fits(r) {
		return 0, m.unreadable(r)
	}
	if len(probes) == 0 {
		return 0, ErrNoProbe
	}
	mean, length := make([]float64, len(m.Projection)), 0.0
	for _, p := range probes {
		u, err := m.Project(p)
		if err != nil {
			return 0, err
		}
		share := m.share(p)
		length += share
		for i, x := range u {
			mean[i] += share * x
		}
	}
	for i := range mean {
		mean[i] /= length
	}
	own := (r.OwnScore + ownCaution*m.OwnScore) / (r.OwnScores + ownCaution)
	return m.sober(m.Scale*(m.raw(r, mean, length)-m.Relative*own) + m.Offset), nil
}

// sober gives the log-likelihood ratio when a share Odd of mated scores is drawn as non-mated ones are, and a share Alike
// the other way round: log ((1−Odd)·L + Odd) / ((1−Alike) + Alike·L) for L = exp(llr). It keeps the order of scores.
func (m *TwoCovariance) sober(llr float64) float64 { return Sober(llr, m.Odd, m.Alike) }

// Sober is what a comparator makes of a log-likelihood ratio when the given shares are odd and alike; see TwoCovariance.
func Sober(llr, odd, alike float64) float64 {
	small := math.Exp(-math.Abs(llr)) // of the two likelihoods, by the larger one
	mated, other := odd+(1-odd)*small, 1-alike+alike*small
	if llr > 0 {
		mated, other = odd*small+1-odd, (1-alike)*small+alike
	}
	switch {
	case llr > 0 && alike == 0:
		return llr + math.Log(mated)
	case llr <= 0 && odd == 0:
		return llr - math.Log(other)
	}
	return math.Log(mated) - math.Log(other)
}

// ownCaution is how many of people's usual own scores are mixed into a subject's. A reference learns first from one task, in
// which the subject's windows score better than they ever will again; with few, a dozen minutes of it would decide what is
// asked of all later work.
const ownCaution = 60

// raw gives the log-likelihood ratio before calibration, for a projected probe that is so many full windows long.
func (m *TwoCovariance) raw(r Reference, u []float64, length float64) float64 {
	sum := 0.0
	for i, x := range u {
		between, stretch := m.Between[i], m.Stretch[i]
		within := stretch + (1-stretch)/length
		known := stretch + (1-stretch)/r.Weight // variance of the reference's mean around its person
		gain := between / (between + known)
		centre := gain * r.Sum[i] / r.Weight
		mated := between*(1-gain) + within
		sum += logStudent(x-centre, mated, m.Degrees) - logStudent(x, between+within, m.Degrees)
	}
	return sum
}

func (m *TwoCovariance) share(p Probe) float64 {
	return math.Max(shortestShare, math.Min(longestShare, float64(p.Events)/m.FullWindow))
}

// logStudent is the logarithm of Student's density with the given variance, without the terms that cancel in a ratio.
func logStudent(x, variance, degrees float64) float64 {
	return -0.5*math.Log(variance) - (degrees+1)/2*math.Log1p(x*x/(variance*(degrees-2)))
}
