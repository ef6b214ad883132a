package app

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/netip"
)

// networks tag the network of a collector's address. The tag is a keyed hash of a prefix and of the session, eight bytes
// long: it shows that a session came to another network, and nothing else. Two sessions' tags of one network differ, and
// whoever has the store but not the keys cannot try addresses. The address itself is kept nowhere.
type networks struct{ key []byte }

// Lengths of what is taken for one network, in bits. Providers give a household or an office at least a /56 of IPv6, and
// change the rest from day to day.
const (
	networkBits4 = 24
	networkBits6 = 48
)

const tagBytes = 8

func newNetworks(k keys) (*networks, error) {
	key, err := hkdf.Key(sha256.New, k.Pseudonym, nil, "ipse: networks of a session", sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("app: derive the key of networks: %w", err)
	}
	return &networks{key: key}, nil
}

// Tag implements ingest.Networks.
func (n *networks) Tag(session, remote string) string {
	address, err := netip.ParseAddrPort(remote)
	if err != nil {
		return ""
	}
	ip, bits := address.Addr().Unmap().WithZone(""), networkBits6
	if ip.Is4() {
		bits = networkBits4
	}
	prefix, err := ip.Prefix(bits)
	if err != nil {
		return ""
	}
	mac := hmac.New(sha256.New, n.key)
	_, _ = mac.Write([]byte(session + "\x00" + prefix.String())) // a hash never fails
	return lowerBase32.EncodeToString(mac.Sum(nil)[:tagBytes])
}
