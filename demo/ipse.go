package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/observation"
)

// All that an application does to carry ipse is in this file, in webhook.go, and in static/ipse.js.

// reopen replaces a seat's ipse session by a new one for the same employee.
func (d *Desk) reopen(ctx context.Context, s *seat) (client.Opened, error) {
	opened, err := d.ipse.Open(ctx, s.employee.ID, observation.DeviceClass(""))
	if err != nil {
		return opened, fmt.Errorf("demo: open a session: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened = opened
	return opened, nil
}

// renewToken is what the page calls when its token is no longer taken: the session has ended, so a new one begins.
func (d *Desk) renewToken(w http.ResponseWriter, r *http.Request, s *seat) {
	if s.isLocked() {
		http.Error(w, "the desk is locked", http.StatusLocked)
		return
	}
	opened, err := d.reopen(r.Context(), s)
	if err != nil {
		d.unreachable(w, r, err)
		return
	}
	answer(w, map[string]string{"token": opened.CollectorToken})
}

// check asks ipse for the session's state, when the page has reason to think that it changed.
func (d *Desk) check(w http.ResponseWriter, r *http.Request, s *seat) {
	askedAt := d.options.Now()
	v, err := d.ipse.Session(r.Context(), s.session())
	if err != nil {
		d.unreachable(w, r, err)
		return
	}
	s.learn(v.RiskLevel, v.Reasons, askedAt)
	answer(w, map[string]bool{"locked": s.isLocked()})
}

// unlock takes the sign-in that a locked desk asks for, and tells ipse that the employee has proved who they are. This
// desk takes any password; a real one would check it here.
func (d *Desk) unlock(w http.ResponseWriter, r *http.Request, s *seat) {
	_, err := d.ipse.Reauthenticated(r.Context(), s.session(), "password")
	out := map[string]string{}
	var p *client.Problem
	if errors.As(err, &p) && (p.Status == http.StatusNotFound || p.Status == http.StatusGone) {
		var opened client.Opened
		opened, err = d.reopen(r.Context(), s)
		out["token"] = opened.CollectorToken
	}
	if err != nil {
		d.unreachable(w, r, err)
		return
	}
	s.unlock(d.options.Now())
	answer(w, out)
}

// forget erases everything that ipse holds of the employee and begins anew.
func (d *Desk) forget(w http.ResponseWriter, r *http.Request, s *seat) {
	if s.isLocked() {
		http.Error(w, "the desk is locked", http.StatusLocked)
		return
	}
	s.mu.Lock()
	subject := s.opened.Subject
	s.mu.Unlock()
	if err := d.ipse.Erase(r.Context(), subject); err != nil {
		d.unreachable(w, r, err)
		return
	}
	d.renewToken(w, r, s)
}

// openConsole leads to the console by a link that works once. In a real house employees have no way there; here the
// visitor is everybody.
func (d *Desk) openConsole(w http.ResponseWriter, r *http.Request, _ *seat) {
	link := ""
	if d.options.ConsoleLink != nil {
		link = d.options.ConsoleLink()
	}
	if link == "" {
		http.Error(w, d.content.say(language(r), "console.none"), http.StatusBadGateway)
		return
	}
	http.Redirect(w, r, link, http.StatusSeeOther)
}

// events keeps the page informed by server-sent events, so that a lock comes even when the page's own reports do not
// get through.
func (d *Desk) events(w http.ResponseWriter, r *http.Request, s *seat) {
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	changes, end := s.listen()
	defer end()
	beat := time.NewTicker(20 * time.Second)
	defer beat.Stop()
	for {
		line := []byte(": here\n\n")
		select {
		case <-r.Context().Done():
			return
		case <-beat.C:
		case n := <-changes:
			raw, err := json.Marshal(n)
			if err != nil {
				return
			}
			line = fmt.Appendf(nil, "data: %s\n\n", raw)
		}
		if _, err := w.Write(line); err != nil {
			return
		}
		if err := out.Flush(); err != nil {
			return
		}
	}
}

func (d *Desk) unreachable(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() == nil {
		d.options.Logger.WarnContext(r.Context(), "demo: ipse does not answer as it should", "error", err)
	}
	http.Error(w, "ipse cannot be reached", http.StatusBadGateway)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	// The status is sent; an error means that the visitor has gone.
	_ = json.NewEncoder(w).Encode(v)
}
