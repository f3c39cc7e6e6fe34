package spicepod_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/adit-hq/adit/internal/model"
	"github.com/adit-hq/adit/internal/spicepod"
)

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := spicepod.Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("spicepod.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("spicepod.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate returns what the schema says of a file; readable is false where it is no YAML that an editor could check.
func validate(s *jsonschema.Schema, file []byte) (readable bool, err error) {
	text, err := yaml.YAMLToJSON(bytes.TrimPrefix(file, []byte("\ufeff")))
	if err != nil {
		return false, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return false, err
	}
	return true, s.Validate(doc)
}

func TestTheSchemaAcceptsEveryGoodFile(t *testing.T) {
	s := compileSchema(t)
	paths, err := filepath.Glob("testdata/good/*.yaml")
	if err != nil || len(paths) < 7 {
		t.Fatalf("%d files: %v", len(paths), err)
	}
	for _, path := range paths {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := spicepod.Parse(path, file, t.TempDir(), environ()); err != nil {
			t.Errorf("%s does not load:\n%v", path, err)
		}
		if ok, err := validate(s, file); err != nil || !ok {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestTheSchemaRefusesWhatTheFileAloneTells compares with the first line of
// each file under testdata/faults: "refuses", "accepts" where only Parse can
// know (secrets, names, ids), or "unreadable" where YAML itself is broken.
func TestTheSchemaRefusesWhatTheFileAloneTells(t *testing.T) {
	s := compileSchema(t)
	paths, err := filepath.Glob("testdata/faults/*.txtar")
	if err != nil || len(paths) < 40 {
		t.Fatalf("%d files: %v", len(paths), err)
	}
	for _, path := range paths {
		a := readCase(t, path)
		want := strings.TrimPrefix(strings.SplitN(string(a.Comment), "\n", 2)[0], "schema: ")
		readable, err := validate(s, part(a, "spicepod.yaml"))
		got := "accepts"
		switch {
		case !readable:
			got = "unreadable"
		case err != nil:
			got = "refuses"
		}
		if got != want {
			t.Errorf("%s: the schema %s, want %s: %v", path, got, want, err)
		}
	}
}

func TestTheSchemaKnowsEveryValueOfEveryFamily(t *testing.T) {
	s := compileSchema(t)
	for _, f := range model.Families() {
		for _, id := range f.IDs {
			for _, p := range f.Params {
				for _, name := range append([]string{p.Name}, p.Aliases...) {
					for _, value := range append([]string{"${ secrets:X }", "wrong"}, p.Values...) {
						for _, v := range []string{value, `"` + value + `"`} {
							file := "version: v1\nkind: Spicepod\nname: x\nembeddings:\n- from: bedrock:" + id + "\n  name: m\n  params:\n    " + name + ": " + v + "\n"
							ok, err := validate(s, []byte(file))
							if accepted := ok && err == nil; accepted != (value != "wrong") {
								t.Errorf("%s %s: %s: accepted %v: %v", id, name, v, accepted, err)
							}
							if _, err := spicepod.Parse("x", []byte(file), t.TempDir(), []string{"X=" + p.Default}); (err == nil) != (value != "wrong") {
								t.Errorf("%s %s: %s: Parse says %v", id, name, v, err)
							}
						}
					}
				}
			}
		}
	}
}

func TestTheSchemaIsOfTheDraftThatEditorsRead(t *testing.T) {
	text, err := spicepod.Schema()
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if doc["$schema"] != "https://json-schema.org/draft/2020-12/schema" {
		t.Errorf("$schema = %v", doc["$schema"])
	}
}
