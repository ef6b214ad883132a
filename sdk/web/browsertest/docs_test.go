package browsertest

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// The page that docs/web-sdk.md shows, as it stands there but for the address and the token.
func TestThePageOfTheDocumentation(t *testing.T) {
	raw, err := os.ReadFile("../../../docs/web-sdk.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(raw), "```html\n")
	shown, _, found := strings.Cut(rest, "```")
	if !found || !strings.Contains(shown, "createIpse") {
		t.Fatal("docs/web-sdk.md shows no page")
	}
	o := openOffice(t)
	shown = strings.NewReplacer("https://ipse.example", o.proxy.URL, "'TOKEN'", "''").Replace(shown)
	pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/collector-token":
			_, _ = w.Write([]byte(o.opened.CollectorToken))
		case "/":
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte(shown))
		}
	}))
	defer pages.Close()
	ctx, cancel := chromedp.NewContext(o.browser)
	defer cancel()
	page := &desk{t: t, ctx: ctx}
	page.run(chromedp.Navigate(pages.URL))
	page.do("var errors = [], states = []; collector.on('error', function (e) { errors.push(e.code); }); collector.on('state', function (s) { states.push(s); })")
	page.until("the level is shown", func() bool {
		return evaluate[string](page, "document.getElementById('level').textContent") == "LOW"
	})
	page.press("answer", 70)
	page.until("a window has arrived", func() bool { return o.starts() >= 1 })
}
