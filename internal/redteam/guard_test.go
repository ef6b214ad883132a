package redteam

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

// resolving gives a guard whose resolver knows these names.
func resolving(t *testing.T, names map[string][]string, listed ...string) Guard {
	t.Helper()
	g, err := NewGuard(listed)
	if err != nil {
		t.Fatal(err)
	}
	g.lookup = func(_ context.Context, host string) ([]netip.Addr, error) {
		var out []netip.Addr
		for _, a := range names[host] {
			out = append(out, netip.MustParseAddr(a))
		}
		if out == nil {
			return nil, errors.New("no such host")
		}
		return out, nil
	}
	return g
}

var names = map[string][]string{
	"localhost": {"127.0.0.1", "::1"}, "desk.example": {"10.1.2.3"}, "both.example": {"127.0.0.1", "93.184.216.34"},
	"stage.example": {"203.0.113.9"}, "nowhere.example": {"0.0.0.0"}, "mapped.example": {"::ffff:127.0.0.1"},
}

func TestOnlyAddressesOfOnesOwn(t *testing.T) {
	for address, want := range map[string]struct{ alone, listed bool }{
		"http://127.0.0.1:7473":               {true, true},
		"https://[::1]/desk?x=1":              {true, true},
		"http://127.8.9.1":                    {true, true},
		"http://LOCALHOST:80/":                {true, true},
		"http://mapped.example":               {true, true},
		"http://[::ffff:127.0.0.1]/":          {true, true},
		"http://10.1.2.3:7473":                {false, true},
		"http://desk.example":                 {false, true}, // by its address
		"http://stage.example.":               {false, true}, // by its name
		"http://203.0.113.9":                  {false, false},
		"http://both.example":                 {false, false},
		"http://nowhere.example":              {false, false},
		"http://0.0.0.0:7473":                 {false, false},
		"http://[::]:7473":                    {false, false},
		"http://10.1.3.1":                     {false, false},
		"http://93.184.216.34":                {false, false},
		"http://[::ffff:93.184.216.34]":       {false, false},
		"http://255.255.255.255":              {false, false},
		"http://224.0.0.1":                    {false, false},
		"http://2130706433/":                  {false, false}, // 127.0.0.1 as one number
		"http://0x7f.1/":                      {false, false},
		"http://127.0.0.1@93.184.216.34/":     {false, false},
		"http://user:secret@127.0.0.1/":       {false, false},
		"http://127.0.0.1.nip.example/":       {false, false},
		"ftp://127.0.0.1/":                    {false, false},
		"file:///etc/passwd":                  {false, false},
		"127.0.0.1:7473":                      {false, false},
		"http://":                             {false, false},
		"http://127.0.0.1:port":               {false, false},
		"http:127.0.0.1":                      {false, false},
		"http://lоcalhost/":                   {false, false}, // with a Cyrillic o
		"http://local host/":                  {false, false},
		"":                                    {false, false},
		"http://" + strings.Repeat("a.", 200): {false, false},
	} {
		for _, g := range []struct {
			guard Guard
			want  bool
		}{{resolving(t, names), want.alone}, {resolving(t, names, "10.1.2.0/24", " Stage.example "), want.listed}} {
			_, err := g.guard.Address(t.Context(), address)
			if (err == nil) != g.want {
				t.Errorf("%q with %d prefixes and %d names listed: %v, want it taken: %v", address, len(g.guard.prefixes), len(g.guard.names), err, g.want)
			}
		}
	}
}

func TestListsThatMeanNothingOrEverybody(t *testing.T) {
	for _, entry := range []string{"", "http://127.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "::/0", "2001:db8::/32", "0.0.0.0", "::", "224.0.0.1", "fe80::1%eth0",
		"*", "*.example", "a b", "10.1.2.3:80", "1.2.3", "2130706433", "-a.example", "a..example", strings.Repeat("a", 64)} {
		if g, err := NewGuard([]string{entry}); err == nil {
			t.Errorf("%q was taken as %+v, want an error", entry, g)
		}
	}
}

