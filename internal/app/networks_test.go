package app

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"testing"
	"time"

	"ipse.dev/ipse/internal/observation"
)

func testNetworks(t *testing.T) *networks {
	t.Helper()
	n, err := newNetworks(keys{Pseudonym: randomKey()})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNetworksAreToldApartByTheirPrefix(t *testing.T) {
	n := testNetworks(t)
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"192.0.2.7:1000", "192.0.2.250:2000", true},
		{"192.0.2.7:1000", "192.0.3.7:1000", false},
		{"192.0.2.7:1000", "[::ffff:192.0.2.9]:1000", true},
		{"[2001:db8:1::1]:1", "[2001:db8:1:ffff::2]:1", true},
		{"[2001:db8:1::1]:1", "[2001:db8:2::1]:1", false},
		{"[fe80::1%eth0]:1", "[fe80::1%eth1]:1", true},
	} {
		a, b := n.Tag("s", c.a), n.Tag("s", c.b)
		if a == "" || b == "" || (a == b) != c.same {
			t.Errorf("%s gives %q, %s gives %q; want the same: %v", c.a, a, c.b, b, c.same)
		}
	}
	for _, none := range []string{"", "192.0.2.7", "a name:80", "@", "[::1", "192.0.2.7:99999"} {
		if tag := n.Tag("s", none); tag != "" {
			t.Errorf("%q gives %q, want nothing", none, tag)
		}
	}
}

// A tag of one session says nothing in another one, nor at another installation.
func TestTagsOfNetworksLinkNothing(t *testing.T) {
	n, other := testNetworks(t), testNetworks(t)
	const address = "192.0.2.7:1000"
	if n.Tag("s", address) == n.Tag("t", address) {
		t.Error("two sessions share a tag: who has the store sees who sat in one network")
	}
	if n.Tag("s", address) == other.Tag("s", address) {
		t.Error("two installations share a tag")
	}
}

// from reports as a collector at this address of the machine does.
func (d *running) from(address, token string, observations ...observation.Observation) {
	d.t.Helper()
	raw, err := json.Marshal(map[string]any{"sentAtMS": time.Now().UnixMilli(), "observations": observations})
	if err != nil {
		d.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(d.t.Context(), "POST", d.URL()+"/v1/observations", bytes.NewReader(raw))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	transport := &http.Transport{DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}).DialContext}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(r)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != 200 {
		d.t.Fatalf("a report from %s got %d, %v; want 200", address, resp.StatusCode, err)
	}
}

func TestTheServerSeesAnotherNetworkByItself(t *testing.T) {
	for _, ignored := range []bool{false, true} {
		d := startRunning(t, func(o *Options) {
			o.assessor, o.IgnoreAddresses = newAssessor(t), ignored
		})
		s := d.open("someone")
		d.from("127.0.7.1", s.CollectorToken, observed(1))
		d.from("127.0.7.99", s.CollectorToken, observed(2))
		d.from("127.0.8.1", s.CollectorToken, observed(3))
		d.from("127.0.7.1", s.CollectorToken, observed(4))
		var seen int
		p := want[SessionPath](t, d.send("GET", "/v1/sessions/"+s.Session+"/path", d.key, nil), 200)
		for i, point := range p.Points {
			if point.Event == "new_address" {
				seen++
				if i != 2 {
					t.Errorf("the other network is point %d, want it before the third report's", i)
				}
			}
		}
		if wanted := map[bool]int{false: 1, true: 0}[ignored]; seen != wanted {
			t.Errorf("ignored %v: %d new addresses in %+v, want %d", ignored, seen, p.Points, wanted)
		}
		d.stop()
		for _, found := range holding(t, d.data, "127.0.7.", "127.0.8.") {
			t.Errorf("an address is kept: %s", found)
		}
		if log := d.log.String(); bytes.Contains([]byte(log), []byte("127.0.7.")) {
			t.Error("the log holds an address")
		}
	}
}
