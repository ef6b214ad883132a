package app

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
)

// base32 in lower case without padding: safe in addresses, in the stream's subjects and over the telephone.
var lowerBase32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// identifierBytes gives 26 characters: enough that nobody guesses one, and that two never meet.
const identifierBytes = 16

// newSessionID gives a random identifier.
func newSessionID() string {
	raw := make([]byte, identifierBytes)
	_, _ = rand.Read(raw) // never fails
	return lowerBase32.EncodeToString(raw)
}

// derived gives the identifier that always belongs to these parts.
func derived(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return lowerBase32.EncodeToString(sum[:identifierBytes])
}

// identities turn the application's user ids into pseudonyms, and seal the ids for a later unmasking. Whoever has the
// store but not the keys can link neither to a person, nor two installations' pseudonyms to one another.
type identities struct {
	pseudonymKey []byte
	sealing      cipher.AEAD
}

func newIdentities(k keys) (*identities, error) {
	block, err := aes.NewCipher(k.Sealing)
	if err != nil {
		return nil, fmt.Errorf("app: set up the sealing of user ids: %w", err)
	}
	sealing, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("app: set up the sealing of user ids: %w", err)
	}
	return &identities{pseudonymKey: k.Pseudonym, sealing: sealing}, nil
}

// pseudonym gives a subject's pseudonym: 26 characters of HMAC-SHA256.
func (i *identities) pseudonym(userID string) string {
	mac := hmac.New(sha256.New, i.pseudonymKey)
	_, _ = mac.Write([]byte(userID)) // a hash never fails
	return lowerBase32.EncodeToString(mac.Sum(nil)[:identifierBytes])
}

// seal encrypts a user id; it can be opened for this pseudonym only.
func (i *identities) seal(userID, pseudonym string) []byte {
	return i.sealing.Seal(nil, nil, []byte(userID), []byte(pseudonym))
}

// unseal gives the user id back.
func (i *identities) unseal(sealed []byte, pseudonym string) (string, error) {
	id, err := i.sealing.Open(nil, nil, sealed, []byte(pseudonym))
	if err != nil {
		return "", fmt.Errorf("app: open a sealed user id: %w", err)
	}
	return string(id), nil
}
