package app

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"ipse.dev/ipse/internal/bus"
	"ipse.dev/ipse/internal/problem"
)

const (
	readyWithin = 3 * time.Second
	maxBehind   = 30 * time.Second
)

// health answers whether the process lives and whether it should be sent work.
type health struct {
	store interface{ Ping(context.Context) error }
	bus   *bus.Bus
	fold  *fold
}

// alive says that the process answers.
func (h *health) alive(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, map[string]string{"status": "alive"})
}

// ready says that the store and the queue work and that the fold keeps up, or which of them does not.
func (h *health) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	if why := h.unready(ctx); why != "" {
		p := problem.New(problem.Unavailable, why)
		p.RetryAfter = time.Second
		problem.Write(w, p)
		return
	}
	writeJSON(w, map[string]string{"status": "ready"})
}

func (h *health) unready(ctx context.Context) string {
	if h.store.Ping(ctx) != nil {
		return "the store cannot be read"
	}
	if _, err := h.bus.Usage(ctx); err != nil {
		return "the queue does not answer"
	}
	behind, failing := h.fold.lag(time.Now())
	switch {
	case failing:
		return "the fold cannot keep its state; look at the log"
	case !h.fold.caughtUp():
		return "the fold has not caught up with the queue since the start"
	case behind > maxBehind:
		return "the fold is " + behind.Round(time.Second).String() + " behind the queue"
	}
	return ""
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(v) // the caller is gone when this fails
}
