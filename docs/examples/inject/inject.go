// Package inject is an example for docs/web-sdk.md: a reverse proxy that puts ipse's web collector into the pages of an
// application that cannot be changed. In: requests of signed-in users. Out: the application's pages with two more scripts,
// and everything of ipse under /ipse/, so that the pages' own origin is all that their policy needs.
package inject

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
)

const scripts = `<script src="/ipse/sdk/ipse.js"></script><script src="/ipse/start.js"></script>`

const start = `ipse.start({
  endpoint: '/ipse',
  renewToken: async () => (await fetch('/ipse/token', { method: 'POST' })).text(),
});
`

// maxPage bounds the pages that are changed; larger ones pass as they are.
const maxPage = 4 << 20

// Proxy puts the collector into the pages of an application. token gives a collector token for the request's user: it opens a
// session at the first sign-in, and asks for another token of that session afterwards.
func Proxy(application, ipse *url.URL, token func(*http.Request) (string, error)) http.Handler {
	pages := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(application)
			r.Out.Header.Del("Accept-Encoding") // pages must come unpacked
		},
		ModifyResponse: addScripts,
	}
	collector := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(ipse)
		r.Out.Header.Del("Cookie") // the application's session is nobody else's business
	}}
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.Handle("POST /ipse/v1/observations", http.StripPrefix("/ipse", collector))
	mux.Handle("GET /ipse/sdk/", http.StripPrefix("/ipse", collector))
	mux.HandleFunc("GET /ipse/start.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = io.WriteString(w, start)
	})
	mux.HandleFunc("POST /ipse/token", func(w http.ResponseWriter, r *http.Request) {
		t, err := token(r)
		if err != nil {
			http.Error(w, "no collector token can be had now", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		_, _ = io.WriteString(w, t)
	})
	return http.NewCrossOriginProtection().Handler(mux)
}

// addScripts puts the scripts behind <head> of a page.
func addScripts(r *http.Response) error {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") || r.Header.Get("Content-Encoding") != "" {
		return nil
	}
	rest := r.Body
	page, err := io.ReadAll(io.LimitReader(rest, maxPage))
	if err != nil {
		return err
	}
	if len(page) == maxPage {
		r.Body = readCloser{io.MultiReader(bytes.NewReader(page), rest), rest}
		return nil
	}
	page = bytes.Replace(page, []byte("<head>"), []byte("<head>"+scripts), 1)
	r.Body = readCloser{bytes.NewReader(page), rest}
	r.ContentLength = int64(len(page))
	r.Header.Set("Content-Length", strconv.Itoa(len(page)))
	return nil
}

type readCloser struct {
	io.Reader
	io.Closer
}
