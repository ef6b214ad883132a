package ipse

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

const module = "ipse.dev/ipse/"

// stages are pure: they may import neither one another against the way that data goes, nor any input or output. The
// list is that way; a stage may import only what stands before it.
var stages = []string{
	"internal/event", "internal/quantile", "internal/extreme", "internal/window", "internal/path", "internal/feature", "internal/observation",
	"internal/embed/network", "internal/embed", "internal/liveness", "internal/compare/fixedtext", "internal/compare", "internal/enrol", "internal/presence", "internal/trust", "internal/policy", "internal/review", "internal/budget",
}

// forbidden names imports that a package may not have, each with its reason.
var forbidden = []struct{ from, to, reason string }{
	{"internal/", "ipse.dev/ipse/cmd/", "commands are made of packages, not the other way round"},
	{"internal/", "ipse.dev/ipse/demo", "the product does not know its demonstration"},
	{"internal/", "ipse.dev/ipse/lab/", "the product does not know the laboratory"},
	{"internal/store/", "ipse.dev/ipse/internal/bus", "adapters do not know one another"},
	{"internal/bus", "ipse.dev/ipse/internal/store/", "adapters do not know one another"},
	{"internal/response/", "ipse.dev/ipse/internal/store/sqlite", "adapters do not know one another"},
	{"console", "ipse.dev/ipse/internal/app", "the console consumes small interfaces; app wires them"},
	{"console", "ipse.dev/ipse/internal/store/", "the console consumes small interfaces; app wires them"},
	{"internal/sim", "ipse.dev/ipse/lab", "generated people are made from published figures, never from data sets"},
	{"lab/", "ipse.dev/ipse/console", "the laboratory has no pages"},
}

// impure are imports that no stage may have: a clock is passed in as a time, and stores and networks stay outside.
var impure = map[string]string{
	"net": "a stage has no network", "net/http": "a stage has no network", "database/sql": "a stage has no store",
	"os/exec": "a stage starts no process", "log/slog": "a stage does not log", "log": "a stage does not log",
	"math/rand": "a stage is the same every time", "math/rand/v2": "a stage is the same every time",
}

type goPackage struct {
	imports    map[string]bool
	documented bool
	clocks     []string // places that read the clock
}

func TestImportsFollowTheWayOfData(t *testing.T) {
	order := map[string]int{}
	for i, s := range stages {
		order[s] = i
	}
	for dir, p := range packages(t) {
		for imported := range p.imports {
			for _, f := range forbidden {
				if strings.HasPrefix(dir+"/", f.from) && strings.HasPrefix(imported+"/", f.to) {
					t.Errorf("%s imports %s: %s", dir, imported, f.reason)
				}
			}
			at, isStage := order[dir]
			if !isStage {
				continue
			}
			if reason, ok := impure[imported]; ok {
				t.Errorf("%s imports %s: %s", dir, imported, reason)
			}
			if own, ok := strings.CutPrefix(imported, module); ok {
				if before, known := order[own]; !known || before > at {
					t.Errorf("%s imports %s, which does not stand before it on the way of data", dir, own)
				}
			}
		}
		if _, isStage := order[dir]; isStage {
			for _, place := range p.clocks {
				t.Errorf("%s reads the clock; the caller of a stage passes the time", place)
			}
		}
	}
	for _, s := range stages {
		if _, ok := packages(t)[s]; !ok {
			t.Errorf("the stage %s does not exist; mend the list", s)
		}
	}
}

func TestOnlyAppKnowsAllStages(t *testing.T) {
	for dir, p := range packages(t) {
		if dir == "internal/app" || strings.HasPrefix(dir, "lab/") {
			continue
		}
		if p.imports[module+"internal/trust"] && p.imports[module+"internal/compare"] && p.imports[module+"internal/bus"] {
			t.Errorf("%s wires stages to the bus; that is internal/app's part", dir)
		}
	}
}

func TestEveryPackageSaysWhatItOwns(t *testing.T) {
	for dir, p := range packages(t) {
		if !p.documented {
			t.Errorf("%s has no package comment; say what it owns, what comes in and what goes out", dir)
		}
		for _, name := range []string{"util", "utils", "types", "common", "helpers", "misc"} {
			if path.Base(dir) == name {
				t.Errorf("%s: a package is named after what it owns", dir)
			}
		}
	}
}

// packages parses the imports of every package of the product; tests are left out.
func packages(t *testing.T) map[string]*goPackage {
	t.Helper()
	out := map[string]*goPackage{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); file != "." && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata" || name == "tools") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(file))
		p := out[dir]
		if p == nil {
			p = &goPackage{imports: map[string]bool{}}
			out[dir] = p
		}
		p.documented = p.documented || parsed.Doc != nil
		for _, i := range parsed.Imports {
			p.imports[strings.Trim(i.Path.Value, `"`)] = true
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && (s.Sel.Name == "Now" || s.Sel.Name == "Since") {
					p.clocks = append(p.clocks, file)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
