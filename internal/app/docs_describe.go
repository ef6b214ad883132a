package app

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"ipse.dev/ipse/internal/problem"
)

// description is what the documentation's template shows.
type description struct {
	Title, Text string
	Security    []securityText
	Groups      []groupText
	Schemas     []schemaText
	Problems    []problemText
}

type securityText struct{ Name, Text string }

type groupText struct {
	Name       string
	Operations []operationText
}

type operationText struct {
	ID, Method, Path, Summary, Text string
	Authority                       string
	Parameters                      []fieldText
	Request                         string // name of a schema
	Responses                       []responseText
}

type responseText struct {
	Status, Text, Schema string
	Problems             []string
}

type schemaText struct {
	Name   string
	Fields []fieldText
}

type fieldText struct {
	Name, Type, Schema, Text string
	Required                 bool
}

type problemText struct {
	Type, Title string
	Status      int
}

// tagOrder is the order in which an application meets the operations.
var tagOrder = []string{"Sessions", "Collectors", "Subjects", "Installation"}

func describe(document *huma.OpenAPI) description {
	d := description{Title: document.Info.Title, Text: document.Info.Description}
	for _, name := range slices.Sorted(maps.Keys(document.Components.SecuritySchemes)) {
		d.Security = append(d.Security, securityText{name, document.Components.SecuritySchemes[name].Description})
	}
	for _, tag := range tagOrder {
		d.Groups = append(d.Groups, groupText{Name: tag, Operations: describeOperations(document, tag)})
	}
	hooks := groupText{Name: "Webhook"}
	for _, name := range slices.Sorted(maps.Keys(document.Webhooks)) {
		op := describeOperation(document.Webhooks[name].Post)
		op.Path = name
		hooks.Operations = append(hooks.Operations, op)
	}
	d.Groups = append(d.Groups, hooks)
	schemas := document.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		d.Schemas = append(d.Schemas, schemaText{Name: name, Fields: describeFields(schemas[name])})
	}
	for _, n := range problem.Names() {
		d.Problems = append(d.Problems, problemText{n.Type(), n.Title(), n.Status()})
	}
	slices.SortFunc(d.Problems, func(a, b problemText) int {
		return cmp.Or(cmp.Compare(a.Status, b.Status), cmp.Compare(a.Type, b.Type))
	})
	return d
}

func describeOperations(document *huma.OpenAPI, tag string) []operationText {
	var out []operationText
	for _, path := range slices.Sorted(maps.Keys(document.Paths)) {
		item := document.Paths[path]
		for _, op := range []*huma.Operation{item.Post, item.Get, item.Delete} {
			if op != nil && slices.Contains(op.Tags, tag) {
				out = append(out, describeOperation(op))
			}
		}
	}
	return out
}

func describeOperation(op *huma.Operation) operationText {
	t := operationText{ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, Text: op.Description}
	for _, s := range op.Security {
		t.Authority = strings.Join(slices.Sorted(maps.Keys(s)), ", ")
	}
	for _, p := range op.Parameters {
		t.Parameters = append(t.Parameters, fieldText{Name: p.Name, Type: p.Schema.Type, Text: p.Description, Required: p.Required})
	}
	if op.RequestBody != nil {
		t.Request = schemaName(op.RequestBody.Content["application/json"])
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		r := op.Responses[status]
		response := responseText{Status: status, Text: r.Description}
		if refused := r.Content["application/problem+json"]; refused != nil {
			response.Problems = strings.Split(r.Description, ", ")
			response.Text = ""
		}
		response.Schema = schemaName(r.Content["application/json"])
		t.Responses = append(t.Responses, response)
	}
	return t
}

func schemaName(m *huma.MediaType) string {
	if m == nil || m.Schema == nil {
		return ""
	}
	return refName(m.Schema.Ref)
}

func refName(ref string) string { return ref[strings.LastIndex(ref, "/")+1:] }

func describeFields(s *huma.Schema) []fieldText {
	var out []fieldText
	names := slices.Sorted(maps.Keys(s.Properties))
	for _, name := range names {
		p := s.Properties[name]
		f := fieldText{Name: name, Text: p.Description, Required: slices.Contains(s.Required, name)}
		f.Type, f.Schema = describeType(p)
		out = append(out, f)
	}
	return out
}

// describeType says in a few words what a value may be, and which schema it has.
func describeType(s *huma.Schema) (text, schema string) {
	switch {
	case s.Ref != "":
		return "", refName(s.Ref)
	case s.Type == "array" && s.Items != nil:
		text, schema = describeType(s.Items)
		return strings.TrimSpace("list of " + text), schema
	}
	text = s.Type
	if s.Format != "" && s.Format != "double" && s.Format != "int64" {
		text += ", " + s.Format
	}
	if s.ContentEncoding != "" {
		text += ", " + s.ContentEncoding
	}
	if len(s.Enum) > 0 {
		words := make([]string, len(s.Enum))
		for i, e := range s.Enum {
			words[i] = fmt.Sprint(e)
		}
		text += ": " + strings.Join(words, " | ")
	}
	switch {
	case s.Minimum != nil && s.Maximum != nil:
		text += fmt.Sprintf(", %.0f to %.0f", *s.Minimum, *s.Maximum)
	case s.Minimum != nil:
		text += fmt.Sprintf(", from %.0f", *s.Minimum)
	}
	if s.MaxLength != nil {
		text += fmt.Sprintf(", at most %d characters", *s.MaxLength)
	}
	return text, ""
}
