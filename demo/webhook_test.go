package demo

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

const testSecret = "whsec_c2VjcmV0IG9mIHRoZSBkZXNr" // base64 of "secret of the desk"

func sign(id string, at time.Time, body string) string {
	mac := hmac.New(sha256.New, []byte("secret of the desk"))
	fmt.Fprintf(mac, "%s.%d.%s", id, at.Unix(), body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func high(session string, at time.Time) string {
	return fmt.Sprintf(`{"type":"risk-level-changed","session":%q,"subject":"p1","riskLevel":"HIGH","previousRiskLevel":"LOW","reasons":["behaviour_differs"],"at":%q}`,
		session, at.Format(time.RFC3339Nano))
}

func send(t *testing.T, base, id string, at time.Time, body string) int {
	t.Helper()
	r, _ := http.NewRequest("POST", base+WebhookPath, strings.NewReader(body))
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", fmt.Sprint(at.Unix()))
	r.Header.Set("webhook-signature", "v1,bm90IGl0 "+sign(id, at, body)) // several signatures may stand there
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func TestReceiverTakesOnlyWhatIsSignedFreshAndNew(t *testing.T) {
	now := time.Now()
	body := high("s1", now)
	header := func(id string, at time.Time, signature string) http.Header {
		h := http.Header{}
		h.Set("webhook-id", id)
		h.Set("webhook-timestamp", fmt.Sprint(at.Unix()))
		h.Set("webhook-signature", signature)
		return h
	}
	for name, c := range map[string]struct {
		header http.Header
		body   string
		fits   bool
	}{
		"signed":            {header("a", now, sign("a", now, body)), body, true},
		"another body":      {header("b", now, sign("b", now, body)), high("s2", now), false},
		"another id":        {header("c", now, sign("a", now, body)), body, false},
		"no signature":      {header("d", now, ""), body, false},
		"kept for too long": {header("e", now.Add(-time.Hour), sign("e", now.Add(-time.Hour), body)), body, false},
		"from the future":   {header("f", now.Add(time.Hour), sign("f", now.Add(time.Hour), body)), body, false},
		"no headers at all": {http.Header{}, body, false},
		"another version":   {header("g", now, strings.Replace(sign("g", now, body), "v1,", "v2,", 1)), body, false},
	} {
		v := newReceiver(testSecret, func() time.Time { return now })
		got, fresh, err := v.take(c.header, []byte(c.body))
		if (err == nil) != c.fits || fresh != c.fits {
			t.Errorf("%s: fresh %v, error %v; want it taken: %v", name, fresh, err, c.fits)
		}
		if c.fits && (got.Session != "s1" || got.RiskLevel != "HIGH") {
			t.Errorf("%s: reads as %+v", name, got)
		}
		if _, fresh, _ := v.take(c.header, []byte(c.body)); fresh {
			t.Errorf("%s: the same post is taken twice", name)
		}
	}
}
