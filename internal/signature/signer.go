package signature

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Signer signs the reports of one session by a key that it makes and keeps to itself. It is safe for concurrent use.
type Signer struct {
	key   *ecdsa.PrivateKey
	point []byte

	mu    sync.Mutex
	stamp int64 // the last one given
}

// NewSigner makes a key.
func NewSigner() (*Signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("signature: make a key: %w", err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, fmt.Errorf("signature: encode a key: %w", err)
	}
	return &Signer{key: key, point: point}, nil
}

// Thumbprint names the key.
func (s *Signer) Thumbprint() string { return thumbprint(s.point) }

// Sign gives the header for a report: its body, the token it is sent with, and the device's clock.
func (s *Signer) Sign(token string, body []byte, now time.Time) (string, error) {
	stamp := s.next(now)
	digest := digestOf(token, stamp, body)
	r, t, err := ecdsa.Sign(rand.Reader, s.key, digest[:])
	if err != nil {
		return "", fmt.Errorf("signature: sign: %w", err)
	}
	var raw [signatureBytes]byte
	r.FillBytes(raw[:scalarBytes])
	t.FillBytes(raw[scalarBytes:])
	return strings.Join([]string{version, strconv.FormatInt(stamp, 10), strict.EncodeToString(s.point), strict.EncodeToString(raw[:])}, "."), nil
}

// next gives a stamp above every earlier one: microseconds of the clock, as long as it does not go back.
func (s *Signer) next(now time.Time) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stamp = min(max(s.stamp+1, now.UnixMicro()), MaxStamp)
	return s.stamp
}

// Above lets the next stamps lie above one that the server has seen: this device's clock was ahead once.
func (s *Signer) Above(seen int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stamp = min(max(s.stamp, seen), MaxStamp)
}
