package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const repository = "../.."

func buildFor(t *testing.T, tg target, o options) map[string][]byte {
	t.Helper()
	version, err := productVersion(repository)
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs(repository)
	if err != nil {
		t.Fatal(err)
	}
	files, err := build(root, tg, version, o)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestManifestsAskForNoMore freezes what each extension asks browsers for. Whoever changes this list argues for it in
// docs/decisions.
func TestManifestsAskForNoMore(t *testing.T) {
	for name, c := range map[string]struct {
		target target
		hosts  []string
		want   map[string]any
	}{
		"Chromium": {chromium, nil, map[string]any{
			"permissions": []any{"storage", "scripting", "offscreen"}, "optional_host_permissions": []any{"https://*/*", "http://*/*"},
			"background": map[string]any{"service_worker": "background.js"}, "storage": map[string]any{"managed_schema": "managed_schema.json"},
			"key": stableKey, "minimum_chrome_version": "120",
		}},
		"Chromium for an organisation": {chromium, []string{"https://desk.example/*", "https://*.crm.example/*"}, map[string]any{
			"permissions": []any{"storage", "scripting", "offscreen"}, "host_permissions": []any{"https://desk.example/*", "https://*.crm.example/*"},
			"background": map[string]any{"service_worker": "background.js"}, "storage": map[string]any{"managed_schema": "managed_schema.json"},
			"key": stableKey, "minimum_chrome_version": "120",
		}},
		"Firefox": {firefox, nil, map[string]any{
			"permissions": []any{"storage", "scripting"}, "optional_host_permissions": []any{"https://*/*", "http://*/*"},
			"background": map[string]any{"scripts": []any{"background.js"}},
			"browser_specific_settings": map[string]any{"gecko": map[string]any{
				"id": "collector@ipse.dev", "strict_min_version": "142.0",
				"data_collection_permissions": map[string]any{"required": []any{"websiteActivity", "authenticationInfo"}},
			}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var got map[string]any
			if err := json.Unmarshal(buildFor(t, c.target, options{hosts: c.hosts, key: stableKey})["manifest.json"], &got); err != nil {
				t.Fatal(err)
			}
			version, err := productVersion(repository)
			if err != nil {
				t.Fatal(err)
			}
			maps.Copy(c.want, map[string]any{"manifest_version": 3.0, "incognito": "not_allowed", "version": version, "default_locale": "en"})
			for _, shown := range []string{"name", "short_name", "description", "icons", "action"} {
				if got[shown] == nil {
					t.Errorf("the manifest has no %s", shown)
				}
				delete(got, shown)
			}
			policy, _ := got["content_security_policy"].(map[string]any)
			if pages, _ := policy["extension_pages"].(string); !strings.HasPrefix(pages, "default-src 'none'; script-src 'self';") || strings.Contains(pages, "unsafe") {
				t.Errorf("the policy of the extension's pages is %q, want one that begins with nothing and takes its own scripts", pages)
			}
			delete(got, "content_security_policy")
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("the manifest differs from what was agreed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHostsOfAnOrganisationAreNamed(t *testing.T) {
	for _, host := range []string{"<all_urls>", "*://*/*", "https://*/*", "https://*.com/*", "file:///*", "https://desk.example", "ftp://desk.example/*", "https://a.*.example/*"} {
		if _, err := manifestFor(repository, chromium, "1.0", options{hosts: []string{host}}); err == nil {
			t.Errorf("%q was built in, want it refused", host)
		}
	}
}

func TestEveryFileOfTheManifestAndThePagesIsThere(t *testing.T) {
	named := regexp.MustCompile(`(?:src|href)="([^"]+)"|"((?:icons|[a-z_]+)[^" ]*\.(?:png|js|html|json))"|'([a-z-]+\.(?:js|html))'`)
	for _, tg := range targets {
		files := buildFor(t, tg, options{key: stableKey})
		for name, content := range files {
			if !strings.HasSuffix(name, ".html") && name != "manifest.json" {
				continue
			}
			for _, m := range named.FindAllStringSubmatch(string(content), -1) {
				if file := m[1] + m[2] + m[3]; files[file] == nil {
					t.Errorf("%s: %s names %s, which is not there", tg.name, name, file)
				}
			}
		}
		for name, content := range files {
			if strings.HasPrefix(name, "offscreen") && tg.name != chromium.name {
				t.Errorf("%s holds %s, which Firefox does not know", tg.name, name)
			}
			if !strings.HasSuffix(name, ".js") {
				continue
			}
			if tg.name == firefox.name && bytes.Contains(content, []byte("offscreen")) {
				t.Errorf("%s: %s speaks of offscreen documents, which Firefox does not know", tg.name, name)
			}
			for _, word := range []string{"eval(", "new Function", "innerHTML", "document.cookie", "localStorage", "event.key", ".key ==", "importScripts("} {
				if bytes.Contains(content, []byte(word)) {
					t.Errorf("%s: %s holds %q, which nothing here needs", tg.name, name, word)
				}
			}
		}
	}
}

func TestBuildingTwiceGivesTheSameBytes(t *testing.T) {
	root, err := filepath.Abs(repository)
	if err != nil {
		t.Fatal(err)
	}
	first, second := t.TempDir(), t.TempDir()
	for _, out := range []string{first, second} {
		if err := run(io.Discard, out, options{key: stableKey}); err != nil {
			t.Fatal(err)
		}
	}
	version, err := productVersion(repository)
	if err != nil {
		t.Fatal(err)
	}
	for _, tg := range targets {
		name := "ipse-" + tg.name + "-" + version + ".zip"
		a, errA := os.ReadFile(filepath.Join(first, name))
		b, errB := os.ReadFile(filepath.Join(second, name))
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs between two builds (%v, %v)", name, errA, errB)
		}
		z, err := zip.NewReader(bytes.NewReader(a), int64(len(a)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(content, []byte(root)) {
				t.Errorf("%s: %s names a folder of this machine", name, f.Name)
			}
			if unpacked, err := os.ReadFile(filepath.Join(first, tg.name, f.Name)); err != nil || !bytes.Equal(unpacked, content) {
				t.Errorf("%s: %s is not what the folder holds (%v)", name, f.Name, err)
			}
		}
	}
}

// TestBothLanguagesSayEverything compares the translations with one another, and with the names that pages and scripts use.
func TestBothLanguagesSayEverything(t *testing.T) {
	type message struct {
		Message      string
		Placeholders map[string]struct{ Content string }
	}
	read := func(language string) map[string]message {
		raw, err := os.ReadFile(filepath.Join("..", "_locales", language, "messages.json"))
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]message
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	en, fr := read("en"), read("fr")
	if diff := cmp.Diff(slices.Sorted(maps.Keys(en)), slices.Sorted(maps.Keys(fr))); diff != "" {
		t.Errorf("the languages have different names (-en +fr):\n%s", diff)
	}
	for name, m := range en {
		if len(m.Placeholders) != len(fr[name].Placeholders) {
			t.Errorf("%s has %d places for values in English and %d in French", name, len(m.Placeholders), len(fr[name].Placeholders))
		}
	}
	breaking := regexp.MustCompile(` [;:!?%»]|« |'`)
	for name, m := range fr {
		if breaking.MatchString(m.Message) {
			t.Errorf("%s = %q: want no-break spaces before punctuation and curved apostrophes", name, m.Message)
		}
	}
	for language, m := range map[string]map[string]message{"en": en, "fr": fr} {
		if n := len([]rune(m["description"].Message)); n > 132 {
			t.Errorf("the description in %s has %d characters, shops take 132", language, n)
		}
	}
	used := regexp.MustCompile(`data-(?:words|title)="([A-Za-z]+)"|words\('([A-Za-z]+)'|'((?:title|detail|problem)[A-Z][A-Za-z]+)'`)
	seen := map[string]bool{"name": true, "description": true}
	for _, pattern := range []string{"../src/*.ts", "../pages/*.html"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range used.FindAllStringSubmatch(string(raw), -1) {
				name := m[1] + m[2] + m[3]
				seen[name] = true
				if _, ok := en[name]; !ok {
					t.Errorf("%s uses the words %q, which no language has", path, name)
				}
			}
		}
	}
	for name := range en {
		if !seen[name] {
			t.Errorf("nothing uses the words %q", name)
		}
	}
}

func TestSchemaNamesTheFieldsThatAreRead(t *testing.T) {
	raw, err := os.ReadFile("../managed_schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct{ Properties map[string]any }
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("../src/policy.ts")
	if err != nil {
		t.Fatal(err)
	}
	list := regexp.MustCompile(`const fields = \[(.*)\];`).FindSubmatch(source)
	if list == nil {
		t.Fatal("src/policy.ts has no list of fields")
	}
	var fields []string
	for _, f := range strings.Split(string(list[1]), ",") {
		fields = append(fields, strings.Trim(strings.TrimSpace(f), "'"))
	}
	slices.Sort(fields)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(schema.Properties)), fields); diff != "" {
		t.Errorf("managed_schema.json and src/policy.ts name different fields (-schema +read):\n%s", diff)
	}
}

func TestWordsThatAreNoFlagAreRefused(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string // in the error; empty for none
	}{
		{[]string{"-hosts", "https://desk.example/*,https://*.crm.example/*"}, ""},
		{[]string{"-hosts", "https://desk.example/*,", "https://*.crm.example/*"}, `"https://*.crm.example/*" is no flag`},
		{[]string{"hosts=https://desk.example/*"}, "want -hosts"},
	} {
		_, o, err := parse(flag.NewFlagSet("build", flag.ContinueOnError), c.args)
		if (c.want == "") != (err == nil) || (err != nil && !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%q: %v, want %q", c.args, err, c.want)
		}
		if err == nil && len(o.hosts) != 2 {
			t.Errorf("%q: hosts %q, want two", c.args, o.hosts)
		}
	}
}
