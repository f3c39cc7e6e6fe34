package spicepod

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/adit-hq/adit/internal/model"
)

// idPattern matches from: with one of a family's ids, bare, with a geography, or in an ARN.
func idPattern(f *model.Family) string {
	ids := make([]string, len(f.IDs))
	for i, id := range f.IDs {
		ids[i] = regexp.QuoteMeta(id)
	}
	return `^bedrock:(arn:[^/]+/)?([a-z]{2,6}(-[a-z]{2,4})?\.)?(` + strings.Join(ids, "|") + `)(/[a-z0-9]{12})?$`
}

// familyParamSchema lists a parameter's values as text and as YAML would read them bare.
func familyParamSchema(p model.Param) *schema {
	values := anys(p.Values...)
	var others []*schema
	for _, v := range p.Values {
		switch p.Kind {
		case model.Int:
			if n, err := strconv.Atoi(v); err == nil {
				values = append(values, n)
			}
		case model.Bool:
			values = append(values, v == "true")
			others = append(others, pattern("^"+anyCase(v)+"$"))
		case model.Enum:
		}
	}
	options := append([]*schema{{Enum: values}}, others...)
	s := describe(anyOf(append(options, referenceSchema())...), p.Doc)
	s.Default = p.Default
	return s
}

// anyCase returns a pattern for a word in capitals and small letters mixed.
func anyCase(word string) string {
	var b strings.Builder
	for _, c := range word {
		b.WriteString("[" + strings.ToUpper(string(c)) + string(c) + "]")
	}
	return b.String()
}

func awsSchema(d awsDef) *schema {
	var options []*schema
	switch {
	case d.max > 0:
		options = []*schema{
			{Type: "integer", Minimum: number(d.min), Maximum: number(d.max)},
			pattern(`^\+?[0-9]+$`), referenceSchema(),
		}
	case len(d.values) > 0:
		options = []*schema{{Enum: anys(d.values...)}, referenceSchema()}
	case d.name == "aws_region":
		options = []*schema{pattern(regionForm.String()), referenceSchema()}
	case d.name == "aws_endpoint_url":
		options = []*schema{pattern(`^[Hh][Tt][Tt][Pp][Ss]?://`), referenceSchema()}
	default:
		options = []*schema{pattern(`\S`), ofType("number"), ofType("boolean")}
	}
	s := describe(anyOf(options...), d.doc)
	if d.fallback != "" {
		s.Default = d.fallback
	}
	return s
}

func number(n int) json.Number { return json.Number(strconv.Itoa(n)) }