// No text that passes for an address leads to anybody else, whatever names resolve to.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"http://127.0.0.1:7473", "http://[::1%25lo]/", "https://a@b/", "http://localhost", "http://1.1.1.1#@127.0.0.1", "http:\\\\1.1.1.1\\127.0.0.1"} {
		f.Add(s, "10.1.2.0/24")
	}
	f.Fuzz(func(t *testing.T, address, entry string) {
		elsewhere := netip.MustParseAddr("198.51.100.7")
		g, err := NewGuard([]string{entry})
		if err != nil {
			g = Guard{}
		}
		g.lookup = func(context.Context, string) ([]netip.Addr, error) { return []netip.Addr{elsewhere}, nil }
		u, err := g.Address(t.Context(), address)
		if err != nil {
			return
		}
		name, _ := hostName(u.Hostname())
		a, parsed := netip.ParseAddr(u.Hostname())
		switch {
		case parsed == nil && (a.Unmap().IsLoopback() || g.allows(a, false)):
		case parsed != nil && (g.names[name] || g.allows(elsewhere, false)):
		default:
			t.Fatalf("%q was taken with %q listed; it leads to %q", address, entry, u.Host)
		}
		if (u.Scheme != "http" && u.Scheme != "https") || u.User != nil {
			t.Fatalf("%q was taken as %+v, want http or https without a user", address, u)
		}
	})
}

func TestTheClientGoesNowhereElse(t *testing.T) {
	asked := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer other.Close()
	own := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, map[string]string{"/there": other.URL, "/away": "http://198.51.100.7/"}[r.URL.Path], http.StatusTemporaryRedirect)
	}))
	defer own.Close()
	h := Guard{}.HTTP()
	for _, path := range []string{"/there", "/away"} {
		if r, err := h.Get(own.URL + path); !errors.Is(err, ErrForeign) {
			t.Errorf("a redirect from %s: %v, %v; want it refused", path, r, err)
		}
	}
	if asked != 0 {
		t.Errorf("the other server was asked %d times, want never", asked)
	}
	t.Setenv("HTTP_PROXY", other.URL) // a proxy sees what is sent to others
	if r, err := (Guard{}.HTTP()).Get("http://198.51.100.7/"); !errors.Is(err, ErrForeign) || asked != 0 {
		t.Errorf("an address that is not one's own: %v, %v, the proxy was asked %d times; want it refused", r, err, asked)
	}
}

// A name that leads here when it is checked, and elsewhere when it is dialled, is refused.
func TestANameIsCheckedWhenItIsDialled(t *testing.T) {
	g, times := Guard{}, 0
	g.lookup = func(context.Context, string) ([]netip.Addr, error) {
		times++
		if times == 1 {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		}
		return []netip.Addr{netip.MustParseAddr("198.51.100.7")}, nil
	}
	if _, err := g.Address(t.Context(), "http://turning.example:1"); err != nil {
		t.Fatal(err)
	}
	if _, err := g.HTTP().Get("http://turning.example:1"); !errors.Is(err, ErrForeign) {
		t.Errorf("got %v, want it refused", err)
	}
}

func TestBrowsersFindNothingElse(t *testing.T) {
	g, err := NewGuard([]string{"stage.example", "10.1.2.3", "10.9.8.0/24"})
	if err != nil {
		t.Fatal(err)
	}
	got := g.BrowserRules(&url.URL{Scheme: "http", Host: "desk.localhost:80"})
	want := "MAP * ~NOTFOUND , EXCLUDE *.localhost , EXCLUDE 10.1.2.3 , EXCLUDE 127.0.0.1 , EXCLUDE [::1] , EXCLUDE desk.localhost , EXCLUDE localhost , EXCLUDE stage.example"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
