// Package web owns the web SDK: its TypeScript sources lie in src, its bundles in dist, and Handler serves the bundles
// from within the binary; Models serves the networks that pages load later. It knows nothing of the server beside it.
package web

import (
	"embed"
	"fmt"
	"net/http"
	"path"
)

//go:embed dist/ipse.js dist/ipse.mjs dist/ipse-session.mjs dist/ipse-worker.js dist/*.map dist/ipse.d.ts
var dist embed.FS

var contentTypes = map[string]string{
	".js":  "text/javascript; charset=utf-8",
	".mjs": "text/javascript; charset=utf-8",
	".map": "application/json",
	".ts":  "text/plain; charset=utf-8",
}

type file struct {
	content     []byte
	contentType string
	etag        string
}

// Handler serves /ipse.js (a classic script), /ipse.mjs, /ipse-session.mjs and /ipse-worker.js, which those two load later,
// their source maps and /ipse.d.ts. Any origin may load them. Browsers ask at each use whether a file has changed: the scripts
// of one page must not come from two versions.
func Handler() http.Handler {
	files := mustFiles()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if !readable(w, r) {
			return
		}
		w.Header().Set("Cache-Control", "public, no-cache")
		serve(w, r, f)
	})
}

func mustFiles() map[string]file {
	entries, err := dist.ReadDir("dist")
	if err != nil {
		panic(fmt.Sprintf("web: the embedded dist cannot be read: %v", err))
	}
	files := map[string]file{}
	for _, entry := range entries {
		content, err := dist.ReadFile(path.Join("dist", entry.Name()))
		if err != nil {
			panic(fmt.Sprintf("web: the embedded dist cannot be read: %v", err))
		}
		files["/"+entry.Name()] = newFile(content, contentTypes[path.Ext(entry.Name())])
	}
	return files
}
