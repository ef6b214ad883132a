package ingest

import (
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"ipse.dev/ipse/internal/problem"
)

func tokens(t testing.TB, seed byte) *Tokens {
	t.Helper()
	key := make([]byte, tokenKeyBytes)
	for i := range key {
		key[i] = seed
	}
	made, err := NewTokens(key)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// forge signs claims as nobody but a thief of the key could, to see each of them checked.
func forge(t *testing.T, key any, algorithm jose.SignatureAlgorithm, claims jwt.Claims) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestToken(t *testing.T) {
	ours := tokens(t, 1)
	token, expires, err := ours.Mint("session-1", clock)
	if err != nil || !expires.Equal(clock.Add(TokenLifetime).Truncate(time.Second)) {
		t.Fatalf("mint: expires %v, %v; want %v", expires, err, clock.Add(TokenLifetime))
	}
	session, until, p := ours.Verify(token, clock.Add(TokenLifetime-2*time.Second))
	if p != nil || session != "session-1" || !until.Equal(expires) {
		t.Errorf("verify: got %q until %v, %v; want session-1 until %v", session, until, p, expires)
	}
	numeric := jwt.NewNumericDate
	whole := jwt.Claims{Subject: "s", Audience: jwt.Audience{audience}, IssuedAt: numeric(clock), Expiry: numeric(clock.Add(time.Minute))}
	without := func(change func(*jwt.Claims)) string {
		c := whole
		change(&c)
		return forge(t, ours.key, jose.HS256, c)
	}
	parts := strings.Split(token, ".")
	for _, c := range []struct {
		name, token string
		at          time.Time
		want        problem.Name
	}{
		{"expired", token, expires, problem.TokenExpired},
		{"expired long ago", token, clock.Add(24 * time.Hour), problem.TokenExpired},
		{"from the future", token, clock.Add(-2 * time.Minute), problem.TokenInvalid},
		{"another server's", func() string { s, _, _ := tokens(t, 2).Mint("session-1", clock); return s }(), clock, problem.TokenInvalid},
		{"another algorithm", forge(t, make([]byte, 64), jose.HS512, whole), clock, problem.TokenInvalid},
		{"no signature", parts[0] + "." + parts[1] + ".", clock, problem.TokenInvalid},
		{"algorithm none", "eyJhbGciOiJub25lIn0." + parts[1] + ".", clock, problem.TokenInvalid},
		{"another's claims", parts[0] + ".e30." + parts[2], clock, problem.TokenInvalid},
		{"no audience", without(func(c *jwt.Claims) { c.Audience = nil }), clock, problem.TokenInvalid},
		{"another audience", without(func(c *jwt.Claims) { c.Audience = jwt.Audience{"ipse-console"} }), clock, problem.TokenInvalid},
		{"no session", without(func(c *jwt.Claims) { c.Subject = "" }), clock, problem.TokenInvalid},
		{"no expiry", without(func(c *jwt.Claims) { c.Expiry = nil }), clock, problem.TokenInvalid},
		{"no time of issue", without(func(c *jwt.Claims) { c.IssuedAt = nil }), clock, problem.TokenInvalid},
		{"too long", token + strings.Repeat("A", maxTokenBytes), clock, problem.TokenInvalid},
		{"a word", "token", clock, problem.TokenInvalid},
		{"dots", "..", clock, problem.TokenInvalid},
	} {
		if session, _, p := ours.Verify(c.token, c.at); p == nil || p.Name != c.want || session != "" {
			t.Errorf("%s: got session %q, %v; want %s", c.name, session, p, c.want)
		}
	}
	if _, _, p := ours.Verify(forge(t, ours.key, jose.HS256, whole), clock); p != nil {
		t.Errorf("the whole claims: %v, want them taken, or this test says nothing", p)
	}
}

func TestTokenKeyLength(t *testing.T) {
	if _, err := NewTokens(make([]byte, 31)); err == nil {
		t.Error("a key of 31 bytes was taken, want an error")
	}
}

func TestBearer(t *testing.T) {
	for header, want := range map[string]string{
		"Bearer abc": "abc", "bearer abc": "abc", "Bearer  abc ": "abc", "": "", "abc": "", "Basic abc": "", "Bearer": "", "Bearer ": "",
	} {
		if got := Bearer(header); got != want {
			t.Errorf("%q: got %q, want %q", header, got, want)
		}
	}
}

// FuzzToken holds that no token but ours is taken.
func FuzzToken(f *testing.F) {
	ours := tokens(f, 1)
	token, _, err := ours.Mint("session-1", clock)
	if err != nil {
		f.Fatal(err)
	}
	foreign, _, err := tokens(f, 2).Mint("session-1", clock)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{token, foreign, "", "a.b.c", token[:len(token)-1], "eyJhbGciOiJub25lIn0.e30."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		session, _, p := ours.Verify(s, clock)
		if p != nil {
			return
		}
		// Base64 has several spellings of the last bits and line breaks inside; the signed text must be ours.
		signed, _, _ := strings.Cut(strings.NewReplacer("\n", "", "\r", "").Replace(s), ".")
		if session != "session-1" || signed != strings.Split(token, ".")[0] {
			t.Errorf("%q was taken for session %q", s, session)
		}
	})
}
