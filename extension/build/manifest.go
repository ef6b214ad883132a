package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// target is a browser, and how its extension differs from the other's.
type target struct {
	name    string
	scripts map[string]string // entry point under extension/src to the script that it becomes
	pages   []string          // under extension/pages
	// complete adds to the manifest what only this browser knows.
	complete func(manifest map[string]any, o options)
}

// geckoID names the extension in Firefox's policies.
const geckoID = "collector@ipse.dev"

var targets = []target{chromium, firefox}

var chromium = target{
	name: "chromium",
	scripts: map[string]string{
		"chromium/background.ts": "background.js", "chromium/offscreen.ts": "offscreen.js",
		"content.ts": "content.js", "popup.ts": "popup.js", "collected.ts": "collected.js",
	},
	pages: []string{"popup.html", "collected.html", "offscreen.html", "style.css"},
	complete: func(m map[string]any, o options) {
		m["background"] = map[string]any{"service_worker": "background.js"}
		m["permissions"] = append(m["permissions"].([]any), "offscreen")
		m["storage"] = map[string]any{"managed_schema": "managed_schema.json"}
		m["minimum_chrome_version"] = "120"
		if o.key != "" {
			m["key"] = o.key
		}
	},
}

var firefox = target{
	name: "firefox",
	scripts: map[string]string{
		"firefox/background.ts": "background.js",
		"content.ts":            "content.js", "popup.ts": "popup.js", "collected.ts": "collected.js",
	},
	pages: []string{"popup.html", "collected.html", "style.css"},
	complete: func(m map[string]any, _ options) {
		m["background"] = map[string]any{"scripts": []string{"background.js"}}
		m["browser_specific_settings"] = map[string]any{"gecko": map[string]any{
			"id": geckoID, "strict_min_version": "142.0",
			// What Firefox shows at installation: input on the listed pages is measured, and it serves to recognise the person.
			"data_collection_permissions": map[string]any{"required": []string{"websiteActivity", "authenticationInfo"}},
		}}
	},
}

// manifestFor completes extension/manifest.json for one browser.
func manifestFor(root string, t target, version string, o options) ([]byte, error) {
	raw, err := os.ReadFile(filepath.Join(root, "extension", "manifest.json"))
	if err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	var manifest map[string]any
	if err := json.Unmarshal(raw, &manifest); err != nil {
		return nil, fmt.Errorf("build: extension/manifest.json: %w", err)
	}
	manifest["version"] = version
	if len(o.hosts) > 0 {
		for _, h := range o.hosts {
			if !hostPattern.MatchString(h) {
				return nil, fmt.Errorf("build: %q is no match pattern that names its hosts; want the form https://desk.example/* or https://*.desk.example/*", h)
			}
		}
		manifest["host_permissions"] = o.hosts
		delete(manifest, "optional_host_permissions")
	}
	t.complete(manifest, o)
	var out bytes.Buffer
	encoder := json.NewEncoder(&out) // writes keys in order
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(manifest); err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	return out.Bytes(), nil
}

// hostPattern is a match pattern of named hosts: one of the whole web, or of a top-level domain, is none.
var hostPattern = regexp.MustCompile(`^https?://((\*\.)?[^/*:\s]+\.[^/*:\s]+|[^/*:\s]+)(:[0-9]{1,5})?/[^\s]*$`)

// productVersion is the version of the SDK, which is the product's.
func productVersion(root string) (string, error) {
	raw, err := os.ReadFile(filepath.Join(root, "sdk", "web", "package.json"))
	if err != nil {
		return "", fmt.Errorf("build: %w", err)
	}
	var p struct{ Version string }
	if err := json.Unmarshal(raw, &p); err != nil {
		return "", fmt.Errorf("build: sdk/web/package.json: %w", err)
	}
	if !regexp.MustCompile(`^[0-9]+(\.[0-9]+){0,3}$`).MatchString(p.Version) {
		return "", fmt.Errorf("build: the version %q cannot be an extension's; want numbers with dots between, such as 0.1.0", p.Version)
	}
	return p.Version, nil
}
