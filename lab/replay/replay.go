// Package replay owns playing recorded or generated people through a running server at a chosen speed: their events
// become observations by the very code that a device runs, and each observation is reported when its window would have
// ended, by a clock that runs faster or slower than ours.
//
// In: people with sessions of events. Out: what the server said of each, by the HTTP API.
package replay

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/device"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/lab/dataset"
)

// Options say how people are played.
type Options struct {
	Client     *client.Client
	Speed      float64     // how much faster than real time; 0 is as fast as the server takes it
	UserPrefix string      // put in front of every person's id, so that they meet nobody else's references
	Simulated  bool        // the people are generated: their observations say so
	Sent       func(n int) // hears of every n observations that the server took; may be nil
}

// gapMS is the time between two sessions of one person on the replay's clock.
const gapMS = 5_000

// shortestReport bounds how often one person's collector reports.
const shortestReport = 200 * time.Millisecond

// Timed is an observation with the time, in milliseconds of the replay's clock, at which it is complete.
type Timed struct {
	DueMS       float64
	Observation observation.Observation
}

// Part is one person's share of a replay.
type Part struct {
	Person       string
	Observations []Timed
}

// Models asks a server by which models windows are to be embedded, in a session of nobody that is closed again. UserPrefix
// stands before the user id, as in Options.
func Models(ctx context.Context, c *client.Client, userPrefix string) (map[observation.Modality][]string, error) {
	opened, err := c.Open(ctx, userPrefix+"nobody", observation.Desktop)
	if err != nil {
		return nil, fmt.Errorf("replay: ask for the models: %w", err)
	}
	answer, err := c.Reporter(opened).Report(ctx)
	if err := errors.Join(err, c.Close(context.WithoutCancel(ctx), opened.Session)); err != nil {
		return nil, fmt.Errorf("replay: ask for the models: %w", err)
	}
	return answer.Models, nil
}

// Prepare turns a person's sessions, one after the other, into observations by these models; by the plain one where none
// is named. Windows do not reach over the end of a session.
func Prepare(p dataset.Person, simulated bool, models map[observation.Modality][]string) Part {
	part := Part{Person: p.ID}
	atMS := 0.0
	for _, s := range p.Sessions {
		c := device.NewCollector(device.Options{Simulated: simulated, Models: models})
		for _, o := range append(c.Play(s.Keys, s.Pointers), c.Flush()...) {
			part.Observations = append(part.Observations, Timed{atMS + float64(device.EndMS(o)), o})
		}
		atMS += endMS(s) + gapMS
	}
	return part
}

func endMS(s dataset.Session) float64 {
	end := 0.0
	if n := len(s.Keys); n > 0 {
		end = s.Keys[n-1].TimeMS
	}
	if n := len(s.Pointers); n > 0 {
		end = max(end, s.Pointers[n-1].TimeMS)
	}
	return end
}

// Result is what the server said of one person.
type Result struct {
	Person  string
	Highest policy.Level // the highest level that the session reached
	Final   client.View  // the session before it was closed
	Err     error        // what ended this person's part early, if anything did
}

// Run plays all parts at once until they are over or ctx ends, and closes their sessions. One person's trouble does not
// stop the others; Run's own error is ctx's.
func Run(ctx context.Context, o Options, parts []Part) ([]Result, error) {
	results := make([]Result, len(parts))
	var group sync.WaitGroup
	for i, p := range parts {
		group.Go(func() { results[i] = o.play(ctx, p) })
	}
	group.Wait()
	return results, ctx.Err()
}

func (o Options) play(ctx context.Context, p Part) Result {
	r := Result{Person: p.Person, Highest: policy.Low}
	opened, err := o.Client.Open(ctx, o.UserPrefix+p.Person, observation.Desktop)
	if err != nil {
		r.Err = err
		return r
	}
	r.Err = o.report(ctx, p, o.Client.Reporter(opened), &r)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	view, err := o.Client.Session(closing, opened.Session)
	r.Final = view
	r.Err = errors.Join(r.Err, err, o.Client.Close(closing, opened.Session))
	return r
}

func (o Options) report(ctx context.Context, p Part, reporter *client.Reporter, r *Result) error {
	start := time.Now()
	waiting := p.Observations
	var before, sent observation.Observation // as it was prepared, and as it went
	for len(waiting) > 0 {
		n := 0
		for n < len(waiting) && n < 64 && (o.Speed <= 0 || waiting[n].DueMS <= float64(time.Since(start).Milliseconds())*o.Speed) {
			// Behaviour keeps its own duration; its end is now, whatever the speed.
			prepared := waiting[n].Observation
			w := prepared
			w.StartMS = time.Now().UnixMilli() - w.DurationMS
			if sameWindow(prepared, before) {
				w.StartMS = sent.StartMS // by which the server tells that the window has come already
			}
			before, sent = prepared, w
			reporter.Add(w)
			n++
		}
		if n == 0 {
			due := time.Duration(waiting[0].DueMS/o.Speed*float64(time.Millisecond)) - time.Since(start)
			if err := wait(ctx, max(due, shortestReport)); err != nil {
				return err
			}
			continue
		}
		answer, err := reporter.Report(ctx)
		if err != nil {
			return fmt.Errorf("replay: %w", err)
		}
		waiting = waiting[n:]
		if o.Sent != nil {
			o.Sent(n)
		}
		r.Highest = higher(r.Highest, answer.RiskLevel)
	}
	return nil
}

// sameWindow reports whether two observations that follow one another are one window's, by different models.
func sameWindow(a, b observation.Observation) bool {
	return a.Modality == b.Modality && a.Model != b.Model && a.StartMS == b.StartMS && a.DurationMS == b.DurationMS
}

func higher(a, b policy.Level) policy.Level {
	order := map[policy.Level]int{policy.Low: 0, policy.Medium: 1, policy.High: 2}
	if order[b] > order[a] {
		return b
	}
	return a
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
