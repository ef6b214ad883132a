package browser

import (
	"encoding/base64"
	"testing"

	"github.com/chromedp/cdproto/network"

	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/redteam"
)

func TestSessionIsReadFromTheCollectorsToken(t *testing.T) {
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"s-1"}`))
	for header, want := range map[string]string{
		"Bearer e30." + claims + ".c2ln": "s-1",
		"Bearer e30.e30.c2ln":            "",
		"Bearer " + claims:               "",
		"Bearer a.%%.c":                  "",
		"":                               "",
	} {
		if got := sessionOf(network.Headers{"authorization": header, "Accept": "*/*"}); got != want {
			t.Errorf("%q: session %q, want %q", header, got, want)
		}
	}
	if got := sessionOf(network.Headers{"Authorization": 7}); got != "" {
		t.Errorf("a header that is no text: session %q, want none", got)
	}
}

// A page may let an attacker sign in again: what was caught before stays caught.
func TestWhatWasCaughtStaysCaught(t *testing.T) {
	w := newWatch(redteam.Guard{})
	for _, body := range []string{`{"riskLevel":"HIGH","answer":"someone_else"}`, `not ipse's`, `{}`, `{"riskLevel":"LOW","answer":"same_person"}`} {
		w.reply([]byte(body))
		if got := w.standing().level; got != policy.High {
			t.Errorf("after %s the level is %s, want HIGH", body, got)
		}
	}
}
