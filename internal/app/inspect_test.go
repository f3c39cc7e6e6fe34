package app_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/app"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/spicepod"
)

const inspected = `version: v1
kind: Spicepod
name: inspected
embeddings:
  - from: bedrock:amazon.titan-embed-text-v2:0
    name: one
  - from: bedrock:amazon.titan-embed-text-v1
    name: two
  - from: bedrock:amazon.titan-embed-text-v1
    name: elsewhere
    params:
      aws_region: eu-west-1
`

func TestInspectAsksOnceForModelsThatShareTheirCredentials(t *testing.T) {
	aws, err := emulator.New(emulator.WithClockSkew(-3 * time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if err := aws.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = aws.Close() }()
	key := aws.DefaultKey()
	environ := []string{"AWS_ACCESS_KEY_ID=" + key.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + key.SecretAccessKey, "AWS_EC2_METADATA_DISABLED=true", "HOME=" + t.TempDir()}
	file, err := spicepod.Parse("spicepod.yaml", []byte(inspected), t.TempDir(), environ)
	if err != nil {
		t.Fatal(err)
	}

	found, err := app.Inspect(t.Context(), app.Settings{Environ: environ, Endpoints: app.Endpoints{All: aws.URL()}}, file.Models)
	if err != nil {
		t.Fatal(err)
	}

	var models [][]string
	for _, one := range found {
		models = append(models, one.Models)
		if one.Credentials.Winner == nil || one.Credentials.Winner.Source != credential.SourceEnvironment || one.Credentials.Winner.Account != aws.Account() {
			t.Errorf("%v: the environment's key did not win: %+v", one.Models, one.Credentials)
		}
		if one.Endpoint.Err != nil || one.Endpoint.URL != aws.URL() {
			t.Errorf("%v: the endpoint: %+v", one.Models, one.Endpoint)
		}
		if ahead := one.Endpoint.ClockAhead; ahead == nil || *ahead < 178*time.Second || *ahead > 190*time.Second {
			t.Errorf("%v: the clock is 3 minutes ahead, and was seen as %v", one.Models, ahead)
		}
	}
	if diff := cmp.Diff([][]string{{"one", "two"}, {"elsewhere"}}, models); diff != "" {
		t.Errorf("models (-want +got):\n%s", diff)
	}
	var printed bytes.Buffer
	if err := json.NewEncoder(&printed).Encode(found); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(printed.String(), key.SecretAccessKey) || strings.Contains(printed.String(), key.AccessKeyID) {
		t.Errorf("the inspection holds the key: %s", printed.String())
	}
}

func TestInspectSaysWhyAnEndpointDoesNotAnswer(t *testing.T) {
	environ := []string{"AWS_EC2_METADATA_DISABLED=true", "HOME=" + t.TempDir()}
	file, err := spicepod.Parse("spicepod.yaml", []byte(inspected), t.TempDir(), environ)
	if err != nil {
		t.Fatal(err)
	}
	found, err := app.Inspect(t.Context(), app.Settings{Environ: environ, Endpoints: app.Endpoints{All: "http://127.0.0.1:1"}}, file.Models)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range found {
		if one.Credentials.Winner != nil {
			t.Errorf("%v: credentials from nowhere: %+v", one.Models, one.Credentials.Winner)
		}
		if one.Endpoint.Err == nil || strings.Contains(one.Endpoint.Err.Error(), "http://") {
			t.Errorf("%v: the reason is %v", one.Models, one.Endpoint.Err)
		}
	}
}
