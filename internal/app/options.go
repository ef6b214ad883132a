package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"time"

	"ipse.dev/ipse/internal/ingest"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/response/webhook"
	"ipse.dev/ipse/internal/trust"
)

// Errors that tell the operator to start the server differently.
var (
	ErrOptions   = errors.New("app: options that cannot work")
	ErrDataInUse = errors.New("app: another server has this data folder open")
	ErrDataOpen  = errors.New("app: the data folder is open to other accounts of this machine")
)

// DefaultAlerts is the false-alarm budget of a server that is told none: one alert for each person and working day. That is
// what the plain model can keep on free work and still notice a takeover within minutes; docs/results.md has the figures.
const DefaultAlerts = 1000

// Show says how a demonstration decides: by thresholds of its own. Budgets are for people who go from task to task, and a
// visitor has one task and minutes.
type Show struct{ Thresholds policy.Thresholds }

// Options say how a server runs. The zero value of each field but Data is its default.
type Options struct {
	Data                string        // folder for all state; made with mode 0700 when it does not exist
	Listen              string        // TCP address; "127.0.0.1:7473" when empty, port 0 picks a free one
	AlertsPer1000PerDay float64       // false-alarm budget per 1,000 people and working day; DefaultAlerts when 0
	AcceptSimulated     bool          // take events that no hand made for behaviour: demonstrations only
	Shadow              bool          // compute everything and bother nobody: levels are shown by the console alone
	FollowFact          bool          // let the thresholds follow the installation's own false alarms, within bounds, from start to start
	Show                *Show         // decide as a demonstration does; only with AcceptSimulated
	Weights             string        // "open", "research" or a file; "open" when empty
	PublicURL           string        // address by which browsers reach the server, where a proxy stands before it; http and Listen when empty
	WebhookURL          string        // where changes of risk level are posted; nowhere when empty
	WebhookSecret       string        // key of the webhook's signature; needed with WebhookURL
	CORSOrigins         []string      // origins whose pages may carry the SDK; any when empty
	Retention           time.Duration // how long applied observations stay in the stream; 1 h when 0
	QueueBytes          int64         // bound on the stream; 1 GiB when 0
	RequireSignatures   bool          // refuse every report that is not signed; otherwise only of sessions that are bound to a key
	IgnoreAddresses     bool          // do not tell collectors' networks apart
	SharedWorkstations  bool          // answer which of a few named people is at the controls
	AlarmOn             []string      // kinds of input that are an alarm here: remote_control, virtual_machine, turned_path
	ReviewersCorrect    bool          // reviewers may roll references back, accept them and let people enrol again
	Patience            time.Duration // how long answers wait at least for what they answer to be folded in; 300 ms for collectors and 2 s for back ends when 0
	Logger              *slog.Logger  // slog.Default when nil; nothing that is logged is personal data

	assessor assessor // tests put their own here
}

// assessor is the pure fold that the server runs: *Assessor.
type assessor interface {
	Open(id, subject string, atMS int64) Session
	Observe(s Session, refs References, obs []observation.Observation, atMS int64) (Session, References, []Change)
	SignIn(s Session, refs References, in SignIn, atMS int64) (Session, References, []Change)
	Tell(s Session, kind trust.Context, atMS int64) (Session, []Change)
	SeeAddress(s Session, tag string, atMS int64) Session
	Ask(s Session, tags []string) Session
	Close(s Session, atMS int64) Session
}

// modelsOf are told by assessors that compare models; others leave the choice to collectors.
func modelsOf(a assessor) ingest.Models {
	if a, ok := a.(*Assessor); ok {
		return a.Models()
	}
	return nil
}

// thresholds are told by assessors that have them: the common ones, and those of a session for its page.
func thresholds(a assessor) policy.Thresholds {
	if a, ok := a.(*Assessor); ok {
		return a.Thresholds
	}
	return policy.Thresholds{}
}

func thresholdsOf(a assessor, s Session) policy.Thresholds {
	if a, ok := a.(*Assessor); ok {
		return a.ThresholdsFor(s)
	}
	return policy.Thresholds{}
}

// doubtsOf are told by assessors that ask whether a human hand is there.
func doubtsOf(a assessor, s Session) []LivenessDoubt {
	var out []LivenessDoubt
	if a, ok := a.(*Assessor); ok {
		for _, d := range a.Liveness.Doubts(s.Liveness) {
			out = append(out, LivenessDoubt{Kind: policy.ReasonCode(d.Kind), Share: d.Share})
		}
	}
	return out
}

// withDefaults fills what was left out and reports what cannot work.
func (o Options) withDefaults() (Options, error) {
	if o.Data == "" {
		return o, fmt.Errorf("%w: no data folder is named", ErrOptions)
	}
	if o.Listen == "" {
		o.Listen = "127.0.0.1:7473"
	}
	if _, port, err := net.SplitHostPort(o.Listen); err != nil {
		return o, fmt.Errorf("%w: listen %q: %w; want HOST:PORT", ErrOptions, o.Listen, err)
	} else if _, err := net.LookupPort("tcp", port); err != nil {
		return o, fmt.Errorf("%w: listen %q: %w; want a port from 0 to 65535", ErrOptions, o.Listen, err)
	}
	if o.AlertsPer1000PerDay == 0 {
		o.AlertsPer1000PerDay = DefaultAlerts
	}
	if o.Show != nil {
		if !o.AcceptSimulated {
			return o, fmt.Errorf("%w: thresholds without a budget are for demonstrations", ErrOptions)
		}
		if err := o.Show.Thresholds.Validate(); err != nil {
			return o, fmt.Errorf("%w: %w", ErrOptions, err)
		}
	}
	if o.Weights == "" {
		o.Weights = "open"
	}
	if o.PublicURL != "" {
		if u, err := url.Parse(o.PublicURL); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.Path != "" || u.RawQuery != "" {
			return o, fmt.Errorf("%w: the public address is %q; want scheme and host alone, such as https://ipse.example", ErrOptions, o.PublicURL)
		}
	}
	if o.WebhookURL != "" {
		if u, err := url.Parse(o.WebhookURL); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
			return o, fmt.Errorf("%w: the webhook's address is %q; want an http or https address", ErrOptions, o.WebhookURL)
		}
		if o.WebhookSecret == "" {
			return o, fmt.Errorf("%w: a webhook needs a secret, by which its receiver tells our posts from others", ErrOptions)
		}
		if err := webhook.CheckSecret(o.WebhookSecret); err != nil {
			return o, fmt.Errorf("%w: %w", ErrOptions, err)
		}
	}
	for _, origin := range o.CORSOrigins {
		if u, err := url.Parse(origin); err != nil || u.Host == "" || u.Scheme == "" || u.Path != "" {
			return o, fmt.Errorf("%w: the origin %q is none; want the form https://desk.example", ErrOptions, origin)
		}
	}
	if o.Retention == 0 {
		o.Retention = time.Hour
	}
	if o.QueueBytes == 0 {
		o.QueueBytes = 1 << 30
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o, nil
}
