package control

import (
	"encoding/json"
	"strings"
	"testing"
)

// small is a document with one of everything that can change.
const small = `{
"paths": {"/things/{id}": {
	"get": {"operationId": "show-thing", "parameters": [
		{"name": "id", "in": "path", "required": true, "schema": {"type": "string", "maxLength": 128}},
		{"name": "sort", "in": "query", "schema": {"type": "string", "enum": ["name", "-name"]}},
		{"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 200}}],
		"responses": {"200": {"headers": {"ETag": {}}, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}, "304": {}}},
	"post": {"operationId": "make-thing",
		"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Input"}}}},
		"responses": {"201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}}}}},
"components": {"schemas": {
	"Thing": {"type": "object", "required": ["id"], "properties": {
		"id": {"type": "string"}, "count": {"type": "integer"}, "kind": {"type": "string", "enum": ["a", "b"]},
		"made": {"type": "string", "format": "date-time"}, "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
		"notes": {"type": "object", "additionalProperties": {"type": "string"}}}},
	"Input": {"type": "object", "required": ["name"], "properties": {
		"name": {"type": "string"}, "size": {"type": ["number", "null"]}, "mode": {"type": "string", "enum": ["x", "y"]},
		"tags": {"type": "object", "additionalProperties": {"type": "string"}}, "list": {"type": "array", "items": {"type": "string"}}}}}}}`

// changed is the small document with one text in place of another.
func changed(t *testing.T, from, to string) (d document) {
	t.Helper()
	text := strings.Replace(small, from, to, 1)
	if text == small && from != to {
		t.Fatalf("%s is not there", from)
	}
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatalf("%v after %s", err, to)
	}
	return d
}

func TestEveryKindOfBreakIsFound(t *testing.T) {
	for name, c := range map[string]struct{ from, to, operation, what string }{
		"a path goes":                         {`"/things/{id}": {`, `"/other/{id}": {`, "show-thing", "GET /things/{id} is gone"},
		"a method goes":                       {`"post": {`, `"put": {`, "make-thing", "POST /things/{id} is gone"},
		"an operation gets another name":      {`"make-thing"`, `"create-thing"`, "make-thing", "it is called create-thing now"},
		"a parameter goes":                    {`"name": "sort"`, `"name": "order"`, "show-thing", "query.sort is not taken any more"},
		"a parameter moves":                   {`"name": "sort", "in": "query"`, `"name": "sort", "in": "header"`, "show-thing", "query.sort is not taken any more"},
		"a parameter becomes needed":          {`"name": "sort", "in": "query"`, `"name": "sort", "in": "query", "required": true`, "show-thing", "query.sort is needed now"},
		"a needed parameter comes":            {`"parameters": [`, `"parameters": [{"name": "now", "in": "query", "required": true},`, "show-thing", "query.now is needed now"},
		"a parameter takes fewer words":       {`["name", "-name"]`, `["name"]`, "show-thing", "query.sort takes [name] only"},
		"a parameter takes certain words":     {`"maxLength": 128`, `"maxLength": 128, "enum": ["a"]`, "show-thing", "path.id takes [a] only"},
		"a parameter gets shorter":            {`"maxLength": 128`, `"maxLength": 64`, "show-thing", "path.id has the length 64 now"},
		"a parameter gets a pattern":          {`"maxLength": 128`, `"maxLength": 128, "pattern": "^a$"`, "show-thing", "path.id must be like ^a$ now"},
		"a parameter's most goes down":        {`"maximum": 200`, `"maximum": 100`, "show-thing", "query.limit has the maximum 100 now"},
		"a parameter's least goes up":         {`"minimum": 1`, `"minimum": 2`, "show-thing", "query.limit has the minimum 2 now"},
		"a status goes":                       {`, "304": {}`, ``, "show-thing", "it does not answer 304 any more"},
		"a status changes":                    {`"201"`, `"200"`, "make-thing", "it does not answer 201 any more"},
		"a header goes":                       {`"ETag"`, `"Version"`, "show-thing", "200 has no header ETag any more"},
		"an answer becomes of another type":   {`{"200": {"headers": {"ETag": {}}, "content": {"application/json"`, `{"200": {"headers": {"ETag": {}}, "content": {"text/plain"`, "show-thing", "200 is not application/json any more"},
		"a body goes":                         {`"requestBody"`, `"nobody"`, "make-thing", "body is not taken any more"},
		"a body becomes needed":               {`"requestBody": {`, `"requestBody": {"required": true, `, "make-thing", "body is needed now"},
		"a needed body comes":                 {`"operationId": "show-thing",`, `"operationId": "show-thing", "requestBody": {"required": true},`, "show-thing", "body is needed now"},
		"a body becomes of another type":      {`"requestBody": {"content": {"application/json"`, `"requestBody": {"content": {"text/xml"`, "make-thing", "body may not be application/json any more"},
		"a member becomes needed":             {`"required": ["name"]`, `"required": ["name", "size"]`, "make-thing", "body.size is needed now"},
		"a member is not taken any more":      {`"mode": {`, `"way": {`, "make-thing", "body.mode is not taken any more"},
		"a member takes fewer types":          {`["number", "null"]`, `"number"`, "make-thing", "body.size may not be [number null] any more"},
		"a member takes another type":         {`"name": {"type": "string"}`, `"name": {"type": "integer"}`, "make-thing", "body.name may not be [string] any more"},
		"a member takes whole numbers only":   {`["number", "null"]`, `["integer", "null"]`, "make-thing", "body.size may not be [number null] any more"},
		"a member takes a format only":        {`"name": {"type": "string"}`, `"name": {"type": "string", "format": "uuid"}`, "make-thing", "body.name may not be [string] any more"},
		"a member takes fewer words":          {`["x", "y"]`, `["x", "z"]`, "make-thing", "body.mode takes [x z] only"},
		"what a member holds takes less":      {`"tags": {"type": "object", "additionalProperties": {"type": "string"}`, `"tags": {"type": "object", "additionalProperties": {"type": "integer"}`, "make-thing", "body.tags.* may not be [string] any more"},
		"what a list holds takes less":        {`"list": {"type": "array", "items": {"type": "string"}`, `"list": {"type": "array", "items": {"type": "string", "minLength": 1}`, "make-thing", "body.list[] has the least length 1 now"},
		"an answer loses a member":            {`"count": {`, `"number": {`, "show-thing", "200.count is gone"},
		"an answer's member may be absent":    {`"required": ["id"]`, `"required": []`, "show-thing", "200.id may be absent now"},
		"an answer's member changes its type": {`"count": {"type": "integer"}`, `"count": {"type": "string"}`, "show-thing", "200.count is [string] now"},
		"an answer's member may be nothing":   {`"count": {"type": "integer"}`, `"count": {"type": ["integer", "null"]}`, "show-thing", "200.count is [integer null] now"},
		"an answer's member loses its format": {`"format": "date-time"`, `"format": "date"`, "show-thing", "200.made is date now"},
		"what an answer's member holds":       {`"notes": {"type": "object", "additionalProperties": {"type": "string"}`, `"notes": {"type": "object", "additionalProperties": {"type": "integer"}`, "show-thing", "200.notes.* is [integer] now"},
		"an answer's list changes":            {`"items": {"$ref": "#/components/schemas/Thing"}`, `"items": {"type": "string"}`, "show-thing", "200.parts[] is [string] now"},
	} {
		got := breaks(changed(t, "", ""), changed(t, c.from, c.to))
		found := false
		for _, b := range got {
			found = found || b == breakage{c.operation, c.what}
		}
		if !found || len(got) > 2 { // a schema or path that two operations have breaks both
			t.Errorf("%s: found %q, want %q of %s", name, got, c.what, c.operation)
		}
	}
}

