package control

import (
	"cmp"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/adit-hq/adit/internal/control/wire"
)

// describe completes the document: how to authenticate, what faults look like,
// and the headers of versions and repetitions.
func describe(doc *huma.OpenAPI, routes []route) {
	doc.Info.Description = "Organizations, environments, keys, audit and usage of an Adit server. Errors are problem documents (RFC 9457)."
	doc.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", Description: "An API key"},
		"key":    {Type: "apiKey", In: "header", Name: "X-API-Key", Description: "An API key"},
	}
	schema := doc.Components.Schemas.Schema(reflect.TypeFor[wire.Problem](), true, "Problem")
	for _, r := range routes {
		op := operationOf(doc, r)
		describeHeaders(op, r)
		op.Responses["default"] = &huma.Response{
			Description: "A fault", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}},
		}
	}
	delete(doc.Components.Schemas.Map(), "ErrorModel")
	delete(doc.Components.Schemas.Map(), "ErrorDetail")
}

func operationOf(doc *huma.OpenAPI, r route) *huma.Operation {
	item := doc.Paths[base+r.path]
	return map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
	}[r.method]
}

// describeHeaders adds what a route takes and gives beside its input and body.
func describeHeaders(op *huma.Operation, r route) {
	if r.handle.versioned {
		takes(op, "If-Match", `An ETag, or, where the URL has the id and not the name, the version in quotes, such as "7"; 412 if it has changed meanwhile`)
	}
	if r.makes() {
		takes(op, "Idempotency-Key", "1 to 255 visible ASCII characters; repeating the request with the same key within a day changes nothing and returns the same answer")
		for _, status := range []string{"200", "201"} {
			if answer := op.Responses[status]; answer != nil {
				gives(answer, "Idempotent-Replayed", "true if this answer repeats an earlier one")
			}
		}
	}
}

// describeVersion adds what answers have that show one thing with a version.
func describeVersion(op *huma.Operation) {
	answer := &huma.Response{}
	gives(answer, "ETag", "The id and the version, for If-Match; on a GET also a hash of the content, for If-None-Match")
	op.Responses = map[string]*huma.Response{strconv.Itoa(cmp.Or(op.DefaultStatus, http.StatusOK)): answer}
	if op.Method == http.MethodGet {
		takes(op, "If-None-Match", "An ETag; 304 if the content is unchanged")
		op.Responses[strconv.Itoa(http.StatusNotModified)] = &huma.Response{Description: http.StatusText(http.StatusNotModified)}
	}
}

func takes(op *huma.Operation, header, description string) {
	op.Parameters = append(op.Parameters, &huma.Param{Name: header, In: "header", Description: description, Schema: &huma.Schema{Type: "string"}})
}

func gives(answer *huma.Response, header, description string) {
	if answer.Headers == nil {
		answer.Headers = map[string]*huma.Param{}
	}
	answer.Headers[header] = &huma.Param{Description: description, Schema: &huma.Schema{Type: "string"}}
}
