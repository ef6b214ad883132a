package console

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ipse.dev/ipse/console/internal/locale"
	"ipse.dev/ipse/internal/feature"
)

// constants reads the values of a package's constants of one type, so that a new one cannot be forgotten here.
func constants(t *testing.T, file, typeName string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == typeName {
			for _, v := range spec.Values {
				if text, err := strconv.Unquote(v.(*ast.BasicLit).Value); err == nil && text != "" {
					values = append(values, text)
				}
			}
		}
		return true
	})
	if len(values) == 0 {
		t.Fatalf("%s has no constants of type %s", file, typeName)
	}
	return values
}

// needed are the keys that pages build from codes.
func needed(t *testing.T) []string {
	var keys []string
	add := func(prefix string, codes []string, suffixes ...string) {
		for _, code := range codes {
			for _, suffix := range suffixes {
				keys = append(keys, prefix+code+suffix)
			}
		}
	}
	const policyFile, reviewFile, observationFile = "../internal/policy/policy.go", "../internal/review/review.go", "../internal/observation/observation.go"
	add("reason.", constants(t, policyFile, "ReasonCode"), "", ".help")
	add("level.", constants(t, policyFile, "Level"), "")
	add("answer.", constants(t, policyFile, "Answer"), "", ".long")
	add("verdict.", constants(t, reviewFile, "Verdict"), "", ".help")
	add("modality.", constants(t, observationFile, "Modality"), "")
	add("device.", constants(t, observationFile, "DeviceClass"), "")
	for _, list := range []feature.List{feature.KeyboardList, feature.PointerList, feature.PhraseList} {
		for _, f := range list.Features {
			add("feature.", []string{f.Name}, ".more", ".less")
		}
	}
	add("event.", constants(t, "../internal/trust/context.go", "Context"), "")
	add("event.", []string{"reauthenticated"}, "")
	add("budget.", constants(t, "../internal/budget/budget.go", "Standing"), "", ".text")
	add("feature.unknown", []string{""}, ".more", ".less")
	add("evidence.", []string{"for", "against", "little", "likelier_same.over", "likelier_other.over"}, "")
	add("subject.done.", Corrected, "")
	add("sessions.show.", []string{"all", "risk", "learning", "closed"}, "")
	add("alarms.show.", []string{"all", "open", "decided"}, "")
	for _, kind := range []string{"not_found", "cross_origin", "bad_request", "internal"} {
		add("error.", []string{kind}, ".title", ".text")
	}
	for month := range 12 {
		keys = append(keys, "month."+strconv.Itoa(month+1))
	}
	return keys
}

// literal finds the keys that pages name as they are; a key that ends in a dot is the beginning of one built from codes.
var (
	literal  = regexp.MustCompile(`(?:\bt|l\.T|Key:|key :?=|noticeKey,|return|add\() ?\(?"([a-z_]+(?:\.[a-zA-Z_0-9]+)+)"`)
	counting = regexp.MustCompile(`(?:\bcount|l\.Count\() ?"([a-z_.]+)"`)
)

func TestEveryWordIsThere(t *testing.T) {
	used := needed(t)
	for _, dir := range []string{".", "templates", "internal/locale"} {
		entries, err := fs.ReadDir(os.DirFS(dir), ".")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.IsDir() || strings.HasSuffix(e.Name(), "_test.go") || strings.HasSuffix(e.Name(), ".json") {
				continue
			}
			content, err := os.ReadFile(dir + "/" + e.Name())
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range literal.FindAllSubmatch(content, -1) {
				used = append(used, string(m[1]))
			}
			for _, m := range counting.FindAllSubmatch(content, -1) {
				used = append(used, string(m[1])+".one", string(m[1])+".other")
			}
		}
	}
	for _, l := range locale.All {
		for _, key := range used {
			if !l.Has(key) {
				t.Errorf("%s lacks the message %q, which pages use", l.Tag, key)
			}
		}
		for _, key := range l.Keys() {
			if !slices.Contains(used, key) {
				t.Errorf("%s has the message %q, which no page uses", l.Tag, key)
			}
		}
	}
}
