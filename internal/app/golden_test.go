package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/app"
)

// documented is a whole file as the provider's documentation prints its middle.
const documented = `version: v1
kind: Spicepod
name: my-app
secrets:
  - from: env
    name: env
    params:
      file_path: .env
embeddings:
  - from: bedrock:cohere.embed-english-v3
    name: cohere-embeddings
    params:
      aws_region: us-east-1
      input_type: classification
      truncate: END
      aws_access_key_id: ${ secrets:AWS_ACCESS_KEY_ID }
      aws_secret_access_key: ${ secrets:AWS_SECRET_ACCESS_KEY }
  - from: bedrock:amazon.titan-embed-text-v2:0
    name: titan-embeddings
    params:
      dimensions: "256"
`

func TestTheDocumentedFileCausesExactlyTheseBodies(t *testing.T) {
	aws, err := emulator.New(emulator.WithBodies())
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, documented, func(s *app.Settings) {
		key := aws.DefaultKey()
		s.Transport = aws.Transport()
		s.Environ = []string{"AWS_ACCESS_KEY_ID=" + key.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + key.SecretAccessKey}
	})
	for _, body := range []string{
		`{"model":"cohere-embeddings","input":["one","two \"2\"","one"]}`,
		`{"model":"titan-embeddings","input":"one"}`,
		`{"model":"cohere-embeddings","input":"three","input_type":"search_query","truncate":"START"}`,
		`{"model":"titan-embeddings","input":"one","dimensions":512}`,
	} {
		if status, _, out := s.post(t, body); status != 200 {
			t.Fatalf("%s: %d %v", body, status, out)
		}
	}
	var got []string
	for _, e := range aws.Trail() {
		if e.Operation == "InvokeModel" {
			got = append(got, fmt.Sprintf("%s %s %s", e.Region, e.Model, e.Body))
		}
	}
	want := []string{
		`us-east-1 cohere.embed-english-v3 {"texts":["one","two \"2\""],"input_type":"classification","truncate":"END"}`,
		`us-east-1 amazon.titan-embed-text-v2:0 {"inputText":"one","dimensions":256,"normalize":true}`,
		`us-east-1 cohere.embed-english-v3 {"texts":["three"],"input_type":"search_query","truncate":"START"}`,
		`us-east-1 amazon.titan-embed-text-v2:0 {"inputText":"one","dimensions":512,"normalize":true}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAChangedFileIsInForceAndAFaultyOneIsNot(t *testing.T) {
	loads := make(chan string, 1000) // more than the server tells in the whole test
	s := start(t, everyFamily, func(s *app.Settings) { s.Log = signalling(loads) })
	if status, _, _ := s.post(t, `{"model":"new","input":"a"}`); status != 404 {
		t.Fatalf("status %d before the change", status)
	}
	path := filepath.Join(s.dir, "spicepod.yaml")
	replace := func(content, wait string) {
		t.Helper()
		// Editors write beside and rename.
		if err := os.WriteFile(path+".tmp", []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".tmp", path); err != nil {
			t.Fatal(err)
		}
		for message := range loads {
			if strings.HasPrefix(message, wait) {
				return
			}
		}
	}
	replace(strings.Replace(everyFamily, "name: titan\n", "name: new\n", 1), "configuration loaded")
	if status, _, out := s.post(t, `{"model":"new","input":"a"}`); status != 200 {
		t.Errorf("status %d after the change: %v", status, out)
	}
	replace(strings.Replace(everyFamily, "bedrock:cohere.embed-english-v3", "bedrock:cohere.embed-englisch-v3", 1), "the new configuration has errors")
	if status, _, out := s.post(t, `{"model":"new","input":"a"}`); status != 200 {
		t.Errorf("status %d after a faulty change: %v", status, out)
	}
}
