package client

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"ipse.dev/ipse/internal/observation"
)

// Kept is an earlier version of a reference.
type Kept struct {
	Version int       `json:"version"`
	At      time.Time `json:"at"`
}

// Which narrows down the references that are put right; its zero value means all of a subject's.
type Which struct {
	Modality    observation.Modality    `json:"modality,omitempty"`
	DeviceClass observation.DeviceClass `json:"deviceClass,omitempty"`
}

// RollBack puts references back to what they were at a moment.
func (c *Client) RollBack(ctx context.Context, pseudonym string, to time.Time, which Which) (Subject, error) {
	return c.correct(ctx, pseudonym, "roll-back", struct {
		Which
		To time.Time `json:"to"`
	}{which, to})
}

// Accept lets references that have drifted learn on.
func (c *Client) Accept(ctx context.Context, pseudonym string, which Which) (Subject, error) {
	return c.correct(ctx, pseudonym, "accept", which)
}

// EnrolAgain empties references, so that they are learnt anew.
func (c *Client) EnrolAgain(ctx context.Context, pseudonym string, which Which) (Subject, error) {
	return c.correct(ctx, pseudonym, "enrol-again", which)
}

func (c *Client) correct(ctx context.Context, pseudonym, action string, in any) (Subject, error) {
	var out Subject
	return out, c.do(ctx, http.MethodPost, "/v1/subjects/"+url.PathEscape(pseudonym)+"/references/"+action, c.key, in, &out)
}

// Changed says that the session's user has just proved who they are by a strong method, and that something about how they
// type has changed: "new_hardware", "injury" or "other".
func (c *Client) Changed(ctx context.Context, id, method, changed string) (View, error) {
	var out View
	in := map[string]string{"method": method, "changed": changed}
	return out, c.do(ctx, http.MethodPost, "/v1/sessions/"+url.PathEscape(id)+"/reauthenticated", c.key, in, &out)
}
