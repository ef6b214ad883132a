package demo

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"ipse.dev/ipse/internal/policy"
)

// webhookAge is how far a webhook's time may lie from ours: an old post that somebody kept is refused.
const webhookAge = 5 * time.Minute

var errSignature = errors.New("demo: the webhook's signature does not fit")

// receiver verifies posts by the Standard Webhooks rules and passes each on once.
type receiver struct {
	key []byte
	now func() time.Time

	mu   sync.Mutex
	seen map[string]time.Time
}

func newReceiver(secret string, now func() time.Time) *receiver {
	return &receiver{key: webhookKey(secret), now: now, seen: map[string]time.Time{}}
}

// webhookKey is what stands behind a secret: base64 after "whsec_", else the secret's own bytes.
func webhookKey(secret string) []byte {
	if encoded, ok := strings.CutPrefix(secret, "whsec_"); ok {
		if key, err := base64.StdEncoding.DecodeString(encoded); err == nil {
			return key
		}
	}
	return []byte(secret)
}

// change is the one type of post that ipse sends.
type change struct {
	Type      string              `json:"type"`
	Session   string              `json:"session"`
	RiskLevel policy.Level        `json:"riskLevel"`
	Reasons   []policy.ReasonCode `json:"reasons"`
	At        time.Time           `json:"at"`
}

// take verifies a post. fresh is false for one that came before.
func (v *receiver) take(h http.Header, body []byte) (c change, fresh bool, err error) {
	id, stamp := h.Get("webhook-id"), h.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || id == "" {
		return c, false, fmt.Errorf("%w: webhook-id and webhook-timestamp must be there", errSignature)
	}
	if off := v.now().Sub(time.Unix(seconds, 0)); off > webhookAge || off < -webhookAge {
		return c, false, fmt.Errorf("%w: its time lies %v off", errSignature, off.Round(time.Second))
	}
	mac := hmac.New(sha256.New, v.key)
	fmt.Fprintf(mac, "%s.%s.%s", id, stamp, body)
	want := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	signed := false
	for _, got := range strings.Fields(h.Get("webhook-signature")) {
		signed = signed || hmac.Equal([]byte(got), want)
	}
	if !signed {
		return c, false, errSignature
	}
	if err := json.Unmarshal(body, &c); err != nil {
		return c, false, fmt.Errorf("demo: decode the webhook: %w", err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for old, at := range v.seen {
		if v.now().Sub(at) > 2*webhookAge {
			delete(v.seen, old)
		}
	}
	_, again := v.seen[id]
	v.seen[id] = v.now()
	return c, !again, nil
}

// takeWebhook takes ipse's word that a session's risk level has changed.
func (d *Desk) takeWebhook(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "the body cannot be read", http.StatusBadRequest)
		return
	}
	c, fresh, err := d.webhook.take(r.Header, body)
	switch {
	case errors.Is(err, errSignature):
		http.Error(w, "the signature does not fit", http.StatusUnauthorized)
		return
	case err != nil:
		http.Error(w, "the body is no webhook of ipse", http.StatusBadRequest)
		return
	}
	if s := d.seatOfSession(c.Session); s != nil && fresh && c.Type == "risk-level-changed" {
		s.learn(c.RiskLevel, c.Reasons, c.At)
	}
	w.WriteHeader(http.StatusNoContent)
}
