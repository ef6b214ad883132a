package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// Models serves the weights files NAME.net of a folder as /NAME.net, which the page loads when the server's reply names
// the model. A name stands for the same weights for ever, so browsers may keep a file and never ask again. Any origin may
// load them.
func Models(folder fs.FS) http.Handler {
	files := mustModels(folder)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		packings, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if !readable(w, r) {
			return
		}
		f, zipped := packings()
		h := w.Header()
		h.Set("Vary", "Accept-Encoding")
		if takesGzip(r) {
			f = zipped
			h.Set("Content-Encoding", "gzip")
		}
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		serve(w, r, f)
	})
}

// mustModels gives each file as it is and gzipped, packed at its first use.
func mustModels(folder fs.FS) map[string]func() (file, file) {
	names, err := fs.Glob(folder, "*.net")
	if err != nil {
		panic(fmt.Sprintf("web: the models cannot be listed: %v", err))
	}
	files := map[string]func() (file, file){}
	for _, name := range names {
		content, err := fs.ReadFile(folder, name)
		if err != nil {
			panic(fmt.Sprintf("web: the model %s cannot be read: %v", path.Base(name), err))
		}
		files["/"+name] = sync.OnceValues(func() (file, file) {
			return newFile(content, "application/octet-stream"), newFile(zip(content), "application/octet-stream")
		})
	}
	return files
}

func zip(content []byte) []byte {
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err == nil {
		_, err = z.Write(content)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic(fmt.Sprintf("web: a buffer takes no bytes: %v", err))
	}
	return packed.Bytes()
}

// takesGzip reads Accept-Encoding as far as browsers use it: a list of names, of which "gzip;q=0" would be a refusal.
func takesGzip(r *http.Request) bool {
	for _, offer := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, parameters, _ := strings.Cut(strings.TrimSpace(offer), ";")
		weight := strings.TrimLeft(strings.TrimPrefix(strings.TrimSpace(parameters), "q="), "0.")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") && (parameters == "" || weight != "") {
			return true
		}
	}
	return false
}

// readable refuses what is neither GET nor HEAD.
func readable(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	w.Header().Set("Allow", "GET, HEAD")
	http.Error(w, "the SDK's files can only be read: use GET or HEAD", http.StatusMethodNotAllowed)
	return false
}

func serve(w http.ResponseWriter, r *http.Request, f file) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Type", f.contentType)
	h.Set("ETag", f.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.content))
}

func newFile(content []byte, contentType string) file {
	sum := sha256.Sum256(content)
	return file{content: content, contentType: contentType, etag: `"` + hex.EncodeToString(sum[:16]) + `"`}
}
