package ipse

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	inTree  = regexp.MustCompile("`((?:internal|lab|cmd|console|sdk|extension|demo|docs|testdata|tools|scripts)/[^`*{}… ]*)`")
	command = regexp.MustCompile(`(?m)(?:bin/ipse|cmd/ipse|\bipse) (serve|demo|eval|fit|replay|version|[a-z]+) --`)
	target  = regexp.MustCompile("(?m)^make ([a-z-]+)|`make ([a-z-]+)")
)

// TestDocumentsPointAtWhatIsThere checks every link, path, subcommand and make target that the documents name.
func TestDocumentsPointAtWhatIsThere(t *testing.T) {
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	err = filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && file != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".md") {
			return nil
		}
		seen++
		raw, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		text := string(raw)
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(file), m[1])); err != nil {
				t.Errorf("%s links to %s, which does not exist", file, m[1])
			}
		}
		for _, m := range inTree.FindAllStringSubmatch(text, -1) {
			path := strings.TrimSuffix(m[1], "/")
			if strings.HasPrefix(path, "extension/dist") {
				continue // built, not kept
			}
			if _, err := os.Stat(path); err != nil {
				if dir, name := filepath.Split(path); strings.Contains(name, ".") && exported(dir, name) {
					continue // a package and an identifier, such as lab/fit.RoleOf
				}
				t.Errorf("%s names %s, which does not exist", file, m[1])
			}
		}
		for _, m := range command.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join("cmd", "ipse", m[1]+".go")); err != nil {
				t.Errorf("%s shows the command ipse %s, which does not exist", file, m[1])
			}
		}
		for _, m := range target.FindAllStringSubmatch(text, -1) {
			if name := m[1] + m[2]; !strings.Contains("\n"+string(makefile), "\n"+name+":") {
				t.Errorf("%s shows make %s, which the Makefile does not have", file, name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 10 {
		t.Errorf("%d documents were read, want at least 10", seen)
	}
}

// exported reports whether a package has an exported identifier of that name.
func exported(dir, name string) bool {
	pkg, identifier, _ := strings.Cut(name, ".")
	files, _ := filepath.Glob(filepath.Join(dir, pkg, "*.go"))
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err == nil && regexp.MustCompile(`(?m)\b`+regexp.QuoteMeta(identifier)+`\b`).Match(raw) {
			return true
		}
	}
	return false
}
