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

// The script of docs/web-sdk.md that loads ipse, under the policy that the page states for an endpoint of another origin.
func TestTheScriptAndThePolicyOfTheDocumentation(t *testing.T) {
	raw, err := os.ReadFile("../../../docs/web-sdk.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(raw), "```js\n")
	script, _, found := strings.Cut(rest, "```")
	_, rest, stated := strings.Cut(string(raw), "| of another origin | `")
	policy, _, closed := strings.Cut(rest, "`")
	if !found || !stated || !closed || !strings.Contains(script, "createElement('script')") || !strings.Contains(policy, "worker-src") {
		t.Fatalf("docs/web-sdk.md shows no script that loads ipse, or no policy for another origin: %q", policy)
	}
	o := openOffice(t)
	over := make(chan struct{})
	away := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over })) // takes requests and never answers
	defer away.Close()
	defer close(over)
	pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		endpoint := strings.NewReplacer("https://ipse.example", o.proxy.URL)
		if strings.HasPrefix(r.URL.Path, "/away") {
			endpoint = strings.NewReplacer("https://ipse.example", away.URL)
		}
		switch r.URL.Path {
		case "/collector-token":
			_, _ = w.Write([]byte(o.opened.CollectorToken))
		case "/start-ipse.js", "/away.js":
			w.Header().Set("Content-Type", "text/javascript")
			_, _ = w.Write([]byte(endpoint.Replace(script)))
		default:
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Content-Security-Policy", endpoint.Replace("default-src 'none'; "+policy))
			start := map[string]string{"/": "/start-ipse.js", "/away": "/away.js"}[r.URL.Path]
			_, _ = w.Write([]byte(`<!doctype html><input id="answer"><script src="` + start + `"></script><p id="rest">the rest</p>`))
		}
	}))
	defer pages.Close()
	ctx, cancel := chromedp.NewContext(o.browser)
	defer cancel()
	page := &desk{t: t, ctx: ctx}
	page.run(chromedp.Navigate(pages.URL))
	page.until("a window has arrived", func() bool {
		page.press("answer", 70) // again and again: what is typed before the script has loaded is not measured, and nothing here tells when it has
		return o.starts() >= 1
	})
	// A page whose ipse server takes requests and never answers is whole all the same. What it has asked for never loads.
	page.run(chromedp.Evaluate[chromedp.Void](`setTimeout(function () { location.assign("/away"); }); undefined`))
	page.until("the rest of the page is there", func() bool {
		there, err := chromedp.Run(page.ctx, chromedp.Evaluate[bool](`location.pathname === "/away" && document.readyState !== "loading" && document.getElementById("rest") !== null`))
		return err == nil && there // between two pages there is none to ask
	})
}
