package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

const banner = "/*! ipse browser extension, Apache-2.0: it learns rhythm and never reads which key is pressed */"

// workerSource is the SDK's worker, bundled from the same source as the one that servers hand to pages.
const workerSource = "sdk/web/src/worker.ts"

// bundle makes each script from its entry point. Nothing is minified: who installs it can read it, and so can a shop's reviewer.
func bundle(root string, t target, files map[string][]byte) error {
	entries := map[string]string{workerSource: "ipse-worker.js"}
	for source, script := range t.scripts {
		entries["extension/src/"+source] = script
	}
	for _, source := range slices.Sorted(maps.Keys(entries)) {
		result := api.Build(api.BuildOptions{
			AbsWorkingDir: root,
			EntryPoints:   []string{source},
			Outfile:       entries[source],
			Bundle:        true,
			Format:        api.FormatIIFE,
			Platform:      api.PlatformBrowser,
			Engines:       []api.Engine{{Name: api.EngineChrome, Version: "120"}, {Name: api.EngineFirefox, Version: "142"}},
			Charset:       api.CharsetUTF8,
			MinifySyntax:  true, // takes out what is the other browser's
			Define:        map[string]string{"IPSE_TARGET": `"` + t.name + `"`},
			Banner:        map[string]string{"js": banner},
			LogLevel:      api.LogLevelSilent,
			TsconfigRaw:   `{"compilerOptions":{"target":"ES2022","useDefineForClassFields":true}}`,
		})
		if len(result.Errors) > 0 {
			return errors.New(strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), "\n"))
		}
		if len(result.OutputFiles) != 1 {
			return fmt.Errorf("build: %s became %d files, want 1", source, len(result.OutputFiles))
		}
		files[entries[source]] = result.OutputFiles[0].Contents
	}
	return nil
}

// copyPages takes pages, translations and the policy's schema as they are.
func copyPages(root string, t target, files map[string][]byte) error {
	sources := map[string]string{"_locales/en/messages.json": "_locales/en/messages.json", "_locales/fr/messages.json": "_locales/fr/messages.json"}
	for _, page := range t.pages {
		sources[page] = "pages/" + page
	}
	if t.name == chromium.name {
		sources["managed_schema.json"] = "managed_schema.json" // Firefox has no schemas
	}
	for name, source := range sources {
		content, err := os.ReadFile(filepath.Join(root, "extension", filepath.FromSlash(source)))
		if err != nil {
			return fmt.Errorf("build: %w", err)
		}
		files[name] = content
	}
	license, err := os.ReadFile(filepath.Join(root, "LICENSE"))
	if err != nil {
		return fmt.Errorf("build: %w", err)
	}
	files["LICENSE"] = license
	return nil
}
