package console

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	eventsEvery = 500 * time.Millisecond // at most one event in this time
	heartbeat   = 20 * time.Second       // keeps proxies from closing a quiet stream
	maxPending  = 256                    // identifiers of one event
)

// events streams which sessions and cases have changed, as server-sent events named "update" whose data are
// identifiers, one a line. It says nothing of what has changed: a page fetches that itself, under its own rights. Every stream begins
// with an event without identifiers, so that a page that comes back has the newest state.
//
// With the query "watch" only changes of these sessions and cases, and of cases of these sessions, are told.
func (c *Console) events(w http.ResponseWriter, r *http.Request) {
	select {
	case c.streams <- struct{}{}:
		defer func() { <-c.streams }()
	default:
		w.Header().Set("Retry-After", "30")
		http.Error(w, "Too many streams are open.", http.StatusServiceUnavailable)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(w)
	// A stream outlives the time that a server grants a page. Where it cannot, the browser connects again.
	_ = out.SetWriteDeadline(time.Time{})
	changes := c.sessions.Changes(ctx)
	token := c.signIns.Token(r.Context())
	watch := r.URL.Query()["watch"]

	send := func(text string) bool {
		if _, err := fmt.Fprint(w, text); err != nil {
			return false
		}
		return out.Flush() == nil
	}
	if !send("retry: 2000\n\n" + updateEvent(nil)) {
		return
	}
	var pending []string
	var due <-chan time.Time
	last := time.Now()
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.closed:
			return
		case id, ok := <-changes:
			if !ok {
				return
			}
			if len(pending) < maxPending && !slices.Contains(pending, id) {
				pending = append(pending, id)
			}
			if due == nil {
				due = time.After(max(0, eventsEvery-time.Since(last)))
			}
		case <-due:
			due, last = nil, time.Now()
			ids := c.watched(ctx, watch, pending)
			pending = nil
			if len(ids) == 0 {
				continue
			}
			if !c.stillSignedIn(token) || !send(updateEvent(ids)) {
				return
			}
		case <-beat.C:
			if !c.stillSignedIn(token) || !send(":\n\n") {
				return
			}
		}
	}
}

// updateEvent writes one event. Identifiers are the server's own, but a line break in one must not become an event.
func updateEvent(ids []string) string {
	if len(ids) == 0 {
		return "event: update\ndata:\n\n"
	}
	var b strings.Builder
	b.WriteString("event: update\n")
	for _, id := range ids {
		b.WriteString("data: " + strings.NewReplacer("\n", "", "\r", "").Replace(id) + "\n")
	}
	b.WriteString("\n")
	return b.String()
}

// watched keeps the identifiers that a page has asked for; without a wish, all of them.
func (c *Console) watched(ctx context.Context, watch, ids []string) []string {
	if len(watch) == 0 {
		return ids
	}
	wanted := slices.Clone(watch)
	for _, id := range watch {
		if slices.Contains(ids, id) {
			continue
		}
		if s, err := c.sessions.Session(ctx, id); err == nil { // else it is a case
			for _, k := range s.Cases {
				wanted = append(wanted, k.ID)
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !slices.Contains(wanted, id) })
}

// stillSignedIn looks the sign-in up anew: a stream must not outlive it.
func (c *Console) stillSignedIn(token string) bool {
	ctx, err := c.signIns.Load(context.Background(), token)
	return err == nil && c.signIns.GetBool(ctx, signedInKey)
}
