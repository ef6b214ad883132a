package ingest

import (
	"net/http"
	"slices"

	"ipse.dev/ipse/internal/problem"
	"ipse.dev/ipse/internal/signature"
)

// CrossOrigin lets pages of other origins use a handler: of any origin when none is named, else of those. No cookie is
// involved; the token is the authority, so an open door gives nothing to a page that has none.
func CrossOrigin(origins []string, meter Meter, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if origin == "" { // not a page: an agent or a server
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		if len(origins) == 0 {
			h.Set("Access-Control-Allow-Origin", "*")
		} else {
			h.Add("Vary", "Origin")
			if !slices.Contains(origins, origin) && !sameOrigin(origin, r) {
				meter.Refused(problem.OriginForbidden)
				problem.Write(w, problem.New(problem.OriginForbidden, "the operator has not named this origin: start the server with --cors-origin for it"))
				return
			}
			h.Set("Access-Control-Allow-Origin", origin)
		}
		h.Set("Access-Control-Expose-Headers", "Retry-After")
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			h.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, "+signature.Header)
			h.Set("Access-Control-Max-Age", "7200")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// sameOrigin reports whether a page of this very server asks.
func sameOrigin(origin string, r *http.Request) bool {
	return origin == "http://"+r.Host || origin == "https://"+r.Host
}
