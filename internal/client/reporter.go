package client

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/signature"
)

const (
	maxBatch = 64  // observations that the server takes at once
	maxSpool = 256 // observations that wait while the server cannot take any; the oldest go first
)

// Answer is what the server answers to a report.
type Answer struct {
	RiskLevel          policy.Level       `json:"riskLevel"`
	Answer             policy.Answer      `json:"answer"`
	Directives         []policy.Directive `json:"directives"`
	ReportAfterSeconds float64            `json:"reportAfterSeconds"`
	AcceptedThrough    int64              `json:"acceptedThrough"`
	References         []Reference        `json:"references"`

	Models map[observation.Modality][]string `json:"models"` // that windows are to be embedded by

	CollectorToken          string    `json:"collectorToken"`
	CollectorTokenExpiresAt time.Time `json:"collectorTokenExpiresAt"`
}

// Reporter is a collector's way to the server: it numbers and spools observations, posts them in batches, signed by a key
// that it makes for the session, takes renewed tokens, and drops what the server already has. It is not safe for concurrent
// use. One session has one reporter: the server takes no other key until the user signs in again.
type Reporter struct {
	client   *Client
	token    string
	signer   *signature.Signer
	unsigned error // why no key could be made
	sequence int64
	begun    bool // the server has taken a report, so our numbers are ahead of what it has
	spool    []observation.Observation
	dropped  int
}

// Reporter gives the reporter of a session that was opened.
func (c *Client) Reporter(o Opened) *Reporter {
	r := &Reporter{client: c, token: o.CollectorToken}
	r.signer, r.unsigned = signature.NewSigner()
	return r
}

// Add puts observations into the spool under the reporter's own numbers. When the spool is full the oldest go, and the
// next report says how many.
func (r *Reporter) Add(observations ...observation.Observation) {
	for _, o := range observations {
		r.sequence++
		o.Sequence = r.sequence
		r.spool = append(r.spool, o)
	}
	if excess := len(r.spool) - maxSpool; excess > 0 {
		r.spool = append(r.spool[:0], r.spool[excess:]...)
		r.dropped += excess
	}
}

// Waiting says how many observations wait in the spool.
func (r *Reporter) Waiting() int { return len(r.spool) }

// maxTries bounds how often a report is sent again when no answer comes: a connection that the server has just closed
// costs one try. Sending twice does no harm, for the server counts every number once.
const maxTries = 3

// Report posts what waits, in as many batches as it takes, at least one: an empty report says hello. It waits and tries
// again, until ctx ends, while the server says that it is too busy; every other refusal is returned, and what was not
// taken still waits.
func (r *Reporter) Report(ctx context.Context) (Answer, error) {
	tries := 0
	for {
		n := min(maxBatch, len(r.spool))
		answer, err := r.post(ctx, r.spool[:n])
		var p *Problem
		switch {
		case err == nil:
			r.begun, r.dropped, tries = true, 0, 0
			r.spool = append(r.spool[:0], r.spool[n:]...)
			if answer.CollectorToken != "" {
				r.token = answer.CollectorToken
			}
			if len(r.spool) == 0 {
				return answer, nil
			}
		case errors.As(err, &p) && p.Type == SequencePast:
			r.resume(p.AcceptedThrough)
		case errors.As(err, &p) && p.Type == SignatureReplayed && p.SignedThrough > 0 && tries+1 < maxTries:
			tries++
			r.signer.Above(p.SignedThrough) // the clock was ahead when an earlier report was signed
		case errors.As(err, &p) && (p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable):
			if err := pause(ctx, p.RetryAfter); err != nil {
				return Answer{}, err
			}
		case !errors.As(err, &p) && ctx.Err() == nil && tries+1 < maxTries:
			tries++
			if err := pause(ctx, 200*time.Millisecond); err != nil {
				return Answer{}, err
			}
		default:
			return Answer{}, err
		}
	}
}

// resume goes on behind what the server has: what it already took is dropped, and before the first report that it took,
// when our numbers began anew, the spool is numbered anew.
func (r *Reporter) resume(acceptedThrough int64) {
	if !r.begun {
		for i := range r.spool {
			r.spool[i].Sequence = acceptedThrough + int64(i) + 1
		}
		r.sequence = acceptedThrough + int64(len(r.spool))
		r.begun = true
		return
	}
	kept := r.spool[:0]
	for _, o := range r.spool {
		if o.Sequence > acceptedThrough {
			kept = append(kept, o)
		}
	}
	r.spool = kept
	r.sequence = max(r.sequence, acceptedThrough)
}

func (r *Reporter) post(ctx context.Context, batch []observation.Observation) (Answer, error) {
	var out Answer
	in := struct {
		SentAtMS     int64                     `json:"sentAtMS"`
		Dropped      int                       `json:"dropped"`
		Observations []observation.Observation `json:"observations"`
	}{time.Now().UnixMilli(), r.dropped, []observation.Observation{}}
	for _, o := range batch {
		in.Observations = append(in.Observations, o.ForWire())
	}
	if r.unsigned != nil {
		return out, fmt.Errorf("client: sign reports: %w", r.unsigned)
	}
	return out, r.client.send(ctx, http.MethodPost, "/v1/observations", r.token, r.signer, in, &out)
}

// pause waits as long as the server asked for, a little spread so that many clients do not come back at once.
func pause(ctx context.Context, asked time.Duration) error {
	if asked <= 0 {
		asked = time.Second
	}
	timer := time.NewTimer(asked + rand.N(asked/4+time.Millisecond))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
