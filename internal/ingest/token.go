package ingest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"ipse.dev/ipse/internal/problem"
)

// How long a collector token and its session may live.
const (
	TokenLifetime   = 15 * time.Minute
	RenewWithin     = 5 * time.Minute // a token with less time left is renewed in the reply
	SessionLifetime = 24 * time.Hour
)

const (
	audience      = "ipse-collector"
	tokenKeyBytes = 32
	maxTokenBytes = 1024
	clockStep     = time.Minute // by which the server's own clock may have been set back since it signed
)

// Tokens makes and checks collector tokens: JSON Web Tokens, HS256, bound to one session. Whoever holds one can report
// for that session and do nothing else.
type Tokens struct {
	key    []byte
	signer jose.Signer
}

// NewTokens takes the signing key, of 32 bytes.
func NewTokens(key []byte) (*Tokens, error) {
	if len(key) != tokenKeyBytes {
		return nil, fmt.Errorf("ingest: the token key has %d bytes, want %d", len(key), tokenKeyBytes)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return nil, fmt.Errorf("ingest: make the token signer: %w", err)
	}
	return &Tokens{key: key, signer: signer}, nil
}

// Mint makes a token for a session and tells when it expires.
func (t *Tokens) Mint(session string, now time.Time) (token string, expires time.Time, err error) {
	expires = now.Add(TokenLifetime).UTC().Truncate(time.Second)
	token, err = jwt.Signed(t.signer).Claims(jwt.Claims{
		Subject: session, Audience: jwt.Audience{audience},
		IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(expires),
	}).Serialize()
	if err != nil {
		return "", time.Time{}, fmt.Errorf("ingest: sign a token: %w", err)
	}
	return token, expires, nil
}

// Verify reads a token and gives the session that it is bound to.
func (t *Tokens) Verify(token string, now time.Time) (session string, expires time.Time, refused *problem.Problem) {
	claims, err := t.claims(token)
	if err != nil {
		return "", time.Time{}, problem.New(problem.TokenInvalid, "this is no collector token of this server: send the one that opening the session, or the last reply, gave")
	}
	expires = claims.Expiry.Time()
	if !now.Before(expires) {
		return "", time.Time{}, problem.New(problem.TokenExpired, "the collector token has expired: ask the application to open a session anew")
	}
	if claims.IssuedAt.Time().After(now.Add(clockStep)) {
		return "", time.Time{}, problem.New(problem.TokenInvalid, "the collector token was issued in the future: the server's clock has been set back")
	}
	return claims.Subject, expires, nil
}

var errToken = errors.New("ingest: not a collector token")

func (t *Tokens) claims(token string) (jwt.Claims, error) {
	if len(token) > maxTokenBytes || strings.Count(token, ".") != 2 {
		return jwt.Claims{}, errToken
	}
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.HS256})
	if err != nil {
		return jwt.Claims{}, errToken
	}
	var c jwt.Claims
	if err := parsed.Claims(t.key, &c); err != nil {
		return jwt.Claims{}, errToken
	}
	if !c.Audience.Contains(audience) || c.Subject == "" || c.Expiry == nil || c.IssuedAt == nil {
		return jwt.Claims{}, errToken
	}
	return c, nil
}

// Bearer reads the token out of an Authorization header; "" when there is none.
func Bearer(header string) string {
	scheme, token, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
