package demo

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"ipse.dev/ipse/internal/sim"
)

// page is what every template gets.
type page struct {
	Language string
	Say      func(key string, pairs ...string) string
	Path     string

	Employees []employee // sign-in
	Problem   string

	Employee   employee // desk
	Customers  []customer
	Search     string
	Current    customer
	Thread     []message
	Hint       string
	Next       string // the customer after this one
	Colleagues []colleagueRow
	Attackers  []attackerRow
	Server     string
	Config     config
}

// config is what the page's script gets.
type config struct {
	Endpoint string            `json:"endpoint"`
	Token    string            `json:"token"`
	Language string            `json:"language"`
	Locked   bool              `json:"locked"`
	Strings  map[string]string `json:"strings"`
}

func (d *Desk) page(r *http.Request) page {
	l := language(r)
	return page{
		Language: l, Path: r.URL.RequestURI(), Server: d.options.Server,
		Say: func(key string, pairs ...string) string { return d.content.say(l, key, pairs...) },
	}
}

func (d *Desk) render(w http.ResponseWriter, r *http.Request, status int, name string, p page) {
	var out bytes.Buffer
	if err := d.content.pages.ExecuteTemplate(&out, name, p); err != nil {
		d.options.Logger.ErrorContext(r.Context(), "demo: a page does not render", "page", name, "error", err)
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes())
}

func (d *Desk) signInPage(w http.ResponseWriter, r *http.Request) {
	p := d.page(r)
	p.Employees = employees
	d.render(w, r, http.StatusOK, "signin.html", p)
}

func (d *Desk) signIn(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, key string) {
		p := d.page(r)
		p.Employees, p.Problem, p.Path = employees, p.Say(key), "/sign-in"
		d.render(w, r, status, "signin.html", p)
	}
	e, ok := employeeByID(r.PostFormValue("employee"))
	if !ok {
		refuse(http.StatusUnprocessableEntity, "signin.unknown")
		return
	}
	if old := d.seatOf(r); old != nil {
		d.leave(r.Context(), old)
	}
	s, err := d.take(r.Context(), e)
	if err != nil {
		d.options.Logger.WarnContext(r.Context(), "demo: sign-in", "error", err)
		refuse(http.StatusBadGateway, "ipse.off")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: seatCookie, Value: s.cookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/desk", http.StatusSeeOther)
}

func (d *Desk) signOut(w http.ResponseWriter, r *http.Request, s *seat) {
	d.leave(r.Context(), s)
	http.SetCookie(w, &http.Cookie{Name: seatCookie, Path: "/", MaxAge: -1})
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
}

func (d *Desk) chooseLanguage(w http.ResponseWriter, r *http.Request) {
	if chosen := r.PostFormValue("language"); slices.Contains(languages, chosen) {
		http.SetCookie(w, &http.Cookie{
			Name: languageCookie, Value: chosen, Path: "/", MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode,
		})
	}
	back := r.PostFormValue("back")
	// Browsers read a backslash as a slash and leave out tabs and line breaks: "/\t/x" is a way to the host x.
	if !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") || strings.ContainsAny(back, "\\\t\r\n") {
		back = "/desk"
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
}

func (d *Desk) deskPage(w http.ResponseWriter, r *http.Request, s *seat) {
	p := d.page(r)
	p.Search = r.URL.Query().Get("q")
	p.Customers = d.content.search(p.Search)
	current, ok := d.content.customer(r.URL.Query().Get("customer"))
	if !ok {
		current = d.content.customers[0]
	}
	d.fill(&p, s, current)
	p.Colleagues, p.Attackers = colleagueRows(p.Say), attackerRows(p.Say)
	s.mu.Lock()
	p.Config = config{
		Endpoint: d.options.Server, Token: s.opened.CollectorToken, Language: p.Language,
		Locked: s.locked, Strings: d.content.strings[p.Language],
	}
	s.mu.Unlock()
	d.render(w, r, http.StatusOK, "desk.html", p)
}

// customerPart is the card and the conversation alone, for the page's script.
func (d *Desk) customerPart(w http.ResponseWriter, r *http.Request, s *seat) {
	current, ok := d.content.customer(r.PathValue("customer"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	p := d.page(r)
	d.fill(&p, s, current)
	d.render(w, r, http.StatusOK, "customer", p)
}

// reply takes a reply and answers in the customer's name.
func (d *Desk) reply(w http.ResponseWriter, r *http.Request, s *seat) {
	current, ok := d.content.customer(r.PathValue("customer"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	if s.isLocked() {
		http.Error(w, "the desk is locked", http.StatusLocked)
		return
	}
	text := strings.TrimSpace(r.PostFormValue("text"))
	p := d.page(r)
	if text != "" {
		s.write(current, p.Language, text, d.content.messages[p.Language])
	}
	if r.Header.Get("Accept") == "text/html; part=customer" {
		d.fill(&p, s, current)
		d.render(w, r, http.StatusOK, "customer", p)
		return
	}
	http.Redirect(w, r, "/desk?customer="+current.ID, http.StatusSeeOther)
}

// fill adds one customer's card and conversation.
func (d *Desk) fill(p *page, s *seat, current customer) {
	p.Employee, p.Current = s.employee, current
	for i, c := range d.content.customers {
		if c.ID == current.ID {
			p.Next = d.content.customers[(i+1)%len(d.content.customers)].ID
		}
	}
	p.Thread, p.Hint = s.thread(current, p.Language)
}

// thread gives a customer's conversation and a sentence that might come next.
func (s *seat) thread(c customer, language string) (thread []message, hint string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	hints := sim.Sentences(language)
	hint = hints[(s.written*3+len(c.ID))%len(hints)]
	return append([]message{{Text: c.Opening[language]}}, s.threads[c.ID]...), hint
}

// maxThread bounds the messages that one conversation keeps.
const maxThread = 40

func (s *seat) write(c customer, language, text string, next []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := next[(s.written+len(c.Name))%len(next)]
	s.written++
	thread := append(s.threads[c.ID], message{Mine: true, Text: text}, message{Text: answer})
	s.threads[c.ID] = thread[max(0, len(thread)-maxThread):]
}
