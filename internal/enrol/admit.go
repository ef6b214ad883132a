package enrol

import "ipse.dev/ipse/internal/observation"

// phraseAdmits is the comparison score from which a typing of a phrase may be taken in. One in a hundred of other people's
// typings reaches it, where three to six reach 0 (docs/decisions/0016-adaptation-of-phrases.md).
const phraseAdmits = 1.5

// Admits reports whether an observation with this comparison score may be offered to a mature reference, if the session
// is trusted. Windows of a session vouch for each other, so that trust alone decides; a typing of a phrase stands alone.
func (k Key) Admits(score float64) bool {
	return k.Modality != observation.Phrase || score >= phraseAdmits
}
