package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/internal/store"
)

// loadPast gives what a subject has sent, from memory or from the store. Like references it is folded in once: it is kept
// in the transaction that moves the checkpoint.
func (p *partition) loadPast(ctx context.Context, subject string) (presence.Past, error) {
	if past, ok := p.pasts[subject]; ok {
		return past, nil
	}
	row, err := p.store.History(ctx, subject)
	if errors.Is(err, store.ErrNotFound) {
		return presence.Past{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("app: read what a subject has sent: %w", err)
	}
	var past presence.Past
	if err := json.Unmarshal(row.Body, &past); err != nil {
		return nil, fmt.Errorf("app: read what a subject has sent: %w", err)
	}
	return past, nil
}

func encodePast(subject string, past presence.Past) (store.History, error) {
	body, err := json.Marshal(past)
	if err != nil {
		return store.History{}, fmt.Errorf("app: encode what a subject has sent: %w", err)
	}
	return store.History{Subject: subject, Body: body}, nil
}

// remembered reports whether an observation has something that may be kept as the subject's past.
func remembered(o observation.Observation) bool {
	return o.Modality == observation.Phrase || len(o.Liveness.Sketch) > 0 || len(o.Liveness.Measures) > 0
}
