package console

import (
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// linkLifetime is how long a sign-in link can be used.
const linkLifetime = 15 * time.Minute

// announceEvery bounds how often visitors can make the server print a link.
const announceEvery = 30 * time.Second

// signedInKey is set in the sign-in of a reviewer.
const signedInKey = "reviewer"

// links holds the sign-in links that nobody has used yet, by hash: whoever reads the memory of a running server by
// accident (a dump, a debugger) does not get a working link out of it.
type links struct {
	mu        sync.Mutex
	expiry    map[[sha256.Size]byte]time.Time
	announced time.Time
}

// issue makes a token that works once, until expiry. Tokens past their time are forgotten.
func (l *links) issue(now, expiry time.Time) string {
	token := rand.Text()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.expiry == nil {
		l.expiry = make(map[[sha256.Size]byte]time.Time)
	}
	for hash, end := range l.expiry {
		if !now.Before(end) {
			delete(l.expiry, hash)
		}
	}
	l.expiry[sha256.Sum256([]byte(token))] = expiry
	return token
}

// valid reports whether the token would work now.
func (l *links) valid(token string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	end, ok := l.expiry[sha256.Sum256([]byte(token))]
	return ok && now.Before(end)
}

// use takes the token: of all who try it, one succeeds.
func (l *links) use(token string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	hash := sha256.Sum256([]byte(token))
	end, ok := l.expiry[hash]
	delete(l.expiry, hash)
	return ok && now.Before(end)
}

// mayAnnounce reports whether a visitor's wish for a new link is granted now.
func (l *links) mayAnnounce(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.announced) < announceEvery {
		return false
	}
	l.announced = now
	return true
}

// OneTimeLink gives a fresh link that signs one reviewer in, once, within 15 minutes. Whoever holds it can see every
// session and decide every alarm: print it where only those who run the server can read it.
func (c *Console) OneTimeLink() string {
	now := c.now()
	token := c.links.issue(now, now.Add(linkLifetime))
	return c.baseURL + Root + "sign-in?token=" + url.QueryEscape(token)
}

// signInView is the page of who is not signed in. With a token that works it shows a button: only pressing it uses
// the link, so that programs which look at links do not.
type signInView struct {
	Token       string
	Refused     bool // the link was used before or is too old
	CanAnnounce bool
	Announced   bool
}

func (c *Console) signInPage(w http.ResponseWriter, r *http.Request) {
	token := r.URL.Query().Get("token")
	if token == "" && c.signedIn(r) {
		http.Redirect(w, r, Root, http.StatusSeeOther)
		return
	}
	v := signInView{CanAnnounce: c.announce != nil, Announced: r.URL.Query().Has("announced")}
	if c.links.valid(token, c.now()) {
		v.Token = token
	} else {
		v.Refused = token != ""
	}
	c.render(w, r, http.StatusOK, "signin", page{TitleKey: "signin.title", Main: v})
}

func (c *Console) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	if !c.links.use(r.PostFormValue("token"), c.now()) {
		v := signInView{Refused: true, CanAnnounce: c.announce != nil}
		c.render(w, r, http.StatusForbidden, "signin", page{TitleKey: "signin.title", Main: v})
		return
	}
	// A new token for the new right, so that a token that somebody planted before is worth nothing.
	if err := c.signIns.RenewToken(r.Context()); err != nil {
		c.fail(w, r, err)
		return
	}
	c.signIns.Put(r.Context(), signedInKey, true)
	c.logger.InfoContext(r.Context(), "a reviewer signed in to the console")
	http.Redirect(w, r, Root, http.StatusSeeOther)
}

func (c *Console) announceLink(w http.ResponseWriter, r *http.Request) {
	if c.announce == nil {
		c.notFound(w, r)
		return
	}
	if c.links.mayAnnounce(c.now()) {
		c.announce(c.OneTimeLink())
	}
	http.Redirect(w, r, Root+"sign-in?announced=1", http.StatusSeeOther)
}

func (c *Console) signOut(w http.ResponseWriter, r *http.Request) {
	if err := c.signIns.Destroy(r.Context()); err != nil {
		c.fail(w, r, err)
		return
	}
	http.Redirect(w, r, Root+"sign-in", http.StatusSeeOther)
}

func (c *Console) signedIn(r *http.Request) bool {
	return c.signIns.GetBool(r.Context(), signedInKey)
}

// requireSignIn sends everybody else to the page that says how to get in. A script that refreshes a page gets a status
// and a header that make it leave the page, instead of a sign-in form in its middle.
func (c *Console) requireSignIn(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if c.signedIn(r) {
			next(w, r)
			return
		}
		if wantsFragment(r) {
			w.Header().Set("HX-Redirect", Root+"sign-in")
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.Redirect(w, r, Root+"sign-in", http.StatusSeeOther)
	}
}
