package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func getModel(method, path string, header map[string]string) *httptest.ResponseRecorder {
	folder := fstest.MapFS{
		"rhythm-2.net":  {Data: []byte(strings.Repeat("weights ", 100))},
		"rhythm-2.json": {Data: []byte("{}")},
	}
	r := httptest.NewRequest(method, path, nil)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	Models(folder).ServeHTTP(w, r)
	return w
}

func TestModelsAreServedForEver(t *testing.T) {
	want := []byte(strings.Repeat("weights ", 100))
	etags := map[string]bool{}
	for accepted, encoding := range map[string]string{
		"": "", "br": "", "gzip;q=0": "", "gzip; q=0.00, br": "", "br, gzip": "gzip", "GZIP;q=0.5": "gzip",
	} {
		w := getModel(http.MethodGet, "/rhythm-2.net", map[string]string{"Accept-Encoding": accepted})
		body := io.Reader(w.Body)
		if encoding == "gzip" {
			var err error
			if body, err = gzip.NewReader(w.Body); err != nil {
				t.Fatalf("%q: %v", accepted, err)
			}
		}
		got, err := io.ReadAll(body)
		if err != nil || w.Code != http.StatusOK || !bytes.Equal(got, want) {
			t.Errorf("%q: %d with %d bytes (%v), want 200 with %d", accepted, w.Code, len(got), err, len(want))
		}
		for name, value := range map[string]string{
			"Content-Encoding": encoding, "Vary": "Accept-Encoding", "Content-Type": "application/octet-stream",
			"Cache-Control": "public, max-age=31536000, immutable", "Access-Control-Allow-Origin": "*",
			"Cross-Origin-Resource-Policy": "cross-origin", "X-Content-Type-Options": "nosniff",
		} {
			if got := w.Header().Get(name); got != value {
				t.Errorf("%q: %s = %q, want %q", accepted, name, got, value)
			}
		}
		etags[w.Header().Get("ETag")] = true
		again := getModel(http.MethodGet, "/rhythm-2.net", map[string]string{"Accept-Encoding": accepted, "If-None-Match": w.Header().Get("ETag")})
		if again.Code != http.StatusNotModified {
			t.Errorf("%q with its ETag = %d, want 304", accepted, again.Code)
		}
	}
	if len(etags) != 2 {
		t.Errorf("ETags %v, want one for each encoding", etags)
	}
}

func TestModelsRefuseTheRest(t *testing.T) {
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{http.MethodHead, "/rhythm-2.net", http.StatusOK},
		{http.MethodGet, "/", http.StatusNotFound},
		{http.MethodGet, "/rhythm-9.net", http.StatusNotFound},
		{http.MethodGet, "/rhythm-2.json", http.StatusNotFound},
		{http.MethodGet, "/../models.go", http.StatusNotFound},
		{http.MethodPost, "/rhythm-2.net", http.StatusMethodNotAllowed},
	} {
		w := getModel(c.method, c.path, nil)
		if w.Code != c.want {
			t.Errorf("%s %s = %d, want %d", c.method, c.path, w.Code, c.want)
		}
		if w.Code == http.StatusNotFound && strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s %s: a browser would never ask again for what may come", c.method, c.path)
		}
	}
}
