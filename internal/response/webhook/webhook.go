// Package webhook tells an application that a session's risk level changed: signed HTTP posts after the Standard Webhooks
// specification (https://www.standardwebhooks.com). Deliveries come from an outbox that survives restarts; each is
// repeated until the receiver takes it, in order within a session, and carries an id by which a repetition is known.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"ipse.dev/ipse/internal/store"
)

// Outbox holds what is to be told.
type Outbox interface {
	// NextDeliveries lists the oldest waiting delivery of each session, oldest first.
	NextDeliveries(ctx context.Context, limit int) ([]store.Delivery, error)
	// DropDelivery removes one that was made or given up.
	DropDelivery(ctx context.Context, id string) error
}

// Outcome is how an attempt ended.
type Outcome string

// The outcomes.
const (
	Delivered Outcome = "delivered"
	Failed    Outcome = "failed"   // repeated later
	GivenUp   Outcome = "given_up" // nobody took it for days
)

// How attempts are made.
const (
	answerWithin = 10 * time.Second
	firstPause   = 2 * time.Second // doubled with each attempt
	longestPause = 5 * time.Minute
	giveUpAfter  = 72 * time.Hour
	atOnce       = 8           // sessions told at the same time
	lookEvery    = time.Second // for deliveries whose pause is over
	listed       = 256         // deliveries looked at in one go
)

// Sender delivers the outbox to one address.
type Sender struct {
	URL     string
	Secret  string // "whsec_" and base64, or any text
	Outbox  Outbox
	Logger  *slog.Logger
	Counted func(Outcome)

	client *http.Client
	wake   chan struct{}
	pauses map[string]pause // by delivery; a restart tries at once
}

type pause struct {
	attempts int
	until    time.Time
}

// New makes a sender; Run makes it work.
func New(s Sender) *Sender {
	s.client = &http.Client{
		Timeout: answerWithin,
		// A receiver that has moved is a mistake to see, not to follow: the post may hold what is meant for one host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	s.wake = make(chan struct{}, 1)
	s.pauses = map[string]pause{}
	return &s
}

// Wake says that the outbox may hold something new.
func (s *Sender) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run delivers until ctx ends.
func (s *Sender) Run(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		again, err := s.round(ctx)
		if err != nil && ctx.Err() == nil {
			s.Logger.Error("the webhook's outbox cannot be read", "error", err)
		}
		if again && ctx.Err() == nil {
			continue // the next delivery of a session that was just told
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-ticker.C:
		}
	}
}

// round makes one attempt for each session whose turn it is; again says whether one of them went through.
func (s *Sender) round(ctx context.Context) (again bool, err error) {
	due, err := s.due(ctx, time.Now())
	if err != nil {
		return false, err
	}
	var attempts sync.WaitGroup
	places := make(chan struct{}, atOnce)
	outcomes := make([]Outcome, len(due))
	for i, d := range due {
		places <- struct{}{}
		attempts.Go(func() {
			defer func() { <-places }()
			outcomes[i] = s.attempt(ctx, d)
		})
	}
	attempts.Wait()
	for i, d := range due {
		if outcomes[i] == Failed {
			p := s.pauses[d.ID]
			s.pauses[d.ID] = pause{attempts: p.attempts + 1, until: time.Now().Add(pauseAfter(p.attempts))}
			continue
		}
		delete(s.pauses, d.ID)
		again = true
	}
	return again, nil
}

// due lists the deliveries whose pause is over.
func (s *Sender) due(ctx context.Context, now time.Time) ([]store.Delivery, error) {
	waiting, err := s.Outbox.NextDeliveries(ctx, listed)
	if err != nil {
		return nil, err
	}
	var due []store.Delivery
	still := map[string]pause{}
	for _, d := range waiting {
		p, paused := s.pauses[d.ID]
		if paused {
			still[d.ID] = p
		}
		if !now.Before(p.until) {
			due = append(due, d)
		}
	}
	s.pauses = still // what was erased meanwhile is forgotten
	return due, nil
}

func (s *Sender) attempt(ctx context.Context, d store.Delivery) Outcome {
	outcome := Delivered
	if err := s.post(ctx, d, time.Now()); err != nil {
		if ctx.Err() != nil {
			return Failed
		}
		outcome = Failed
		if time.Since(d.CreatedAt) > giveUpAfter {
			outcome = GivenUp
		}
		s.Logger.Warn("the webhook was not taken", "error", err, "outcome", string(outcome))
	}
	if outcome != Failed {
		if err := s.Outbox.DropDelivery(ctx, d.ID); err != nil {
			s.Logger.Error("a delivery that was made cannot be taken off the outbox and will be repeated", "error", err)
			outcome = Failed
		}
	}
	s.Counted(outcome)
	return outcome
}

func (s *Sender) post(ctx context.Context, d store.Delivery, now time.Time) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(d.Body))
	if err != nil {
		return fmt.Errorf("webhook: build the post: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "ipse")
	request.Header.Set("webhook-id", d.ID)
	request.Header.Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
	request.Header.Set("webhook-signature", Sign(s.Secret, d.ID, now, d.Body))
	response, err := s.client.Do(request)
	if err != nil {
		var named *url.Error
		if errors.As(err, &named) {
			err = named.Err // without the address, which may hold a secret
		}
		return fmt.Errorf("webhook: post: %w", err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16)) // so that the connection can be used again
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return fmt.Errorf("webhook: the receiver answers %d, want 200 to 299", response.StatusCode)
	}
	return nil
}

// pauseAfter is how long to wait after so many failed attempts before.
func pauseAfter(attempts int) time.Duration {
	return min(longestPause, firstPause<<min(attempts, 16))
}

// CheckSecret refuses a secret that looks like base64 and is none: its receiver could not make the same key of it.
func CheckSecret(secret string) error {
	if encoded, ok := strings.CutPrefix(secret, "whsec_"); ok {
		if raw, err := base64.StdEncoding.DecodeString(encoded); err != nil || len(raw) == 0 {
			return errors.New("webhook: the secret begins with whsec_ and goes on with what is no base64; copy it whole, or take a text that begins otherwise")
		}
	}
	return nil
}

// Sign gives the webhook-signature header: "v1," and the base64 of HMAC-SHA256 over id, timestamp and body, with dots
// between. A secret that begins with "whsec_" is base64; any other is taken as it is.
func Sign(secret, id string, at time.Time, body []byte) string {
	key := []byte(secret)
	if encoded, ok := strings.CutPrefix(secret, "whsec_"); ok {
		if raw, err := base64.StdEncoding.DecodeString(encoded); err == nil {
			key = raw
		}
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.", id, at.Unix())
	_, _ = mac.Write(body) // a hash never fails
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
