package ingest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"ipse.dev/ipse/internal/problem"
)

// CheckNames refuses what encoding/json lets through in the names of a JSON document's members: one that comes twice in
// an object, of which the last would win, and, where known is given, one that is written in other letters than known has
// it. Whatever is no JSON passes: decoding it tells more.
func CheckNames(document []byte, known map[string]bool) *problem.Problem {
	type object struct {
		names map[string]bool // nil in a list
		value bool            // the next token is a value, not a name
	}
	var open []object
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	for {
		token, err := d.Token()
		if err != nil {
			return nil
		}
		if len(open) > 0 {
			inside := &open[len(open)-1]
			if name, ok := token.(string); ok && inside.names != nil && !inside.value {
				if inside.names[name] {
					return problem.New(problem.UnknownField, fmt.Sprintf("the field %q is there twice in one object: send it once", clip(name)))
				}
				if known != nil && !known[name] {
					return problem.New(problem.UnknownField, fmt.Sprintf("the format has no field %q: send the fields that /openapi.json lists, letter by letter, and no others", clip(name)))
				}
				inside.names[name], inside.value = true, true
				continue
			}
			inside.value = false
		}
		switch token {
		case json.Delim('{'):
			open = append(open, object{names: map[string]bool{}})
		case json.Delim('['):
			open = append(open, object{})
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		}
	}
}

// wireNames are the names of every field that a report may hold.
var wireNames = namesOf(reflect.TypeFor[wireReport](), reflect.TypeFor[wireObservation](), reflect.TypeFor[wireLiveness]())

func namesOf(types ...reflect.Type) map[string]bool {
	names := map[string]bool{}
	for _, t := range types {
		for i := range t.NumField() {
			name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			names[name] = true
		}
	}
	return names
}
