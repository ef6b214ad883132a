// Package signature owns how a collector signs its reports and how the server reads that: by a key made for one session,
// which never leaves the device, so that a collector token alone is worth nothing on another machine. In: a token, a body
// and a private key, or the header of a report. Out: the header, or who signed.
//
// The header is
//
//	Ipse-Signature: v1.STAMP.KEY.SIGNATURE
//
// where STAMP is a decimal number that grows with every report of a key, KEY the uncompressed point of an ECDSA key on
// P-256 (65 bytes) and SIGNATURE its r and s (64 bytes), both in base64url without padding. Signed is, by SHA-256,
//
//	ipse-report-1 LF POST /v1/observations LF token LF stamp LF body
//
// so that a signature holds for one body, in one session, once. The path is the API's own, whatever a proxy puts before it.
package signature

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"math/big"
	"strconv"
	"strings"
)

// Header is the name of the header that a signature is sent in.
const Header = "Ipse-Signature"

// MaxStamp is the highest stamp: above it, a browser's numbers skip integers.
const MaxStamp = 1<<53 - 1

const (
	version        = "v1"
	signedAs       = "ipse-report-1\nPOST /v1/observations\n"
	scalarBytes    = 32
	pointBytes     = 1 + 2*scalarBytes
	signatureBytes = 2 * scalarBytes
)

// ErrForm says that a header is no signature.
var ErrForm = errors.New("signature: want v1.STAMP.KEY.SIGNATURE, with an uncompressed P-256 point and the 64 bytes of r and s in base64url without padding")

// strict refuses base64 that stands for the same bytes as another text.
var strict = base64.RawURLEncoding.Strict()

// Signature is one report's, read but not yet verified.
type Signature struct {
	Stamp  int64  // 1 to MaxStamp
	Signer string // the key's thumbprint: base64url of SHA-256 over its point, 43 characters

	public ecdsa.PublicKey
	r, s   *big.Int
}

// Parse reads a header strictly; ErrForm for what is none, with a key on the curve.
func Parse(header string) (Signature, error) {
	parts := strings.Split(header, ".")
	if len(header) > 512 || len(parts) != 4 || parts[0] != version {
		return Signature{}, ErrForm
	}
	stamp, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || stamp < 1 || stamp > MaxStamp || strconv.FormatInt(stamp, 10) != parts[1] {
		return Signature{}, ErrForm
	}
	point, err := decode(parts[2], pointBytes)
	if err != nil {
		return Signature{}, ErrForm
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return Signature{}, ErrForm
	}
	raw, err := decode(parts[3], signatureBytes)
	if err != nil {
		return Signature{}, ErrForm
	}
	return Signature{
		Stamp: stamp, Signer: thumbprint(point), public: *public,
		r: new(big.Int).SetBytes(raw[:scalarBytes]), s: new(big.Int).SetBytes(raw[scalarBytes:]),
	}, nil
}

func decode(text string, length int) ([]byte, error) {
	if len(text) != strict.EncodedLen(length) {
		return nil, ErrForm
	}
	raw, err := strict.DecodeString(text) // skips line breaks, which the length then tells
	if err != nil || len(raw) != length {
		return nil, ErrForm
	}
	return raw, nil
}

// Holds reports whether the key has signed this body, for the session of this token, under this stamp.
func (s Signature) Holds(token string, body []byte) bool {
	digest := digestOf(token, s.Stamp, body)
	return ecdsa.Verify(&s.public, digest[:], s.r, s.s)
}

func digestOf(token string, stamp int64, body []byte) [sha256.Size]byte {
	signed := make([]byte, 0, len(signedAs)+len(token)+len(body)+24)
	signed = append(signed, signedAs...)
	signed = append(signed, token...)
	signed = append(signed, '\n')
	signed = strconv.AppendInt(signed, stamp, 10)
	signed = append(signed, '\n')
	signed = append(signed, body...)
	return sha256.Sum256(signed)
}

func thumbprint(point []byte) string {
	sum := sha256.Sum256(point)
	return strict.EncodeToString(sum[:])
}
