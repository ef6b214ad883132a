package console

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ipse.dev/ipse/console/internal/locale"
	"ipse.dev/ipse/internal/review"
)

//go:embed templates/*.html
var templateFiles embed.FS

// pages holds the parsed pages by language and name. Each language has its own, so that a template can call its
// messages without being handed them.
type pages map[string]map[string]*template.Template

var pageNames = []string{"signin", "sessions", "session", "alarms", "alarm", "budget", "subject", "error"}

func parsePages() (pages, error) {
	p := make(pages)
	for _, l := range locale.All {
		p[l.Tag] = make(map[string]*template.Template)
		for _, name := range pageNames {
			t, err := template.New(name).Funcs(template.FuncMap{"t": l.T, "count": l.Count}).
				ParseFS(templateFiles, "templates/layout.html", "templates/parts.html", "templates/chart.html", "templates/"+name+".html")
			if err != nil {
				return nil, fmt.Errorf("console: page %s: %w", name, err)
			}
			p[l.Tag][name] = t
		}
	}
	return p, nil
}

// page is what the frame around every page shows. Handlers set the first group; render sets the rest.
type page struct {
	TitleKey string // message of the title, or
	Title    string // the title itself
	Section  string // "sessions", "alarms" or "budget": marked in the navigation
	Watch    string // identifiers whose changes refresh the page, as the query of the stream of events
	Live     bool   // the page refreshes itself
	Notice   string // key of a message to show once
	Heading  string // what the page is about, where that is not its title
	Main     any

	Lang       string
	Languages  []languageLink
	Path       string // of this very page, with its query
	SignedIn   bool
	OpenAlarms int
	Budget     bool   // there is a page of promise and fact
	Shadow     bool   // nobody else is told of the levels on the pages
	Zone       string // of the times on the page
}

type languageLink struct {
	Tag, Name, URL string
	Current        bool
}

// wantsFragment reports whether a script asks for the part of a page that changes.
func wantsFragment(r *http.Request) bool { return r.Header.Get("HX-Request") == "true" }

// render writes a page, or only its live part where a script asked for it. Nothing is written before the template has
// run through, so that a page is whole or an error.
func (c *Console) render(w http.ResponseWriter, r *http.Request, status int, name string, p page) {
	l := languageOf(r)
	if p.TitleKey != "" {
		p.Title = l.T(p.TitleKey)
	}
	p.Lang, p.Path = l.Tag, r.URL.RequestURI()
	p.SignedIn = c.signedIn(r)
	p.Budget = c.budget != nil
	p.Shadow = c.shadow && p.SignedIn
	p.Zone = c.now().In(c.location).Format("MST")
	p.Languages = languageLinks(l, r)
	if p.SignedIn {
		cases, err := c.cases.Cases(r.Context())
		if err != nil && status < http.StatusInternalServerError {
			c.fail(w, r, fmt.Errorf("console: cases: %w", err))
			return
		}
		p.OpenAlarms = countOpen(cases)
	}
	entry := "page"
	if wantsFragment(r) && p.Live {
		entry = "fragment"
	}
	var out bytes.Buffer
	if err := c.pages[l.Tag][name].ExecuteTemplate(&out, entry, p); err != nil {
		c.logger.ErrorContext(r.Context(), "a page could not be written", "page", name, "error", err)
		http.Error(w, "The page could not be written.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", l.Tag)
	h.Add("Vary", "Accept-Language, HX-Request")
	w.WriteHeader(status)
	if _, err := out.WriteTo(w); err != nil {
		c.logger.DebugContext(r.Context(), "a page was not read to its end", "error", err)
	}
}

func languageLinks(current *locale.Locale, r *http.Request) []languageLink {
	links := make([]languageLink, 0, len(locale.All))
	for _, l := range locale.All {
		query := r.URL.Query()
		query.Set("lang", l.Tag)
		path := r.URL.EscapedPath()
		if r.Method != http.MethodGet { // a form's answer has no page of its own to come back to
			path = Root
		}
		links = append(links, languageLink{Tag: l.Tag, Name: l.Name, URL: path + "?" + query.Encode(), Current: l == current})
	}
	return links
}

func countOpen(cases []review.Case) int {
	n := 0
	for _, k := range cases {
		if k.Verdict == review.Undecided {
			n++
		}
	}
	return n
}

// errorView is a page that only says what went wrong.
type errorView struct{ TextKey string }

func (c *Console) notFound(w http.ResponseWriter, r *http.Request) {
	c.errorPage(w, r, http.StatusNotFound, "error.not_found")
}

func (c *Console) forbidden(w http.ResponseWriter, r *http.Request) {
	c.errorPage(w, r, http.StatusForbidden, "error.cross_origin")
}

func (c *Console) badRequest(w http.ResponseWriter, r *http.Request) {
	c.errorPage(w, r, http.StatusBadRequest, "error.bad_request")
}

// fail answers for a source or a store that failed: unknown identifiers get the page that says so, everything else is
// logged and told without detail.
func (c *Console) fail(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, ErrNotFound):
		c.notFound(w, r)
	case r.Context().Err() != nil: // the reader left
	default:
		c.logger.ErrorContext(r.Context(), "a page of the console failed", "error", err)
		c.errorPage(w, r, http.StatusInternalServerError, "error.internal")
	}
}

