package spicepod_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/adit-hq/adit/internal/spicepod"
)

func TestAnOutlineNeedsNoSecrets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spicepod.yaml")
	const pod = `version: v1
kind: Spicepod
name: my-app
embeddings:
  - from: bedrock:cohere.embed-english-v3
    name: cohere
    params:
      aws_region: eu-west-1
      aws_access_key_id: ${ secrets:AWS_ACCESS_KEY_ID }
      aws_secret_access_key: ${ secrets:AWS_SECRET_ACCESS_KEY }
`
	if err := os.WriteFile(path, []byte(pod), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := spicepod.Load(path, nil); err == nil {
		t.Error("Load took a file whose secrets are missing")
	}
	file, err := spicepod.Outline(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(file.Models) != 1 || file.Models[0].AWS.Region != "eu-west-1" || !file.Models[0].AWS.AccessKeyID.Empty() {
		t.Errorf("%+v", file.Models)
	}
}
