// Package web owns the web SDK: its TypeScript sources lie in src, its bundles in dist, and Handler serves the bundles
// from within the binary. It knows nothing of the server beside it.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"time"
)

//go:embed dist/ipse.js dist/ipse.mjs dist/ipse-worker.js dist/*.map dist/ipse.d.ts
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

// Handler serves /ipse.js (a classic script), /ipse.mjs, /ipse-worker.js, their source maps and /ipse.d.ts. Any origin
// may load them. Browsers ask at each use whether a file has changed: the page's script and its worker must not come from
// two versions.
func Handler() http.Handler {
	files := mustFiles()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "the SDK's files can only be read: use GET or HEAD", http.StatusMethodNotAllowed)
			return
		}
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "public, no-cache")
		h.Set("Content-Type", f.contentType)
		h.Set("ETag", f.etag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.content))
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
		sum := sha256.Sum256(content)
		files["/"+entry.Name()] = file{
			content:     content,
			contentType: contentTypes[path.Ext(entry.Name())],
			etag:        `"` + hex.EncodeToString(sum[:16]) + `"`,
		}
	}
	return files
}
