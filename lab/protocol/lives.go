package protocol

import (
	"runtime"
	"sync"
	"sync/atomic"

	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
)

// life is what one person did, in order of time.
type life struct {
	id       string
	acts     []act
	enrolled int // acts after which the reference is mature; 0 where it never is
}

// act is one observation that arrives at the server.
type act struct {
	observation observation.Observation
	atMS        int64 // when, by a clock on which everybody's first act is at firstActMS
	day         int   // 1 is the first; of typing without dates, a stretch of work
	opens       bool  // the person has just signed in: a session begins
}

// firstActMS keeps times away from 0, which stands for "never".
const firstActMS = dayMS

const dayMS = 24 * 3600 * 1000

// adaptation is what a mature reference takes in.
type adaptation uint8

const (
	frozen    adaptation = iota // nothing
	guarded                     // what the server lets in
	unguarded                   // everything that the server trusts, at once
)

// learner is a subject's reference at a server while time passes: what arrives goes through the server's own assessment.
type learner struct {
	assessor *app.Assessor
	how      adaptation
	key      enrol.Key
	refs     app.References
	session  app.Session
}

func newLearner(w *compare.Weights, t policy.Thresholds, key enrol.Key, how adaptation) *learner {
	a := app.AssessorFor(w)
	a.Thresholds = t
	return &learner{assessor: a, how: how, key: key, refs: app.References{}}
}

// sees has an observation assessed and learnt from. It gives the comparison score, if the reference was mature, and
// whether the session was locked for it, after which its person signs in again.
func (l *learner) sees(a act) (score *float64, locked bool) {
	if a.opens || l.session.ID == "" {
		l.session = l.assessor.Open("session", "subject", a.atMS)
	}
	o := a.observation
	o.Sequence = l.session.LastSequence + 1
	ripe := l.mature()
	session, after, _ := l.assessor.Observe(l.session, l.refs, []observation.Observation{o}, a.atMS)
	l.session = session
	if len(session.Path) > 0 {
		score = session.Path[len(session.Path)-1].Score
	}
	switch {
	case !ripe || l.how == guarded:
		l.refs = after
	case l.how == unguarded && score != nil && l.trusted():
		l.takes(o)
	}
	if session.Decision.Level == policy.High {
		l.session, _ = l.assessor.Reauthenticate(session, a.atMS)
		return score, true
	}
	return score, false
}

// trusted is the server's own condition for what may wait to be taken in.
func (l *learner) trusted() bool {
	return l.session.Decision.Level == policy.Low && l.session.Trust.LogOdds <= l.assessor.Trust.Begin(0).LogOdds
}

// takes takes an observation in at once, past the guard.
func (l *learner) takes(o observation.Observation) {
	if c, err := l.assessor.Weights.For(l.key.Modality, l.key.Model); err == nil {
		if r, err := enrol.Take(c, l.refs[l.key], l.key, o); err == nil {
			l.refs = app.References{l.key: r}
		}
	}
}

// offers hands an observation to the guard as one of a trusted stretch, whatever it scores.
func (l *learner) offers(a act) {
	if c, err := l.assessor.Weights.For(l.key.Modality, l.key.Model); err == nil {
		if r, err := enrol.Offer(c, l.refs[l.key], l.key, a.observation, a.atMS); err == nil {
			l.refs = app.References{l.key: r}
		}
	}
}

func (l *learner) mature() bool { return l.refs[l.key].Mature() }

// compare gives the score of somebody's observation as the reference is now, and learns nothing.
func (l *learner) compare(o observation.Observation) (float64, error) {
	c, err := l.assessor.Weights.For(l.key.Modality, l.key.Model)
	if err != nil {
		return 0, err
	}
	return c.Compare(l.refs[l.key].Comparison, compare.Probe{Embedding: o.Embedding, Events: o.Events})
}

// each runs work for the numbers below n, several at a time, and gives the first number's error. It tells how far it is
// unless the stage is empty.
func (r *run) each(stage string, n int, work func(i int) error) error {
	var wait sync.WaitGroup
	var next, done atomic.Int64
	failure := make([]error, n)
	for range min(n, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && r.ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				failure[i] = work(i)
				if stage != "" {
					r.progress(stage, int(done.Add(1)), n)
				}
			}
		})
	}
	wait.Wait()
	if err := r.ctx.Err(); err != nil {
		return err
	}
	for _, err := range failure {
		if err != nil {
			return err
		}
	}
	return nil
}