func TestHarmlessChangesAreNoBreaks(t *testing.T) {
	for name, c := range map[string][2]string{
		"nothing":                            {``, ``},
		"a path comes":                       {`"paths": {`, `"paths": {"/more": {"get": {"operationId": "more"}}, `},
		"an operation comes":                 {`"post": {`, `"put": {"operationId": "more"}, "post": {`},
		"a parameter comes":                  {`"parameters": [`, `"parameters": [{"name": "now", "in": "query"},`},
		"a parameter is needed no more":      {`"required": true, "schema"`, `"schema"`},
		"a parameter takes more words":       {`["name", "-name"]`, `["name", "-name", "created"]`},
		"a parameter takes any word":         {`"schema": {"type": "string", "enum": ["name", "-name"]}`, `"schema": {"type": "string"}`},
		"a parameter's bounds widen":         {`"minimum": 1, "maximum": 200`, `"minimum": 0, "maximum": 500`},
		"a status comes":                     {`"304": {}`, `"304": {}, "206": {}`},
		"a header comes":                     {`"ETag": {}`, `"ETag": {}, "Age": {}`},
		"a member is taken that was not":     {`"mode": {`, `"more": {"type": "string"}, "mode": {`},
		"a member is needed no more":         {`"required": ["name"]`, `"required": []`},
		"a member takes more types":          {`["number", "null"]`, `["number", "string", "null"]`},
		"a member takes anything":            {`"size": {"type": ["number", "null"]}`, `"size": {}`},
		"a member takes more words":          {`["x", "y"]`, `["x", "y", "z"]`},
		"an answer gets a member":            {`"count": {`, `"more": {"type": "string"}, "count": {`},
		"an answer's member is always there": {`"required": ["id"]`, `"required": ["id", "count"]`},
		"an answer gets another word":        {`["a", "b"]`, `["a", "b", "c"]`},
		"a description":                      {`"operationId": "show-thing"`, `"operationId": "show-thing", "summary": "new words"`},
		"a schema that is named in place":    {`{"$ref": "#/components/schemas/Input"}`, `{"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "size": {"type": ["number", "null"]}, "mode": {"type": "string"}, "tags": {"type": "object"}, "list": {"type": "array"}}}`},
	} {
		if got := breaks(changed(t, "", ""), changed(t, c[0], c[1])); len(got) > 0 {
			t.Errorf("%s: %q", name, got)
		}
	}
	whole := strings.Replace(small, `"count": {"type": "integer"}`, `"count": {"type": "number"}`, 1)
	var was document
	if err := json.Unmarshal([]byte(whole), &was); err != nil {
		t.Fatal(err)
	}
	if got := breaks(was, changed(t, "", "")); len(got) > 0 {
		t.Errorf("a number that becomes whole: %q", got)
	}
}
