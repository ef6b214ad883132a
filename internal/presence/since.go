package presence

import (
	"maps"
	"math"
)

// Since is what a session's windows have come to beside what was usual of the subject before the session. Nothing that the
// session itself has shown is usual here, so a program that holds it from the beginning is forgiven nothing. It is a few
// numbers, in a session's summary. The zero value is a session that has not begun.
type Since struct {
	By     string  `json:"by,omitempty"`    // Mark of the network
	Before Usual   `json:"before,omitzero"` // what was usual when the session began, of earlier sessions
	Quiet  int     `json:"quiet,omitempty"` // judged windows since then, or since the kind was last near to being found, quietWindows at most
	Run    int     `json:"run,omitempty"`   // windows since their mean was last no higher than was to be expected
	Mean   float64 `json:"mean,omitempty"`  // of the network's output over the run
	Nats   float64 `json:"nats,omitempty"`  // what the run says, 0 at least
}

// quietWindows bounds a session's share: half an hour of typing without a rest, which is as long as sessions that bounds were
// fitted to. A session that lasts for days is cut into stretches: after so many windows of which none brought it near to being found,
// what is usual is taken anew, the stretch's own windows with it. Whoever held the session by then is forgiven what was not
// found, and little is lost by it: what a run says grows no more once its mean is known. A run is no longer either; later
// windows replace earlier ones in its mean.
const quietWindows = 200

// SessionBounds say how far the mean of a session's windows lies from what is to be expected of the subject, in units of the
// network's output. All windows of one session share the person's mean, which is why they cannot be added up as if each
// spoke for itself: of a stranger the mean is unknown, and more windows say no more about it.
type SessionBounds struct {
	People   float64 `json:"people"`   // variance of people's means
	Sessions float64 `json:"sessions"` // variance of the mean from one session of a person to another
	Window   float64 `json:"window"`   // variance of a window about the mean of its session
	Least    float64 `json:"least"`    // nobody is expected to have a lower mean
	Most     float64 `json:"most"`     // no output counts for more: single windows are stranger than any variance says
	Scale    float64 `json:"scale"`    // by which nats are multiplied, so that those of runs and of sums are found at one bound
}

func (b *SessionBounds) usable() bool {
	return b.People > 0 && b.Sessions >= 0 && b.Window > 0 && b.Scale > 0 && b.Most > b.Least
}

// expected gives the mean to be expected of a session, and its variance, where people's mean is mean: of a person of whom
// n windows are known, whose mean is m, the posterior mean of a Gaussian (an empirical Bayes estimate) is
// mean + k(m - mean) with k = People/(People + Sessions + Window/n), its variance (1-k)·People.
func (b *SessionBounds) expected(mean float64, before Usual, by string) (expected, variance float64) {
	k := 0.0
	if before.By == by && before.Windows > 0 && !math.IsNaN(before.Nats) {
		k = b.People / (b.People + b.Sessions + b.Window/float64(min(before.Windows, usualWindows)))
		mean += k * (before.Nats - mean)
	}
	return math.Max(b.Least, mean), (1-k)*b.People + b.Sessions
}

// Nats is what a run of so many windows with this mean says for somebody else's mean, where people's mean is people: the
// logarithm of the likelihood ratio of the mean that fits it best, which is what a forger of whom nothing is known may have,
// against that of the person, d²/2v with the distance d from what is expected and its variance v (a generalised likelihood
// ratio; it is 0 where the mean is no higher than expected, as forgeries lie above). With more windows it grows towards what
// the means alone say.
func (b *SessionBounds) Nats(people float64, s Since) float64 {
	if s.Run < 1 {
		return 0
	}
	expected, variance := b.expected(people, s.Before, s.By)
	above := math.Max(0, s.Mean-expected)
	return b.Scale * above * above / (2 * (variance + b.Window/float64(s.Run)))
}

// add gives what a session has come to with one more window; off is what is taken off its output.
func (b *SessionBounds) add(people float64, s Since, output, off float64) Since {
	s.Run = min(max(0, s.Run)+1, quietWindows)
	s.Mean += (math.Max(-usualMost, math.Min(b.Most, output)) - off - s.Mean) / float64(s.Run)
	if expected, _ := b.expected(people, s.Before, s.By); !(s.Mean > expected) {
		s.Run, s.Mean = 0, 0
	}
	s.Nats = b.Nats(people, s)
	return s
}

// Begin gives the session beside what is usual now, where it has not begun, has been judged by another network or has been
// quiet for long; else it is as it was.
func (s Since) Begin(by string, usual Usual) Since {
	if s.By == by && s.Quiet < quietWindows {
		return s
	}
	return Since{By: by, Before: usual}
}

// Hear counts one more judged window, after which the kind is near to being found or is not.
func (s Since) Hear(near bool) Since {
	s.Quiet = min(max(0, s.Quiet)+1, quietWindows)
	if near {
		s.Quiet = 0
	}
	return s
}

// Anew is what remains when the subject signs in: nothing has come, beside the same as before.
func (s Since) Anew() Since { return Since{By: s.By, Before: s.Before, Quiet: s.Quiet} }

// Anew is what remains of the state when the subject signs in: sums begin anew, but what was usual before the session stays
// what it was.
func (s State) Anew() State {
	var next State
	for kind, since := range s.Since {
		if next.Since == nil {
			next.Since = map[Kind]Since{}
		}
		next.Since[kind] = since.Anew()
	}
	return next
}

// TakeBack gives the past without what this session has taught of what is usual: it is called where the session was found to
// be no hand's, by whatever kind, so that nobody is believed later who held it unnoticed at first.
func (j Judge) TakeBack(p Past, s State) Past {
	for _, signal := range j.Signals {
		since, begun := s.Since[signal.Kind]
		for m, h := range p {
			if now, learnt := h.Usual[signal.Kind]; !begun || !learnt || now.By != since.By {
				continue
			}
			h.Usual = maps.Clone(h.Usual)
			h.Usual[signal.Kind] = since.Before
			if since.Before == (Usual{}) {
				delete(h.Usual, signal.Kind)
			}
			p = p.with(m, h)
		}
	}
	return p
}
