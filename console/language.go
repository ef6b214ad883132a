package console

import (
	"net/http"

	"ipse.dev/ipse/console/internal/locale"
)

// languageCookie remembers the language that a reviewer chose. It says nothing else about them.
const languageCookie = "ipse_language"

// chooseLanguage stores the language that a link asks for (?lang=fr) and goes to the same page without the question.
func (c *Console) chooseLanguage(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		l, ok := locale.ByTag(query.Get("lang"))
		if !ok || r.Method != http.MethodGet {
			next(w, r)
			return
		}
		http.SetCookie(w, &http.Cookie{
			Name: languageCookie, Value: l.Tag, Path: Root, MaxAge: 365 * 24 * 3600,
			HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: c.signIns.Cookie.Secure,
		})
		query.Del("lang")
		target := *r.URL
		target.Scheme, target.Host = "", "" // a path, whatever the request line said
		target.RawQuery = query.Encode()
		http.Redirect(w, r, target.String(), http.StatusSeeOther)
	}
}

// languageOf gives the chosen language, or else the one that the browser asks for.
func languageOf(r *http.Request) *locale.Locale {
	if cookie, err := r.Cookie(languageCookie); err == nil {
		if l, ok := locale.ByTag(cookie.Value); ok {
			return l
		}
	}
	return locale.Negotiate(r.Header.Get("Accept-Language"))
}
