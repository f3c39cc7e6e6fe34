package spicepod

import (
	"encoding/json"
	"slices"

	"github.com/invopop/jsonschema"

	"github.com/adit-hq/adit/internal/model"
)

type schema = jsonschema.Schema

// Schema returns the JSON Schema (draft 2020-12) of spicepod.yaml that editors
// use. It accepts every file that [Parse] accepts, and refuses what can be
// told from the file alone: unknown parameters, another family's, wrong values.
// It cannot know secrets, duplicate names and regions of ARNs.
func Schema() ([]byte, error) {
	root := object(
		prop{"version", &schema{Enum: anys("v1", "v2"), Description: "Version of the Spicepod format."}},
		prop{"kind", &schema{Const: "Spicepod"}},
		prop{"name", describe(text(), "Name of the Spicepod.")},
		prop{"secrets", listOf(storeSchema(), "Where ${ secrets:NAME } looks; the last store defined is searched first. Default: the environment, then .env.local, then .env.")},
		prop{"embeddings", listOf(entrySchema(), "Embedding models. Adit serves those whose from: begins with bedrock:.")},
	)
	root.Version = jsonschema.Version
	root.Title = "spicepod.yaml as Adit reads it"
	root.Required = []string{"version", "kind", "name"}
	root.Definitions = jsonschema.Definitions{
		"reference": {Type: "string", Pattern: `\$\{\s*[A-Za-z][A-Za-z0-9_-]*\s*:\s*[A-Za-z0-9._-]+\s*\}`,
			Description: "Text with a reference to a secret, ${ secrets:NAME } or ${ STORE:NAME }."},
	}
	return json.MarshalIndent(root, "", "  ")
}

// prop is one property of an object; their order is the order editors offer them in.
type prop struct {
	name   string
	schema *schema
}

func object(props ...prop) *schema {
	s := &schema{Type: "object", Properties: jsonschema.NewProperties()}
	for _, p := range props {
		s.Properties.Set(p.name, p.schema)
	}
	return s
}

func closed(s *schema) *schema {
	s.AdditionalProperties = jsonschema.FalseSchema
	return s
}

func describe(s *schema, text string) *schema {
	s.Description = text
	return s
}

func anyOf(options ...*schema) *schema { return &schema{AnyOf: options} }

func ofType(name string) *schema { return &schema{Type: name} }

// text is what may stand where Parse takes any single value.
func text() *schema { return anyOf(ofType("string"), ofType("number"), ofType("boolean")) }

func referenceSchema() *schema { return &schema{Ref: "#/$defs/reference"} }

func pattern(p string) *schema { return &schema{Type: "string", Pattern: p} }

func listOf(items *schema, doc string) *schema {
	return describe(anyOf(&schema{Type: "array", Items: items}, ofType("null")), doc)
}

func anys(values ...string) []any {
	var out []any
	for _, v := range values {
		out = append(out, v)
	}
	return out
}

// storeSchema is one entry of secrets:. Stores that Adit cannot ask may hold anything.
func storeSchema() *schema {
	s := object(
		prop{"from", describe(ofType("string"), "env, or file:DIR for a folder with one file per secret.")},
		prop{"name", describe(text(), "The store's name in references.")},
	)
	s.Required = []string{"from", "name"}
	filePath := object(prop{"file_path", describe(text(), "The .env file; .env.local is in the same folder. Default: .env.")})
	ours := []prop{{"from", jsonschema.TrueSchema}, {"name", jsonschema.TrueSchema},
		{"params", anyOf(closed(filePath), ofType("null"))}}
	for _, name := range storeFields {
		ours = append(ours, prop{name, jsonschema.TrueSchema})
	}
	s.If = object(prop{"from", pattern("^(env|file:.+)$")})
	s.Then = closed(object(ours...))
	return s
}

// entrySchema is one entry of embeddings:. Entries of other providers may hold anything.
func entrySchema() *schema {
	s := object(
		prop{"from", describe(ofType("string"), "bedrock: followed by a model id, an inference profile id or an ARN.")},
		prop{"name", describe(text(), "The name that callers send as model.")},
	)
	s.If = object(prop{"from", pattern("^bedrock:")})
	s.If.Required = []string{"from"}
	s.Then = bedrockSchema()
	s.Else = anyOf(&schema{Required: []string{"from"}}, &schema{Required: []string{"ref"}})
	return s
}

func bedrockSchema() *schema {
	props := []prop{{"from", jsonschema.TrueSchema}, {"name", &schema{}}}
	for _, name := range spiceFields {
		props = append(props, prop{name, describe(&schema{}, "A Spice field. Adit does not use it.")})
	}
	props = append(props, prop{"params", anyOf(paramsSchema(), ofType("null"))})
	s := closed(object(props...))
	s.Required = []string{"from", "name"}
	for _, f := range model.Families() {
		s.AllOf = append(s.AllOf, familySchema(f))
	}
	return s
}

// paramsSchema holds for the parameters of every family: the AWS ones, and no name that no family knows.
func paramsSchema() *schema {
	var props []prop
	for _, d := range awsParams() {
		props = append(props, prop{d.name, awsSchema(d)})
	}
	s := object(props...)
	s.PropertyNames = &schema{Enum: anys(allParams()...)}
	s.DependentRequired = map[string][]string{
		"aws_access_key_id":     {"aws_secret_access_key"},
		"aws_secret_access_key": {"aws_access_key_id"},
		"aws_session_token":     {"aws_access_key_id", "aws_secret_access_key"},
	}
	excluded := []*schema{{Required: []string{"aws_profile", "aws_access_key_id"}}}
	for _, name := range besidesEnvironment() {
		excluded = append(excluded, &schema{Required: []string{"environment", name}})
	}
	s.Not = &schema{AnyOf: excluded}
	return s
}

// familySchema ties the parameters of a family to the ids that are its own.
func familySchema(f *model.Family) *schema {
	byID := object(prop{"from", pattern(idPattern(f))})
	byName := object(prop{"params", object(prop{"model_family", &schema{Const: f.Name}})})
	byName.Properties.Value("params").Required = []string{"model_family"}
	byName.Required = []string{"params"}

	props, both := familyProps(f)
	for _, d := range awsParams() {
		props = append(props, prop{d.name, jsonschema.TrueSchema})
	}
	params := closed(object(props...))
	for _, names := range both {
		params.AllOf = append(params.AllOf, &schema{Not: &schema{Required: names}})
	}
	return &schema{
		If:   anyOf(byID, byName),
		Then: object(prop{"params", anyOf(params, ofType("null"))}),
	}
}

// familyProps returns the parameters of a family, and the pairs of names that exclude each other.
func familyProps(f *model.Family) (props []prop, both [][]string) {
	for _, p := range f.Params {
		names := append([]string{p.Name}, p.Aliases...)
		for i, name := range names {
			props = append(props, prop{name, familyParamSchema(p)})
			for _, earlier := range names[:i] {
				both = append(both, []string{earlier, name})
			}
		}
	}
	return props, slices.Clip(both)
}