func (c *Console) errorPage(w http.ResponseWriter, r *http.Request, status int, key string) {
	c.render(w, r, status, "error", page{TitleKey: key + ".title", Main: errorView{TextKey: key + ".text"}})
}

// moment is a time for people and for machines.
type moment struct{ ISO, Text string }

func (c *Console) moment(l *locale.Locale, t time.Time) moment {
	t = t.In(c.location)
	return moment{ISO: t.Format(time.RFC3339), Text: l.Time(t, c.now())}
}

func sessionURL(id string) string { return Root + "sessions/" + url.PathEscape(id) }
func alarmURL(id string) string   { return Root + "alarms/" + url.PathEscape(id) }

// pager cuts a long list into pages and links them.
type pager struct {
	Number, Last   int
	Previous, Next string // addresses; empty at the ends
}

const rowsPerPage = 50

// cut gives the rows of the page that the query names; a page beyond the ends is the nearest one.
func cut[T any](rows []T, r *http.Request) ([]T, pager) {
	last := max(1, (len(rows)+rowsPerPage-1)/rowsPerPage)
	number := 1
	if _, err := fmt.Sscanf(r.URL.Query().Get("page"), "%d", &number); err != nil {
		number = 1
	}
	number = min(max(number, 1), last)
	p := pager{Number: number, Last: last}
	link := func(n int) string {
		query := r.URL.Query()
		query.Set("page", fmt.Sprint(n))
		return r.URL.EscapedPath() + "?" + query.Encode()
	}
	if number > 1 {
		p.Previous = link(number - 1)
	}
	if number < last {
		p.Next = link(number + 1)
	}
	return rows[(number-1)*rowsPerPage : min(len(rows), number*rowsPerPage)], p
}

// choice is one of the ways to narrow a list.
type choice struct {
	Text, URL string // Text is the key of a message
	Current   bool
}

// choices links the ways to narrow a list under the query parameter "show"; the first is the one without a parameter.
func choices(r *http.Request, prefix string, keys ...string) (list []choice, current string) {
	current = r.URL.Query().Get("show")
	if !slices.Contains(keys, current) {
		current = keys[0]
	}
	for i, key := range keys {
		query := r.URL.Query()
		query.Del("page")
		query.Set("show", key)
		if i == 0 {
			query.Del("show")
		}
		address := r.URL.EscapedPath()
		if len(query) > 0 {
			address += "?" + query.Encode()
		}
		list = append(list, choice{Text: prefix + key, URL: address, Current: key == current})
	}
	return list, current
}

// badge is a risk level with its sign.
type badge struct {
	Class string // "low", "medium", "high": colour and shape
	Text  string
}

func levelBadge[L ~string](l *locale.Locale, level L) badge {
	return badge{Class: strings.ToLower(string(level)), Text: l.T("level." + string(level))}
}
