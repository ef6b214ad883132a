package app

import (
	"slices"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
)

// The closed-set mode, for workstations that several people share: which of these few is at the controls, or none of
// them. It compares the session's recent windows with the references of people whom the application names, and with
// nobody else's: there is no search.
const (
	FewestCandidates = 2
	MostCandidates   = 8 // named in one session, however often it is asked

	heldProbes       = 8                // windows of each modality and model
	heldProbesWithin = int64(10 * 60e3) // milliseconds: who was there before that does not answer who is there now

	noneBefore = 0.2  // probability of none of these before anything is compared
	sureFrom   = 0.95 // probability from which one of the answers is given
)

// HeldProbe is a window that a session keeps for the closed-set mode.
type HeldProbe struct {
	Modality observation.Modality
	Device   observation.DeviceClass
	Model    string
	AtMS     int64
	Probe    compare.Probe
}

func (p HeldProbe) alike(o HeldProbe) bool { return p.Modality == o.Modality && p.Model == o.Model }

// hold keeps a window that can be compared, in memory and never in the store.
func (s *Session) hold(o observation.Observation, atMS int64) {
	if o.Modality == observation.Phrase { // it tells who knows the phrase by heart, and comes too seldom
		return
	}
	next := HeldProbe{o.Modality, o.DeviceClass, o.Model, atMS, compare.Probe{Embedding: o.Embedding, Events: o.Events}}
	kept, same := make([]HeldProbe, 0, len(s.Held)+1), 0
	for _, p := range slices.Backward(s.Held) {
		if p.alike(next) {
			if same++; same >= heldProbes {
				continue
			}
		}
		if atMS-p.AtMS <= heldProbesWithin {
			kept = append(kept, p)
		}
	}
	slices.Reverse(kept)
	s.Held = append(kept, next)
}

// Ask notes by which tags people were named in a session. What would be more than MostCandidates changes nothing: nobody
// hunts through a company eight names at a time.
func (a *Assessor) Ask(s Session, tags []string) Session {
	all := slices.Clone(s.Named)
	for _, tag := range tags {
		if !slices.Contains(all, tag) {
			all = append(all, tag)
		}
	}
	if s.Closed || len(all) > MostCandidates {
		return s
	}
	s.Named = all
	return s
}

// ClosedSet is what the recent windows say of some people, in the order in which they were named.
type ClosedSet struct {
	Each       []float64 // probabilities; with None they sum up to 1
	Comparable []bool    // who has a reference to compare with
	None       float64
	Sure       int // the candidate that it is; -1 for none of these where Reasons are empty
	Reasons    []policy.ReasonCode
}

// Among compares a session's recent windows with each of some people's references.
func (a *Assessor) Among(s Session, people []References) ClosedSet {
	c := ClosedSet{Comparable: make([]bool, len(people)), Sure: -1}
	scores := make([]float64, len(people))
	probes := s.recentProbes()
	for i, refs := range people {
		scores[i], c.Comparable[i] = a.scoreOf(probes, refs)
	}
	c.Each, c.None = compare.Among(scores, noneBefore)
	best := 0
	for i, p := range c.Each {
		if p > c.Each[best] {
			best = i
		}
	}
	switch {
	case len(probes) == 0:
		c.Reasons = []policy.ReasonCode{policy.NoInput}
	case len(people) > 0 && c.Each[best] >= sureFrom && c.Comparable[best]:
		c.Sure = best
	case slices.Contains(c.Comparable, false):
		c.Reasons = []policy.ReasonCode{policy.Immature} // it may be one of those whom nothing is known of
	case c.None < sureFrom:
		c.Reasons = []policy.ReasonCode{policy.TooAlike}
	}
	return c
}

// recentProbes are those that still tell of now, which is the session's last moment.
func (s Session) recentProbes() []HeldProbe {
	return slices.DeleteFunc(slices.Clone(s.Held), func(p HeldProbe) bool { return s.Trust.AtMS-p.AtMS > heldProbesWithin })
}

// scoreOf adds up what one person's references say of the probes: for each modality by the first model that the weights
// name and the person has a mature reference for, its probes compared together.
func (a *Assessor) scoreOf(probes []HeldProbe, refs References) (sum float64, comparable bool) {
	seen := map[string]bool{}
	for _, c := range a.Weights.Comparators {
		if seen[c.Modality] {
			continue
		}
		if score, ok := bestOf(c, probes, refs); ok {
			sum += score
			seen[c.Modality], comparable = true, true
		}
	}
	return sum, comparable
}

// bestOf compares by the reference that fits best: one person may have several, and the question is who.
func bestOf(c *compare.TwoCovariance, probes []HeldProbe, refs References) (best float64, found bool) {
	for key, ref := range refs {
		if string(key.Modality) != c.Modality || key.Model != c.Model || !ref.Mature() || !compare.Readable(c, ref.Comparison) {
			continue
		}
		score, err := c.Compare(ref.Comparison, probesFor(key, probes)...)
		if usable(score, err) && (!found || score > best) {
			best, found = score, true
		}
	}
	return best, found
}

func probesFor(key enrol.Key, probes []HeldProbe) (out []compare.Probe) {
	for _, p := range probes {
		if p.Modality == key.Modality && p.Model == key.Model && p.Device == key.DeviceClass {
			out = append(out, p.Probe)
		}
	}
	return out
}
