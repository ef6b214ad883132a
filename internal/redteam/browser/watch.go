package browser

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/redteam"
)

// reportPath ends the address that collectors report to.
const reportPath = "/v1/observations"

// standing is how the page's session stands, as the server's replies to its collector tell.
type standing struct {
	level   policy.Level
	answer  policy.Answer
	reasons []policy.ReasonCode
	windows int // that the page has reported since the attack began
}

// watch lets requests of one's own through, refuses the others, and reads the replies to the page's collector.
type watch struct {
	guard redteam.Guard

	mu      sync.Mutex
	now     standing
	seen    map[string]bool // windows by modality and start
	session string          // of the last report's collector token
	foreign error
}

func newWatch(g redteam.Guard) *watch {
	return &watch{guard: g, now: standing{level: policy.Low}, seen: map[string]bool{}}
}

func (w *watch) standing() standing {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.now
	s.windows = len(w.seen)
	return s
}

// of gives the id of the session that the page reports to; empty before its first report.
func (w *watch) of() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.session
}

// forgetWindows begins the count of windows anew.
func (w *watch) forgetWindows() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.seen)
}

// refused gives what was refused first, nil for nothing.
func (w *watch) refused() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.foreign
}

// begin starts the browser and pauses every request until it is checked.
func (w *watch) begin(ctx context.Context) error {
	events := chromedp.Events(ctx, fetch.RequestPaused)
	_, err := chromedp.Call(ctx, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{
		{URLPattern: "*", RequestStage: fetch.RequestStageRequest},
		{URLPattern: "*" + reportPath + "*", RequestStage: fetch.RequestStageResponse},
	}})
	if err != nil {
		return err
	}
	go func() {
		for e, err := range events {
			if err != nil {
				return
			}
			go w.paused(ctx, e)
		}
	}()
	return nil
}

// paused decides about one request or reads one reply. A browser that is gone has nobody to tell.
func (w *watch) paused(ctx context.Context, e fetch.EventRequestPaused) {
	if e.ResponseStatusCode != 0 || e.ResponseErrorReason != "" {
		if e.ResponseStatusCode == 200 && e.Request.Method == "POST" {
			if body, err := chromedp.Call(ctx, fetch.GetResponseBody, fetch.GetResponseBodyParams{RequestID: e.RequestID}); err == nil {
				w.reply(body.Body)
			}
		}
		_, _ = chromedp.Call(ctx, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: e.RequestID})
		return
	}
	if err := w.check(ctx, e.Request.URL); err != nil {
		w.mu.Lock()
		if w.foreign == nil {
			w.foreign = err
		}
		w.mu.Unlock()
		_, _ = chromedp.Call(ctx, fetch.FailRequest, fetch.FailRequestParams{RequestID: e.RequestID, ErrorReason: network.ErrorReasonBlockedByClient})
		return
	}
	if strings.Contains(e.Request.URL, reportPath) && e.Request.Method == "POST" {
		var body []byte
		for _, part := range e.Request.PostDataEntries {
			body = append(body, part.Bytes...)
		}
		w.reported(body, sessionOf(e.Request.Headers))
	}
	_, _ = chromedp.Call(ctx, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: e.RequestID})
}

// check asks the guard about addresses that lead to a network; the others stay in the browser.
func (w *watch) check(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("%w: the page asks for %.80q", redteam.ErrForeign, address)
	}
	switch u.Scheme {
	case "data", "blob", "about":
		return nil
	}
	_, err = w.guard.Address(ctx, address)
	return err
}

// sessionOf reads the session's id from the collector token that a report carries; empty where there is none. Nothing is
// checked: the id is only asked about.
func sessionOf(headers network.Headers) string {
	for name, value := range headers {
		bearer, ok := value.(string)
		if !ok || !strings.EqualFold(name, "Authorization") {
			continue
		}
		parts := strings.Split(bearer, ".")
		if len(parts) != 3 {
			return ""
		}
		var claims struct {
			Subject string `json:"sub"`
		}
		if raw, err := base64.RawURLEncoding.DecodeString(parts[1]); err != nil || json.Unmarshal(raw, &claims) != nil {
			return ""
		}
		return claims.Subject
	}
	return ""
}

// reported notes the windows of one report, and whose session it is of.
func (w *watch) reported(body []byte, session string) {
	var report struct {
		Observations []struct {
			Modality string `json:"modality"`
			StartMS  int64  `json:"startMS"`
		} `json:"observations"`
	}
	if json.Unmarshal(body, &report) != nil {
		return // not ipse's: another application's path may end like this
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.session = cmp.Or(session, w.session)
	for _, o := range report.Observations {
		w.seen[fmt.Sprintf("%s/%d", o.Modality, o.StartMS)] = true
	}
}

// reply takes in what the server answered to a report.
func (w *watch) reply(body []byte) {
	var r struct {
		RiskLevel policy.Level        `json:"riskLevel"`
		Answer    policy.Answer       `json:"answer"`
		Reasons   []policy.ReasonCode `json:"reasons"`
	}
	if json.Unmarshal(body, &r) != nil || r.RiskLevel == "" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.now.level == policy.High {
		return // caught is caught, also where the page lets the attack sign in again
	}
	w.now.level, w.now.answer, w.now.reasons = r.RiskLevel, r.Answer, r.Reasons
}
