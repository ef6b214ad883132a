// Package demo owns the demonstration: a fictional customer-service desk, a web application of its own that carries ipse
// exactly as any application would (one script tag and one call in its page, the HTTP API and the webhook in its back
// end), colleagues who take over the desk's page, and colleagues who work in the background. It knows nothing of the
// server but its address, its API key and the secret of its webhook.
//
// In: a visitor's browser, the server's webhook. Out: pages, and calls of the HTTP API.
package demo

import (
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/policy"
)

// Thresholds are what the demonstration decides by. A company states a budget of false alarms over working days, and
// waits for as much evidence as that takes; a visitor stays for minutes, so that the desk asks for a proof of identity at
// odds of some 20 to 1 that somebody has taken over, and locks at some 400 to 1.
var Thresholds = policy.Thresholds{Medium: 3, High: 6}

// Options say where the desk finds ipse.
type Options struct {
	Server        string        // ipse's address as browsers reach it, such as "http://127.0.0.1:7473"
	APIKey        string        // for the HTTP API
	WebhookSecret string        // by which the webhook's posts are told from others
	ConsoleLink   func() string // gives a link that opens the console once; may be nil
	Logger        *slog.Logger  // slog.Default when nil
	Now           func() time.Time
	AttackFor     time.Duration // how long the panel's attacks last at most; a minute when 0
}

// Desk is the desk's back end.
type Desk struct {
	options Options
	ipse    *client.Client
	content *content
	webhook *receiver

	mu    sync.Mutex
	seats map[string]*seat // by the value of the visitor's cookie
}

// New gives a desk at which nobody is signed in.
func New(o Options) (*Desk, error) {
	if o.Server == "" || o.APIKey == "" {
		return nil, errors.New("demo: the desk needs ipse's address and an API key")
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.AttackFor == 0 {
		o.AttackFor = time.Minute // a visitor waits for the end
	}
	words, err := loadContent()
	if err != nil {
		return nil, err
	}
	return &Desk{
		options: o,
		ipse:    client.New(o.Server, o.APIKey),
		content: words,
		webhook: newReceiver(o.WebhookSecret, o.Now),
		seats:   map[string]*seat{},
	}, nil
}

// WebhookPath is where the desk takes ipse's webhook.
const WebhookPath = "/webhook/ipse"

// maxBody bounds every request's body, in bytes.
const maxBody = 64 << 10

// Handler serves the desk.
func (d *Desk) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /static/", cached(http.FileServerFS(files)))
	mux.HandleFunc("POST "+WebhookPath, d.takeWebhook)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/desk", http.StatusSeeOther) })
	mux.HandleFunc("GET /sign-in", d.signInPage)
	mux.HandleFunc("POST /sign-in", d.signIn)
	mux.HandleFunc("POST /language", d.chooseLanguage)

	mux.HandleFunc("GET /desk", d.seated(d.deskPage))
	mux.HandleFunc("POST /sign-out", d.seated(d.signOut))
	mux.HandleFunc("GET /console", d.seated(d.openConsole))
	mux.HandleFunc("GET /desk/customers/{customer}", d.seated(d.customerPart))
	mux.HandleFunc("POST /desk/customers/{customer}/replies", d.seated(d.reply))

	mux.HandleFunc("GET /events", d.seated(d.events))
	mux.HandleFunc("POST /ipse/token", d.seated(d.renewToken))
	mux.HandleFunc("POST /ipse/check", d.seated(d.check))
	mux.HandleFunc("POST /ipse/forget", d.seated(d.forget))
	mux.HandleFunc("POST /unlock", d.seated(d.unlock))
	mux.HandleFunc("POST /colleagues/{colleague}/round", d.seated(d.round))
	mux.HandleFunc("POST /attackers/{attacker}", d.seated(d.attack))

	return http.NewCrossOriginProtection().Handler(d.guarded(mux))
}

// guarded bounds bodies and says what the page may load: itself, and ipse's script, worker and API.
func (d *Desk) guarded(next http.Handler) http.Handler {
	policy := "default-src 'self'; script-src 'self' " + d.options.Server + "; connect-src 'self' " + d.options.Server +
		"; worker-src blob: " + d.options.Server + "; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

func cached(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}
