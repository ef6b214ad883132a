package app

import (
	"bytes"
	_ "embed" // the page and its style
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs/docs.html
var docsPage string

//go:embed docs/docs.css
var docsStyle []byte

// docs serves the description of the API: as OpenAPI 3.1, and as a page made from that, which needs nothing from
// elsewhere.
type docs struct {
	json []byte
	html []byte
}

func newDocs(document *huma.OpenAPI) (*docs, error) {
	raw, err := json.MarshalIndent(document, "", " ")
	if err != nil {
		return nil, fmt.Errorf("app: write the API's description: %w", err)
	}
	page, err := template.New("docs").Parse(docsPage)
	if err != nil {
		return nil, fmt.Errorf("app: read the documentation's template: %w", err)
	}
	var html bytes.Buffer
	if err := page.Execute(&html, describe(document)); err != nil {
		return nil, fmt.Errorf("app: write the documentation: %w", err)
	}
	return &docs{json: raw, html: html.Bytes()}, nil
}

func (d *docs) document(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/openapi+json")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	_, _ = w.Write(d.json)
}

func (d *docs) page(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'")
	_, _ = w.Write(d.html)
}

func (d *docs) style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(docsStyle)
}
