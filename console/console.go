package console

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
)

// Root is the path under which the pages live; a server mounts Handler there.
const Root = "/console/"

// Options is what a console needs. Sessions, Cases and BaseURL are required.
type Options struct {
	Sessions Sessions
	Cases    Cases
	Budget   Budget   // may be left out: then there is no page for it
	Subjects Subjects // may be left out, likewise
	// Corrections lets reviewers put references right. Without it pages show the commands that do.
	Corrections Corrections
	BaseURL     string // scheme and host by which reviewers reach the server: "https://ipse.example"
	Logger      *slog.Logger
	Now         func() time.Time
	Location    *time.Location // in which times are written; time.Local by default
	// Announce is called with a fresh sign-in link when a visitor asks for one: it must go where only those who run
	// the server can read it (its terminal, its log), never to the visitor. Without it, pages offer no such button.
	Announce func(link string)
	// Shadow says that the server is in shadow mode: pages show levels that nobody else is told of, and say so.
	Shadow bool
}

// Console serves the pages for reviewers. It is safe for concurrent use.
type Console struct {
	sessions    Sessions
	cases       Cases
	budget      Budget
	subjects    Subjects
	corrections Corrections
	baseURL     string
	logger      *slog.Logger
	now         func() time.Time
	location    *time.Location
	announce    func(string)
	shadow      bool

	handler http.Handler
	signIns *scs.SessionManager
	links   links
	pages   pages
	streams chan struct{} // one place for each open stream of events

	closed    chan struct{}
	closeOnce sync.Once
}

// signInLifetime is how long a reviewer stays signed in.
const signInLifetime = 12 * time.Hour

// maxStreams bounds the streams of events that are open at once, over all reviewers.
const maxStreams = 256

// New builds a console. It fails where an option is missing or BaseURL is not the address of a server.
func New(o Options) (*Console, error) {
	if o.Sessions == nil || o.Cases == nil {
		return nil, errors.New("console: sessions and cases are required")
	}
	base, err := url.Parse(o.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("console: base URL: %w", err)
	}
	if (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" || (base.Path != "" && base.Path != "/") {
		return nil, fmt.Errorf("console: base URL %q: want scheme and host only, like https://ipse.example", o.BaseURL)
	}
	c := &Console{
		sessions: o.Sessions, cases: o.Cases, budget: o.Budget, subjects: o.Subjects, corrections: o.Corrections, announce: o.Announce, shadow: o.Shadow,
		baseURL: base.Scheme + "://" + base.Host,
		logger:  cmp.Or(o.Logger, slog.New(slog.DiscardHandler)),
		now:     o.Now, location: cmp.Or(o.Location, time.Local),
		streams: make(chan struct{}, maxStreams),
		closed:  make(chan struct{}),
	}
	if c.now == nil {
		c.now = time.Now
	}
	c.signIns = c.newSignIns(base.Scheme == "https")
	if c.pages, err = parsePages(); err != nil {
		return nil, err
	}
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(c.baseURL); err != nil {
		return nil, fmt.Errorf("console: base URL: %w", err)
	}
	protection.SetDenyHandler(http.HandlerFunc(c.forbidden))
	c.handler = c.secure(c.signIns.LoadAndSave(protection.Handler(c.routes())))
	return c, nil
}

// newSignIns keeps sign-ins in memory: a restart ends them. It is put together by hand because scs.New starts a
// goroutine that never ends; without that goroutine's housekeeping a sign-in that is over stays in memory, which is
// some hundred bytes for each link that was ever used.
func (c *Console) newSignIns(secure bool) *scs.SessionManager {
	return &scs.SessionManager{
		Lifetime:         signInLifetime,
		Store:            memstore.NewWithCleanupInterval(0),
		Codec:            scs.GobCodec{},
		HashTokenInStore: true,
		ErrorFunc:        c.fail,
		Cookie: scs.SessionCookie{
			Name: "ipse_console", Path: Root, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: secure, Persist: true,
		},
	}
}

// Handler serves everything below Root.
func (c *Console) Handler() http.Handler { return c.handler }

// Close ends the streams of events, which would otherwise hold up a server's graceful stop. Pages can still be served
// after it.
func (c *Console) Close() {
	c.closeOnce.Do(func() { close(c.closed) })
}

func (c *Console) routes() http.Handler {
	mux := http.NewServeMux()
	open := func(pattern string, h http.HandlerFunc) { mux.Handle(pattern, c.chooseLanguage(h)) }
	guarded := func(pattern string, h http.HandlerFunc) { open(pattern, c.requireSignIn(h)) }

	mux.Handle("GET /console/static/", staticFiles())
	open("GET /console/sign-in", c.signInPage)
	open("POST /console/sign-in", c.signIn)
	open("POST /console/sign-in/link", c.announceLink)
	open("POST /console/sign-out", c.signOut)

	guarded("GET /console/{$}", c.sessionList)
	guarded("GET /console/sessions/{id}", c.sessionPage)
	guarded("GET /console/alarms", c.alarmList)
	guarded("GET /console/alarms/{id}", c.alarmPage)
	guarded("POST /console/alarms/{id}/verdict", c.decide)
	if c.budget != nil {
		guarded("GET /console/budget", c.budgetPage)
	}
	if c.subjects != nil {
		guarded("GET /console/subjects/{id}", c.subjectPage)
		if c.corrections != nil {
			guarded("POST /console/subjects/{id}/references/{action}", c.correct)
		}
	}
	guarded("GET /console/events", c.events)
	guarded("/console/", c.notFound)
	return mux
}

// secure sets the headers that every answer carries. Pages load nothing but their own files, and hold what only a
// reviewer may see, so no cache keeps them.
func (c *Console) secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "+
			"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin") // a sign-in link must not leak to another site
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
