package app

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"ipse.dev/ipse/console"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/ingest"
	"ipse.dev/ipse/internal/problem"
	"ipse.dev/ipse/sdk/web"
)

// routes puts every path in its place.
func (s *Server) routes(o Options, k keys, apiKeys [][]byte, queue queue, gate *ingest.Gate, meter *metrics) (http.Handler, error) {
	ids, err := newIdentities(k)
	if err != nil {
		return nil, err
	}
	tokens, err := ingest.NewTokens(k.Token)
	if err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	account := &account{store: s.store, rule: s.fold.rule}
	sources := &pages{store: s.store, fold: s.fold, audit: s.audit, meter: meter}
	known := &subjectPages{store: s.store, corrector: corrector{audit: s.audit, publish: queue.Publish, fold: s.fold}}
	var corrections console.Corrections
	if o.ReviewersCorrect {
		corrections = known
	}
	s.console, err = console.New(console.Options{
		Sessions: sources, Cases: sources, Budget: account, Subjects: known, Corrections: corrections, BaseURL: cmp.Or(o.PublicURL, s.url), Logger: o.Logger, Shadow: o.Shadow,
		Announce: func(link string) { o.Logger.Info("open the console once with this link", "link", link) },
	})
	if err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	api := &api{
		store: s.store, fold: s.fold, gate: gate, publish: queue.Publish, identities: ids, tokens: tokens, audit: s.audit,
		meter: meter, logger: o.Logger, keys: apiKeys, closedSet: o.SharedWorkstations, account: account,
	}
	addresses, err := newNetworks(k)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	document := api.register(mux)
	docs, err := newDocs(document)
	if err != nil {
		return nil, err
	}
	health := &health{store: s.store, bus: s.bus, fold: s.fold}
	observations := &ingest.Handler{
		Tokens: tokens, Gate: gate, Standings: s.fold, Dimension: embed.Dimension,
		Models: modelsOf(o.assessor), Meter: meter, Logger: o.Logger, Now: time.Now,
	}
	if !o.IgnoreAddresses {
		observations.Networks = addresses
	}
	mux.Handle(observationsPath, ingest.CrossOrigin(o.CORSOrigins, meter, onlyPost(meter, observations)))
	mux.HandleFunc("GET /openapi.json", docs.document)
	mux.HandleFunc("GET /docs", docs.page)
	mux.HandleFunc("GET /docs/docs.css", docs.style)
	mux.HandleFunc("GET /healthz", health.alive)
	mux.HandleFunc("GET /readyz", health.ready)
	mux.Handle("GET /metrics", meter.handler())
	mux.Handle("/sdk/models/", http.StripPrefix("/sdk/models", web.Models(embed.NetworkFiles())))
	mux.Handle("/sdk/", http.StripPrefix("/sdk", web.Handler()))
	mux.Handle(console.Root, withoutDeadlines(s.console.Handler()))
	mux.Handle("GET /{$}", http.RedirectHandler(console.Root, http.StatusSeeOther))
	mux.HandleFunc("/", nothingHere(mux, meter))
	return recovered(o.Logger, meter, plainHeaders(withDeadlines(meter.count(mux)))), nil
}

// What a slow or greedy caller may take.
const (
	headersWithin  = 5 * time.Second
	idleFor        = 2 * time.Minute
	requestWithin  = 30 * time.Second
	answeredWithin = 90 * time.Second // longer than an erasure may take
	maxHeaderBytes = 32 << 10
)

// newHTTPServer bounds what a connection may take. Its own log would hold addresses of people, and is not kept.
func newHTTPServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: headersWithin, IdleTimeout: idleFor, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: log.New(io.Discard, "", 0),
	}
}

// withDeadlines bounds each request. The server's own deadlines would also end the console's streams of events.
func withDeadlines(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setDeadlines(w, time.Now().Add(requestWithin), time.Now().Add(answeredWithin))
		next.ServeHTTP(w, r)
	})
}

// withoutDeadlines takes them off again, for pages that stay.
func withoutDeadlines(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			setDeadlines(w, time.Time{}, time.Time{})
		}
		next.ServeHTTP(w, r)
	})
}

func setDeadlines(w http.ResponseWriter, read, write time.Time) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(read) // a connection that cannot has ended
	_ = control.SetWriteDeadline(write)
}

// plainHeaders sets what every answer carries; pages with more to say replace it.
func plainHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		next.ServeHTTP(w, r)
	})
}

// recovered answers when a handler panics, and logs that without the caller's address.
func recovered(logger *slog.Logger, meter *metrics, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(cause)
			}
			logger.Error("a request made the server panic", "route", r.Pattern, "panic", fmt.Sprint(cause))
			refuse(w, meter, problem.New(problem.Internal, "the request could not be handled; the server's log tells why"))
		}()
		next.ServeHTTP(w, r)
	})
}

func refuse(w http.ResponseWriter, meter *metrics, p *problem.Problem) {
	meter.Refused(p.Name)
	problem.Write(w, p)
}

func onlyPost(meter *metrics, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			refuse(w, meter, problem.New(problem.NoSuchMethod, "observations are reported with POST"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// nothingHere tells a path that does not exist from a method that a path does not take.
func nothingHere(mux *http.ServeMux, meter *metrics) http.HandlerFunc {
	methods := []string{http.MethodGet, http.MethodPost, http.MethodDelete}
	return func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		for _, method := range methods {
			other := r.Clone(r.Context())
			other.Method = method
			if _, pattern := mux.Handler(other); pattern != "/" {
				allowed = append(allowed, method)
			}
		}
		if len(allowed) == 0 || slices.Contains(allowed, r.Method) {
			refuse(w, meter, problem.New(problem.NoSuchPath, "there is nothing at this path; /docs lists what there is"))
			return
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		refuse(w, meter, problem.New(problem.NoSuchMethod, "this path takes "+strings.Join(allowed, ", ")))
	}
}
