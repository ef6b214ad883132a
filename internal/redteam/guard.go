package redteam

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// ErrForeign is the error for an address that may not be attacked.
var ErrForeign = errors.New("redteam: not an address of one's own")

// The widest listed prefixes: one network of one's own, not the internet.
const (
	widestIPv4 = 16
	widestIPv6 = 48
)

// Guard says which addresses may be attacked: this machine's loopback addresses, and those that the configuration lists.
// The zero Guard lets loopback through alone. It is safe for concurrent use.
type Guard struct {
	prefixes []netip.Prefix
	names    map[string]bool
	lookup   func(ctx context.Context, host string) ([]netip.Addr, error) // the system's resolver when nil
}

// NewGuard takes the list of addresses of one's own beside this machine: IP addresses, networks such as 10.1.2.0/24, and
// host names, whose addresses are taken whatever they are.
func NewGuard(listed []string) (Guard, error) {
	g := Guard{names: map[string]bool{}}
	for _, entry := range listed {
		entry = strings.TrimSpace(entry)
		if a, err := netip.ParseAddr(entry); err == nil {
			a = a.Unmap()
			if !attackable(a) || a.Zone() != "" {
				return Guard{}, fmt.Errorf("redteam: %q cannot be listed: it is no single machine's address", entry)
			}
			g.prefixes = append(g.prefixes, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		if p, err := netip.ParsePrefix(entry); err == nil {
			widest := widestIPv4
			if p.Addr().Is6() {
				widest = widestIPv6
			}
			if p.Bits() < widest {
				return Guard{}, fmt.Errorf("redteam: the network %q is wider than a network of one's own; want /%d or narrower", entry, widest)
			}
			g.prefixes = append(g.prefixes, p.Masked())
			continue
		}
		name, ok := hostName(entry)
		if !ok {
			return Guard{}, fmt.Errorf("redteam: %q is no address; want an IP address, a network such as 10.1.2.0/24 or a host name, without a scheme or a port", entry)
		}
		g.names[name] = true
	}
	return g, nil
}

// hostName gives a host name as it is compared; ok is false for what is none.
func hostName(s string) (name string, ok bool) {
	name = strings.TrimSuffix(strings.ToLower(s), ".")
	if name == "" || len(name) > 253 {
		return "", false
	}
	letters := false
	for _, label := range strings.Split(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return "", false
		}
		for _, c := range label {
			switch {
			case c >= 'a' && c <= 'z':
				letters = true
			case c >= '0' && c <= '9', c == '-', c == '_':
			default:
				return "", false
			}
		}
	}
	return name, letters // numbers and dots alone are an address written oddly
}

// attackable reports whether an address is one machine's: nobody attacks all of a network at once.
func attackable(a netip.Addr) bool {
	return a.IsValid() && !a.IsUnspecified() && !a.IsMulticast() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// allows reports whether an address may be attacked, named says that its host's name is listed.
func (g Guard) allows(a netip.Addr, named bool) bool {
	a = a.Unmap().WithZone("")
	if !attackable(a) {
		return false
	}
	if a.IsLoopback() || named {
		return true
	}
	for _, p := range g.prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Address checks an http or https address and gives its parsed form. Its host is resolved, and every address that it has
// must be of one's own: the error is ErrForeign otherwise. Nothing but the question to the resolver is sent.
func (g Guard) Address(ctx context.Context, address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, fmt.Errorf("redteam: %q is no address; want one such as http://127.0.0.1:7473", address)
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.Opaque != "":
		return nil, fmt.Errorf("redteam: %q is no address of a web server; want one such as http://127.0.0.1:7473", address)
	case u.User != nil:
		return nil, fmt.Errorf("redteam: %q holds a user's name; leave it out", u.Redacted())
	}
	if _, err := g.resolve(ctx, u.Hostname()); err != nil {
		return nil, err
	}
	return u, nil
}

// resolve gives a host's addresses, all of which may be attacked.
func (g Guard) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		if !g.allows(a, false) {
			return nil, foreign(host, a)
		}
		return []netip.Addr{a.Unmap()}, nil
	}
	name, ok := hostName(host)
	if !ok {
		return nil, fmt.Errorf("%w: %q is neither an IP address nor a host's name", ErrForeign, host)
	}
	lookup := g.lookup
	if lookup == nil {
		lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	found, err := lookup(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("redteam: find the addresses of %s: %w", name, err)
	}
	for _, a := range found {
		if !g.allows(a, g.names[name]) {
			return nil, foreign(host, a)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("redteam: %s has no address", name)
	}
	return found, nil
}

func foreign(host string, a netip.Addr) error {
	at := host
	if a.String() != host {
		at = fmt.Sprintf("%s (%s)", host, a)
	}
	return fmt.Errorf("%w: %s is neither on this machine nor listed; the kit attacks one's own installation alone: run the server here, or list the address under {\"attack\":{\"allow\":[…]}} in the file of --config", ErrForeign, at)
}

// HTTP gives a client that reaches addresses of one's own and nothing else: each connection goes to an address that was
// checked, through no proxy, and redirects are not followed.
func (g Guard) HTTP() *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	return &http.Client{
		Timeout: 30 * time.Second,
		CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			return fmt.Errorf("%w: the server leads on to %s, and redirects are not followed; give the address that it leads to", ErrForeign, r.URL.Redacted())
		},
		Transport: &http.Transport{
			MaxIdleConnsPerHost: 4, IdleConnTimeout: 30 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				host, port, err := net.SplitHostPort(address)
				if err != nil {
					return nil, err
				}
				addresses, err := g.resolve(ctx, host)
				if err != nil {
					return nil, err
				}
				var failed []error
				for _, a := range addresses {
					c, err := dialer.DialContext(ctx, network, net.JoinHostPort(a.String(), port))
					if err == nil {
						return c, nil
					}
					failed = append(failed, err)
				}
				return nil, errors.Join(failed...)
			},
		},
	}
}

// BrowserRules gives Chromium's --host-resolver-rules by which a browser finds nothing but this machine, the host of the
// page and what is listed by name or as a single address. It is a second fence: each request is checked beside it.
func (g Guard) BrowserRules(page *url.URL) string {
	hosts := []string{"localhost", "*.localhost", "127.0.0.1", "[::1]", page.Hostname()}
	for name := range g.names {
		hosts = append(hosts, name)
	}
	for _, p := range g.prefixes {
		if p.IsSingleIP() {
			hosts = append(hosts, p.Addr().String())
		}
	}
	slices.Sort(hosts)
	rules := []string{"MAP * ~NOTFOUND"}
	for _, h := range slices.Compact(hosts) {
		rules = append(rules, "EXCLUDE "+h)
	}
	return strings.Join(rules, " , ")
}
