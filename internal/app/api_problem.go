package app

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"ipse.dev/ipse/internal/problem"
)

// transform gives every refusal its stable type, counts it, and leaves out what huma would repeat of the request: a
// value may be a user id.
func (a *api) transform(_ huma.Context, _ string, v any) (any, error) {
	if model, ok := v.(*huma.ErrorModel); ok {
		v = problemOf(model)
	}
	if p, ok := v.(*problem.Problem); ok {
		a.meter.Refused(p.Name)
	}
	return v, nil
}

// problemOf names what huma found wrong.
func problemOf(model *huma.ErrorModel) *problem.Problem {
	name, detail, field := problem.Internal, "the request could not be handled", ""
	switch model.Status {
	case http.StatusBadRequest:
		name, detail = problem.MalformedJSON, "the body is not one JSON document, or the server could not read it; want one object as /openapi.json describes it"
		if strings.Contains(model.Detail, "body is required") {
			detail = "the body is missing; want one object as /openapi.json describes it"
		}
		if len(model.Errors) > 0 {
			if told, ok := strings.CutPrefix(model.Errors[0].Message, errNotStrict.Error()); ok {
				detail = told
			}
		}
	case http.StatusRequestEntityTooLarge:
		name, detail = problem.BodyTooLarge, "the body is over 16 KiB"
	case http.StatusUnsupportedMediaType:
		name, detail = problem.MediaType, "send the body as application/json"
	case http.StatusUnprocessableEntity:
		name, detail, field = validationProblem(model.Errors)
	case http.StatusInternalServerError:
	default:
		name, detail = problem.Unavailable, model.Detail
	}
	p := problem.New(name, detail).At(field)
	p.Status = model.Status // huma has chosen the line already
	return p
}

// validationProblem tells what kind of mistake huma's first message is about.
func validationProblem(errs []*huma.ErrorDetail) (name problem.Name, detail, field string) {
	if len(errs) == 0 {
		return problem.OutOfRange, "the body does not fit /openapi.json", ""
	}
	first := errs[0]
	field = strings.TrimPrefix(strings.TrimPrefix(first.Location, "body."), "body")
	message := first.Message
	switch {
	case strings.HasPrefix(message, "unexpected property"):
		name = problem.UnknownField
	case strings.HasPrefix(message, "expected required property"):
		missing := strings.TrimSuffix(strings.TrimPrefix(message, "expected required property "), " to be present")
		if field != "" {
			missing = field + "." + missing
		}
		return problem.MissingField, fmt.Sprintf("the field %q is missing", missing), missing
	case strings.Contains(message, "to be one of"):
		name = problem.UnknownValue
	case strings.HasPrefix(message, "expected length"), strings.HasPrefix(message, "expected array length"):
		name = problem.WrongLength
	case strings.HasPrefix(message, "expected number "), strings.HasPrefix(message, "expected string to match"):
		name = problem.OutOfRange
	case strings.HasPrefix(message, "expected "):
		name = problem.WrongType
	default:
		return problem.MalformedJSON, "the body is not one JSON document; want one object as /openapi.json describes it", ""
	}
	if field == "" {
		return name, "the body: " + message, ""
	}
	return name, field + ": " + message, field
}

// refusals documents how an operation refuses.
func refusals(document *huma.OpenAPI, names ...problem.Name) map[string]*huma.Response {
	schema := document.Components.Schemas.Schema(reflect.TypeFor[problem.Problem](), true, "Problem")
	texts := map[string][]string{}
	for _, n := range names {
		status := statusText(n.Status())
		texts[status] = append(texts[status], n.Type())
	}
	responses := map[string]*huma.Response{}
	for status, types := range texts {
		responses[status] = &huma.Response{
			Description: strings.Join(types, ", "),
			Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: schema}},
		}
	}
	return responses
}
